//! The ends of a turn: answered, failed, closed for a lost worker, or deleted.

use diesel::{
    prelude::*,
    sql_types::{Integer, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    message::MessageBody,
    ports::ModelUsage,
    substitute_final_message::text_after_failure,
    turn::{
        EndedTurn, FailureKind, FinalMessage, Lease, TurnAnswer, TurnFailure, Usage,
        admission::EndingWithoutAnswer,
    },
    turn_and_conversation_ids::ConversationId,
};

use super::{
    approvals, calls_of,
    locked_conversation::{self, LockedConversation},
    messages::{self, Visibility},
    replace_user_message,
    rows::TurnRow,
    stored_turn,
};
use crate::postgres::{
    account_limits,
    error::DatabaseError,
    prepared_statement::sql,
    schema::{conversation, turn},
};

pub(super) async fn finish(
    connection: &AsyncPgConnection,
    lease: &Lease,
    final_message: &FinalMessage,
    cost: &ModelUsage,
) -> Result<TurnAnswer, DatabaseError> {
    let (row, conversation) = locked(connection, lease).await?;
    if !row.is_running() {
        // Committed before, and the answer to that was lost.
        return match stored_turn::ended(connection, &row).await? {
            EndedTurn::Answered(answer) => Ok(answer),
            EndedTurn::Failed(_) => Err(DatabaseError::Superseded),
        };
    }
    // Together on the wire; the lock says which seq is next.
    let (_, (), messages) = futures::try_join!(
        append_final_message(connection, &row, &final_message.text),
        mark_answered(connection, lease, conversation.last_seq + 1, final_message, cost),
        messages::of_turn(connection, row.id)
    )?;
    let tool_calls = calls_of(&messages);
    Ok(TurnAnswer {
        turn: lease.turn,
        conversation: lease.conversation,
        title: conversation.title,
        message: final_message.text.clone(),
        requested_change_not_made: stored_turn::requested_change_not_made(&row, &messages, &tool_calls),
        tool_calls,
        finish_reason: final_message.reason,
        model: cost.model.clone(),
        usage: cost.usage,
    })
}

pub(super) async fn fail(
    connection: &AsyncPgConnection,
    lease: &Lease,
    kind: FailureKind,
    usage: Usage,
) -> Result<Option<TurnFailure>, DatabaseError> {
    let (row, mut conversation) = locked(connection, lease).await?;
    if !row.is_running() {
        return Err(DatabaseError::Superseded);
    }
    let how = row.facts().ending_without_answer();
    let failure = end_without_answer(connection, &row, &mut conversation, how, kind).await?;
    let spent = match how {
        EndingWithoutAnswer::Fail => account_limits::spend_ended_turn(lease.turn, usage),
        // Nothing new is kept of it.
        EndingWithoutAnswer::Restore
        | EndingWithoutAnswer::Remove
        | EndingWithoutAnswer::RemoveConversation => account_limits::spend_tokens(lease.user, usage),
    };
    spent.execute(&mut &*connection).await?;
    Ok(failure)
}

/// Ends a turn that will get no answer, in the way that was decided.
pub(super) async fn end_without_answer(
    mut connection: &AsyncPgConnection,
    row: &TurnRow,
    conversation: &mut LockedConversation,
    how: EndingWithoutAnswer,
    kind: FailureKind,
) -> Result<Option<TurnFailure>, DatabaseError> {
    match how {
        EndingWithoutAnswer::Fail => {
            return fail_with_record(connection, row, conversation.id(), kind).await.map(Some);
        }
        EndingWithoutAnswer::Restore => return restore(connection, row, conversation).await,
        EndingWithoutAnswer::Remove => remove(connection, row).await?,
        EndingWithoutAnswer::RemoveConversation => {
            diesel::delete(conversation::table.find(row.conversation_id)).execute(&mut connection).await?;
        }
    }
    Ok(None)
}

/// Ends a turn with a final message that says what it did and no more.
async fn fail_with_record(
    mut connection: &AsyncPgConnection,
    row: &TurnRow,
    conversation: ConversationId,
    kind: FailureKind,
) -> Result<TurnFailure, DatabaseError> {
    let messages = messages::of_turn(connection, row.id).await?;
    let tool_calls = calls_of(&messages);
    let effective = stored_turn::effective_calls_of(row, &messages, &tool_calls);
    let final_message_seq = append_final_message(connection, row, &text_after_failure(effective)).await?;
    sql::<Integer>(
        "UPDATE turn SET state = 'failed', failure = $1, finish_reason = NULL, closing_seq = $2, ended_at = now(),
                message_before_edit = NULL, regeneration_key = NULL
         WHERE id = $3",
    )
    .bind::<Text, _>(kind.as_str())
    .bind::<Integer, _>(final_message_seq)
    .bind::<SqlUuid, _>(row.id)
    .execute(&mut connection)
    .await?;
    Ok(TurnFailure { turn: row.turn(), conversation, kind, tool_calls })
}

/// Makes the end stand again that the turn had before it was reopened, and returns it if that was a
/// failure. The requests for the answer that was not given may try again under their keys, and the calls of
/// the answer that stands again count as they did. Whoever worked on the other one is overtaken.
async fn restore(
    mut connection: &AsyncPgConnection,
    row: &TurnRow,
    conversation: &mut LockedConversation,
) -> Result<Option<TurnFailure>, DatabaseError> {
    replace_user_message::restore_message(connection, conversation, row).await?;
    approvals::ask_again(connection, row.turn()).await?;
    sql::<Integer>(
        "WITH forgotten AS (
             DELETE FROM regeneration AS asked USING turn, regeneration AS first
             WHERE turn.id = $1 AND first.turn_id = turn.id AND first.idempotency_key = turn.regeneration_key
               AND asked.turn_id = turn.id AND asked.created_at >= first.created_at
         )
         UPDATE turn SET state = CASE WHEN finish_reason IS NULL THEN 'failed' ELSE 'answered' END, ended_at = now(),
             fence = fence + 1, base_step = replaced_before, regeneration_key = NULL,
             edited_after = CASE WHEN message_before_edit IS NULL THEN edited_after ELSE edited_after_before_edit END,
             message_before_edit = NULL
         WHERE id = $1",
    )
    .bind::<SqlUuid, _>(row.id)
    .execute(&mut connection)
    .await?;
    Ok(match stored_turn::ended(connection, row).await? {
        EndedTurn::Failed(failure) => Some(failure),
        EndedTurn::Answered(_) => None,
    })
}

