//! Splits a text into clauses: takes quotations out, and marks questions and list items.

use std::ops::Range;

use crate::text_search::fold;

/// Stands where something was quoted.
const QUOTED: char = '\u{FFFC}';

/// A part of a sentence that says one thing.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Clause {
    /// Its words, folded, without what was quoted.
    pub(super) text: String,
    /// What was quoted in it, folded, with the byte of `text` where it stood.
    pub(super) quoted: Vec<(usize, String)>,
    /// Whether it is the end of a question.
    pub(super) asks: bool,
    /// Whether it begins a line of a list.
    pub(super) is_item: bool,
    /// Whether it stands in a line of a list, behind its beginning.
    pub(super) follows_item: bool,
    /// Whether nothing else stands in its sentence.
    pub(super) is_sentence: bool,
}

/// Conjunctions after which another thing is said.
const BUT: [&str; 22] = [
    " but ",
    " although ",
    " though ",
    " because ",
    " aber ",
    " sondern ",
    " weil ",
    " mais ",
    " pero ",
    " sino ",
    " mas ",
    " ma ",
    " maar ",
    " men ",
    " но ",
    " але ",
    " ale ",
    " ama ",
    " fakat ",
    " αλλα ",
    " لكن ",
    " tetapi ",
];

/// The clauses of a text.
pub(super) fn clauses(text: &str) -> Vec<Clause> {
    // Who says nothing but a quotation says it.
    let is_one_line = text.trim().lines().nth(1).is_none();
    text.lines().flat_map(|line| clauses_of_line(line, is_one_line)).collect()
}

/// Sentence ends in a growing text from byte `from` on: the offset after each, and the offset to resume from.
/// A full stop at the very end is undecided until more text comes.
pub(super) fn ends_from(text: &str, from: usize) -> (Vec<usize>, usize) {
    let mut ends = Vec::new();
    let mut chars = text[from..].char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let after = from + at + c.len_utf8();
        let next = chars.peek().map(|(_, next)| *next);
        let is_end = match (c, next) {
            ('\n' | '。' | '！' | '？' | '؟' | '।', _) => true,
            ('.' | '!' | '?' | '…', None) => return (ends, from + at),
            ('.' | '!' | '?' | '…', Some(next)) => next.is_whitespace(),
            _ => false,
        };
        if is_end {
            ends.push(after);
        }
    }
    (ends, text.len())
}

fn clauses_of_line(line: &str, may_be_quoted: bool) -> Vec<Clause> {
    let folded = fold(line);
    let (rest, is_item) = match without_marker(&folded) {
        Some(rest) => (rest, true),
        None => (folded.as_str(), false),
    };
    let (text, quoted) = match without_quotes(rest) {
        (text, _) if may_be_quoted && !text.contains(char::is_alphanumeric) => (rest.to_owned(), Vec::new()),
        without => without,
    };
    let mut found = Vec::new();
    for sentence in sentences(&text) {
        let asks = matches!(text[..sentence.end].trim_end().chars().next_back(), Some('?' | '؟'));
        let parts = parts(&text, sentence);
        let count = parts.len();
        for (index, part) in parts.into_iter().enumerate() {
            let in_part =
                |(at, name): &(usize, String)| part.contains(at).then(|| (at - part.start, name.clone()));
            found.push(Clause {
                quoted: quoted.iter().filter_map(in_part).collect(),
                asks: asks && index + 1 == count,
                is_item: is_item && found.is_empty(),
                follows_item: is_item && !found.is_empty(),
                is_sentence: count == 1,
                text: text[part].to_owned(),
            });
        }
    }
    found
}

/// What follows the number, the dash or the box that begins a line of a list.
fn without_marker(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let rest = if digits.len() < line.len() {
        digits.strip_prefix(['.', ')'])
    } else {
        line.strip_prefix(['-', '*', '•', '·', '‣', '◦'])
    }?;
    let rest = rest.strip_prefix(' ')?;
    let boxed = ["[ ]", "[x]"].iter().find_map(|mark| rest.trim_start().strip_prefix(mark));
    Some(boxed.unwrap_or(rest))
}

const QUOTES: [(char, char); 10] = [
    ('"', '"'),
    ('«', '»'),
    ('„', '"'),
    ('「', '」'),
    ('『', '』'),
    ('《', '》'),
    ('`', '`'),
    ('‹', '›'),
    ('‚', '\''),
    ('\'', '\''),
];

