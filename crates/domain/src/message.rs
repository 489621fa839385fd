//! The messages of a conversation, as the model needs them.

use serde_json::{Map, Value};

use crate::turn_and_conversation_ids::TurnId;

/// The most bytes of what a person or a model says in one message. A store makes words of them, by which
/// they are found, and has no room for those of a much longer text.
pub const MAX_SAID_BYTES: usize = 256 * 1024;

/// A stored message, as the model needs it: one row of the conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Its turn; a turn's messages follow one another.
    pub turn: TurnId,
    /// What it says, and who.
    pub body: MessageBody,
}

/// What a message says, and who says it.
#[derive(Debug, Clone, PartialEq)]
pub enum MessageBody {
    /// What the person wrote.
    User(String),
    /// The model, with the tools it calls.
    Assistant {
        /// What it says; may be empty beside calls.
        text: String,
        /// The calls, each answered by a `Tool` message right after.
        calls: Vec<ToolCall>,
    },
    /// A call's result.
    Tool {
        /// The id of the call that it answers.
        call_id: String,
        /// The result, as JSON text.
        content: String,
    },
}

/// A tool call as the model asked for it, with an id of ours and arguments that are an object.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolCall {
    /// Unique within the conversation.
    pub id: String,
    /// The tool's name as the model wrote it.
    pub name: String,
    /// Its arguments; `{}` where the model sent nothing usable.
    pub arguments: Map<String, Value>,
    /// What the model's provider wants back with it.
    pub provider_data: ProviderData,
}

/// Opaque provider data that is sent back with the call, e.g. Gemini thought signatures. Only the adapter
/// that received it reads it; it is never shown to a person.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProviderData(pub Map<String, Value>);

/// The members of [`ProviderData`] that hold a thought.
pub const REASONING_FIELDS: [&str; 2] = ["reasoning_content", "reasoning_details"];

impl ProviderData {
    /// Whether there is nothing to give back.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Drops all thoughts, and keeps what belongs to the call itself.
    pub fn drop_all_reasoning(&mut self) {
        self.0.retain(|name, _| !REASONING_FIELDS.contains(&name.as_str()));
    }

    /// Drops the thoughts that are mere text.
    pub fn drop_unsigned_reasoning(&mut self) {
        self.0.retain(|name, value| !is_unsigned_reasoning(name, value));
    }

    /// What stays when thoughts are dropped.
    pub fn without_unsigned_reasoning(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.0.iter().filter(|(name, value)| !is_unsigned_reasoning(name, value))
    }
}

/// Whether a member is a thought that is mere text. One that is signed or encrypted is more: a provider would
/// miss it.
fn is_unsigned_reasoning(name: &str, value: &Value) -> bool {
    let is_signed = |part: &Value| ["signature", "data"].iter().any(|name| part[*name].is_string());
    REASONING_FIELDS.contains(&name) && !value.as_array().is_some_and(|parts| parts.iter().any(is_signed))
}

/// A tool call and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ExecutedCall {
    /// The call's id, for listeners that stream it.
    pub id: String,
    /// The tool's name.
    pub tool: String,
    /// The arguments that the model passed.
    pub input: Map<String, Value>,
    /// `{"success":true,…}` or `{"success":false,"error":…,"code":…}`.
    pub result: Value,
}
