//! The JSON of a turn that is over, and of one that is not.

use chrono::{DateTime, Utc};
use domain::{
    turn::{EndedTurn, TurnAnswer, TurnStatus},
    turn_and_conversation_ids::{ConversationId, TurnId},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    error::ApiError,
    field_schemas,
    response_bodies::{
        approval_body::ApprovalBody, tool_call_body::ToolCallBody, turn_effects_body::Effects,
    },
};

#[derive(Serialize, ToSchema)]
#[schema(as = ChatAnswer)]
pub(in crate::routes) struct AnswerBody {
    message: String,
    #[schema(value_type = Uuid)]
    conversation_id: ConversationId,
    #[schema(schema_with = field_schemas::tool_calls)]
    tool_calls: Vec<ToolCallBody>,
    /// `effects` and `notice`.
    #[serde(flatten)]
    effects: Effects,
    #[schema(schema_with = field_schemas::finish_reason)]
    finish_reason: &'static str,
    #[schema(value_type = Uuid)]
    turn_id: TurnId,
    model: String,
    usage: UsageBody,
    /// What the turn asked the person that waits for their word.
    approvals: Vec<ApprovalBody>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = TokenUsage)]
struct UsageBody {
    prompt_tokens: i32,
    completion_tokens: i32,
    total_tokens: i64,
}

/// What is known of a turn.
#[derive(Serialize, ToSchema)]
#[schema(as = TurnStatus)]
pub(in crate::routes) struct StatusBody {
    #[schema(value_type = Uuid)]
    turn_id: TurnId,
    #[schema(value_type = Uuid)]
    conversation_id: ConversationId,
    /// `running`, `answered` or `failed`.
    #[schema(schema_with = field_schemas::turn_state)]
    state: &'static str,
    /// What it has done, so far or in all.
    #[schema(schema_with = field_schemas::tool_calls)]
    tool_calls: Vec<ToolCallBody>,
    /// The chat's answer, once there is one.
    #[schema(required)]
    answer: Option<AnswerBody>,
    /// The code and the sentence of the failure, when it failed.
    #[schema(required)]
    error: Option<ErrorBody>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = TurnError)]
struct ErrorBody {
    code: &'static str,
    detail: String,
}

/// The response to whoever asks how the turn stands.
pub(super) fn status(turn_id: TurnId, status: TurnStatus, now: DateTime<Utc>) -> StatusBody {
    match status {
        TurnStatus::Running { conversation, done } => StatusBody {
            turn_id,
            conversation_id: conversation,
            state: "running",
            tool_calls: ToolCallBody::all(done),
            answer: None,
            error: None,
        },
        TurnStatus::Ended(EndedTurn::Answered(answer)) => StatusBody {
            turn_id,
            conversation_id: answer.conversation,
            state: "answered",
            tool_calls: ToolCallBody::all(answer.tool_calls.clone()),
            answer: Some(AnswerBody::new(answer, now)),
            error: None,
        },
        TurnStatus::Ended(EndedTurn::Failed(failure)) => {
            let conversation_id = failure.conversation;
            let tool_calls = ToolCallBody::all(failure.tool_calls.clone());
            let error = ApiError::failed_turn(failure);
            let error = Some(ErrorBody { code: error.code(), detail: error.sentence() });
            StatusBody { turn_id, conversation_id, state: "failed", tool_calls, answer: None, error }
        }
    }
}

impl AnswerBody {
    /// The answer, with the questions of it that wait at this time.
    pub(super) fn new(answer: TurnAnswer, now: DateTime<Utc>) -> Self {
        let TurnAnswer { turn, conversation, message, tool_calls, finish_reason, model, usage, .. } = answer;
        Self {
            approvals: ApprovalBody::waiting(&tool_calls, (turn, conversation), now),
            message,
            conversation_id: conversation,
            effects: Effects::of(&tool_calls, answer.requested_change_not_made),
            tool_calls: ToolCallBody::all(tool_calls),
            finish_reason: finish_reason.as_str(),
            turn_id: turn,
            model,
            usage: UsageBody {
                prompt_tokens: usage.prompt_tokens,
                completion_tokens: usage.completion_tokens,
                total_tokens: usage.total(),
            },
        }
    }
}
