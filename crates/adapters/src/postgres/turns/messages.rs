//! Messages: appended under the conversation's lock, and read back newest first.

use diesel::sql_types::{Array, Integer, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    conversation::{ConversationId, Message, MessageBody},
    final_message,
    turn::Lease,
};
use uuid::Uuid;

use super::rows::{MessageColumns, MessageRow};
use crate::postgres::{error::DatabaseError, sql::sql};

/// The most messages that are read for one turn. The window takes fewer (it is bounded by tokens);
/// what matters is that the number does not grow with the conversation.
const MAX_READ: i32 = 120;

/// Who sees messages that are appended: a person sees one answer a turn, whatever its steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::postgres) enum Said {
    ToThePerson,
    AmongSteps,
}

/// Appends a turn's messages and returns the seq of the last one.
pub(super) async fn append(
    mut connection: &AsyncPgConnection,
    lease: &Lease,
    messages: &[MessageBody],
    said: Said,
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
        "WITH place AS (
             UPDATE conversation
             SET last_seq = last_seq + $1, message_count = message_count + $2, updated_at = now()
             WHERE id = $3
             RETURNING id, last_seq, last_seq - $1 AS base
         ), added AS (
             INSERT INTO message (conversation_id, turn_id, seq, role, content, tool_calls, tool_call_id)
             SELECT id, $4, base + place_in_order::integer, role, content, calls, call_id
             FROM place, unnest($5, $6, $7, $8) WITH ORDINALITY AS new (role, content, calls, call_id, place_in_order)
         )
         SELECT last_seq FROM place",
    )
    .bind::<Integer, _>(count)
    .bind::<Integer, _>(i32::from(said == Said::ToThePerson))
    .bind::<SqlUuid, _>(lease.conversation.0)
    .bind::<SqlUuid, _>(lease.turn.0)
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
            let calls = (!calls.is_empty()).then(|| serde_json::json!(calls));
            ("assistant", text, calls, None)
        }
        MessageBody::Tool { call_id, content } => ("tool", content, None, Some(call_id)),
    }
}

/// The newest messages of a conversation, oldest first, as the model needs them. The final
/// message of a turn that was reopened is left out: another one takes its place.
pub(super) async fn newest(
    mut connection: &AsyncPgConnection,
    conversation: ConversationId,
) -> Result<Vec<Message>, DatabaseError> {
    let rows: Vec<(MessageRow, bool)> = sql::<(MessageColumns, diesel::sql_types::Bool)>(
        "SELECT turn_id, seq, role, content, tool_calls, tool_call_id,
                coalesce(finish_reason = 'cancelled' AND seq = closing_seq, false)
         FROM message JOIN turn ON turn.id = turn_id
         WHERE message.conversation_id = $1 AND (state <> 'running' OR seq IS DISTINCT FROM closing_seq)
         ORDER BY seq DESC LIMIT $2",
    )
    .bind::<SqlUuid, _>(conversation.0)
    .bind::<Integer, _>(MAX_READ)
    .load(&mut connection)
    .await?;
    Ok(rows.into_iter().rev().map(|(row, was_stopped)| marked(row, was_stopped).message()).collect())
}

fn marked(mut row: MessageRow, was_stopped: bool) -> MessageRow {
    if was_stopped {
        row.content = final_message::marked_as_stopped(&row.content);
    }
    row
}

/// Every message of a turn, in order.
pub(super) async fn of_turn(
    mut connection: &AsyncPgConnection,
    turn: Uuid,
) -> Result<Vec<MessageRow>, DatabaseError> {
    let rows = sql::<MessageColumns>(
        "SELECT turn_id, seq, role, content, tool_calls, tool_call_id FROM message WHERE turn_id = $1 ORDER BY seq",
    )
    .bind::<SqlUuid, _>(turn)
    .load(&mut connection)
    .await?;
    Ok(rows)
}

/// Takes a message back.
pub(super) async fn remove(
    mut connection: &AsyncPgConnection,
    conversation: ConversationId,
    seq: i32,
) -> Result<(), DatabaseError> {
    sql::<Integer>("DELETE FROM message WHERE conversation_id = $1 AND seq = $2")
        .bind::<SqlUuid, _>(conversation.0)
        .bind::<Integer, _>(seq)
        .execute(&mut connection)
        .await?;
    Ok(())
}
