//! The bytes that an account keeps. Messages are counted as turns write them; tasks, records of changes and
//! of batches, of which there are so many and no more, are measured now and then on the way of a change. All
//! of it is measured before anything is refused for it: it may be hundreds of thousands of messages.

use diesel::{
    prelude::*,
    sql_types::{BigInt, Integer, Interval, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account::UserId,
    account_limits::{CHANGE_RETENTION, Limits},
};

use crate::postgres::{
    error::DatabaseError,
    prepared_statement::{interval, sql},
};

/// The changes of a list between two times that old records are looked for and the account is measured.
const CHANGES_BETWEEN_TRIMS: usize = 64;
/// The most records that are forgotten at once: more than are written in between.
const TRIMMED_AT_ONCE: i64 = 256;
/// The part of the bytes of an account that records of changes may take, and answers to batches too: one
/// in so many.
const SHARE_OF_CHANGES: i64 = 4;

/// The SQL that measures what the user of `$1` keeps but for messages: tasks, records of changes and of
/// batches. The lengths of long texts are read without the texts.
macro_rules! measured_list_bytes {
    () => {
        "((SELECT coalesce(sum(octet_length(title) + coalesce(octet_length(description), 0)), 0)
           FROM todo WHERE user_id = $1)::bigint
          + (SELECT coalesce(sum(coalesce(pg_column_size(before), 0) + coalesce(pg_column_size(after), 0)), 0)
             FROM todo_change WHERE user_id = $1)::bigint
          + (SELECT coalesce(sum(pg_column_size(outcomes)), 0) FROM todo_batch WHERE user_id = $1)::bigint)"
    };
}
pub(super) use measured_list_bytes;

/// The SQL that measures the messages of the user of `$1`.
macro_rules! measured_message_bytes {
    () => {
        "(SELECT coalesce(sum(octet_length(content) + coalesce(pg_column_size(tool_calls), 0)), 0)
          FROM message JOIN conversation ON conversation.id = conversation_id
          WHERE conversation.user_id = $1)::bigint"
    };
}
pub(super) use measured_message_bytes;

/// The SQL that says whether a user may keep more: there is no limit, or it is not reached by what is
/// counted.
macro_rules! has_room {
    ($user:literal, $most:literal) => {
        concat!(
            "(",
            $most,
            " = 0 OR coalesce((SELECT stored_bytes FROM account_usage WHERE user_id = ",
            $user,
            "), 0) < ",
            $most,
            ")"
        )
    };
}
pub(in crate::postgres) use has_room;

/// Whether an account may keep more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::postgres) enum StorageCheck {
    /// There was room all the time.
    HasRoom,
    /// It seemed to keep as much as it may, but something was deleted: it was measured again.
    HasRoomAfterRecount,
    /// It keeps as much as it may.
    Full,
}

/// Tells whether there is room, and measures an account that seems to have none.
pub(in crate::postgres) async fn check(
    connection: &AsyncPgConnection,
    user: UserId,
    limits: &Limits,
) -> QueryResult<StorageCheck> {
    if limits.stored_bytes == 0 || counted(connection, user).await? < limits.stored_bytes {
        return Ok(StorageCheck::HasRoom);
    }
    let has_room = measure(connection, user).await? < limits.stored_bytes;
    Ok(if has_room { StorageCheck::HasRoomAfterRecount } else { StorageCheck::Full })
}

/// What is counted, without measuring.
pub(in crate::postgres) async fn counted(
    mut connection: &AsyncPgConnection,
    user: UserId,
) -> QueryResult<i64> {
    sql::<BigInt>("SELECT coalesce((SELECT stored_bytes FROM account_usage WHERE user_id = $1), 0)::bigint")
        .bind::<SqlUuid, _>(user.0)
        .get_result(&mut connection)
        .await
}

/// The bytes that records of changes of one account may take, and answers to its batches too.
pub(in crate::postgres) fn share(limits: &Limits) -> i64 {
    match limits.stored_bytes {
        0 => i64::MAX,
        most => most / SHARE_OF_CHANGES,
    }
}

