//! The statements of undo: whatever the number of changes, each kind is made once.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Binary, Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account::UserId,
    caller::Grant,
    change_log::ChangeId,
    text_search::fold,
    todo::{TaskNumber, Todo},
    turn::RequestKey,
    turn_and_conversation_ids::TurnId,
    undo::{InverseWrite, UndoPlan, UndoneBy},
};
use serde_json::{Value, json};

use super::{
    super::{
        ChangeContext,
        change_log::{ChangeColumns, change_columns, its_conversation},
        change_snapshot::snapshot,
        rows::columns,
        write_statements::{origin, through},
    },
    stored_undo_conflicts,
};
use crate::postgres::{
    lease_condition::{is_leased, is_leased_sql},
    prepared_statement::{Statement, sql},
    schema::turn,
};

/// Whether the user's turn of this id is being worked on; nothing when there is no such turn.
pub(super) async fn is_running(
    mut connection: &AsyncPgConnection,
    user: UserId,
    turn: TurnId,
) -> QueryResult<Option<bool>> {
    let found = turn::table.filter(turn::id.eq(turn.0).and(turn::user_id.eq(user.0))).select(is_leased());
    found.first(&mut connection).await.optional()
}

/// The beginning of a statement that reads the log of the user of `$1`.
macro_rules! log_of_user {
    () => {
        concat!(
            "SELECT ",
            change_columns!(),
            " FROM todo_change AS change",
            its_conversation!(),
            "WHERE change.user_id = $1 AND "
        )
    };
}

/// What a turn has changed, oldest first. Locked, so that it is not forgotten before it is undone.
pub(super) fn of_turn(user: UserId, turn: TurnId) -> Statement<'static, ChangeColumns> {
    sql(concat!(log_of_user!(), "change.turn_id = $2 ORDER BY change.id FOR UPDATE OF change"))
        .bind::<SqlUuid, _>(user.0)
        .bind::<SqlUuid, _>(turn.0)
}

/// These changes, oldest first, and locked.
pub(super) fn of_ids(user: UserId, ids: &[ChangeId]) -> Statement<'static, ChangeColumns> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    sql(concat!(log_of_user!(), "change.id = ANY($2) ORDER BY change.id FOR UPDATE OF change"))
        .bind::<SqlUuid, _>(user.0)
        .bind::<Array<BigInt>, _>(ids)
}

/// The newest change that is no undo and is not taken back, its turn, and whether that is being worked on.
pub(super) fn last(user: UserId) -> Statement<'static, (BigInt, Nullable<SqlUuid>, Nullable<Bool>)> {
    sql(concat!(
        "SELECT id, turn_id, (SELECT ",
        is_leased_sql!(),
        " FROM turn WHERE turn.id = turn_id)
         FROM todo_change
         WHERE user_id = $1 AND undone_by IS NULL AND undoes = '{}' ORDER BY id DESC LIMIT 1"
    ))
    .bind::<SqlUuid, _>(user.0)
}

/// All that is on record of these tasks, in short, oldest first.
pub(super) fn log(
    user: UserId,
    numbers: &[TaskNumber],
) -> Statement<'static, (BigInt, BigInt, BigInt, Bool, Array<BigInt>)> {
    let numbers: Vec<i64> = numbers.iter().map(|number| number.0).collect();
    sql("SELECT id, number, coalesce((coalesce(after, before) ->> 'revision')::bigint, 1), after IS NULL, undoes
         FROM todo_change WHERE user_id = $1 AND number = ANY($2) ORDER BY id")
    .bind::<SqlUuid, _>(user.0)
    .bind::<Array<BigInt>, _>(numbers)
}

/// The changes by which an undo outside of turns took something back, by the time of its transaction.
pub(super) fn changes_of_undo_at(user: UserId, at: DateTime<Utc>) -> Statement<'static, ChangeColumns> {
    sql(concat!(
        log_of_user!(),
        "change.created_at = $2 AND change.undoes <> '{}' AND change.turn_id IS NULL ORDER BY change.number"
    ))
    .bind::<SqlUuid, _>(user.0)
    .bind::<Timestamptz, _>(at)
}

/// Makes every task what it becomes, records that, and moves the marks of what is undone.
///
/// What stands under a task that goes is freed from it first. What stood under one that is gone, or is a
/// subtask itself, comes back at the top level, and so does what has subtasks of its own by now: `place` is
/// what may have subtasks afterwards. This is said here and by the store in memory, which one contract holds
/// to the same: to decide it in the domain would be a round trip more.
///
/// Restores the row from its snapshot; missing members get column defaults. No joins: stale statistics give
/// bad plans.
pub(super) fn write<'a>(
    actor: ChangeContext<'_>,
    plan: &UndoPlan,
    key: Option<&'a RequestKey>,
) -> Statement<'a, ChangeColumns> {
    let keyed = plan.writes.as_slice().first().filter(|_| key.is_some()).map(|write| write.number.0);
    let statement = sql(text().as_str())
        .bind::<Jsonb, _>(Value::Array(plan.writes.iter().map(wanted).collect()))
        .bind::<SqlUuid, _>(actor.user.0);
    through(statement, actor)
        .bind::<Nullable<SqlUuid>, _>(actor.caller.and_then(|caller| caller.grant).map(Grant::id))
        .bind::<Nullable<BigInt>, _>(keyed)
        .bind::<Nullable<Text>, _>(key.map(|key| key.key.as_str()))
        .bind::<Nullable<Binary>, _>(key.map(|key| key.body_hash.as_slice()))
        .bind::<Nullable<Jsonb>, _>(key.map(|_key| stored_undo_conflicts::to_json(&plan.left_out)))
        .bind::<Jsonb, _>(Value::Array(plan.writes.iter().flat_map(marks).collect()))
}

