//! The ends of a turn: answered, failed, closed for somebody who died, or as if it had not begun.

use diesel::sql_types::{Integer, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    conversation::MessageBody,
    final_message::text_after_failure,
    ports::Cost,
    turn::{EndedTurn, ExecutedCall, FailureKind, FinalMessage, Lease, TurnAnswer, TurnFailure},
};

use super::{
    Said, calls_of, messages, record,
    rows::{State, TurnColumns, TurnRow},
    select_turn,
};
use crate::postgres::{error::DatabaseError, sql::sql};

pub(super) async fn finish(
    connection: &AsyncPgConnection,
    lease: &Lease,
    final_message: &FinalMessage,
    cost: &Cost,
) -> Result<TurnAnswer, DatabaseError> {
    let (row, title) = locked(connection, lease).await?;
    if row.state() != State::Running {
        // Committed before, and the answer to that was lost.
        return match record::ended(connection, &row).await? {
            EndedTurn::Answered(answer) => Ok(answer),
            EndedTurn::Failed(_) => Err(DatabaseError::Superseded),
        };
    }
    let closing_seq = close(connection, &row, &final_message.text).await?;
    answered(connection, lease, closing_seq, final_message, cost).await?;
    let has_steps = row.progress.step > 0;
    Ok(TurnAnswer {
        turn: lease.turn,
        conversation: lease.conversation,
        title,
        message: final_message.text.clone(),
        tool_calls: if has_steps { calls_in(connection, &row).await? } else { Vec::new() },
        finish_reason: final_message.reason,
        model: cost.model.clone(),
        usage: cost.usage,
    })
}

pub(super) async fn fail(
    connection: &AsyncPgConnection,
    lease: &Lease,
    kind: FailureKind,
) -> Result<Option<TurnFailure>, DatabaseError> {
    let (row, _title) = locked(connection, lease).await?;
    if row.state() != State::Running {
        return Err(DatabaseError::Superseded);
    }
    if row.is_untouched() {
        undo(connection, &row).await?;
        if row.progress.first_seq == 1 && row.ending.closing_seq.is_none() {
            remove_conversation(connection, lease).await?;
        }
        return Ok(None);
    }
    close_as_failed(connection, &row, kind).await.map(Some)
}

/// Ends a turn whose worker died, for a conversation that wants to go on.
pub(super) async fn close_dead(connection: &AsyncPgConnection, row: &TurnRow) -> Result<(), DatabaseError> {
    tracing::warn!(turn.id = %row.turn(), step = row.progress.step, "closing a turn whose worker is gone");
    if row.is_untouched() {
        return undo(connection, row).await;
    }
    close_as_failed(connection, row, FailureKind::Abandoned).await.map(drop)
}

/// Ends a turn with words that say what it did and no more.
pub(super) async fn close_as_failed(
    mut connection: &AsyncPgConnection,
    row: &TurnRow,
    kind: FailureKind,
) -> Result<TurnFailure, DatabaseError> {
    let tool_calls = calls_in(connection, row).await?;
    let closing_seq = close(connection, row, &text_after_failure(&tool_calls)).await?;
    sql::<Integer>(
        "UPDATE turn SET state = 'failed', failure = $1, finish_reason = NULL, closing_seq = $2, ended_at = now()
         WHERE id = $3",
    )
    .bind::<Text, _>(kind.as_str())
    .bind::<Integer, _>(closing_seq)
    .bind::<SqlUuid, _>(row.ids.0)
    .execute(&mut connection)
    .await?;
    Ok(TurnFailure { turn: row.turn(), conversation: row.conversation(), kind, tool_calls })
}

async fn calls_in(connection: &AsyncPgConnection, row: &TurnRow) -> Result<Vec<ExecutedCall>, DatabaseError> {
    Ok(calls_of(&messages::of_turn(connection, row.ids.0).await?))
}

/// Appends the final message, in place of an earlier one.
async fn close(connection: &AsyncPgConnection, row: &TurnRow, text: &str) -> Result<i32, DatabaseError> {
    let said = match row.ending.closing_seq {
        None => Said::ToThePerson,
        Some(earlier) => {
            messages::remove(connection, row.conversation(), earlier).await?;
            Said::AmongSteps
        }
    };
    let final_message = MessageBody::Assistant { text: text.to_owned(), calls: Vec::new() };
    messages::append(connection, &row.lease(), &[final_message], said).await
}

async fn answered(
    mut connection: &AsyncPgConnection,
    lease: &Lease,
    closing_seq: i32,
    final_message: &FinalMessage,
    cost: &Cost,
) -> Result<(), DatabaseError> {
    sql::<Integer>(
        "UPDATE turn SET state = 'answered', finish_reason = $1, failure = NULL, closing_seq = $2, ended_at = now(),
                model = $3, prompt_tokens = $4, completion_tokens = $5
         WHERE id = $6",
    )
    .bind::<Text, _>(final_message.reason.as_str())
    .bind::<Integer, _>(closing_seq)
    .bind::<Text, _>(cost.model.as_str())
    .bind::<Integer, _>(cost.usage.prompt_tokens)
    .bind::<Integer, _>(cost.usage.completion_tokens)
    .bind::<SqlUuid, _>(lease.turn.0)
    .execute(&mut connection)
    .await?;
    Ok(())
}

/// Makes it as if the turn had not begun, or had not been reopened.
async fn undo(mut connection: &AsyncPgConnection, row: &TurnRow) -> Result<(), DatabaseError> {
    if row.ending.closing_seq.is_some() {
        sql::<Integer>(
            "UPDATE turn SET state = CASE WHEN finish_reason IS NULL THEN 'failed' ELSE 'answered' END, ended_at = now()
             WHERE id = $1",
        )
        .bind::<SqlUuid, _>(row.ids.0)
        .execute(&mut connection)
        .await?;
        return Ok(());
    }
    sql::<Integer>(
        "WITH gone AS (DELETE FROM turn WHERE id = $1 RETURNING conversation_id, first_seq)
         UPDATE conversation SET last_seq = first_seq - 1, message_count = message_count - 1
         FROM gone WHERE id = conversation_id",
    )
    .bind::<SqlUuid, _>(row.ids.0)
    .execute(&mut connection)
    .await?;
    Ok(())
}

/// Removes the conversation that a turn opened which is as if it had not begun.
async fn remove_conversation(mut connection: &AsyncPgConnection, lease: &Lease) -> Result<(), DatabaseError> {
    sql::<Integer>("DELETE FROM conversation WHERE id = $1")
        .bind::<SqlUuid, _>(lease.conversation.0)
        .execute(&mut connection)
        .await?;
    Ok(())
}

/// Takes the conversation's lock and returns the turn's row, if nobody took it over, and the
/// conversation's title.
async fn locked(
    mut connection: &AsyncPgConnection,
    lease: &Lease,
) -> Result<(TurnRow, String), DatabaseError> {
    // Two statements: the row must be read after the lock was waited for.
    let titles: Vec<String> = sql::<Text>("SELECT title FROM conversation WHERE id = $1 FOR UPDATE")
        .bind::<SqlUuid, _>(lease.conversation.0)
        .load(&mut connection)
        .await?;
    let rows: Vec<TurnRow> = sql::<TurnColumns>(select_turn!("WHERE id = $1 AND fence = $2 FOR UPDATE"))
        .bind::<SqlUuid, _>(lease.turn.0)
        .bind::<Integer, _>(lease.fence)
        .load(&mut connection)
        .await?;
    rows.into_iter().zip(titles).next().ok_or(DatabaseError::Superseded)
}
