//! Text from outside: bounded, without NUL, and refused with a sentence that names its field.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

/// A rule that one field of a request breaks. The message is a sentence a person can read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct FieldError {
    /// The member's name as the client wrote it, for example `title`.
    pub field: &'static str,
    /// What is wrong with it, as one sentence.
    pub message: String,
}

impl FieldError {
    /// Makes an error about `field`.
    pub fn new(field: &'static str, message: impl Into<String>) -> Self {
        Self { field, message: message.into() }
    }
}

/// Returns `raw` trimmed when its length in Unicode scalar values lies in `length`.
///
/// # Errors
/// When it is too short or too long, or holds U+0000, which Postgres cannot store.
pub fn parse_trimmed(
    field: &'static str,
    raw: &str,
    length: RangeInclusive<usize>,
) -> Result<String, FieldError> {
    let text = raw.trim();
    reject_nul(field, text)?;
    let is_blank = |c: char| c.is_whitespace() || is_invisible(c);
    let text = if text.chars().all(is_blank) { "" } else { text };
    let count = text.chars().count();
    if length.contains(&count) {
        return Ok(text.to_owned());
    }
    let (least, most) = (length.start(), length.end());
    let message = match count {
        0 => format!("The {field} must not be empty."),
        _ if *least <= 1 => format!("The {field} may have at most {most} characters."),
        _ => format!("The {field} must have {least} to {most} characters."),
    };
    Err(FieldError::new(field, message))
}

/// Whether nothing is seen of a character by itself: Unicode's `Default_Ignorable_Code_Point`
/// (DerivedCoreProperties.txt of Unicode 16) and the blank Braille pattern.
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}')
}

/// Refuses U+0000 in `text`.
///
/// # Errors
/// When `text` holds that character.
pub fn reject_nul(field: &'static str, text: &str) -> Result<(), FieldError> {
    if text.contains('\0') {
        return Err(FieldError::new(field, format!("The {field} must not contain the character U+0000.")));
    }
    Ok(())
}

/// Returns `text` with U+FFFD in place of every U+0000: for text of a model's, which nobody can be
/// asked to mend.
pub fn replace_nul(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{FFFD}") } else { text }
}

/// As [`replace_nul`], for each text in a JSON object: Postgres stores no U+0000 in JSON either.
pub fn json_without_nul(object: Map<String, Value>) -> Map<String, Value> {
    object.into_iter().map(|(key, value)| (replace_nul(key), value_without_nul(value))).collect()
}

fn value_without_nul(value: Value) -> Value {
    match value {
        Value::String(string) => Value::String(replace_nul(string)),
        Value::Array(items) => items.into_iter().map(value_without_nul).collect(),
        Value::Object(object) => Value::Object(json_without_nul(object)),
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_counts_characters_and_not_bytes() {
        assert_eq!(parse_trimmed("title", &"ü".repeat(255), 1..=255).unwrap().chars().count(), 255);
        assert!(parse_trimmed("title", &"ü".repeat(256), 1..=255).is_err());
    }

    #[test]
    fn a_blank_text_is_told_apart_from_a_long_one() {
        let blank = parse_trimmed("title", " \t\n", 1..=255).unwrap_err();
        assert_eq!(blank.message, "The title must not be empty.");
        let long = parse_trimmed("title", &"x".repeat(256), 1..=255).unwrap_err();
        assert_eq!(long.message, "The title may have at most 255 characters.");
    }

    #[test]
    fn what_nobody_sees_is_no_text() {
        for blank in ["\u{200B}", " \u{FEFF}\u{2800}\t", "\u{3164}\u{AD}"] {
            let refused = parse_trimmed("title", blank, 1..=255).unwrap_err();
            assert_eq!(refused.message, "The title must not be empty.", "{blank:?}");
            assert_eq!(parse_trimmed("description", blank, 0..=10).unwrap(), "");
        }
        let family = "\u{1F468}\u{200D}\u{1F469}";
        assert_eq!(parse_trimmed("title", family, 1..=255).unwrap(), family, "joined, not blank");
    }

    #[test]
    fn nul_is_refused_anywhere() {
        assert!(parse_trimmed("title", "a\0b", 1..=255).is_err());
    }
}
