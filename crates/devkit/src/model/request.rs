//! A chat completion request as the stand-in looks at it: tolerant, because
//! the checker has had its say already.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;
use stand_in_english::Chat;

/// The body of one request.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The body as it came.
    pub body: Value,
}

impl Request {
    /// Returns what the user said last.
    pub fn user_text(&self) -> &str {
        Chat::of(&self.body).user_text()
    }

    /// Returns how often the model has answered since the user spoke.
    pub fn step(&self) -> usize {
        Chat::of(&self.body).step()
    }

    /// Whether a text is wanted, as opposed to an answer with tools at hand.
    pub(crate) fn is_for_a_text(&self) -> bool {
        let has_no_tools = self.body.get("tools").is_none() && self.body.get("response_format").is_none();
        has_no_tools && stand_in_english::is_for_a_text(self.user_text())
    }

    pub(crate) fn model(&self) -> &str {
        self.body.get("model").and_then(Value::as_str).unwrap_or("stand-in")
    }

    pub(crate) fn is_stream(&self) -> bool {
        self.body.get("stream").and_then(Value::as_bool).unwrap_or(false)
    }

    pub(crate) fn include_usage(&self) -> bool {
        self.body.pointer("/stream_options/include_usage").and_then(Value::as_bool).unwrap_or(false)
    }

    /// Returns a number that a repeated request has again and others have not.
    pub(crate) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.body.to_string().hash(&mut hasher);
        hasher.finish()
    }
}
