//! Idempotency keys: one namespace per user, whatever a key was used for.
//!
//! Turns, additions of tasks and batches of changes keep their keys in tables of their own, where a unique
//! constraint sees to it that each is used once. Across the tables this lock does: whoever holds it looks
//! into all of them, and nobody else begins anything under the same key until the transaction ends.

use diesel::{
    dsl::exists,
    prelude::*,
    sql_types::{Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{account::UserId, turn::RequestKey};

use super::{
    prepared_statement::sql,
    schema::{todo_batch, todo_change, turn},
};

/// Waits for whoever uses this key, and keeps it until the transaction ends.
pub(super) async fn lock(
    mut connection: &AsyncPgConnection,
    user: UserId,
    key: &RequestKey,
) -> QueryResult<()> {
    sql::<Text>("SELECT pg_advisory_xact_lock(hashtextextended($1::text || ' ' || $2, 0))")
        .bind::<SqlUuid, _>(user.0)
        .bind::<Text, _>(key.key.as_str())
        .execute(&mut connection)
        .await
        .map(drop)
}

/// Whether a turn was begun under this key, or a batch of changes made.
pub(super) async fn is_of_a_turn_or_batch(
    mut connection: &AsyncPgConnection,
    user: UserId,
    key: &RequestKey,
) -> QueryResult<bool> {
    let has_key = turn::user_id.eq(user.0).and(turn::idempotency_key.eq(key.key.as_str()));
    let is_of_a_batch = exists(todo_batch::table.find((user.0, key.key.as_str())));
    let is_of_a_turn = exists(turn::table.filter(has_key));
    diesel::select(is_of_a_turn.or(is_of_a_batch)).get_result(&mut connection).await
}

/// Whether a turn was begun under this key, or a task added.
pub(super) async fn is_of_a_turn_or_task(
    mut connection: &AsyncPgConnection,
    user: UserId,
    key: &RequestKey,
) -> QueryResult<bool> {
    let has_key = turn::user_id.eq(user.0).and(turn::idempotency_key.eq(key.key.as_str()));
    let is_of_a_turn = exists(turn::table.filter(has_key));
    let has_key = todo_change::user_id.eq(user.0).and(todo_change::idempotency_key.eq(key.key.as_str()));
    let is_of_a_task = exists(todo_change::table.filter(has_key));
    diesel::select(is_of_a_turn.or(is_of_a_task)).get_result(&mut connection).await
}

/// Whether a task was added under this key, or a batch of changes made.
pub(super) async fn is_of_a_task_or_batch(
    mut connection: &AsyncPgConnection,
    user: UserId,
    key: &RequestKey,
) -> QueryResult<bool> {
    let has_key = todo_change::user_id.eq(user.0).and(todo_change::idempotency_key.eq(key.key.as_str()));
    let is_of_a_batch = exists(todo_batch::table.find((user.0, key.key.as_str())));
    let is_of_a_task = exists(todo_change::table.filter(has_key));
    diesel::select(is_of_a_task.or(is_of_a_batch)).get_result(&mut connection).await
}
