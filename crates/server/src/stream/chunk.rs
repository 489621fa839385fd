//! The chunks of the stream. Clients before 5.0.217, 6.0.231 and 7.0.32 refuse a whole answer for
//! one member they do not know, so none is sent that 5.0.0 lacks, but to a client that says it is newer.

use domain::{
    approval::ApprovalId,
    turn_and_conversation_ids::{ConversationId, TurnId},
};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::response_bodies::{approval_body::ApprovalBody, turn_effects_body::Effects};

/// One chunk, by its name on the wire.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub(super) enum Chunk<'a> {
    Start {
        message_id: TurnId,
    },
    StartStep,
    TextStart {
        id: &'a str,
    },
    TextDelta {
        id: &'a str,
        delta: &'a str,
    },
    TextEnd {
        id: &'a str,
    },
    ToolInputAvailable {
        tool_call_id: &'a str,
        tool_name: &'a str,
        input: &'a Map<String, Value>,
    },
    ToolOutputAvailable {
        tool_call_id: &'a str,
        output: &'a Value,
    },
    /// Only for clients that know it: from 6.0 on.
    ToolApprovalRequest {
        approval_id: ApprovalId,
        tool_call_id: &'a str,
    },
    /// As [`Chunk::ToolApprovalRequest`].
    ToolOutputDenied {
        tool_call_id: &'a str,
    },
    FinishStep,
    DataApproval {
        data: &'a ApprovalBody,
        transient: bool,
    },
    DataConversation {
        data: Conversation<'a>,
        transient: bool,
    },
    DataTurn {
        data: Turn,
        transient: bool,
    },
    DataEffects {
        data: &'a Effects,
        transient: bool,
    },
    DataUsage {
        data: Usage<'a>,
        transient: bool,
    },
    DataInterrupted {
        data: Interrupted,
        transient: bool,
    },
    Finish {
        /// Only for clients that know it.
        #[serde(skip_serializing_if = "Option::is_none")]
        finish_reason: Option<&'static str>,
    },
    Error {
        error_text: &'a str,
    },
}

#[derive(Debug, Serialize)]
pub(super) struct Conversation<'a> {
    pub(super) id: ConversationId,
    pub(super) title: &'a str,
}

#[derive(Debug, Serialize)]
pub(super) struct Turn {
    pub(super) id: TurnId,
}

/// Said before an error: the turn goes on when its message is sent again with its key.
#[derive(Debug, Serialize)]
pub(super) struct Interrupted {
    /// After so many seconds.
    pub(super) retry_after: u64,
    /// The contract's code of the error.
    pub(super) code: &'static str,
}

#[derive(Debug, Serialize)]
pub(super) struct Usage<'a> {
    pub(super) prompt_tokens: i32,
    pub(super) completion_tokens: i32,
    pub(super) total_tokens: i64,
    pub(super) model: &'a str,
    pub(super) finish_reason: &'a str,
}

impl Chunk<'_> {
    /// Appends the chunk as one event.
    pub(super) fn write(&self, text: &mut String) {
        // Strings, numbers and JSON values only: this cannot fail.
        let json = serde_json::to_string(self).unwrap_or_default();
        text.push_str("data: ");
        text.push_str(&json);
        text.push_str("\n\n");
    }
}

/// The mark that ends every stream.
pub(super) const DONE: &str = "data: [DONE]\n\n";

/// Ends a stream with an error.
pub(super) fn say_error(sentence: &str, text: &mut String) {
    Chunk::Error { error_text: sentence }.write(text);
    text.push_str(DONE);
}

/// A comment, which clients pass over.
pub(super) fn keep_alive() -> String {
    ": keep-alive\n\n".to_owned()
}