/// The longest title, in bytes; what is quoted and longer is no title.
const MAX_QUOTED: usize = 255 * 4;

fn without_quotes(text: &str) -> (String, Vec<(usize, String)>) {
    let (mut kept, mut quoted) = (String::with_capacity(text.len()), Vec::new());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        let opens = !kept.chars().next_back().is_some_and(char::is_alphanumeric);
        let close = QUOTES.iter().find(|(open, _)| *open == c && opens).map(|(_, close)| *close);
        match close.and_then(|close| closing(after, close)) {
            Some((name, beyond)) => {
                quoted.push((kept.len(), name.trim().to_owned()));
                kept.push(QUOTED);
                rest = beyond;
            }
            None => {
                kept.push(c);
                rest = after;
            }
        }
    }
    (kept, quoted)
}

/// What is quoted up to `close`, and what follows it.
fn closing(text: &str, close: char) -> Option<(&str, &str)> {
    let mut near = text.char_indices().take_while(|(at, _)| *at <= MAX_QUOTED);
    let (at, _) = near.find(|(at, c)| {
        let next = text[at + c.len_utf8()..].chars().next();
        // An apostrophe closes nothing in the middle of a word.
        *c == close && (close != '\'' || !next.is_some_and(char::is_alphanumeric))
    })?;
    (0 < at).then(|| (&text[..at], &text[at + close.len_utf8()..]))
}

fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut sentences = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices() {
        let after = at + c.len_utf8();
        let next = text[after..].chars().next();
        let is_end = match c {
            '。' | '؟' | '।' => true,
            // Full width signs are these when they are folded.
            '.' | '!' | '?' => next.is_none_or(|next| next.is_whitespace() || !next.is_ascii()),
            _ => false,
        };
        if is_end {
            sentences.push(start..after);
            start = after;
        }
    }
    sentences.push(start..text.len());
    sentences.retain(|range| text[range.clone()].chars().any(|c| c.is_alphanumeric() || c == QUOTED));
    sentences
}

/// What stands in an enumeration of tasks: a title or a number.
fn is_item(c: Option<char>) -> bool {
    c.is_some_and(|c| c == QUOTED || c == '#' || c.is_ascii_digit())
}

/// The most bytes that are read as one part: more than any sentence of a person's has between two commas.
/// Each of its words is compared with the others.
pub(super) const MAX_PART: usize = 500;

/// Where a part ends that is too long: after a word, if it has any.
fn end_of_part(text: &str, start: usize) -> usize {
    let most =
        (start + 1..=start + MAX_PART).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    text[start..most].rfind(' ').map_or(most, |space| start + space + 1)
}

/// The parts of a sentence between commas and the like.
fn parts(text: &str, sentence: Range<usize>) -> Vec<Range<usize>> {
    let inside = &text[sentence.clone()];
    let mut cuts: Vec<usize> = Vec::new();
    for (at, c) in inside.char_indices() {
        let next = inside[at + c.len_utf8()..].chars().next();
        let is_dash = matches!(c, '-') && next.is_none_or(|next| next.is_whitespace() || next == '-');
        let is_comma = matches!(c, ',' | ';' | '،' | '؛' | '、' | '(' | ')')
            || (c == ':' && !next.is_some_and(|next| next.is_ascii_digit()));
        let joins_items = (c == '(' || (c == ',' && is_item(inside[..at].chars().next_back())))
            && is_item(inside[at + 1..].trim_start().chars().next());
        if (is_dash || is_comma) && !joins_items {
            cuts.push(at + c.len_utf8());
        }
    }
    cuts.extend(BUT.iter().flat_map(|word| inside.match_indices(word).map(|(at, _)| at + 1)));
    cuts.sort_unstable();
    let mut parts = Vec::new();
    let mut start = 0;
    for cut in cuts.into_iter().chain([inside.len()]) {
        while cut - start > MAX_PART {
            let end = end_of_part(inside, start);
            parts.push(sentence.start + start..sentence.start + end);
            start = end;
        }
        parts.push(sentence.start + start..sentence.start + cut);
        start = cut;
    }
    parts.retain(|range| text[range.clone()].chars().any(|c| c.is_alphanumeric() || c == QUOTED));
    parts
}
