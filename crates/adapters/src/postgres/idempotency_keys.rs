//! Idempotency keys: one namespace per user, whatever a key was used for.
//!
//! Turns, requests for another answer, additions of tasks and batches of changes keep their keys in tables of
//! their own, where a unique constraint sees to it that each is used once. Across the tables this lock does: whoever holds it looks
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
    schema::{regeneration, todo_batch, todo_change, turn},
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

/// What a key was used for.
#[derive(Debug, Clone, Copy, Queryable)]
pub(super) struct KeyUses {
    pub(super) begins_a_turn: bool,
    pub(super) reopens_a_turn: bool,
    pub(super) changes_a_task: bool,
    pub(super) makes_a_batch: bool,
}

/// Looks into all tables for a key, whose lock is held.
pub(super) async fn uses(
    mut connection: &AsyncPgConnection,
    user: UserId,
    key: &RequestKey,
) -> QueryResult<KeyUses> {
    let key = key.key.as_str();
    let turns = turn::table.filter(turn::user_id.eq(user.0).and(turn::idempotency_key.eq(key)));
    let has_key = todo_change::user_id.eq(user.0).and(todo_change::idempotency_key.eq(key));
    diesel::select((
        exists(turns),
        exists(regeneration::table.find((user.0, key))),
        exists(todo_change::table.filter(has_key)),
        exists(todo_batch::table.find((user.0, key))),
    ))
    .get_result(&mut connection)
    .await
}
