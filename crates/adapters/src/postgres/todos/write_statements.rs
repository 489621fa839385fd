//! The statements that change a todo list. Each change leaves its `todo_change` row in the same statement.

use diesel::sql_types::{
    Array, BigInt, Binary, Bool, Date, Interval, Jsonb, Nullable, SmallInt, Text, Time, Timestamptz, Uuid,
};
use domain::{
    account::UserId,
    due::Due,
    manual_order,
    repeat::Repeat,
    text_search::fold,
    todo::{TaskNumber, TodoDescription},
    todo_command::{ChangedColumns, NewTodo},
    turn::{RequestKey, admission::KEY_RETENTION},
};

use super::{
    ChangeContext,
    change_snapshot::snapshot,
    rows::{Columns, columns, position},
};
use crate::postgres::{
    account_limits::storage_quota::has_room,
    caller_token_validity::{self, token_is_good},
    prepared_statement::{Statement, interval, sql},
};

/// The SQL that says whether a user may make one more change within the minute: there are not so many
/// yet, or there is no limit. It looks at no more records than the limit allows.
macro_rules! within_limit {
    ($user:literal, $most:literal) => {
        concat!(
            "(",
            $most,
            " = 0 OR NOT EXISTS (SELECT FROM todo_change WHERE user_id = ",
            $user,
            " AND created_at > now() - interval '1 minute' OFFSET greatest(",
            $most,
            " - 1, 0)))"
        )
    };
}

/// The SQL for who makes a change, as `origin (door, turn_id, program)`: of a turn or by a token of a
/// program, what that is called. A name that is bound stands for either.
macro_rules! origin {
    ($channel:literal, $turn:literal, $program:literal, $grant:literal, $user:literal) => {
        concat!(
            "origin AS (SELECT ",
            $channel,
            " AS door, ",
            $turn,
            " AS turn_id, coalesce(",
            $program,
            ", (SELECT turn.program FROM turn WHERE turn.id = ",
            $turn,
            "), (SELECT name FROM access_token WHERE access_token.id = ",
            $grant,
            " AND access_token.user_id = ",
            $user,
            ")) AS program)"
        )
    };
}
pub(super) use origin;

/// The SQL for the place of the topmost task of the user of `$1`.
macro_rules! topmost {
    () => {
        concat!(
            "SELECT ",
            position!(),
            " AS place FROM todo WHERE user_id = $1 ORDER BY ",
            position!(),
            ", number DESC LIMIT 1"
        )
    };
}

/// The text of [`add`].
const ADD: &str = concat!(
        r#"
        WITH owner AS (
            UPDATE "user" SET last_task_number = last_task_number + 1
            WHERE id = $1 AND "#,
        token_is_good!(),
        "
                -- Who never had so many tasks need not be counted.
                AND (last_task_number < $4 OR (SELECT count(*) FROM todo WHERE user_id = $1) < $4)
                AND ",
        within_limit!("$1", "$5"),
        " AND ",
        has_room!("$1", "$6"),
        "
            RETURNING id, last_task_number
        ), ",
        origin!("$7", "$8", "$9", "$3", "$1"),
        ", topmost AS (",
        topmost!(),
        "
        ), added AS (
            INSERT INTO todo (user_id, number, position, title, description, title_key, description_key,
                              due_date, due_time, due_zone, due_at, priority, tags, tag_keys, repeat, parent)
            SELECT id, last_task_number,
                -- As manual_order::new_task_position has it.
                (SELECT place - $10 FROM topmost WHERE place <= last_task_number * -$10),
                $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23 FROM owner
            RETURNING *
        ), recorded AS (
            INSERT INTO todo_change (user_id, number, door, turn_id, program, after, idempotency_key, body_hash)
            SELECT user_id, number, door, turn_id, program, ",
        snapshot!("added"),
        ", $24, $25 FROM added, origin
        ) SELECT ",
        columns!("added"),
        " FROM added"
    );

/// The counter moves in the same transaction as the task appears, so no number is ever used twice.
pub(super) fn add<'a>(
    actor: ChangeContext<'_>,
    key: Option<&'a RequestKey>,
    new: &'a NewTodo,
) -> Statement<'a, Columns> {
    let statement = caller_token_validity::bind(sql(ADD).bind::<Uuid, _>(actor.user.0), actor.caller)
        .bind::<BigInt, _>(actor.limits.tasks)
        .bind::<BigInt, _>(i64::from(actor.limits.changes_a_minute))
        .bind::<BigInt, _>(actor.limits.stored_bytes);
    let statement = through(statement, actor)
        .bind::<BigInt, _>(manual_order::POSITION_GAP)
        .bind::<Text, _>(new.title.as_str())
        .bind::<Nullable<Text>, _>(new.description.as_ref().map(TodoDescription::as_str))
        .bind::<Text, _>(fold(new.title.as_str()))
        .bind::<Nullable<Text>, _>(new.description.as_ref().map(|text| fold(text.as_str())));
    bind_due(statement, new.due)
        .bind::<SmallInt, _>(new.priority.as_number())
        .bind::<Array<Text>, _>(new.tags.as_slice())
        .bind::<Array<Text>, _>(new.tags.keys())
        .bind::<Nullable<Text>, _>(new.repeat.map(Repeat::to_text))
        .bind::<Nullable<BigInt>, _>(new.parent.map(|parent| parent.0))
        .bind::<Nullable<Text>, _>(key.map(|key| key.key.as_str()))
        .bind::<Nullable<Binary>, _>(key.map(|key| key.body_hash.as_slice()))
}

