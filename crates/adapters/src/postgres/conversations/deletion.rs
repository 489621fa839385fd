//! Deletes conversations with their turns and messages, in pieces that a slow database, too, deletes within
//! the time of a statement: a conversation may be years long.

use std::{mem::take, time::Duration};

use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Interval, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{account::UserId, turn::admission::KEY_RETENTION};
use uuid::Uuid;

use crate::postgres::{
    prepared_statement::{interval, sql},
    schema::turn,
};

/// How long a transaction may take that deletes all batches.
pub(in crate::postgres) const DELETE_TIMEOUT: Duration = Duration::from_secs(30);
/// Messages per batch: 5,000 turns and more are deleted in 80 ms, and the foreign keys take most of it.
const BATCH_SIZE: i32 = 10_000;

/// Deletes these conversations, of each its id and newest seq. They are locked until the transaction ends.
pub(in crate::postgres) async fn delete_locked(
    connection: &AsyncPgConnection,
    locked: Vec<(Uuid, i32)>,
) -> QueryResult<()> {
    let (mut piece, mut messages) = (Vec::new(), 0);
    for (id, last_seq) in locked {
        let kept = delete_oldest_turns(connection, id, last_seq).await?;
        if messages + kept > BATCH_SIZE {
            delete_piece(connection, take(&mut piece)).await?;
            messages = 0;
        }
        piece.push(id);
        messages += kept;
    }
    delete_piece(connection, piece).await
}

/// Keeps the idempotency keys of what was said in a conversation that is about to be deleted, by its row's
/// id: who does not know that it was heard sends it again, and it is not to be done twice. Expired keys are
/// deleted along the way.
pub(super) async fn keep_keys(
    connection: &AsyncPgConnection,
    user: UserId,
    conversation: Uuid,
) -> QueryResult<()> {
    let forgotten =
        sql::<BigInt>("DELETE FROM deleted_conversation_key WHERE user_id = $1 AND created_at < now() - $2")
            .bind::<SqlUuid, _>(user.0)
            .bind::<Interval, _>(interval(KEY_RETENTION));
    let kept = sql::<BigInt>(
        "INSERT INTO deleted_conversation_key (user_id, idempotency_key)
         SELECT $1, idempotency_key FROM turn
         WHERE conversation_id = $2 AND user_id = $1 AND idempotency_key IS NOT NULL
         UNION
         SELECT $1, regeneration.idempotency_key
         FROM regeneration JOIN turn ON turn.id = regeneration.turn_id
         WHERE regeneration.user_id = $1 AND turn.conversation_id = $2
         ON CONFLICT (user_id, idempotency_key) DO UPDATE SET created_at = excluded.created_at",
    )
    .bind::<SqlUuid, _>(user.0)
    .bind::<SqlUuid, _>(conversation);
    futures::try_join!(forgotten.execute(&mut &*connection), kept.execute(&mut &*connection)).map(drop)
}

/// Deletes turns of a conversation until what is left is one piece at most. Returns how many messages that
/// is.
async fn delete_oldest_turns(
    mut connection: &AsyncPgConnection,
    conversation: Uuid,
    last_seq: i32,
) -> QueryResult<i32> {
    let mut deleted = 0;
    while last_seq - deleted > BATCH_SIZE {
        let oldest = turn::first_seq.gt(deleted).and(turn::first_seq.le(deleted + BATCH_SIZE));
        let turns = turn::table.filter(turn::conversation_id.eq(conversation).and(oldest));
        diesel::delete(turns).execute(&mut connection).await?;
        deleted += BATCH_SIZE;
    }
    Ok(last_seq - deleted)
}

async fn delete_piece(mut connection: &AsyncPgConnection, conversations: Vec<Uuid>) -> QueryResult<()> {
    if conversations.is_empty() {
        return Ok(());
    }
    sql::<BigInt>("DELETE FROM conversation WHERE id = ANY($1)")
        .bind::<Array<SqlUuid>, _>(conversations)
        .execute(&mut connection)
        .await
        .map(drop)
}