/// The text of [`write`]. It is made once: what is set are all columns that a record has, and those that
/// are made from them.
fn text() -> &'static String {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let made = ["due_at", "title_key", "description_key", "tag_keys"];
        // What is counted comes after the columns of the row.
        let row = columns!("todo").split("CASE").next().unwrap_or_default();
        let kept = row.split(',').filter_map(|column| column.trim().strip_prefix("todo."));
        let kept = kept.filter(|column| *column != "number");
        let assignments: Vec<String> =
            kept.chain(made).map(|column| format!("{column} = excluded.{column}")).collect();
        WRITE.replace("{assignments}", &assignments.join(", "))
    });
    &TEXT
}

const WRITE: &str = concat!(
    "WITH wanted AS MATERIALIZED (
         SELECT number, source, fields, undoes
         FROM jsonb_to_recordset($1) AS wanted(number bigint, source bigint, fields jsonb, undoes bigint[])
     ), old AS MATERIALIZED (
         SELECT * FROM todo WHERE user_id = $2 AND number = ANY (ARRAY (SELECT number FROM wanted))
     ), ",
    origin!("$3", "$4", "$5", "$6", "$2"),
    ", freed AS (
         UPDATE todo SET parent = NULL, revision = revision + 1, updated_at = now()
         WHERE user_id = $2 AND parent = ANY (ARRAY (SELECT number FROM wanted WHERE source IS NULL))
             AND number NOT IN (SELECT number FROM wanted)
     ), removed AS (
         DELETE FROM todo
         WHERE user_id = $2 AND number = ANY (ARRAY (SELECT number FROM wanted WHERE source IS NULL))
     ), back AS MATERIALIZED (
         SELECT wanted.number, fields, before, (before ->> 'parent')::bigint AS parent FROM wanted
         JOIN todo_change AS record ON record.id = source AND record.user_id = $2
     ), place AS MATERIALIZED (
         SELECT number FROM todo
         WHERE user_id = $2 AND number = ANY (ARRAY (SELECT DISTINCT back.parent FROM back))
             AND parent IS NULL AND number NOT IN (SELECT number FROM wanted)
         UNION ALL
         SELECT number FROM back WHERE parent IS NULL AND number = ANY (ARRAY (SELECT DISTINCT parent FROM back))
     ), put AS (
         INSERT INTO todo
         SELECT restored.* FROM back
         CROSS JOIN LATERAL jsonb_populate_record(
             NULL::todo,
             '{\"priority\": 0, \"tags\": []}'::jsonb || back.before || back.fields
                 || jsonb_build_object('user_id', $2, 'updated_at', now(), 'parent', (
                     SELECT place.number FROM place
                     WHERE place.number = back.parent
                         AND NOT EXISTS (
                             SELECT FROM todo AS below WHERE below.user_id = $2
                                 AND below.parent = back.number
                                 AND below.number NOT IN (SELECT number FROM wanted)
                         )
                 ))
         ) AS restored
         ON CONFLICT (user_id, number) DO UPDATE SET {assignments}
         RETURNING *
     ), recorded AS (
         INSERT INTO todo_change (user_id, number, door, turn_id, program, before, after, undoes,
                                  idempotency_key, body_hash, left_out)
         SELECT $2, wanted.number, door, turn_id, program, ",
    snapshot!("old"),
    ", ",
    snapshot!("put"),
    ", wanted.undoes, keyed.key, keyed.hash, keyed.left_out
         FROM origin CROSS JOIN wanted
         LEFT JOIN old ON old.number = wanted.number
         LEFT JOIN put ON put.number = wanted.number
         LEFT JOIN (VALUES ($7, $8, $9, $10)) AS keyed(number, key, hash, left_out)
             ON keyed.number = wanted.number
         ORDER BY wanted.number
         RETURNING *
     ), marked AS (
         UPDATE todo_change SET undone_by = CASE WHEN mark.is_by_this THEN recorded.id ELSE mark.undone_by END
         FROM jsonb_to_recordset($11) AS mark(id bigint, number bigint, is_by_this boolean, undone_by bigint)
         JOIN recorded ON recorded.number = mark.number
         WHERE todo_change.id = mark.id AND todo_change.user_id = $2
     ) SELECT ",
    change_columns!(),
    " FROM recorded AS change",
    its_conversation!(),
    "ORDER BY change.number"
);

/// A task that is written, as [`WRITE`] reads it: without a source it goes.
fn wanted(write: &InverseWrite) -> Value {
    let fields = |todo: &Todo| {
        json!({
            "revision": todo.revision,
            "position": todo.position,
            "title_key": fold(todo.title.as_str()),
            "description_key": todo.description.as_ref().map(|text| fold(text.as_str())),
            "tag_keys": todo.tags.keys(),
        })
    };
    json!({
        "number": write.number.0,
        "source": write.becomes.as_ref().map(|_todo| write.source.0),
        "fields": write.becomes.as_ref().map(fields),
        "undoes": write.undoes.iter().map(|id| id.0).collect::<Vec<_>>(),
    })
}

/// The marks of a task's changes, as [`WRITE`] reads them.
fn marks(write: &InverseWrite) -> Vec<Value> {
    let mark = |(id, by): &(ChangeId, UndoneBy)| {
        let undone_by = match by {
            UndoneBy::Earlier(earlier) => Some(earlier.0),
            UndoneBy::ThisOne | UndoneBy::Nobody => None,
        };
        let is_by_this = *by == UndoneBy::ThisOne;
        json!({"id": id.0, "number": write.number.0, "is_by_this": is_by_this, "undone_by": undone_by})
    };
    write.marks.iter().map(mark).collect()
}