/// What keeps an update from being made.
#[derive(Debug, Clone, Copy)]
pub(super) struct UpdateGuard {
    /// The revision that the task must have.
    pub(super) expected_revision: Option<i64>,
    /// Whether a task that repeats is left as it is: what completes it depends on its dates.
    pub(super) skips_repeating: bool,
}

/// Returns the task as it was and as it is. Only what changes stands in the text. With
/// `skips_repeating` a task that comes back is not touched.
pub(super) fn update<'a>(
    actor: ChangeContext<'_>,
    number: TaskNumber,
    columns: &'a ChangedColumns,
    UpdateGuard { expected_revision, skips_repeating }: UpdateGuard,
) -> Statement<'a, (Columns, Columns)> {
    // What adds no text needs no room.
    let adds_text = columns.title.is_some() || matches!(columns.description, Some(Some(_)));
    let statement = sql(concat!(
        "WITH old AS (
            SELECT * FROM todo WHERE user_id = $1 AND ",
        token_is_good!(),
        " AND number = $4 AND ",
        within_limit!("$1", "$5"),
        " AND ",
        has_room!("$1", "$6"),
        " AND revision = coalesce($7, revision) AND NOT ($8 AND repeat IS NOT NULL) FOR UPDATE
        ), ",
        origin!("$9", "$10", "$11", "$3", "$1"),
        ", changed AS (
            UPDATE todo SET revision = todo.revision + 1, updated_at = now()"
    ))
    .bind::<Uuid, _>(actor.user.0);
    let statement = caller_token_validity::bind(statement, actor.caller)
        .bind::<BigInt, _>(number.0)
        .bind::<BigInt, _>(i64::from(actor.limits.changes_a_minute))
        .bind::<BigInt, _>(if adds_text { actor.limits.stored_bytes } else { 0 })
        .bind::<Nullable<BigInt>, _>(expected_revision)
        .bind::<Bool, _>(skips_repeating);
    set_columns(through(statement, actor), columns).append(concat!(
        " FROM old WHERE todo.user_id = old.user_id AND todo.number = old.number RETURNING todo.*
        ), recorded AS (
            INSERT INTO todo_change (user_id, number, door, turn_id, program, before, after)
            SELECT changed.user_id, changed.number, door, turn_id, program, ",
        snapshot!("old"),
        ", ",
        snapshot!("changed"),
        " FROM old, changed, origin
        ) SELECT ",
        columns!("old"),
        ", ",
        columns!("changed"),
        " FROM old, changed"
    ))
}

/// Adds an assignment for each column that changes.
fn set_columns<'a, Row>(
    mut statement: Statement<'a, Row>,
    columns: &'a ChangedColumns,
) -> Statement<'a, Row> {
    let ChangedColumns { title, description, completed, due, priority, tags, repeat, parent, position } =
        columns;
    if let Some(title) = title {
        statement = statement.append_optional(", title = ?, title_key = ?");
        statement = statement.bind::<Text, _>(title.as_str()).bind::<Text, _>(fold(title.as_str()));
    }
    if let Some(description) = description {
        let text = description.as_ref().map(TodoDescription::as_str);
        statement = statement.append_optional(", description = ?, description_key = ?");
        statement = statement.bind::<Nullable<Text>, _>(text).bind::<Nullable<Text>, _>(text.map(fold));
    }
    if let Some(priority) = *priority {
        statement = statement.append_optional(", priority = ?").bind::<SmallInt, _>(priority.as_number());
    }
    if let Some(tags) = tags {
        statement = statement.append_optional(", tags = ?, tag_keys = ?");
        statement = statement.bind::<Array<Text>, _>(tags.as_slice()).bind::<Array<Text>, _>(tags.keys());
    }
    if let Some(repeat) = *repeat {
        statement =
            statement.append_optional(", repeat = ?").bind::<Nullable<Text>, _>(repeat.map(Repeat::to_text));
    }
    if let Some(parent) = *parent {
        statement = statement.append_optional(", parent = ?");
        statement = statement.bind::<Nullable<BigInt>, _>(parent.map(|parent| parent.0));
    }
    if let Some(position) = *position {
        statement = statement.append_optional(", position = ?").bind::<BigInt, _>(position);
    }
    if let Some(completed) = *completed {
        let since =
            if completed { "CASE WHEN todo.completed THEN todo.completed_at ELSE now() END" } else { "NULL" };
        statement = statement.append_optional(", completed = ?").bind::<Bool, _>(completed);
        statement = statement.append(&format!(", completed_at = {since}"));
    }
    if let Some(due) = *due {
        statement = statement.append_optional(", due_date = ?, due_time = ?, due_zone = ?, due_at = ?");
        statement = bind_due(statement, due);
    }
    statement
}

