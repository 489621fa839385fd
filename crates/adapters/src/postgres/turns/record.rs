//! What is on record of a turn: what it did, and how it ended.

use diesel::sql_types::{Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account::UserId,
    history,
    turn::{
        EndedTurn, ExecutedCall, FailureKind, FinishReason, ToolCall, TurnAnswer, TurnFailure, TurnId,
        TurnStatus, Usage,
    },
};

use super::{
    rows::{MessageColumns, MessageRow, State, TurnColumns, TurnRow},
    select_turn,
};
use crate::postgres::{
    error::DatabaseError,
    sql::{Statement, sql},
};

/// The calls among a turn's messages, each with its result.
pub(in crate::postgres) fn calls_of(rows: &[MessageRow]) -> Vec<ExecutedCall> {
    let executed = |call: ToolCall| {
        let answer = rows.iter().find(|row| row.tool_call_id.as_deref() == Some(call.id.as_str()));
        let result = answer.and_then(|row| serde_json::from_str(&row.content).ok());
        let result = result.unwrap_or_else(history::lost_result);
        ExecutedCall { id: call.id, tool: call.name, input: call.arguments, result }
    };
    rows.iter().flat_map(MessageRow::calls).map(executed).collect()
}

/// All that is on record of a turn, read in one statement: between two of them it may be answered
/// again, or go with its conversation.
pub(in crate::postgres) struct Record {
    turn: TurnRow,
    title: String,
    messages: Vec<MessageRow>,
}

type RecordColumns = (TurnColumns, Text, MessageColumns);

/// One message with its turn and the title of their conversation.
pub(in crate::postgres) type RecordRow = (TurnRow, String, MessageRow);

/// Selects the record of a turn of this user's.
pub(in crate::postgres) fn select_record(turn: TurnId, user: UserId) -> Statement<'static, RecordColumns> {
    sql(select_turn!(
        ", title, turn_id, seq, role, content, tool_calls, tool_call_id",
        "JOIN conversation ON conversation.id = turn.conversation_id
         JOIN message ON turn_id = turn.id
         WHERE turn.id = $1 AND turn.user_id = $2 ORDER BY seq"
    ))
    .bind::<SqlUuid, _>(turn.0)
    .bind::<SqlUuid, _>(user.0)
}

/// How a turn ended that has, for whoever holds its conversation's lock.
pub(super) async fn ended(
    mut connection: &AsyncPgConnection,
    row: &TurnRow,
) -> Result<EndedTurn, DatabaseError> {
    let lease = row.lease();
    let rows = select_record(lease.turn, lease.user).load(&mut connection).await?;
    Record::of(rows).ok_or(DatabaseError::Inconsistent("a turn has no message"))?.ended()
}

impl Record {
    /// Puts a record together; `None` when there is no such turn.
    pub(in crate::postgres) fn of(rows: Vec<RecordRow>) -> Option<Self> {
        let mut rows = rows.into_iter();
        let (turn, title, first) = rows.next()?;
        let messages = std::iter::once(first).chain(rows.map(|(_, _, message)| message)).collect();
        Some(Self { turn, title, messages })
    }

    /// How the turn stands, whatever its state.
    pub(in crate::postgres) fn status(self) -> Result<TurnStatus, DatabaseError> {
        if self.turn.state() == State::Running {
            let done = calls_of(&self.messages);
            return Ok(TurnStatus::Running { conversation: self.turn.conversation(), done });
        }
        self.ended().map(TurnStatus::Ended)
    }

    fn ended(self) -> Result<EndedTurn, DatabaseError> {
        let Self { turn: row, title, messages } = self;
        let tool_calls = calls_of(&messages);
        let (turn, conversation) = (row.turn(), row.conversation());
        if row.state() == State::Failed {
            let kind = row.outcome.1.as_deref().and_then(FailureKind::from_name);
            let kind = kind.ok_or(DatabaseError::Inconsistent("a failed turn has no failure"))?;
            return Ok(EndedTurn::Failed(TurnFailure { turn, conversation, kind, tool_calls }));
        }
        let reason = row.outcome.0.as_deref().and_then(FinishReason::from_name);
        let final_message = messages.into_iter().find(|message| Some(message.seq) == row.ending.closing_seq);
        let (Some(finish_reason), Some(final_message)) = (reason, final_message) else {
            return Err(DatabaseError::Inconsistent("an answered turn has no answer"));
        };
        let (model, prompt_tokens, completion_tokens) = row.cost;
        Ok(EndedTurn::Answered(TurnAnswer {
            turn,
            conversation,
            title,
            message: final_message.content,
            tool_calls,
            finish_reason,
            model: model.unwrap_or_default(),
            usage: Usage {
                prompt_tokens: prompt_tokens.unwrap_or_default(),
                completion_tokens: completion_tokens.unwrap_or_default(),
            },
        }))
    }
}
