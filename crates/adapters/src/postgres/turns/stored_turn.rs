//! Reads what is stored of a turn: its calls with their results, and how it ended.

use diesel::{pg::Pg, prelude::*};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account::UserId,
    answer_verification,
    calls_of_current_answer::calls_of_current_answer,
    message::{ExecutedCall, ToolCall},
    prompt_history,
    turn::{
        EndedTurn, FailureKind, FinishReason, TurnAnswer, TurnFailure, TurnStatus, Usage,
        admission::TurnState,
    },
    turn_and_conversation_ids::{ConversationId, TurnId},
};

use uuid::Uuid;

use super::rows::{MessageRow, TurnRow};
use crate::postgres::{
    error::DatabaseError,
    public_conversation_id::id_for_user,
    schema::{conversation, message, turn},
};

/// The calls among a turn's messages, each with its result.
pub(in crate::postgres) fn calls_of(rows: &[MessageRow]) -> Vec<ExecutedCall> {
    let executed = |call: ToolCall| {
        let answer = rows.iter().find(|row| row.tool_call_id.as_deref() == Some(call.id.as_str()));
        let result = answer.and_then(|row| serde_json::from_str(&row.content).ok());
        let result = result.unwrap_or_else(prompt_history::lost_result);
        ExecutedCall { id: call.id, tool: call.name, input: call.arguments, result }
    };
    rows.iter().flat_map(MessageRow::calls).map(executed).collect()
}

/// How many of the calls among a turn's messages are of its first steps, which answers made that another one
/// replaced.
pub(in crate::postgres) fn replaced_calls(rows: &[MessageRow], replaced_steps: usize) -> usize {
    let steps = rows.iter().filter(|row| row.tool_calls.is_some());
    steps.take(replaced_steps).map(|row| row.calls().len()).sum()
}

/// Which of the calls that a turn has `done` count for its answer, by all its messages.
pub(super) fn effective_calls_of<'done>(
    row: &TurnRow,
    messages: &[MessageRow],
    done: &'done [ExecutedCall],
) -> Vec<&'done ExecutedCall> {
    calls_of_current_answer(done, replaced_calls(messages, row.replaced_steps()))
}

/// Whether a turn that has `done` this was asked for a change and made none.
pub(super) fn requested_change_not_made(
    row: &TurnRow,
    messages: &[MessageRow],
    done: &[ExecutedCall],
) -> bool {
    // What the person said is the first message of their turn.
    let said = messages.first().map(|message| message.content.as_str()).unwrap_or_default();
    answer_verification::requested_change_not_made(said, effective_calls_of(row, messages, done))
}

/// All that is on record of a turn, read in one statement: between two of them it may be answered
/// again, or go with its conversation.
pub(super) struct StoredTurn {
    turn: TurnRow,
    conversation: ConversationId,
    title: String,
    messages: Vec<MessageRow>,
}

/// One message with its turn, and the id and title of their conversation.
#[derive(Queryable, Selectable)]
#[diesel(table_name = message, check_for_backend(Pg))]
pub(super) struct StoredTurnRow {
    #[diesel(embed)]
    turn: TurnRow,
    #[diesel(select_expression = conversation::client_id)]
    client_id: Option<Uuid>,
    #[diesel(select_expression = conversation::title)]
    title: String,
    #[diesel(embed)]
    message: MessageRow,
}

/// Reads the record of a turn of this user's; `None` when there is no such turn.
pub(super) async fn find(
    mut connection: &AsyncPgConnection,
    user: UserId,
    turn: TurnId,
) -> QueryResult<Option<StoredTurn>> {
    let rows = message::table
        .inner_join(turn::table.inner_join(conversation::table))
        .filter(turn::id.eq(turn.0).and(turn::user_id.eq(user.0)))
        .order(message::seq.asc())
        .select(StoredTurnRow::as_select())
        .load(&mut connection)
        .await?;
    Ok(StoredTurn::of(rows))
}

/// How a turn ended, if it has. The caller holds its conversation's lock.
pub(super) async fn ended(connection: &AsyncPgConnection, row: &TurnRow) -> Result<EndedTurn, DatabaseError> {
    let record = find(connection, UserId(row.user_id), row.turn()).await?;
    record.ok_or(DatabaseError::Inconsistent("a turn has no message"))?.ended()
}

impl StoredTurn {
    fn of(rows: Vec<StoredTurnRow>) -> Option<Self> {
        let mut rows = rows.into_iter();
        let StoredTurnRow { turn, client_id, title, message } = rows.next()?;
        let conversation = id_for_user(turn.conversation_id, client_id);
        let messages = std::iter::once(message).chain(rows.map(|row| row.message)).collect();
        Some(Self { turn, conversation, title, messages })
    }

    /// How the turn stands, whatever its state.
    pub(super) fn status(self) -> Result<TurnStatus, DatabaseError> {
        if self.turn.is_running() {
            let done = calls_of(&self.messages);
            return Ok(TurnStatus::Running { conversation: self.conversation, done });
        }
        self.ended().map(TurnStatus::Ended)
    }

    fn ended(self) -> Result<EndedTurn, DatabaseError> {
        let Self { turn: row, conversation, title, messages } = self;
        let tool_calls = calls_of(&messages);
        let turn = row.turn();
        if row.state() == TurnState::Failed {
            let kind = row.failure.as_deref().and_then(FailureKind::from_name);
            let kind = kind.ok_or(DatabaseError::Inconsistent("a failed turn has no failure"))?;
            return Ok(EndedTurn::Failed(TurnFailure { turn, conversation, kind, tool_calls }));
        }
        let reason = row.finish_reason.as_deref().and_then(FinishReason::from_name);
        let requested_change_not_made = requested_change_not_made(&row, &messages, &tool_calls);
        let final_message = messages.into_iter().find(|message| Some(message.seq) == row.final_message_seq);
        let (Some(finish_reason), Some(final_message)) = (reason, final_message) else {
            return Err(DatabaseError::Inconsistent("an answered turn has no answer"));
        };
        Ok(EndedTurn::Answered(TurnAnswer {
            turn,
            conversation,
            title,
            message: final_message.content,
            tool_calls,
            finish_reason,
            model: row.model.unwrap_or_default(),
            usage: Usage {
                prompt_tokens: row.prompt_tokens.unwrap_or_default(),
                completion_tokens: row.completion_tokens.unwrap_or_default(),
            },
            requested_change_not_made,
        }))
    }
}