/// Deletes a task. What stands under it stands under none then, which is on record before the deletion: what
/// is undone first is the deletion then. Without a join: for a list that is longer than it knows, a
/// planner may look at each task for each subtask.
pub(super) fn delete<'a>(
    actor: ChangeContext<'_>,
    number: TaskNumber,
    revision: Option<i64>,
) -> Statement<'a, Columns> {
    let statement = sql(concat!(
        "
        WITH deleted AS (
            DELETE FROM todo WHERE user_id = $1 AND ",
        token_is_good!(),
        " AND number = $4 AND ",
        within_limit!("$1", "$5"),
        " AND revision = coalesce($6, revision) RETURNING *
        ), ",
        origin!("$7", "$8", "$9", "$3", "$1"),
        ", subtask AS (
            SELECT todo.* FROM todo, deleted
            WHERE todo.user_id = $1 AND todo.parent = deleted.number ORDER BY todo.number FOR UPDATE OF todo
        ), freed AS (
            UPDATE todo SET parent = NULL, revision = revision + 1, updated_at = now()
            WHERE user_id = $1 AND number = ANY (ARRAY (SELECT number FROM subtask))
        ), recorded AS (
            INSERT INTO todo_change (user_id, number, door, turn_id, program, before, after)
            SELECT $1, number, door, turn_id, program, ",
        snapshot!("subtask"),
        ", (",
        snapshot!("subtask"),
        ") - 'parent'::text || jsonb_build_object('revision', revision + 1, 'updated_at', now()) FROM origin, subtask
            UNION ALL SELECT user_id, number, door, turn_id, program, ",
        snapshot!("deleted"),
        ", NULL FROM deleted, origin
        ) SELECT ",
        columns!("deleted"),
        " FROM deleted"
    ))
    .bind::<Uuid, _>(actor.user.0);
    let statement = caller_token_validity::bind(statement, actor.caller)
        .bind::<BigInt, _>(number.0)
        .bind::<BigInt, _>(i64::from(actor.limits.changes_a_minute))
        .bind::<Nullable<BigInt>, _>(revision);
    through(statement, actor)
}

/// Binds the four columns that keep when a task is due.
fn bind_due<Row>(statement: Statement<'_, Row>, due: Option<Due>) -> Statement<'_, Row> {
    statement
        .bind::<Nullable<Date>, _>(due.map(|due| due.date))
        .bind::<Nullable<Time>, _>(due.and_then(|due| due.time))
        .bind::<Nullable<Text>, _>(due.map(|due| due.zone.name()))
        .bind::<Nullable<Timestamptz>, _>(due.and_then(Due::instant))
}

/// What was added or taken back under a key. Expired keys are deleted along the way,
/// as those of turns are.
pub(super) fn recorded(
    user: UserId,
    key: &RequestKey,
) -> Statement<'_, (Binary, Nullable<Jsonb>, Timestamptz, Nullable<Jsonb>)> {
    sql("
        WITH forgotten AS (
            UPDATE todo_change SET idempotency_key = NULL, body_hash = NULL
            WHERE id IN (
                SELECT id FROM todo_change
                WHERE user_id = $1 AND idempotency_key IS NOT NULL AND created_at < now() - $2
                LIMIT 100 FOR UPDATE SKIP LOCKED
            )
        )
        SELECT body_hash, after, created_at, left_out
        FROM todo_change WHERE user_id = $1 AND idempotency_key = $3")
    .bind::<Uuid, _>(user.0)
    .bind::<Interval, _>(interval(KEY_RETENTION))
    .bind::<Text, _>(key.key.as_str())
}

/// Binds the channel and the turn of a change, and who asked for it, as [`origin`] reads them.
pub(super) fn through<'a, Row>(
    statement: Statement<'a, Row>,
    actor: ChangeContext<'_>,
) -> Statement<'a, Row> {
    let ChangeContext { channel, program, .. } = actor;
    statement
        .bind::<Text, _>(channel.kind().as_str())
        .bind::<Nullable<Uuid>, _>(channel.turn().map(|turn| turn.0))
        .bind::<Nullable<Text>, _>(program.map(str::to_owned))
}
