//! The messages of a conversation, as the model needs them.

use serde_json::{Map, Value};

use crate::turn_and_conversation_ids::TurnId;

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

impl ProviderData {
    /// Whether there is nothing to give back.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
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
