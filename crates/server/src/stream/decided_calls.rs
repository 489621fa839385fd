//! The rest of a message that asked by approval cards: what became of its waiting calls, for clients of the
//! AI SDK.

use domain::turn_and_conversation_ids::TurnId;
use serde_json::Value;

use super::chunk::{Chunk, DONE, say_error};
use crate::error::ApiError;

/// A call that was answered.
#[derive(Debug, Clone, PartialEq)]
pub struct DecidedCall {
    /// Its id.
    pub id: String,
    /// What came of it; nothing when the person said no.
    pub output: Option<Value>,
}

/// What became of the calls that were answered together.
#[derive(Debug)]
pub struct DecidedCalls {
    /// Those that were answered.
    pub calls: Vec<DecidedCall>,
    /// Why the others still wait, if some do: sent again, the same answers go on from there.
    pub broke_off: Option<ApiError>,
}

/// The whole stream.
pub(super) fn stream_text(message: TurnId, decided: &DecidedCalls) -> String {
    let mut text = String::new();
    // Under the id of the message that asked: any other would be another message.
    Chunk::Start { message_id: message }.write(&mut text);
    for DecidedCall { id, output } in &decided.calls {
        match output {
            Some(output) => Chunk::ToolOutputAvailable { tool_call_id: id, output }.write(&mut text),
            None => Chunk::ToolOutputDenied { tool_call_id: id }.write(&mut text),
        }
    }
    match &decided.broke_off {
        None => {
            Chunk::Finish { finish_reason: None }.write(&mut text);
            text.push_str(DONE);
        }
        Some(error) => say_error(&error.sentence(), &mut text),
    }
    text
}
