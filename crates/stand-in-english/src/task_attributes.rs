//! Tells a task's title from what is said about it: its day, how it comes back, how important it is, its
//! tags.

use serde_json::{Map, Value, json};

use super::{
    day_phrase::{is_new_time, is_ordinal, is_time_beside_a_day, is_weekday, is_when},
    pattern_matcher::{Word, words},
    priority_words::{level, rank},
    repeat_phrase::is_repeat,
};

/// What is said about a task beside its title, in the person's words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TaskAttributes {
    pub(crate) due: Option<String>,
    pub(crate) repeat: Option<String>,
    pub(crate) priority: Option<&'static str>,
    pub(crate) tags: Vec<String>,
    /// The task that it is a part of.
    pub(crate) parent: Option<u64>,
}

impl TaskAttributes {
    /// Adds the members for `add_task`.
    pub(crate) fn fill(&self, arguments: &mut Map<String, Value>) {
        let mut set =
            |name: &str, value: Option<Value>| value.map(|value| arguments.insert(name.into(), value));
        set("due", self.due.as_ref().map(|due| json!(due)));
        set("repeat", self.repeat.as_ref().map(|repeat| json!(repeat)));
        set("parent", self.parent.map(|parent| json!(parent)));
        set("priority", self.priority.map(|priority| json!(priority)));
        set("tags", Some(&self.tags).filter(|tags| !tags.is_empty()).map(|tags| json!(tags)));
    }

    /// Takes over what `other` says, unless both say the same kind of thing.
    pub(crate) fn or(self, other: Self) -> Self {
        self.clone().with(other).unwrap_or(self)
    }

    /// Takes over what `other` says; `None` when both say the same kind of thing.
    fn with(mut self, other: Self) -> Option<Self> {
        let clashes = self.due.is_some() && other.due.is_some()
            || self.repeat.is_some() && other.repeat.is_some()
            || self.priority.is_some() && other.priority.is_some();
        if clashes {
            return None;
        }
        self.due = self.due.or(other.due);
        self.repeat = self.repeat.or(other.repeat);
        self.priority = self.priority.or(other.priority);
        self.tags.splice(0..0, other.tags);
        Some(self)
    }
}

/// Behind these words a day belongs to the title: "plan before friday", "the read of the monday".
const JOINED: &[&str] = &[
    "before", "after", "until", "till", "since", "from", "about", "of", "the", "a", "an", "my", "than",
    "between", "last", "past", "and", "or", "to", "with", "is", "was", "are", "be", "not", "as", "in", "on",
    "by", "at", "for", "around", "next", "this",
];

/// Returns a text without what is said about days, priority and tags at its end or in front, and that. What
/// stands in quotation marks is left alone.
pub(crate) fn split(text: &str) -> (&str, TaskAttributes) {
    let (mut rest, mut details) = match front(text) {
        Some((details, rest)) => (rest, details),
        None => (text, TaskAttributes::default()),
    };
    while let Some((left, found)) = back(rest) {
        let Some(more) = details.clone().with(found) else { break };
        (rest, details) = (left, more);
    }
    (rest, details)
}

/// Returns what a text says when it says nothing but such things: "on Friday", "weekly, tagged home".
pub(crate) fn only_attributes(text: &str) -> Option<TaskAttributes> {
    // Alone these leave no doubt.
    let low = text.trim_end_matches(['.', '!']).to_lowercase();
    if matches!(low.as_str(), "weekend" | "the weekend" | "on the weekend") {
        return Some(TaskAttributes { due: Some("weekend".to_owned()), ..TaskAttributes::default() });
    }
    if let Some(said) = time_alone(text, is_time_beside_a_day) {
        return Some(said);
    }
    // Something must stand before what is said.
    let title = format!("- {text}");
    let (rest, details) = split(&title);
    (rest == "-" || rest.is_empty()).then_some(details)
}

/// The same behind "change it to", where "sat" and "5" are said of time as well.
pub(crate) fn new_attributes(text: &str) -> Option<TaskAttributes> {
    only_attributes(text)
        .filter(|said| *said != TaskAttributes::default())
        .or_else(|| time_alone(text, is_new_time))
}

fn time_alone(text: &str, is_time: fn(&[&str]) -> bool) -> Option<TaskAttributes> {
    let plain: Vec<String> = words(text).into_iter().map(|word| word.plain).collect();
    let is_quoted = text.contains(QUOTES) || text.starts_with(['\'', '‘']);
    let is_time = !is_quoted && is_time(&plain.iter().map(String::as_str).collect::<Vec<_>>());
    is_time.then(|| TaskAttributes { due: Some(when(text)), ..TaskAttributes::default() })
}

