//! Keeps our key, which some providers repeat to us, out of what we hand on: out of the words and
//! the calls of a reply, and out of errors, which are also made short and fit for one line of a log.

mod stream;

use domain::{
    ports::{ModelError, ModelReply, TextSink},
    text_truncation::truncate,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use self::stream::{RedactingSink, StreamRedactor};

/// The most characters of an error's text.
const MAX_CHARACTERS: usize = 300;
/// This many characters of the key in a row count as a part of it.
const MIN_PART: usize = 6;

/// Removes the key from errors and replies.
#[derive(Debug, Clone)]
pub(super) struct Redactor(SecretString);

impl Redactor {
    pub(super) fn new(key: SecretString) -> Self {
        Self(key)
    }

    /// Returns the error with its text fit for the log.
    pub(super) fn redact_error(&self, error: ModelError) -> ModelError {
        match error {
            ModelError::BadReply(text) => ModelError::BadReply(self.text(&text)),
            ModelError::Misconfigured(text) => ModelError::Misconfigured(self.text(&text)),
            ModelError::Unavailable(text) => ModelError::Unavailable(self.text(&text)),
            ModelError::ContextExceeded { reason, context_tokens } => {
                ModelError::ContextExceeded { reason: self.text(&reason), context_tokens }
            }
            ModelError::Busy { .. } | ModelError::Loading { .. } | ModelError::TimedOut => error,
        }
    }

    /// Returns a sink that takes the key out of words on their way to `words`.
    pub(super) fn redacting_sink<'a>(&self, words: TextSink<'a>) -> RedactingSink<'a> {
        RedactingSink::new(StreamRedactor::new(&self.0), words)
    }

    /// Returns the reply without the key in its text, its tools' names and their arguments.
    pub(super) fn redact_reply(&self, mut reply: ModelReply) -> ModelReply {
        reply.text = self.words(&reply.text);
        for call in &mut reply.calls {
            call.name = self.words(&call.name);
            // In JSON any character of the key may be written as an escape, so it is parsed first.
            if let Ok(mut arguments) = serde_json::from_str::<Value>(&call.arguments) {
                let before = arguments.clone();
                self.value(&mut arguments);
                if arguments != before {
                    call.arguments = arguments.to_string();
                }
            }
            call.arguments = self.words(&call.arguments);
            call.provider_data.0.values_mut().for_each(|value| self.value(value));
        }
        reply
    }

    fn words(&self, text: &str) -> String {
        let mut stream = StreamRedactor::new(&self.0);
        stream.push(text) + &stream.finish()
    }

    fn value(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.words(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::Object(members) => {
                let clean = |(name, mut value): (String, Value)| {
                    self.value(&mut value);
                    (self.words(&name), value)
                };
                *members = std::mem::take(members).into_iter().map(clean).collect::<Map<_, _>>();
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn text(&self, text: &str) -> String {
        let plain: Vec<char> = text
            .chars()
            .map(|c| if c.is_control() || is_invisible(c) { ' ' } else { c })
            .take(8 * MAX_CHARACTERS)
            .collect();
        let line = self.without_key(&plain);
        truncate(&line.split_whitespace().collect::<Vec<_>>().join(" "), MAX_CHARACTERS)
    }

    fn without_key(&self, text: &[char]) -> String {
        let key: Vec<char> = self.0.expose_secret().chars().collect();
        let least = MIN_PART.min(key.len()).max(1);
        let (mut clean, mut at) = (String::with_capacity(text.len()), 0);
        while let Some(&character) = text.get(at) {
            let parts = key.windows(least).enumerate();
            let begins = parts.filter(|(_, part)| text[at..].starts_with(part)).map(|(begin, _)| begin);
            let common =
                |begin: usize| key[begin..].iter().zip(&text[at..]).take_while(|(a, b)| a == b).count();
            match begins.map(common).max() {
                Some(length) => {
                    clean.push('…');
                    at += length;
                }
                None => {
                    clean.push(character);
                    at += 1;
                }
            }
        }
        clean
    }
}

/// Whether a character is invisible or changes the direction of text.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(key: &str, text: &str) -> String {
        let error = Redactor::new(key.into()).redact_error(ModelError::Misconfigured(text.to_owned()));
        let ModelError::Misconfigured(text) = error else { panic!("{error:?}") };
        text
    }

    #[test]
    fn no_part_of_the_key_gets_through() {
        let key = "sk-proj-0123456789abcdef";
        let said = "Incorrect API key provided: sk-proj-0123456789abcdef.";
        assert_eq!(redacted(key, said), "Incorrect API key provided: ….");
        assert_eq!(redacted(key, "key sk-proj-0123**cdef, 89abcdef!"), "key …**cdef, …!");
        assert_eq!(redacted(key, "sk-proj-0123456789abcdefsk-proj-0123456789abcdef"), "……");
        assert_eq!(redacted("abc", "the key abc is wrong, abcd too"), "the key … is wrong, …d too");
        assert_eq!(redacted("", "no key at all"), "no key at all");
    }

    #[test]
    fn a_text_is_short_and_in_one_line() {
        assert_eq!(redacted("key", "a\r\n\tb\u{1b}[31m\u{202E}c\0d"), "a b [31m c d");
        assert_eq!(redacted("key", &"word ".repeat(1_000_000)).chars().count(), 300);
    }
}
