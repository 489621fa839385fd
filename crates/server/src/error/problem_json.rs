//! The one function that makes the body of a 4xx or 5xx (RFC 9457), but for what OAuth and the
//! Model Context Protocol have a form of their own.

use domain::{
    message::ExecutedCall,
    turn_and_conversation_ids::{ConversationId, TurnId},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{ApiError, ErrorResponse};
use crate::{
    field_schemas,
    response_bodies::{change_body::ConflictBody, task_body::TaskBody, tool_call_body::ToolCallBody},
};

/// The media type of every body made here.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// A rule that a member of the request breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct InvalidField {
    /// The member's, the parameter's or the header's name.
    pub field: String,
    /// What is wrong, as one sentence.
    pub message: String,
}

/// What every answer is that is no success (RFC 9457).
#[derive(Serialize, ToSchema)]
pub struct Problem<'a> {
    #[schema(example = "about:blank")]
    r#type: &'static str,
    #[schema(example = "Unprocessable Entity")]
    title: &'static str,
    status: u16,
    /// A sentence that can be shown to people.
    detail: &'a str,
    /// What went wrong, for programs.
    code: &'static str,
    /// As in the header `X-Request-Id` and in the server's log.
    request_id: &'a str,
    /// The rules that are broken, member by member.
    #[serde(skip_serializing_if = "<[InvalidField]>::is_empty")]
    errors: &'a [InvalidField],
    /// The turn that broke off after it had done something, which is on record and stays done; or that takes
    /// longer than a request waits, and goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Uuid, required = false)]
    turn_id: Option<TurnId>,
    /// That turn's conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Uuid, required = false)]
    conversation_id: Option<ConversationId>,
    /// What that turn had done by then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = field_schemas::tool_calls, required = false)]
    tool_calls: Option<Vec<ToolCallBody>>,
    /// The task as it is now, where another state of it was expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    task: Option<TaskBody>,
    /// The tasks that were changed since what was to be taken back.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    conflicts: Vec<ConflictBody>,
}

/// Returns the problem that `error` is, as JSON.
pub fn problem_body(error: &ApiError, request_id: &str) -> String {
    let ErrorResponse { status, code, detail, .. } = error.response();
    let errors = if let ApiError::Invalid(fields) = error { fields.as_slice() } else { &[] };
    let turn = turn_of(error);
    let task = match error {
        ApiError::TaskChanged(todo) => Some(TaskBody::from(todo.as_ref().clone())),
        _ => None,
    };
    let conflicts = match error {
        ApiError::UndoConflict(conflicts) => conflicts.iter().cloned().map(ConflictBody::from).collect(),
        _ => Vec::new(),
    };
    let problem = Problem {
        r#type: "about:blank",
        title: status.canonical_reason().unwrap_or("Error"),
        status: status.as_u16(),
        detail: &detail,
        code,
        request_id,
        errors,
        turn_id: turn.map(|(turn, ..)| turn),
        conversation_id: turn.map(|(_, conversation, _)| conversation),
        tool_calls: turn.map(|(_, _, done)| ToolCallBody::all(done.iter().cloned())),
        task,
        conflicts,
    };
    // Strings, numbers and JSON values only: this cannot fail.
    serde_json::to_string(&problem).unwrap_or_default()
}

/// The turn that an error is about, its conversation, and what it had done.
fn turn_of(error: &ApiError) -> Option<(TurnId, ConversationId, &[ExecutedCall])> {
    match error {
        ApiError::Model { failure: Some(failure), .. } => {
            Some((failure.turn, failure.conversation, &failure.tool_calls))
        }
        ApiError::TurnInterrupted { progress, .. } | ApiError::StillRunning(progress) => {
            Some((progress.turn, progress.conversation, &progress.tool_calls))
        }
        _ => None,
    }
}

/// The messages of all `fields` as one text.
pub(super) fn sentence(fields: &[InvalidField]) -> String {
    fields.iter().map(|field| field.message.as_str()).collect::<Vec<_>>().join(" ")
}
