//! A chat completion request as the stand-in looks at it: tolerant, because
//! the checker has had its say already.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;

/// The body of one request.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The body as it came.
    pub body: Value,
}

impl Request {
    /// Returns the messages, oldest first.
    pub fn messages(&self) -> &[Value] {
        self.body.get("messages").and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// Returns what the user said last.
    pub fn user_text(&self) -> &str {
        self.last_user().map_or("", |position| content(&self.messages()[position]))
    }

    /// Returns the messages after the newest user message: this turn's steps.
    pub fn turn(&self) -> &[Value] {
        self.last_user().map_or(&[], |position| &self.messages()[position + 1..])
    }

    /// Returns the messages before the newest user message.
    pub fn history(&self) -> &[Value] {
        self.last_user().map_or(self.messages(), |position| &self.messages()[..position])
    }

    /// Returns how often the model has answered since the user spoke.
    pub fn step(&self) -> usize {
        self.turn().iter().filter(|message| role(message) == "assistant").count()
    }

    /// Whether a tool of this name is offered.
    pub fn offers(&self, tool: &str) -> bool {
        let tools = self.body.get("tools").and_then(Value::as_array);
        tools
            .into_iter()
            .flatten()
            .any(|offered| offered.pointer("/function/name").is_some_and(|name| name == tool))
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

    fn last_user(&self) -> Option<usize> {
        self.messages().iter().rposition(|message| role(message) == "user")
    }
}

/// Returns a message's role.
pub(crate) fn role(message: &Value) -> &str {
    message.get("role").and_then(Value::as_str).unwrap_or_default()
}

/// Returns a message's words.
pub(crate) fn content(message: &Value) -> &str {
    message.get("content").and_then(Value::as_str).unwrap_or_default()
}
