//! Halves of characters (UTF-16 surrogates). JSON writes an emoji as two escapes (`\ud83d\ude00`), and some
//! servers put one half into one piece of an answer and the other into the next. A strict reader takes
//! neither piece for JSON, and one lone half must not cost the answer.
//!
//! A half is carried through the reader as a sequence of noncharacters, which Unicode keeps for such inner
//! purposes (Unicode 16.0, 23.7), and joined with its other half, or replaced by U+FFFD, where texts are put
//! together. Every character that people use comes through as it is, icons in private planes as well.

use std::{borrow::Cow, iter};

/// Begins a half. Its three hexadecimal digits follow: its distance from the first half there is, U+D800.
const HALF: char = '\u{FDEF}';
/// The character that stands for the digit 0; the other 15 follow.
const DIGIT: u32 = 0xFDD0;

/// Returns JSON in which lone halves are carried.
pub(super) fn encode_lone_surrogates(json: &str) -> Cow<'_, str> {
    if !json.contains("\\u") {
        return Cow::Borrowed(json);
    }
    let (mut text, mut rest, mut has_lone) = (String::with_capacity(json.len()), json, false);
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = match half(rest) {
            Some(first) if is_first(first) && half(&rest[6..]).is_some_and(|next| !is_first(next)) => 12,
            Some(lone) => {
                has_lone = true;
                text.extend(carrier(lone));
                rest = &rest[6..];
                continue;
            }
            // Another escape: two characters are enough to pass over it.
            None => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
        };
        text.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    text.push_str(rest);
    if has_lone { Cow::Owned(text) } else { Cow::Borrowed(json) }
}

/// Returns a whole text without halves.
pub(super) fn decode_to_text(text: String) -> String {
    if !text.contains(HALF) {
        return text;
    }
    let mut joiner = SurrogateJoiner::default();
    joiner.push(&text) + &joiner.finish()
}

/// Returns JSON without lone halves, whether they are carried in it or written as escapes.
pub(super) fn replace_lone_surrogates(json: &str) -> String {
    decode_to_text(encode_lone_surrogates(json).into_owned())
}

/// Joins the halves in pieces of a text.
#[derive(Debug, Default)]
pub(super) struct SurrogateJoiner {
    first: Option<u32>,
}

impl SurrogateJoiner {
    /// Returns a piece without halves. One at its end waits for the next piece.
    pub(super) fn push(&mut self, piece: &str) -> String {
        let (mut text, mut rest) = (String::with_capacity(piece.len()), piece);
        while let Some(at) = rest.find(HALF) {
            self.push_whole(&rest[..at], &mut text);
            let begin = &rest[at..];
            rest = &begin[HALF.len_utf8()..];
            match carried_half(rest) {
                Some((half, after)) => {
                    self.push_half(half, &mut text);
                    rest = after;
                }
                None => self.push_whole(&begin[..HALF.len_utf8()], &mut text),
            }
        }
        self.push_whole(rest, &mut text);
        text
    }

    /// Returns what stands for a half that stayed alone.
    pub(super) fn finish(&mut self) -> String {
        self.first.take().map(|_| char::REPLACEMENT_CHARACTER).into_iter().collect()
    }

    fn push_whole(&mut self, whole: &str, text: &mut String) {
        if !whole.is_empty() {
            text.push_str(&self.finish());
            text.push_str(whole);
        }
    }

    fn push_half(&mut self, half: u32, text: &mut String) {
        if is_first(half) {
            text.push_str(&self.finish());
            self.first = Some(half);
            return;
        }
        let whole = self.first.take().map(|first| 0x1_0000 + ((first - 0xD800) << 10) + (half - 0xDC00));
        text.push(whole.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER));
    }
}

/// The half that `text` begins with, written as an escape.
fn half(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let code = u32::from_str_radix(digits, 16).ok()?;
    (0xD800..=0xDFFF).contains(&code).then_some(code)
}

fn carrier(half: u32) -> impl Iterator<Item = char> {
    let digits = [8, 4, 0].into_iter().filter_map(move |shift| {
        let digit = ((half - 0xD800) >> shift) & 0xF;
        char::from_u32(DIGIT + digit)
    });
    iter::once(HALF).chain(digits)
}

/// The half whose digits `text` begins with, and what follows them.
fn carried_half(text: &str) -> Option<(u32, &str)> {
    let mut characters = text.chars();
    let half = characters.by_ref().take(3).try_fold((0, 0), |(half, count), character| {
        let digit = u32::from(character).checked_sub(DIGIT).filter(|digit| *digit < 16)?;
        Some(((half << 4) + digit, count + 1))
    });
    let (half, _) = half.filter(|(half, count)| *count == 3 && *half < 0x800)?;
    Some((0xD800 + half, characters.as_str()))
}

fn is_first(half: u32) -> bool {
    half < 0xDC00
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> String {
        serde_json::from_str(&encode_lone_surrogates(json)).unwrap()
    }

    #[test]
    fn halves_are_joined_across_pieces_and_a_lone_one_is_replaced() {
        let pieces = [r#""x\ud83d""#, r#""\ude00y\ud83d\ude00""#, r#""\ud83dz\ude00""#, r#""\ud83d""#];
        let mut joiner = SurrogateJoiner::default();
        let text: String = pieces.iter().map(|piece| joiner.push(&read(piece))).collect();
        assert_eq!(text + &joiner.finish(), "x😀y😀\u{FFFD}z\u{FFFD}\u{FFFD}");
        assert_eq!(decode_to_text(read(r#""\ud83d\ud83d\ude00""#)), "\u{FFFD}😀");
    }

    #[test]
    fn characters_of_private_planes_and_noncharacters_stay_what_they_are() {
        for text in
            ["\u{F0131} Milk", "\u{F003D}\u{F0600}", "\u{10FFFF}\u{FFFF}", "\u{FDEF}", "\u{FDEF}\u{FDD0}x"]
        {
            assert_eq!(decode_to_text(text.to_owned()), text);
            let mut joiner = SurrogateJoiner::default();
            assert_eq!(joiner.push(text) + &joiner.finish(), text);
        }
        assert_eq!(decode_to_text(read(r#""\udb80\udd31\ud83d""#)), "\u{F0131}\u{FFFD}");
    }

    #[test]
    fn arguments_have_no_lone_halves() {
        for (json, expected) in [
            (r#"{"title":"x\ud83d"}"#, "{\"title\":\"x\u{FFFD}\"}"),
            (r#"{"title":"\ude00\ud83d\ude00"}"#, "{\"title\":\"\u{FFFD}\\ud83d\\ude00\"}"),
            (r#"{"title":"\\ud83d"}"#, r#"{"title":"\\ud83d"}"#),
        ] {
            assert_eq!(replace_lone_surrogates(json), expected);
        }
    }

    #[test]
    fn json_without_lone_halves_is_left_as_it_is() {
        for json in [r#""plain""#, r#""\u00fc\n\\ud83d""#, r#""\ud83d\ude00""#, "\"😀\""] {
            assert!(matches!(encode_lone_surrogates(json), Cow::Borrowed(_)), "{json}");
        }
    }
}
