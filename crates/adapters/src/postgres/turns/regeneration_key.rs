//! The key of a request for another answer: the turn that is on record under it, and the record.

use diesel::{
    prelude::*,
    sql_types::{Binary, Bool, Interval, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account::UserId,
    caller::Caller,
    turn::{
        RequestKey,
        admission::{FoundBy, KEY_RETENTION, KeyLifetime},
    },
    turn_and_conversation_ids::TurnId,
};

use super::rows::TurnRow;
use crate::postgres::{
    error::DatabaseError,
    idempotency_key_lock::{KeyLookup, find_recorded},
    prepared_statement::{interval, sql},
    schema::{regeneration, turn},
};

/// Looks for the turn that was begun or reopened under the key; checks the caller in the same round trip.
pub(super) async fn recorded(
    connection: &AsyncPgConnection,
    caller: Caller,
    key: &RequestKey,
) -> Result<KeyLookup<TurnRow>, DatabaseError> {
    let query = async { Ok(turn_under(connection, caller.user, key).await?.map(|(_hash, row)| row)) };
    find_recorded(connection, caller, key, query).await
}

/// How a key finds this turn, if it still does.
pub(super) async fn found_by(
    connection: &AsyncPgConnection,
    key: &RequestKey,
    row: &TurnRow,
) -> QueryResult<Option<FoundBy>> {
    let found =
        turn_under(connection, UserId(row.user_id), key).await?.filter(|(_, found)| found.id == row.id);
    Ok(found.map(|(hash, _)| if hash == key.body_hash { FoundBy::Key } else { FoundBy::KeyWithOtherBody }))
}

/// The turn that was begun or reopened under a key, and the hash of what was asked for.
async fn turn_under(
    connection: &AsyncPgConnection,
    user: UserId,
    key: &RequestKey,
) -> QueryResult<Option<(Vec<u8>, TurnRow)>> {
    let key = key.key.as_str();
    let begun = turn::table
        .filter(turn::user_id.eq(user.0).and(turn::idempotency_key.eq(key)))
        .select((turn::body_hash.assume_not_null(), TurnRow::as_select()));
    let reopened = regeneration::table
        .find((user.0, key))
        .inner_join(turn::table)
        .select((regeneration::body_hash, TurnRow::as_select()));
    let (begun, reopened) =
        futures::try_join!(begun.load(&mut &*connection), reopened.load(&mut &*connection))?;
    Ok(begun.into_iter().chain(reopened).next())
}

/// Records the key. `turn.regeneration_key` holds the first, so that a restore can delete it and later ones.
/// Also clears expired keys.
pub(super) async fn record(
    mut connection: &AsyncPgConnection,
    user: UserId,
    key: &RequestKey,
    turn: TurnId,
    record: KeyLifetime,
) -> Result<(), DatabaseError> {
    sql::<SqlUuid>(
        "WITH forgotten AS (
             DELETE FROM regeneration WHERE user_id = $1 AND created_at < now() - $2
         ), asked AS (
             UPDATE turn SET regeneration_key = coalesce(regeneration_key, $3) WHERE id = $4 AND $5
         )
         INSERT INTO regeneration (user_id, idempotency_key, turn_id, body_hash) VALUES ($1, $3, $4, $6)",
    )
    .bind::<SqlUuid, _>(user.0)
    .bind::<Interval, _>(interval(KEY_RETENTION))
    .bind::<Text, _>(key.key.as_str())
    .bind::<SqlUuid, _>(turn.0)
    .bind::<Bool, _>(record == KeyLifetime::UntilRestored)
    .bind::<Binary, _>(key.body_hash.as_slice())
    .execute(&mut connection)
    .await?;
    Ok(())
}
