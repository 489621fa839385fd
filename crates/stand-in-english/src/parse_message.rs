//! Takes a message apart into clauses and each clause into intents.

use super::{
    intent::{Intent, SmallTalk, Target},
    pattern_matcher::words,
    sentence_patterns,
};

/// Politeness and small talk in front of an intent.
const OPENERS: &[&str] = &[
    "please",
    "hey",
    "hi",
    "hello",
    "ok",
    "okay",
    "so",
    "now",
    "then",
    "also",
    "and",
    "just",
    "well",
    "great",
    "thanks",
    "thank you",
    "yes",
    "yeah",
    "sure",
    "right",
    "actually",
    "oh",
    "no",
    "good",
    "perfect",
    "alright",
    "kindly",
    "maybe",
    "can you",
    "could you",
    "would you",
    "will you",
    "can i",
    "could i",
    "may i",
    "i want you to",
    "i'd like you to",
    "i would like you to",
    "i need you to",
    "i want to",
    "i'd like to",
    "i would like to",
    "let's",
    "let us",
    "go ahead and",
    "you can",
    "you may",
    "next",
    "finally",
    "first",
    "afterwards",
    "after that",
];

/// Politeness behind an intent.
const CLOSERS: &[&str] = &[
    "please",
    "thanks",
    "thank you",
    "thx",
    "for me please",
    "would you",
    "will you",
    "ok",
    "okay",
    "right now",
    "as well",
    "too",
    "instead",
];

/// What ends a sentence.
const END: &[char] = &['.', '!', '?', ' '];

const SEPARATORS: &[&str] =
    &[" and then ", ", then ", " then ", ", and ", " and ", ". ", "! ", "? ", "; ", "\n", ", "];

/// Returns all intents in a message, in order; none when it is not understood.
pub(crate) fn understand(message: &str) -> Vec<Intent> {
    let tries = match words(message).len() {
        0..60 => 64,
        60..400 => 0,
        _ => return Vec::new(),
    };
    let intents = clauses(message.trim(), &mut { tries }).map(without_what_is_put_aside);
    intents.or_else(|| sentence_patterns::timed(message.trim())).unwrap_or_default()
}

/// "Delete task 1. No, forget it" asks for nothing, and neither does "delete task 1. No, undo that".
fn without_what_is_put_aside(intents: Vec<Intent>) -> Vec<Intent> {
    let is_talk = |intent: &Intent| matches!(intent, Intent::SmallTalk(_));
    match intents.split_last() {
        Some((Intent::Undo, before)) if before.iter().any(Intent::is_change) => {
            vec![Intent::SmallTalk(SmallTalk::Nothing)]
        }
        Some((Intent::TakeBack | Intent::SmallTalk(SmallTalk::Nothing), before))
            if !before.iter().all(is_talk) =>
        {
            vec![Intent::SmallTalk(SmallTalk::Nothing)]
        }
        _ => intents,
    }
}

/// Splits where both sides make sense; "bread and butter" stays together.
///
/// `tries` bounds the splits, whose number could double with every comma.
fn clauses(text: &str, tries: &mut usize) -> Option<Vec<Intent>> {
    for Seam { place, length, separator } in seams(text) {
        let (left, right) = (&text[..place], &text[place + length..]);
        if *tries == 0 || is_inside_quotes(left) {
            continue;
        }
        *tries -= 1;
        let Some(mut intents) = clause(left) else { continue };
        let Some(mut following) = clauses(right, tries) else { continue };
        let adds = matches!(intents.last(), Some(Intent::Add(_)));
        if adds && following.first().is_some_and(adds_it) {
            following.remove(0);
            intents.extend(following);
            return Some(intents);
        }
        if !adds || following.first().is_some_and(|intent| stands_alone(intent, left, separator, right)) {
            intents.extend(following);
            return Some(intents);
        }
    }
    clause(text)
}

/// Where a text may be split.
struct Seam {
    place: usize,
    length: usize,
    separator: &'static str,
}

/// Returns where the text may be split, first places first. A question keeps its mark.
fn seams(text: &str) -> Vec<Seam> {
    let at = |separator: &'static str| {
        let kept = usize::from(separator == "? ");
        text.match_indices(separator).map(move |(place, _)| Seam {
            place: place + kept,
            length: separator.len() - kept,
            separator,
        })
    };
    let mut seams: Vec<Seam> = SEPARATORS.iter().copied().flat_map(at).collect();
    seams.sort_by_key(|seam| (seam.place, usize::MAX - seam.length));
    seams
}

