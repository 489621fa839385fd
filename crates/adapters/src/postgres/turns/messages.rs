//! Messages: appended under the conversation's lock, and read back newest first.

use diesel::{
    prelude::*,
    sql_types::{Array, Integer, Jsonb, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    message::{Message, MessageBody},
    prompt_history::HISTORY_MESSAGES,
    substitute_final_message,
    turn::FinishReason,
    turn_and_conversation_ids::TurnId,
};
use uuid::Uuid;

use super::{locked_conversation::LockedConversation, rows::MessageRow};
use crate::postgres::{
    error::DatabaseError,
    prepared_statement::sql,
    schema::{message, turn},
    stored_tool_calls,
};

/// Who sees messages that are appended: a person sees one answer a turn, whatever its steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::postgres) enum Visibility {
    Visible,
    Hidden,
}

/// Appends a turn's messages, under its conversation's lock, and returns the seq of the last one.
pub(super) async fn append(
    mut connection: &AsyncPgConnection,
    turn: TurnId,
    messages: &[MessageBody],
    said: Visibility,
) -> Result<i32, DatabaseError> {
    let count =
        i32::try_from(messages.len()).map_err(|_error| DatabaseError::Inconsistent("too many messages"))?;
    let mut roles = Vec::with_capacity(messages.len());
    let mut contents = Vec::with_capacity(messages.len());
    let mut calls = Vec::with_capacity(messages.len());
    let mut call_ids = Vec::with_capacity(messages.len());
    for message in messages {
        let (role, content, called, call_id) = columns(message);
        roles.push(role);
        contents.push(content);
        calls.push(called);
        call_ids.push(call_id);
    }
    let last: Vec<i32> = sql::<Integer>(
        "WITH target AS (
             UPDATE conversation
             SET last_seq = last_seq + $1, message_count = message_count + $2, updated_at = now()
             WHERE id = (SELECT conversation_id FROM turn WHERE id = $3)
             RETURNING id, last_seq, last_seq - $1 AS base
         ), added AS (
             INSERT INTO message (conversation_id, turn_id, seq, role, content, tool_calls, tool_call_id)
             SELECT id, $3, base + position::integer, role, content, calls, call_id
             FROM target, unnest($4, $5, $6, $7) WITH ORDINALITY AS new (role, content, calls, call_id, position)
         )
         SELECT last_seq FROM target",
    )
    .bind::<Integer, _>(count)
    .bind::<Integer, _>(i32::from(said == Visibility::Visible))
    .bind::<SqlUuid, _>(turn.0)
    .bind::<Array<Text>, _>(roles)
    .bind::<Array<Text>, _>(contents)
    .bind::<Array<Nullable<Jsonb>>, _>(calls)
    .bind::<Array<Nullable<Text>>, _>(call_ids)
    .load(&mut connection)
    .await?;
    last.into_iter().next().ok_or(DatabaseError::Superseded)
}

fn columns(message: &MessageBody) -> (&'static str, &str, Option<serde_json::Value>, Option<&str>) {
    match message {
        MessageBody::User(text) => ("user", text, None, None),
        MessageBody::Assistant { text, calls } => {
            ("assistant", text, stored_tool_calls::to_column(calls), None)
        }
        MessageBody::Tool { call_id, content } => ("tool", content, None, Some(call_id)),
    }
}

/// The newest messages of a conversation after those that its summary holds, oldest first, as the
/// model needs them, and always the whole turn that begins at `first_seq` up to its `last_seq`, which
/// is one less when it has none yet. Beside them whether there are older ones that are in neither. The final
/// message of a turn that was reopened is left out: another one takes its place.
pub(super) async fn newest(
    mut connection: &AsyncPgConnection,
    conversation: &LockedConversation,
    first_seq: i32,
    last_seq: i32,
) -> Result<(Vec<Message>, bool), DatabaseError> {
    let most = i32::try_from(HISTORY_MESSAGES).unwrap_or(i32::MAX);
    let unsummarized = conversation.summary_seq + 1;
    let oldest = first_seq.min(unsummarized.max(last_seq.max(first_seq).saturating_sub(most - 1)));
    let is_undone =
        turn::state.eq("running").and(turn::final_message_seq.is_not_distinct_from(message::seq.nullable()));
    let rows: Vec<(MessageRow, Option<String>, Option<i32>)> = message::table
        .inner_join(turn::table)
        .filter(message::conversation_id.eq(conversation.row_id))
        .filter(message::seq.ge(oldest).and(message::seq.le(last_seq)))
        .filter(diesel::dsl::not(is_undone))
        .order(message::seq.asc())
        .select((MessageRow::as_select(), turn::finish_reason, turn::final_message_seq))
        .load(&mut connection)
        .await?;
    let messages = rows.into_iter().map(|(mut row, finish_reason, final_message_seq)| {
        let was_stopped = finish_reason.as_deref() == Some(FinishReason::Cancelled.as_str());
        if was_stopped && final_message_seq == Some(row.seq) {
            row.content = substitute_final_message::marked_as_stopped(&row.content);
        }
        row.message()
    });
    Ok((messages.collect(), oldest > unsummarized))
}

/// Every message of a turn, in order.
pub(super) async fn of_turn(
    mut connection: &AsyncPgConnection,
    turn: Uuid,
) -> Result<Vec<MessageRow>, DatabaseError> {
    let of_turn = message::table.filter(message::turn_id.eq(turn)).order(message::seq.asc());
    Ok(of_turn.select(MessageRow::as_select()).load(&mut connection).await?)
}

/// Takes a message back.
pub(super) async fn remove(
    mut connection: &AsyncPgConnection,
    conversation: Uuid,
    seq: i32,
) -> Result<(), DatabaseError> {
    diesel::delete(message::table.find((conversation, seq))).execute(&mut connection).await?;
    Ok(())
}
