//! A chat completion request's conversation: messages and tools, read tolerantly.

use chrono::NaiveDate;
use serde_json::Value;

use crate::date_arithmetic::today;

/// How a note of the server begins, about an answer that was not true.
const NOTE: &str = "[Note from the server]";

/// The conversation of one request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chat<'a> {
    body: &'a Value,
}

impl<'a> Chat<'a> {
    /// Reads the body of a request for a chat completion.
    pub fn of(body: &'a Value) -> Self {
        Self { body }
    }

    /// Returns what the user said last.
    pub fn user_text(self) -> &'a str {
        self.last_user().map_or("", |position| content(&self.messages()[position]))
    }

    /// Returns how often the model has answered since the user spoke.
    pub fn step(self) -> usize {
        self.turn().iter().filter(|message| role(message) == "assistant").count()
    }

    /// Returns the messages after the newest user message: this turn's steps. What the server took back
    /// for another answer is to be done again, and what answered other words is no answer to these: then
    /// the steps after that.
    pub(crate) fn turn(self) -> &'a [Value] {
        self.last_user().map_or(&[], |position| without_replaced(&self.messages()[position + 1..]))
    }

    /// Returns the messages before the newest user message.
    pub(crate) fn history(self) -> &'a [Value] {
        self.last_user().map_or(self.messages(), |position| &self.messages()[..position])
    }

    /// Returns the notes of what was said earlier, at the end of the system prompt.
    pub(crate) fn notes(self) -> &'a str {
        let system = self.messages().iter().find(|message| role(message) == "system").map_or("", content);
        let notes =
            system.split_once("Earlier in this conversation, in short").map_or("", |(_, notes)| notes);
        notes.split_once('\n').map_or("", |(_, notes)| notes)
    }

    /// Returns the person's date, as the system prompt says.
    pub(crate) fn today(self) -> Option<NaiveDate> {
        today(self.messages().first().filter(|message| role(message) == "system").map(content)?)
    }

    /// Whether a tool of this name is offered.
    pub(crate) fn offers(self, tool: &str) -> bool {
        let tools = self.body.get("tools").and_then(Value::as_array);
        tools
            .into_iter()
            .flatten()
            .any(|offered| offered.pointer("/function/name").is_some_and(|name| name == tool))
    }

    /// Whether a tool says that it takes several tasks at once: `task_id [1, 2]`.
    pub(crate) fn takes_many(self, tool: &str) -> bool {
        let tools = self.body.get("tools").and_then(Value::as_array).into_iter().flatten();
        let function =
            |member: &str, offered: &Value| offered.pointer(&format!("/function/{member}")).cloned();
        let mut named = tools.filter(|offered| function("name", offered).is_some_and(|name| name == tool));
        named.any(|offered| {
            function("description", offered).is_some_and(|words| words.to_string().contains("task_id ["))
        })
    }

    fn messages(self) -> &'a [Value] {
        self.body.get("messages").and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The newest message of the person's. Notes of the server stand in their place too.
    fn last_user(self) -> Option<usize> {
        let is_persons = |message: &Value| role(message) == "user" && !content(message).starts_with(NOTE);
        self.messages().iter().rposition(is_persons)
    }
}

/// The steps of a turn without those of an answer that was undone, or that answered other words.
pub(crate) fn without_replaced(steps: &[Value]) -> &[Value] {
    let replaced = steps.iter().rposition(|message| {
        let calls = message.get("tool_calls").and_then(Value::as_array);
        let name = |call: &Value| {
            let name = call.pointer("/function/name").and_then(Value::as_str);
            matches!(name, Some("undo_replaced" | "message_edited"))
        };
        calls.is_some_and(|calls| calls.iter().any(name))
    });
    let rest = &steps[replaced.map_or(0, |position| position + 1)..];
    let results = rest.iter().take_while(|message| role(message) == "tool").count();
    &rest[results..]
}

/// Returns a message's role.
pub fn role(message: &Value) -> &str {
    message.get("role").and_then(Value::as_str).unwrap_or_default()
}

/// Returns a message's words.
pub(crate) fn content(message: &Value) -> &str {
    message.get("content").and_then(Value::as_str).unwrap_or_default()
}