/// Whether a sentence has ended, so that what follows belongs to no title. Behind a colon lines go on, and
/// "2. " counts one.
fn ends_sentence(left: &str, separator: &str) -> bool {
    match separator {
        "; " | "\n" => !left.contains(':'),
        ". " => !left.ends_with(|c: char| c.is_ascii_digit()),
        "! " | "? " => true,
        other => other.contains("then"),
    }
}

/// Understands one clause, with or without the words of politeness around it.
fn clause(text: &str) -> Option<Vec<Intent>> {
    let whole = words(text);
    let bare = without_closers(without_openers(text));
    let bare_words = words(bare);
    let is_asked = is_asked(text);
    sentence_patterns::intents(text, &whole, is_asked)
        .filter(|intents| !is_vague(intents))
        .or_else(|| sentence_patterns::intents(bare, &bare_words, is_asked))
        .or_else(|| sentence_patterns::intents(text, &whole, is_asked))
        .or_else(|| sentence_patterns::need(without_closers(text), &words(without_closers(text))))
}

/// Whether a question mark stands behind the last words themselves: one behind "please?" asks a favour.
fn is_asked(text: &str) -> bool {
    let text = text.trim_end();
    text.ends_with('?') && without_closers(text) == text.trim_end_matches(END).trim_start()
}

/// Whether a reading is uncertain, so that another one without words of politeness is tried.
fn is_vague(intents: &[Intent]) -> bool {
    intents.iter().any(|intent| {
        matches!(
            intent,
            Intent::Add(_) | Intent::NeedsTitle(_) | Intent::Retitle { .. } | Intent::Describe { .. }
        ) || matches!(intent.target(), Some(Target::Named(_)))
    })
}

/// In "I need to pay the rent, put it on my list" the second half is no task of its own.
fn adds_it(intent: &Intent) -> bool {
    let pronouns = ["it", "this", "that", "them", "these", "those"];
    matches!(intent, Intent::Add(new) if new.description.is_none() && pronouns.contains(&new.title.to_lowercase().as_str()))
}

/// In "add a task to pack and remove old files" the second half belongs to the title; in "add milk and remove
/// task 2" and "add milk. Remove old files." it is an intent of its own.
fn stands_alone(intent: &Intent, left: &str, separator: &str, right: &str) -> bool {
    match intent {
        Intent::Add(_) | Intent::List(_) | Intent::Show(_) | Intent::Change { .. } | Intent::SmallTalk(_) => {
            true
        }
        Intent::NeedsTitle(_) => false,
        Intent::Undo => ends_sentence(left, separator),
        // "Add milk. Cancel that." and "Add book a table, oh forget it", but not "add cut and drop it"
        Intent::TakeBack => !separator.contains("and") || without_openers(right) != right.trim(),
        other if !matches!(other.target(), Some(Target::Named(_))) => true,
        _ => {
            let words = words(right);
            let says = |list: &[&str]| words.iter().any(|word| list.contains(&word.plain.as_str()));
            ends_sentence(left, separator)
                || says(&["task", "tasks", "todo", "one", "item", "mark", "rename"])
                || right.contains('"')
        }
    }
}

fn without_openers(text: &str) -> &str {
    let mut rest = text.trim();
    'again: loop {
        for opener in OPENERS {
            if let Some(after) = strip(rest, opener) {
                rest = after;
                continue 'again;
            }
        }
        return rest;
    }
}

/// Removes words at the front if something follows them.
fn strip<'a>(text: &'a str, opener: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(opener.len())?;
    let separated = rest.starts_with([' ', ',', '!', '.', ':', ';']);
    let rest = rest.trim_start_matches([' ', ',', '!', '.', ':', ';', '-']);
    (head.replace('’', "'").eq_ignore_ascii_case(opener) && separated && !rest.is_empty()).then_some(rest)
}

fn without_closers(text: &str) -> &str {
    let mut rest = text.trim().trim_end_matches(END);
    'again: loop {
        for closer in CLOSERS {
            let Some(place) =
                rest.len().checked_sub(closer.len()).filter(|place| rest.is_char_boundary(*place))
            else {
                continue;
            };
            let (before, tail) = rest.split_at(place);
            if tail.eq_ignore_ascii_case(closer) && before.ends_with([' ', ',']) && !before.trim().is_empty()
            {
                rest = before.trim_end_matches([' ', ',']);
                continue 'again;
            }
        }
        return rest;
    }
}

fn is_inside_quotes(left: &str) -> bool {
    let opened = left.matches(['“', '„', '«']).count();
    let closed = left.matches(['”', '»']).count();
    left.matches('"').count() % 2 == 1 || opened > closed
}