/// "On friday, …", "Urgent: …"
fn front(text: &str) -> Option<(TaskAttributes, &str)> {
    let all = words(text);
    let pause = |word: &Word| text[..word.end].ends_with([',', ':']);
    let end = all.iter().position(pause).filter(|end| end + 1 < all.len())?;
    let (head, rest) = (&text[..all[end].end], text[all[end].end..].trim_start());
    let plain: Vec<&str> = all[..=end].iter().map(|word| word.plain.as_str()).collect();
    let details = said(head, &all[..=end], &plain)?;
    (!head.contains(QUOTES)).then_some((details, rest))
}

const QUOTES: &[char] = &['"', '“', '”', '„', '«', '»', '`'];

/// The most words that say one thing.
const MAX_WORDS: usize = 14;

fn back(text: &str) -> Option<(&str, TaskAttributes)> {
    let all = words(text);
    let plain: Vec<&str> = all.iter().map(|word| word.plain.as_str()).collect();
    let first = all.len().saturating_sub(MAX_WORDS).max(1);
    (first..all.len()).find_map(|start| {
        let (left, tail) = text.split_at(all[start].start);
        let is_quoted = tail.contains(QUOTES) || tail.starts_with(['\'', '‘']) || is_open(left);
        if is_quoted || JOINED.contains(&plain[start - 1]) || is_repeat_unread(&plain[..start], plain[start])
        {
            return None;
        }
        let details = said(text, &all[start..], &plain[start..])?;
        Some((left.trim_end_matches([' ', ',', ';', ':', '-', '(']), details))
    })
}

/// Whether these words end with a repeat that is not finished, or none that the server reads: of "every third
/// monday" the last word is no day to be due on. "20 each" is no repeat when a word follows that none has.
fn is_repeat_unread(plain: &[&str], next: &str) -> bool {
    let place = |word: &&str| {
        let places = ["other", "first", "second", "third", "fourth", "fifth", "last", "and", "of", "the"];
        places.contains(word) || is_ordinal(word) || is_weekday(word)
    };
    let is_apart = ["today", "tonight", "tomorrow", "on", "at", "by", "in", "for", "this", "next", "due"]
        .contains(&next);
    match plain.iter().rposition(|word| matches!(*word, "every" | "each")) {
        Some(each) if each + 1 == plain.len() => plain[each] == "every" || !is_apart,
        Some(every) => plain[every + 1..].iter().all(place) && !is_repeat(&plain[every..]),
        None => false,
    }
}

/// Whether a quotation has begun and not ended.
fn is_open(left: &str) -> bool {
    left.matches('"').count() % 2 == 1
        || left.matches(['“', '„', '«']).count() > left.matches(['”', '»']).count()
}

/// What all these words together say.
fn said(text: &str, all: &[Word], plain: &[&str]) -> Option<TaskAttributes> {
    if let Some(priority) = level(plain).or_else(|| marked_level(text, all, plain)) {
        return Some(TaskAttributes { priority: Some(priority), ..TaskAttributes::default() });
    }
    if let Some(tags) = tagged(text, all, plain) {
        return Some(TaskAttributes { tags, ..TaskAttributes::default() });
    }
    if let Some(part) = part_of_every_day(plain) {
        let due = Some(format!("in the {part}"));
        return Some(TaskAttributes {
            due,
            repeat: Some("every day".to_owned()),
            ..TaskAttributes::default()
        });
    }
    // The longest repeat, with a time or a first day behind it.
    let repeat = (1..=plain.len()).rev().find_map(|count| {
        let (repeat, rest) = plain.split_at(count);
        let rest = rest.strip_prefix(&["starting"]).or_else(|| rest.strip_prefix(&["from"])).unwrap_or(rest);
        let fits = is_repeat(repeat) && (rest.is_empty() || is_time_beside_a_day(rest));
        fits.then(|| TaskAttributes {
            repeat: Some(repeat.join(" ")),
            due: (!rest.is_empty()).then(|| rest.join(" ")),
            ..TaskAttributes::default()
        })
    });
    repeat.or_else(|| {
        is_when(plain).then(|| TaskAttributes { due: Some(spoken(text, all)), ..TaskAttributes::default() })
    })
}

/// "!high", as in the page's line for a new task.
fn marked_level(text: &str, all: &[Word], plain: &[&str]) -> Option<&'static str> {
    let ([word], [name]) = (all, plain) else { return None };
    text[word.start..word.end].strip_prefix('!').and_then(|_| rank(name)).filter(|level| *level != "none")
}

/// "Every morning" is every day, in the morning.
fn part_of_every_day<'a>(plain: &[&'a str]) -> Option<&'a str> {
    match plain {
        ["every" | "each", part @ ("morning" | "afternoon" | "evening" | "night")] => Some(part),
        _ => None,
    }
}

