//! An approval as JSON: in answers of the chat, in streams, and by itself.

use chrono::{DateTime, Utc};
use domain::{
    approval::{Approval, ApprovalId, ApprovalState, ApprovalTask, Question},
    id::{ConversationId, TurnId},
    message::ExecutedCall,
};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::openapi_schema;

/// A call that waits for the person's word, or has had it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Approval)]
pub(crate) struct ApprovalBody {
    #[schema(value_type = Uuid)]
    id: ApprovalId,
    tool: String,
    /// The question, to be shown.
    sentence: String,
    #[schema(schema_with = openapi_schema::object)]
    arguments: Map<String, Value>,
    #[schema(schema_with = openapi_schema::approval_tasks)]
    tasks: Vec<ApprovalTask>,
    expires_at: DateTime<Utc>,
    #[schema(schema_with = openapi_schema::approval_state)]
    state: ApprovalState,
    #[schema(value_type = Uuid)]
    turn_id: TurnId,
    #[schema(value_type = Uuid)]
    conversation_id: ConversationId,
}

impl ApprovalBody {
    /// A question of this turn, as it stands at this time.
    pub(crate) fn new(
        question: Question,
        (turn_id, conversation_id): (TurnId, ConversationId),
        now: DateTime<Utc>,
    ) -> Self {
        let (sentence, state) = (question.sentence(), question.state_at(now));
        let Question { id, tool, arguments, tasks, expires_at, .. } = question;
        Self { id, tool, sentence, arguments, tasks, expires_at, state, turn_id, conversation_id }
    }

    /// An approval, as it stands at this time.
    pub(crate) fn of(approval: Approval, now: DateTime<Utc>) -> Self {
        Self::new(approval.question, (approval.turn, approval.conversation), now)
    }

    /// The questions among the calls of a turn that wait.
    pub(crate) fn waiting(
        calls: &[ExecutedCall],
        turn: (TurnId, ConversationId),
        now: DateTime<Utc>,
    ) -> Vec<Self> {
        Question::waiting(calls, now).map(|question| Self::new(question, turn, now)).collect()
    }
}
