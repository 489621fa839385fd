//! The one function that makes the body of an answer that is not 2xx (RFC 9457).

use domain::{
    id::{ConversationId, TurnId},
    message::ExecutedCall,
    turn::TurnFailure,
};
use serde::Serialize;

use super::{ApiError, ErrorResponse};
use crate::{change_body::ConflictBody, task_body::TaskBody};

/// The media type of every body made here.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// A rule that a member of the request breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InvalidField {
    /// The member's, the parameter's or the header's name.
    pub field: String,
    /// What is wrong, as one sentence.
    pub message: String,
}

#[derive(Serialize)]
struct Problem<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
    code: &'static str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "<[InvalidField]>::is_empty")]
    errors: &'a [InvalidField],
    #[serde(flatten)]
    turn: Option<FailedTurn<'a>>,
    /// The task as it is now, where another state of it was expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<TaskBody>,
    /// The tasks that were changed since what was to be taken back.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    conflicts: Vec<ConflictBody>,
}

/// What a turn had done before the model failed: it is on record and stays done.
#[derive(Serialize)]
struct FailedTurn<'a> {
    turn_id: TurnId,
    conversation_id: ConversationId,
    tool_calls: &'a [ExecutedCall],
}

/// Returns the problem that `error` is, as JSON.
pub fn problem_body(error: &ApiError, request_id: &str) -> String {
    let ErrorResponse { status, code, detail, .. } = error.response();
    let errors = if let ApiError::Invalid(fields) = error { fields.as_slice() } else { &[] };
    let turn = match error {
        ApiError::Model { failure: Some(failure), .. } => Some(FailedTurn::from(failure.as_ref())),
        _ => None,
    };
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
        turn,
        task,
        conflicts,
    };
    // Strings, numbers and JSON values only: this cannot fail.
    serde_json::to_string(&problem).unwrap_or_default()
}

/// The messages of all `fields` as one text.
pub(super) fn sentence(fields: &[InvalidField]) -> String {
    fields.iter().map(|field| field.message.as_str()).collect::<Vec<_>>().join(" ")
}

impl<'a> From<&'a TurnFailure> for FailedTurn<'a> {
    fn from(failure: &'a TurnFailure) -> Self {
        Self { turn_id: failure.turn, conversation_id: failure.conversation, tool_calls: &failure.tool_calls }
    }
}