/// A day in the person's words, but without the "for" that the server takes for something else.
fn spoken(text: &str, all: &[Word]) -> String {
    let plain: Vec<&str> = all.iter().map(|word| word.plain.as_str()).collect();
    let skipped = match plain.as_slice() {
        ["for", ..] | ["at", "the", ..] => 1,
        _ => 0,
    };
    let (Some(first), Some(last)) = (all.get(skipped), all.last()) else { return String::new() };
    text[first.start..last.end].trim_end_matches(['.', ',', '!', '?', ';', ':', ')']).to_owned()
}

/// Returns a day that was caught by a pattern, in the words that the server is told.
pub(crate) fn when(caught: &str) -> String {
    spoken(caught, &words(caught))
}

/// "Tagged home and work", "with the tag home", "#home #work"
fn tagged(text: &str, all: &[Word], plain: &[&str]) -> Option<Vec<String>> {
    let skipped = match plain {
        ["tagged" | "labelled" | "labeled", "with" | "as", ..] => 2,
        ["tagged" | "labelled" | "labeled", ..] => 1,
        ["with", "the" | "a", "tag" | "tags" | "label" | "labels", ..] => 3,
        ["with", "tag" | "tags" | "label" | "labels", ..] => 2,
        words if !words.is_empty() && words.iter().all(|word| word.starts_with('#')) => 0,
        _ => return None,
    };
    tags(text, &all[skipped..])
}

/// Returns the tags in "home and work" or "home, work"; a tag is one word here.
pub(crate) fn tags(text: &str, all: &[Word]) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let mut is_separated = true;
    for word in all {
        let raw = &text[word.start..word.end];
        if matches!(word.plain.as_str(), "and" | "&") {
            is_separated = true;
            continue;
        }
        if !is_separated && !raw.starts_with('#') {
            return None;
        }
        let tag = raw.trim_matches(|c: char| !c.is_alphanumeric());
        let is_number = tag.bytes().all(|byte| byte.is_ascii_digit());
        if is_number {
            return None;
        }
        found.push(tag.to_owned());
        is_separated = raw.ends_with(',');
    }
    (!found.is_empty()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn expect(text: &str, title: &str, arguments: &str) {
        let (rest, details) = split(text);
        let mut told = Map::new();
        details.fill(&mut told);
        assert_eq!((rest, Value::Object(told).to_string().as_str()), (title, arguments), "{text}");
    }

    #[test]
    fn what_is_said_about_a_task_is_split_off() {
        expect("pay rent on Friday at 9am", "pay rent", r#"{"due":"on Friday at 9am"}"#);
        expect("buy milk tomorrow.", "buy milk", r#"{"due":"tomorrow"}"#);
        expect("a cake for the 12th of June", "a cake", r#"{"due":"the 12th of June"}"#);
        expect("stand-up every weekday at 9:15", "stand-up", r#"{"due":"at 9:15","repeat":"every weekday"}"#);
        expect("pay rent every month on the 1st", "pay rent", r#"{"repeat":"every month on the 1st"}"#);
        expect(
            "gym at 7pm every monday and friday",
            "gym",
            r#"{"due":"at 7pm","repeat":"every monday and friday"}"#,
        );
        expect("stretch every morning", "stretch", r#"{"due":"in the morning","repeat":"every day"}"#);
        expect(
            "pay rent tomorrow with high priority, tagged home and money",
            "pay rent",
            r#"{"due":"tomorrow","priority":"high","tags":["home","money"]}"#,
        );
        expect("buy milk #home #shop tomorrow", "buy milk", r#"{"due":"tomorrow","tags":["home","shop"]}"#);
        expect("on Friday, call mum", "call mum", r#"{"due":"on Friday"}"#);
        expect("urgent: call mum", "call mum", r#"{"priority":"high"}"#);
        expect("pay Anna 20 each tomorrow", "pay Anna 20 each", r#"{"due":"tomorrow"}"#);
        expect("gifts for each on friday", "gifts for each", r#"{"due":"on friday"}"#);
        expect("\"Friday magazine\" tomorrow", "\"Friday magazine\"", r#"{"due":"tomorrow"}"#);
    }

    #[test]
    fn titles_keep_their_own_days() {
        for text in [
            "buy Friday magazine",
            "read Tomorrow by X",
            "\"call mum tomorrow\"",
            "read \"Tomorrow\"",
            "read 'Tomorrow'",
            "plan the weekend",
            "renew before the end of the month",
            "read John 3:16",
            "sit in the sun",
            "answer the urgent mail",
            "Friday",
            "buy 3 apples",
            "read the Friday",
            "pay every 27 november",
            "pay each november 27",
            "water each third monday",
        ] {
            expect(text, text, "{}");
        }
    }
}
