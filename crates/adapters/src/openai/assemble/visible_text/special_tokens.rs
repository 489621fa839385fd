//! Special tokens of chat templates that a server leaves in the text: around thoughts, calls, and the answer.

use super::super::text_tool_calls::{CallMark, MARKS};
use crate::openai::think_tag_origin::THOUGHT_END;

/// What begins a thought at the beginning of an answer, and what ends it.
const THINK_TAGS: [(&str, &str); 5] = [
    (THOUGHT_BEGIN, THOUGHT_END),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("[THINK]", "[/THINK]"),
    // As gpt-oss writes them.
    ("<|channel|>analysis<|message|>", END_OF_MESSAGE),
];
const THOUGHT_BEGIN: &str = "<think>";

/// What gpt-oss writes before words for the person, and after them.
const BEFORE_WORDS: [&str; 3] =
    ["<|start|>assistant", "<|channel|>final<|message|>", "<|channel|>commentary<|message|>"];
const END_OF_MESSAGE: &str = "<|end|>";
const END_OF_ANSWER: &str = "<|return|>";

/// What stands before and after a mark that is only spoken of. One of a pair alone tells nothing: a thought
/// may end with a bracket, and an answer begin with an asterisk.
const AROUND: [(char, char); 12] = [
    ('*', '*'),
    ('_', '_'),
    ('~', '~'),
    ('|', '|'),
    ('[', ']'),
    ('{', '}'),
    ('<', '>'),
    ('>', '<'),
    ('（', '）'),
    ('「', '」'),
    ('《', '》'),
    ('【', '】'),
];

/// What a mark begins with.
const BEGINNINGS: [char; 2] = ['<', '['];
/// No mark is longer, in bytes.
const MAX_BYTES: usize = 64;

/// A mark among words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    ThoughtBegin,
    ThoughtEnd,
    EndOfMessage,
    Call(CallMark),
}

/// The thought that an answer begins with.
pub(super) struct Thought<'a> {
    pub(super) end: &'static str,
    pub(super) after_begin: &'a str,
}

/// The thought that `begin` begins with.
pub(super) fn parse_thought(begin: &str) -> Option<Thought<'_>> {
    THINK_TAGS.iter().find_map(|(mark, end)| Some(Thought { end, after_begin: begin.strip_prefix(mark)? }))
}

/// The rest of `begin` after the header with which a template begins words for the person, if it has one.
pub(super) fn strip_answer_header(begin: &str) -> Option<&str> {
    BEFORE_WORDS.iter().find_map(|mark| begin.strip_prefix(mark))
}

/// Whether `begin` may go on as a mark that [`thought`] or [`strip_answer_header`] knows.
pub(super) fn may_begin(begin: &str) -> bool {
    THINK_TAGS.iter().map(|(mark, _end)| mark).chain(&BEFORE_WORDS).any(|mark| mark.starts_with(begin))
}

/// The first mark in `text`: where it is, and how many bytes it has.
pub(super) fn find_first_mark(text: &str) -> Option<(usize, usize, Mark)> {
    text.match_indices(BEGINNINGS).find_map(|(at, _)| {
        let (mark, kind) = all().find(|(mark, _)| text[at..].starts_with(mark))?;
        Some((at, mark.len(), kind))
    })
}

/// Where the beginning of a mark is that `text` may end with.
pub(super) fn find_partial_mark(text: &str) -> Option<usize> {
    let from = length_without_last(text, MAX_BYTES);
    let mut places = text[from..].match_indices(BEGINNINGS).map(|(at, _)| from + at);
    places.find(|at| all().any(|(mark, _)| mark.starts_with(&text[*at..])))
}

/// Whether the mark that ends a thought ends one here, where nothing had begun it: so it is when the template
/// has written the beginning. Who speaks of the mark puts it between spaces, in quotes or in brackets. `None`
/// when that depends on what comes after it.
pub(super) fn ends_thought(before: Option<char>, after: &str, all_is_there: bool) -> Option<bool> {
    let is_spaced = before.is_some_and(|before| before == ' ' || before == '\t');
    if before.is_some_and(|before| "`'\"“”‘’«»„(".contains(before)) {
        return Some(false);
    }
    match after.chars().next() {
        None if !all_is_there => None,
        None | Some('\n' | '\r') => Some(!is_spaced),
        Some(after) if before.is_some_and(|before| AROUND.contains(&(before, after))) => Some(false),
        Some(after) => Some(!is_spaced && !after.is_whitespace() && !".,;:!?)`'\"“”‘’«»".contains(after)),
    }
}

/// Where a thought ends that nothing had begun, in a text of which so many bytes are known to have no end.
/// Otherwise how many bytes are known to have none now.
pub(super) fn end_of_thought(text: &str, known: usize, all_is_there: bool) -> Result<usize, usize> {
    for (at, mark) in text[known..].match_indices(THOUGHT_END) {
        let (at, end) = (known + at, known + at + mark.len());
        match ends_thought(text[..at].chars().next_back(), &text[end..], all_is_there) {
            Some(true) => return Ok(end),
            Some(false) => {}
            None => return Err(at),
        }
    }
    Err(length_without_last(text, THOUGHT_END.len() - 1).max(known))
}

/// How many bytes `text` has without so many at its end, or a few less where they begin inside a character.
pub(super) fn length_without_last(text: &str, bytes: usize) -> usize {
    let mut length = text.len().saturating_sub(bytes);
    while !text.is_char_boundary(length) {
        length -= 1;
    }
    length
}

fn all() -> impl Iterator<Item = (&'static str, Mark)> {
    let others = [
        (THOUGHT_BEGIN, Mark::ThoughtBegin),
        (THOUGHT_END, Mark::ThoughtEnd),
        (END_OF_MESSAGE, Mark::EndOfMessage),
        (END_OF_ANSWER, Mark::EndOfMessage),
    ];
    others.into_iter().chain(MARKS.iter().map(|mark| (mark.text, Mark::Call(*mark))))
}