/// Measures what an account keeps, and counts on from there.
pub(in crate::postgres) async fn measure(
    mut connection: &AsyncPgConnection,
    user: UserId,
) -> QueryResult<i64> {
    sql::<BigInt>(concat!(
        "INSERT INTO account_usage (user_id, list_bytes, stored_bytes)
         SELECT $1, list, list + ",
        measured_message_bytes!(),
        " FROM (SELECT ",
        measured_list_bytes!(),
        " AS list) AS measured
         ON CONFLICT (user_id) DO UPDATE
             SET list_bytes = excluded.list_bytes, stored_bytes = excluded.stored_bytes
         RETURNING stored_bytes"
    ))
    .bind::<SqlUuid, _>(user.0)
    .get_result(&mut connection)
    .await
}

/// Measures what an account keeps but for messages, and counts on from there. The messages of one whose list
/// was never measured apart are measured too.
async fn measure_list(mut connection: &AsyncPgConnection, user: UserId) -> QueryResult<usize> {
    sql::<Integer>(concat!(
        "INSERT INTO account_usage AS usage (user_id, list_bytes, stored_bytes)
         SELECT $1, list, list FROM (SELECT ",
        measured_list_bytes!(),
        " AS list) AS measured
         ON CONFLICT (user_id) DO UPDATE SET
             list_bytes = excluded.list_bytes,
             stored_bytes = excluded.list_bytes + CASE WHEN usage.list_bytes IS NULL THEN ",
        measured_message_bytes!(),
        " ELSE greatest(usage.stored_bytes - usage.list_bytes, 0) END"
    ))
    .bind::<SqlUuid, _>(user.0)
    .execute(&mut connection)
    .await
}

/// Whether it is time to look for old records, on the way of so many changes or answers.
pub(in crate::postgres) fn is_time_to_trim(count: usize) -> bool {
    rand::random_range(0..CHANGES_BETWEEN_TRIMS) < count
}

/// Forgets old records of changes and measures the list, now and then, on the way of so many changes: no
/// background process has to keep a sleeping database awake for that. A record under a key is the answer to a
/// retry: it stays until its key is forgotten.
pub(in crate::postgres) async fn trim_changes(
    connection: &AsyncPgConnection,
    user: UserId,
    limits: &Limits,
    changes: usize,
) -> Result<(), DatabaseError> {
    if is_time_to_trim(changes) {
        trim_changes_now(connection, user, limits).await?;
        measure_list(connection, user).await?;
    }
    Ok(())
}

async fn trim_changes_now(
    mut connection: &AsyncPgConnection,
    user: UserId,
    limits: &Limits,
) -> Result<(), DatabaseError> {
    // No join: with stale statistics Postgres picks a nested loop.
    sql::<Integer>(
        "DELETE FROM todo_change WHERE id = ANY (ARRAY (
             SELECT id FROM todo_change
             WHERE user_id = $1 AND idempotency_key IS NULL AND (created_at < now() - $2 OR id <= (
                 SELECT max(id) FROM (
                     SELECT id, row_number() OVER newest AS place,
                         sum(coalesce(pg_column_size(before), 0) + coalesce(pg_column_size(after), 0)) OVER newest
                             AS bytes
                     FROM todo_change WHERE user_id = $1
                     WINDOW newest AS (ORDER BY id DESC)
                 ) AS counted WHERE place > $3 OR bytes > $4
             ))
             ORDER BY id LIMIT $5 FOR UPDATE SKIP LOCKED
         ))",
    )
    .bind::<SqlUuid, _>(user.0)
    .bind::<Interval, _>(interval(CHANGE_RETENTION))
    .bind::<BigInt, _>(limits.changes_kept)
    .bind::<BigInt, _>(share(limits))
    .bind::<BigInt, _>(TRIMMED_AT_ONCE)
    .execute(&mut connection)
    .await?;
    Ok(())
}