/// Removes a turn and its message, as if it had not begun.
async fn remove(mut connection: &AsyncPgConnection, row: &TurnRow) -> Result<(), DatabaseError> {
    sql::<Integer>(
        "WITH removed AS (DELETE FROM turn WHERE id = $1 RETURNING conversation_id, first_seq)
         UPDATE conversation SET last_seq = first_seq - 1, message_count = message_count - 1
         FROM removed WHERE id = conversation_id",
    )
    .bind::<SqlUuid, _>(row.id)
    .execute(&mut connection)
    .await?;
    Ok(())
}

/// Appends the final message, in place of an earlier one.
async fn append_final_message(
    connection: &AsyncPgConnection,
    row: &TurnRow,
    text: &str,
) -> Result<i32, DatabaseError> {
    let said = match row.final_message_seq {
        None => Visibility::Visible,
        Some(earlier) => {
            messages::remove(connection, row.conversation_id, earlier).await?;
            Visibility::Hidden
        }
    };
    let final_message = MessageBody::Assistant { text: text.to_owned(), calls: Vec::new() };
    messages::append(connection, row.turn(), &[final_message], said).await
}

async fn mark_answered(
    connection: &AsyncPgConnection,
    lease: &Lease,
    final_message_seq: i32,
    final_message: &FinalMessage,
    cost: &ModelUsage,
) -> Result<(), DatabaseError> {
    let answered = sql::<Integer>(
        "UPDATE turn SET state = 'answered', finish_reason = $1, failure = NULL, closing_seq = $2, ended_at = now(),
                message_before_edit = NULL, regeneration_key = NULL, model = $3, prompt_tokens = $4, completion_tokens = $5
         WHERE id = $6",
    )
    .bind::<Text, _>(final_message.reason.as_str())
    .bind::<Integer, _>(final_message_seq)
    .bind::<Text, _>(cost.model.as_str())
    .bind::<Integer, _>(cost.usage.prompt_tokens)
    .bind::<Integer, _>(cost.usage.completion_tokens)
    .bind::<SqlUuid, _>(lease.turn.0);
    // Together on the wire.
    futures::try_join!(
        answered.execute(&mut &*connection),
        account_limits::spend_ended_turn(lease.turn, cost.usage).execute(&mut &*connection)
    )?;
    Ok(())
}

/// Takes the conversation's lock and returns the turn's row, if it was not taken over, and the
/// conversation.
async fn locked(
    connection: &AsyncPgConnection,
    lease: &Lease,
) -> Result<(TurnRow, LockedConversation), DatabaseError> {
    // Pipelined: the server runs these in the order sent, so the turn is read under the lock.
    let turn = turn::table.filter(turn::id.eq(lease.turn.0).and(turn::fence.eq(lease.fence)));
    let (locked, row) = futures::try_join!(
        locked_conversation::lock_of_turn(connection, lease.turn),
        turn.select(TurnRow::as_select()).for_update().load(&mut &*connection),
    )?;
    let row = row.into_iter().next().ok_or(DatabaseError::Superseded)?;
    Ok((row, locked.ok_or(DatabaseError::Superseded)?))
}
