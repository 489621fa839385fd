//! Halves of characters (UTF-16 surrogates). JSON writes an emoji as two escapes (`\ud83d\ude00`), and some
//! servers put one half into one piece of an answer and the other into the next. A strict reader takes
//! neither piece for JSON, and one lone half must not cost the answer.
//!
//! A half is carried through the reader as a character that nobody uses (plane 15 is private:
//! Unicode 16.0, 23.5), and joined with its other half, or replaced by U+FFFD, where texts are put
//! together.

use std::borrow::Cow;

/// The character that stands for the first half there is, U+D800; the others follow.
const STANDS_FOR_D800: u32 = 0xF_0000;

/// Returns JSON in which lone halves are carried.
pub(super) fn carried(json: &str) -> Cow<'_, str> {
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
                text.extend(char::from_u32(STANDS_FOR_D800 + (lone - 0xD800)));
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
pub(super) fn joined(text: String) -> String {
    if !text.chars().any(|character| carried_half(character).is_some()) {
        return text;
    }
    let mut joiner = SurrogateJoiner::default();
    joiner.push(&text) + &joiner.finish()
}

/// Joins the halves in pieces of a text.
#[derive(Debug, Default)]
pub(super) struct SurrogateJoiner {
    first: Option<u32>,
}

impl SurrogateJoiner {
    /// Returns a piece without halves. One at its end waits for the next piece.
    pub(super) fn push(&mut self, piece: &str) -> String {
        let mut text = String::with_capacity(piece.len());
        for character in piece.chars() {
            match (self.first.take(), carried_half(character)) {
                (first, Some(half)) if is_first(half) => {
                    text.extend(first.map(|_| char::REPLACEMENT_CHARACTER));
                    self.first = Some(half);
                }
                (Some(first), Some(second)) => {
                    let code = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                    text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                (None, Some(_)) => text.push(char::REPLACEMENT_CHARACTER),
                (first, None) => {
                    text.extend(first.map(|_| char::REPLACEMENT_CHARACTER));
                    text.push(character);
                }
            }
        }
        text
    }

    /// Returns what stands for a half that stayed alone.
    pub(super) fn finish(&mut self) -> String {
        self.first.take().map(|_| char::REPLACEMENT_CHARACTER).into_iter().collect()
    }
}

/// The half that `text` begins with, written as an escape.
fn half(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let code = u32::from_str_radix(digits, 16).ok()?;
    (0xD800..=0xDFFF).contains(&code).then_some(code)
}

fn carried_half(character: char) -> Option<u32> {
    let offset = u32::from(character).checked_sub(STANDS_FOR_D800)?;
    (offset < 0x800).then_some(0xD800 + offset)
}

fn is_first(half: u32) -> bool {
    half < 0xDC00
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> String {
        serde_json::from_str(&carried(json)).unwrap()
    }

    #[test]
    fn halves_are_joined_across_pieces_and_a_lone_one_is_replaced() {
        let pieces = [r#""x\ud83d""#, r#""\ude00y\ud83d\ude00""#, r#""\ud83dz\ude00""#, r#""\ud83d""#];
        let mut joiner = SurrogateJoiner::default();
        let text: String = pieces.iter().map(|piece| joiner.push(&read(piece))).collect();
        assert_eq!(text + &joiner.finish(), "x😀y😀\u{FFFD}z\u{FFFD}\u{FFFD}");
        assert_eq!(joined(read(r#""\ud83d\ud83d\ude00""#)), "\u{FFFD}😀");
    }

    #[test]
    fn json_without_lone_halves_is_left_as_it_is() {
        for json in [r#""plain""#, r#""\u00fc\n\\ud83d""#, r#""\ud83d\ude00""#, "\"😀\""] {
            assert!(matches!(carried(json), Cow::Borrowed(_)), "{json}");
        }
    }
}
