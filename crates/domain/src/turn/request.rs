//! A request for a turn: what is said, where, and under which key.

use crate::{
    caller::Caller,
    text_validation::{FieldError, parse_trimmed},
    time_zone::TimeZone,
    turn_and_conversation_ids::{ConversationId, TurnId},
};

/// What a person said: 1 to 10,000 characters, trimmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserMessage(String);

impl UserMessage {
    /// Parses a message as it came from outside.
    ///
    /// # Errors
    /// When nothing or more than 10,000 characters are left after trimming, or it holds U+0000.
    pub fn parse(raw: &str) -> Result<Self, FieldError> {
        parse_trimmed("message", raw, 1..=10_000).map(Self)
    }

    /// The message's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A client's name for one request, so that a retry is known to be one: 1 to 255 visible ASCII.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Parses a key as it came from outside.
    ///
    /// # Errors
    /// When it is empty, longer than 255 bytes, or holds anything but visible ASCII.
    pub fn parse(raw: &str) -> Result<Self, FieldError> {
        let is_key = (1..=255).contains(&raw.len()) && raw.bytes().all(|b| b.is_ascii_graphic());
        if is_key {
            return Ok(Self(raw.to_owned()));
        }
        Err(FieldError::new(
            "Idempotency-Key",
            "The Idempotency-Key must be 1 to 255 visible ASCII characters.",
        ))
    }

    /// The key's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A key together with a SHA-256 of what was asked under it: the same key with another body is a
/// mistake of the client's and not a retry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestKey {
    /// The client's key.
    pub key: IdempotencyKey,
    /// SHA-256 of the request's meaning.
    pub body_hash: [u8; 32],
}

/// Other words in the place of a message.
#[derive(Debug, Clone, Copy)]
pub struct Edit<'a> {
    /// What the person says instead.
    pub text: &'a UserMessage,
    /// The words that the message has as the client knows it, when it says so: an edit that comes late, after
    /// another one, is refused then.
    pub previous: Option<&'a UserMessage>,
}

/// Which conversation a new turn belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A conversation that this turn opens, under this id of ours.
    New(ConversationId),
    /// A conversation that must exist.
    Existing(ConversationId),
    /// The client chose the id: continue the caller's conversation with it, or open one. Ids that
    /// clients choose are each user's own: another user's conversation may have the same.
    Either(ConversationId),
}

impl Target {
    /// The conversation's id, whether it exists yet or not.
    pub fn id(self) -> ConversationId {
        match self {
            Self::New(id) | Self::Existing(id) | Self::Either(id) => id,
        }
    }
}

/// A new turn.
#[derive(Debug, Clone)]
pub struct NewTurn {
    /// Who says it.
    pub caller: Caller,
    /// The id the turn gets if it is new.
    pub id: TurnId,
    /// Where it is said.
    pub target: Target,
    /// What is said.
    pub message: UserMessage,
    /// The client's own id of the message, opaque, when it has one.
    pub client_message_id: Option<String>,
    /// The model that shall answer, now and from now on; `None` for the one of the conversation.
    pub model: Option<String>,
    /// Where the person is now; `None` for the time zone of their account.
    pub time_zone: Option<TimeZone>,
    /// The request's idempotency key, when it has one.
    pub key: Option<RequestKey>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_visible_ascii_of_bounded_length() {
        assert!(IdempotencyKey::parse("a-1").is_ok());
        for raw in ["", "with space", "ümlaut", "line\nbreak", &"k".repeat(256)] {
            assert!(IdempotencyKey::parse(raw).is_err(), "{raw:?}");
        }
    }
}
