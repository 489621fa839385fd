//! A tiny pattern language, so that the table of phrases reads like speech:
//! `a|b` is one of two words, a `?` after it makes it optional, `#` is any number, `{task}`
//! catches one or more words (as few as possible), `{task:}` the same up to a colon. `{when}`, `{time}`,
//! `{from}`, `{every}`, `{span}`, `{level}`, `{rank}`, `{ask}`, `{since}` and `{one}` catch only words that
//! say such a thing.

use super::{day_phrase, list_request_words, priority_words, repeat_phrase};

/// The numbers that people say in a word, from zero.
pub(crate) const NUMBERS: &[&str] = &[
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
];

/// One word of a sentence.
#[derive(Debug, Clone)]
pub(crate) struct Word {
    /// Where it begins and ends in the sentence.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// In lower case and without punctuation around it.
    pub(crate) plain: String,
    ends_with_colon: bool,
}

/// Punctuation that clings to words.
const AROUND: &[char] =
    &['"', '\'', '“', '”', '„', '‘', '’', '«', '»', '`', '.', ',', '!', '?', ';', ':', '(', ')', '…', '*'];

/// Returns the words of a sentence.
pub(crate) fn words(sentence: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut rest = 0;
    for part in sentence.split_whitespace() {
        let start = rest + sentence[rest..].find(part).unwrap_or(0);
        let end = start + part.len();
        rest = end;
        let plain = part.trim_matches(AROUND).replace('’', "'").to_lowercase();
        if !plain.is_empty() {
            words.push(Word { start, end, plain, ends_with_colon: part.ends_with(':') });
        }
    }
    words
}

/// What a pattern caught: names and their words as they were written.
#[derive(Debug, Default)]
pub(crate) struct Caught<'a> {
    parts: Vec<(&'a str, &'a str)>,
}

impl<'a> Caught<'a> {
    /// Returns what stood in place of `{name}`.
    pub(crate) fn get(&self, name: &str) -> &'a str {
        self.parts.iter().find(|(known, _)| *known == name).map_or("", |(_, text)| text)
    }
}

/// Matches a whole sentence against a pattern.
pub(crate) fn catch<'a>(pattern: &'a str, sentence: &'a str, words: &[Word]) -> Option<Caught<'a>> {
    let tokens: Vec<&str> = pattern.split(' ').collect();
    let mut spans = Vec::new();
    if !follow(&tokens, words, &mut spans) {
        return None;
    }
    let parts = spans.into_iter().map(|(name, start, end)| (name, &sentence[start..end])).collect();
    Some(Caught { parts })
}

type Span<'a> = (&'a str, usize, usize);

fn follow<'a>(tokens: &[&'a str], words: &[Word], spans: &mut Vec<Span<'a>>) -> bool {
    let Some((token, tokens)) = tokens.split_first() else {
        return words.is_empty();
    };
    if let Some(name) = token.strip_prefix('{') {
        return capture(name, tokens, words, spans);
    }
    let (choices, optional) = token.strip_suffix('?').map_or((*token, false), |choices| (choices, true));
    let fits = words.first().is_some_and(|word| choices.split('|').any(|choice| is(choice, word)));
    (fits && follow(tokens, &words[1..], spans)) || (optional && follow(tokens, words, spans))
}

fn capture<'a>(name: &'a str, tokens: &[&'a str], words: &[Word], spans: &mut Vec<Span<'a>>) -> bool {
    let to_colon = name.ends_with(":}");
    let name = name.trim_end_matches(['}', ':']);
    for count in 1..=words.len() {
        let last = &words[count - 1];
        if to_colon && !last.ends_with_colon || !says(name, &words[..count]) {
            continue;
        }
        let depth = spans.len();
        spans.push((name, words[0].start, last.end));
        if follow(tokens, &words[count..], spans) {
            return true;
        }
        spans.truncate(depth);
    }
    false
}

/// Whether words may stand in place of `{name}`.
fn says(name: &str, words: &[Word]) -> bool {
    let plain = || words.iter().map(|word| word.plain.as_str()).collect::<Vec<_>>();
    match name {
        "when" | "from" => day_phrase::is_when(&plain()),
        "time" => day_phrase::is_new_time(&plain()),
        "every" => repeat_phrase::is_repeat(&plain()),
        "span" => day_phrase::is_span(&plain()),
        "level" => priority_words::level(&plain()).is_some(),
        "rank" => matches!(plain().as_slice(), [word] if priority_words::rank(word).is_some()),
        "ask" => words.iter().all(|word| list_request_words::is_asking(&word.plain)),
        "since" => list_request_words::is_since(&plain()),
        "one" => words.len() == 1,
        _ => true,
    }
}

/// A choice that ends with a colon wants one in the sentence too.
fn is(choice: &str, word: &Word) -> bool {
    if choice == "#" {
        return is_number(&word.plain);
    }
    match choice.strip_suffix(':') {
        Some(choice) => word.ends_with_colon && word.plain == choice,
        None => word.plain == choice,
    }
}

/// In digits or in a word.
fn is_number(word: &str) -> bool {
    let is_digits = word.bytes().all(|byte| byte.is_ascii_digit());
    is_digits || NUMBERS.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caught(pattern: &str, sentence: &str) -> Option<(String, String)> {
        let caught = catch(pattern, sentence, &words(sentence))?;
        Some((caught.get("a").to_owned(), caught.get("b").to_owned()))
    }

    #[test]
    fn choices_options_and_captures_work_together() {
        let pattern = "change|rename the? {a} to {b}";
        let both = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(caught(pattern, "Change task 1 to Buy Käse!"), both("task 1", "Buy Käse!"));
        assert_eq!(caught(pattern, "rename  the x  to y to z"), both("x", "y to z"));
        assert_eq!(caught(pattern, "change task 1"), None);
        assert_eq!(caught("note on {a:} {b}", "Note on task 2: 2 litres"), both("task 2:", "2 litres"));
        assert_eq!(caught("todo: {a}", "todo buy"), None);
        assert_eq!(caught("what's up", "What’s up?"), both("", ""));
        assert_eq!(caught("add some|#? more? tasks: {a}", "add 25 more tasks: x"), both("x", ""));
        assert_eq!(caught("add # tasks", "add twelve tasks"), both("", ""));
        assert_eq!(caught("add # tasks", "add 5x tasks"), None);
    }
}
