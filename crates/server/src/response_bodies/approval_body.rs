//! An approval as JSON: in answers of the chat, in streams, and by itself.

use chrono::{DateTime, Utc};
use domain::{
    approval::{Approval, ApprovalId, ApprovalState, ApprovalTask, Question},
    message::ExecutedCall,
    request_channel::ChannelKind,
    turn_and_conversation_ids::{ConversationId, TurnId},
};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::field_schemas;

/// A call that waits for the person's word, or has had it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Approval)]
pub(crate) struct ApprovalBody {
    #[schema(value_type = Uuid)]
    id: ApprovalId,
    tool: String,
    /// The question, to be shown.
    sentence: String,
    #[schema(schema_with = field_schemas::object)]
    arguments: Map<String, Value>,
    #[schema(schema_with = field_schemas::approval_tasks)]
    tasks: Vec<ApprovalTask>,
    expires_at: DateTime<Utc>,
    #[schema(schema_with = field_schemas::approval_state)]
    state: ApprovalState,
    /// The way on which it was asked.
    #[schema(schema_with = field_schemas::asking_channel)]
    channel: &'static str,
    /// What the token is called with which a program asks.
    #[schema(required)]
    program: Option<String>,
    /// Of a call of a program there is no turn.
    #[schema(value_type = Option<Uuid>, required)]
    turn_id: Option<TurnId>,
    #[schema(value_type = Option<Uuid>, required)]
    conversation_id: Option<ConversationId>,
}

impl ApprovalBody {
    /// A question of this turn, or of a program's own call, as it stands at this time.
    pub(crate) fn new(
        question: Question,
        turn: Option<(TurnId, ConversationId)>,
        now: DateTime<Utc>,
    ) -> Self {
        let (sentence, state) = (question.sentence(), question.state_at(now));
        let (turn_id, conversation_id) = turn.unzip();
        let channel = if turn_id.is_some() { ChannelKind::Chat } else { ChannelKind::Mcp }.as_str();
        let Question { id, tool, arguments, tasks, expires_at, program, .. } = question;
        Self {
            id,
            tool,
            sentence,
            arguments,
            tasks,
            expires_at,
            state,
            channel,
            program,
            turn_id,
            conversation_id,
        }
    }

    /// An approval, as it stands at this time.
    pub(crate) fn of(approval: Approval, now: DateTime<Utc>) -> Self {
        let turn = approval.asked_in.map(|call| (call.turn, call.conversation));
        Self::new(approval.question, turn, now)
    }

    /// The questions among the calls of a turn that wait.
    pub(crate) fn waiting(
        calls: &[ExecutedCall],
        turn: (TurnId, ConversationId),
        now: DateTime<Utc>,
    ) -> Vec<Self> {
        Question::waiting_in(calls, now).map(|question| Self::new(question, Some(turn), now)).collect()
    }
}
