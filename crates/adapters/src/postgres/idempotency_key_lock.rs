//! Idempotency keys: one namespace per user, whatever a key was used for.
//!
//! Turns, requests for another answer, additions of tasks and batches of changes keep their keys in tables of
//! their own, where a unique constraint sees to it that each is used once. Across the tables this lock does:
//! whoever holds it looks into all of them, and nobody else begins anything under the same key until the
//! transaction ends.

use diesel::{
    dsl::{exists, now},
    prelude::*,
    sql_types::{Interval, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account::UserId,
    caller::Caller,
    ports::KeyUse,
    turn::{
        RequestKey,
        admission::{KEY_RETENTION, UsedKey},
    },
};

use super::{
    caller_token_validity::for_caller,
    error::DatabaseError,
    prepared_statement::{interval, sql},
    schema::{deleted_conversation_key, regeneration, todo_batch, todo_change, turn},
};

/// What is on record under a key.
pub(super) enum KeyLookup<T> {
    /// What was looked for.
    Found(T),
    /// Something else.
    UsedElsewhere(UsedKey),
    /// The key was not used.
    Unused,
}

impl<T> KeyLookup<T> {
    /// What the key of a request was used for; `hash` is that of what was asked then.
    pub(super) fn used_for(self, key: &RequestKey, hash: impl FnOnce(&T) -> &[u8]) -> KeyUse<T> {
        let is_used = !matches!(self, Self::Unused);
        let found = match self {
            Self::Found(found) => Some(found),
            Self::UsedElsewhere(_) | Self::Unused => None,
        };
        KeyUse::new(key, found, hash, is_used)
    }
}

/// Looks for a key with `query`, under the key's lock, which is kept until the transaction ends; checks the
/// caller in the same round trip.
pub(super) async fn find_recorded<T, Rows: IntoIterator<Item = T>>(
    connection: &AsyncPgConnection,
    caller: Caller,
    key: &RequestKey,
    query: impl Future<Output = QueryResult<Rows>>,
) -> Result<KeyLookup<T>, DatabaseError> {
    // Pipelined: the server runs these in the order sent, so the search is under the lock. Separate
    // statements: a connection that has prepared the query has prepared the lock before it.
    let all = async {
        futures::try_join!(lock(connection, caller.user, key), query, is_used(connection, caller.user, key))
    };
    let ((), rows, (is_used, is_of_deleted_conversation)) = for_caller(connection, caller, all).await?;
    Ok(match rows.into_iter().next() {
        Some(found) => KeyLookup::Found(found),
        None if is_of_deleted_conversation => KeyLookup::UsedElsewhere(UsedKey::InDeletedConversation),
        None if is_used => KeyLookup::UsedElsewhere(UsedKey::ForAnother),
        None => KeyLookup::Unused,
    })
}

/// Waits for other requests with this key.
async fn lock(mut connection: &AsyncPgConnection, user: UserId, key: &RequestKey) -> QueryResult<()> {
    sql::<Text>("SELECT pg_advisory_xact_lock(hashtextextended($1::text || ' ' || $2, 0))")
        .bind::<SqlUuid, _>(user.0)
        .bind::<Text, _>(key.key.as_str())
        .execute(&mut connection)
        .await
        .map(drop)
}

/// Looks into all tables for a key, whose lock is held: whether anything is there, and whether it was used in
/// a conversation that is deleted since.
async fn is_used(
    mut connection: &AsyncPgConnection,
    user: UserId,
    key: &RequestKey,
) -> QueryResult<(bool, bool)> {
    let key = key.key.as_str();
    let turns = turn::table.filter(turn::user_id.eq(user.0).and(turn::idempotency_key.eq(key)));
    let changes = todo_change::user_id.eq(user.0).and(todo_change::idempotency_key.eq(key));
    let begins_or_reopens_a_turn = exists(turns).or(exists(regeneration::table.find((user.0, key))));
    let changes_a_task = exists(todo_change::table.filter(changes));
    let makes_a_batch = exists(todo_batch::table.find((user.0, key)));
    let is_kept = deleted_conversation_key::created_at
        .gt(now.into_sql::<Timestamptz>() - interval(KEY_RETENTION).into_sql::<Interval>());
    let of_deleted_conversation = deleted_conversation_key::table.find((user.0, key)).filter(is_kept);
    let is_of_deleted_conversation = exists(of_deleted_conversation);
    diesel::select((
        begins_or_reopens_a_turn.or(changes_a_task).or(makes_a_batch),
        is_of_deleted_conversation,
    ))
    .get_result(&mut connection)
    .await
}
