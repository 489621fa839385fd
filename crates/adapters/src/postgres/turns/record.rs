//! What is on record of a turn: what it did, and how it ended.

use diesel::sql_types::{Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    conversation::ConversationId,
    history,
    turn::{
        EndedTurn, ExecutedCall, FailureKind, FinishReason, ToolCall, TurnAnswer, TurnFailure, TurnStatus,
        Usage,
    },
};

use super::{
    messages,
    rows::{MessageRow, State, TurnRow},
};
use crate::postgres::{sql::sql, trouble::Failure};

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

/// How a turn stands, whatever its state.
pub(in crate::postgres) async fn status(
    connection: &AsyncPgConnection,
    row: &TurnRow,
) -> Result<TurnStatus, Failure> {
    if row.state() == State::Running {
        let messages = messages::of_turn(connection, row.ids.0).await?;
        return Ok(TurnStatus::Running { conversation: row.conversation(), done: calls_of(&messages) });
    }
    ended(connection, row).await.map(TurnStatus::Ended)
}

/// How a turn ended that has.
pub(super) async fn ended(connection: &AsyncPgConnection, row: &TurnRow) -> Result<EndedTurn, Failure> {
    let messages = messages::of_turn(connection, row.ids.0).await?;
    let tool_calls = calls_of(&messages);
    let (turn, conversation) = (row.turn(), row.conversation());
    if row.state() == State::Failed {
        let kind = row.outcome.1.as_deref().and_then(FailureKind::from_name);
        let kind = kind.ok_or(Failure::Inconsistent("a failed turn has no failure"))?;
        return Ok(EndedTurn::Failed(TurnFailure { turn, conversation, kind, tool_calls }));
    }
    let reason = row.outcome.0.as_deref().and_then(FinishReason::from_name);
    let closing = messages.into_iter().find(|message| Some(message.seq) == row.ending.closing_seq);
    let (Some(finish_reason), Some(closing)) = (reason, closing) else {
        return Err(Failure::Inconsistent("an answered turn has no answer"));
    };
    let (model, prompt_tokens, completion_tokens) = &row.cost;
    Ok(EndedTurn::Answered(TurnAnswer {
        turn,
        conversation,
        title: title(connection, conversation).await?,
        message: closing.content,
        tool_calls,
        finish_reason,
        model: model.clone().unwrap_or_default(),
        usage: Usage {
            prompt_tokens: prompt_tokens.unwrap_or_default(),
            completion_tokens: completion_tokens.unwrap_or_default(),
        },
    }))
}

async fn title(mut connection: &AsyncPgConnection, conversation: ConversationId) -> Result<String, Failure> {
    let titles: Vec<String> = sql::<Text>("SELECT title FROM conversation WHERE id = $1")
        .bind::<SqlUuid, _>(conversation.0)
        .load(&mut connection)
        .await?;
    titles.into_iter().next().ok_or(Failure::Superseded)
}
