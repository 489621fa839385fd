//! Takes our key out of what a model says, also when it comes in pieces.
//!
//! Only what may still become the key is held back, so words are late by less than the key's length.

use std::sync::{Mutex, PoisonError};

use domain::ports::TextSink;
use secrecy::{ExposeSecret, SecretString};

/// This many characters from the key's beginning count as the key, whatever follows them: a provider may
/// cut or mask what it repeats.
const ENOUGH_OF_IT: usize = 16;
/// Shorter keys are not looked for: they are placeholders for servers that want none ("ollama"), or
/// could be parts of words.
const MIN_KEY: usize = 8;

/// Passes words on without the key.
pub(in crate::openai) struct RedactingSink<'a> {
    redactor: Mutex<StreamRedactor>,
    words: TextSink<'a>,
}

impl<'a> RedactingSink<'a> {
    pub(super) fn new(redactor: StreamRedactor, words: TextSink<'a>) -> Self {
        Self { redactor: Mutex::new(redactor), words }
    }

    /// Takes the next piece and passes on what is certainly not the key.
    pub(in crate::openai) fn push(&self, piece: &str) {
        let clean = self.redactor.lock().unwrap_or_else(PoisonError::into_inner).push(piece);
        self.pass_on(&clean);
    }

    /// Passes on what is left after the last piece.
    pub(in crate::openai) fn finish(self) {
        let rest = self.redactor.lock().unwrap_or_else(PoisonError::into_inner).finish();
        self.pass_on(&rest);
    }

    fn pass_on(&self, clean: &str) {
        if !clean.is_empty() {
            (self.words)(clean);
        }
    }
}

/// What may be the beginning of the key, between two pieces.
#[derive(Debug, Default)]
pub(super) struct StreamRedactor {
    key: Option<SecretString>,
    /// Equal to the key's beginning, but for the case of letters.
    held: String,
}

impl StreamRedactor {
    /// Looks for this key, unless it is too short, or has no digit and is not long: "not-needed" is a
    /// placeholder, and a person may say it.
    pub(super) fn new(key: &SecretString) -> Self {
        let text = key.expose_secret();
        let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
        let is_secret = text.len() >= ENOUGH_OF_IT || (text.len() >= MIN_KEY && has_digit);
        Self { key: (is_secret && text.is_ascii()).then(|| key.clone()), held: String::new() }
    }

    /// Takes the next piece and returns what can be handed out.
    pub(super) fn push(&mut self, piece: &str) -> String {
        let Some(key) = &self.key else { return piece.to_owned() };
        let key = key.expose_secret().as_bytes();
        let mut clean = String::with_capacity(piece.len());
        for character in piece.chars() {
            while !continues(key, self.held.len(), character) && !self.held.is_empty() {
                let begins = (1..=self.held.len()).find(|&at| is_beginning(key, &self.held.as_bytes()[at..]));
                let begins = begins.unwrap_or(self.held.len());
                match self.held.len() {
                    ENOUGH_OF_IT.. => clean.push('…'),
                    _ => clean.push_str(&self.held[..begins]),
                }
                self.held.drain(..begins);
            }
            if continues(key, self.held.len(), character) {
                self.held.push(character);
            } else {
                clean.push(character);
            }
            if self.held.len() == key.len() {
                self.held.clear();
                clean.push('…');
            }
        }
        clean
    }

    /// Returns what is left after the last piece.
    pub(super) fn finish(&mut self) -> String {
        let held = std::mem::take(&mut self.held);
        if held.len() >= ENOUGH_OF_IT { "…".to_owned() } else { held }
    }
}

/// Whether `character` is what stands in the key at `place`.
fn continues(key: &[u8], place: usize, character: char) -> bool {
    key.get(place).is_some_and(|&byte| char::from(byte).eq_ignore_ascii_case(&character))
}

fn is_beginning(key: &[u8], text: &[u8]) -> bool {
    key.get(..text.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(text))
}

#[cfg(test)]
mod tests;
