//! The statements on todo lists. Each change leaves its `todo_change` row in the same statement.

use diesel::{
    pg::Pg,
    prelude::*,
    sql_types::{BigInt, Binary, Bool, Interval, Jsonb, Nullable, Text, Uuid},
};
use domain::{
    account::{Caller, UserId},
    command::{Channel, NewTodo, StatusFilter, TodoFilter, TodoPatch},
    id::TurnId,
    todo::{TaskNumber, TodoDescription, TodoTitle},
    turn::{RequestKey, admission::KEY_RETENTION},
};

use super::{Actor, change_snapshot::snapshot, rows::Columns};
use crate::postgres::{
    caller::{self, token_is_good},
    limits::stored_bytes::has_room,
    prepared_statement::{Statement, interval, lower, sql, strpos},
    schema::todo,
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

/// The beginning of a statement that looks at the tasks of a user, whose token is checked by it.
macro_rules! tasks_of_caller {
    () => {
        concat!(
            "SELECT number, title, description, completed, created_at, updated_at FROM todo
             WHERE user_id = $1 AND ",
            token_is_good!()
        )
    };
}

/// The counter moves in the same transaction as the task appears, so no number is ever used twice.
pub(super) fn add<'a>(
    actor: Actor<'_>,
    key: Option<&'a RequestKey>,
    new: &'a NewTodo,
) -> Statement<'a, Columns> {
    let statement = sql(concat!(
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
        ), added AS (
            INSERT INTO todo (user_id, number, title, description)
            SELECT id, last_task_number, $7, $8 FROM owner
            RETURNING *
        ), recorded AS (
            INSERT INTO todo_change (user_id, number, door, turn_id, after, idempotency_key, body_hash)
            SELECT user_id, number, $9, $10, ",
        snapshot!("added"),
        ", $11, $12 FROM added
        )
        SELECT number, title, description, completed, created_at, updated_at FROM added"
    ))
    .bind::<Uuid, _>(actor.user.0);
    let statement = caller::bind(statement, actor.caller)
        .bind::<BigInt, _>(actor.limits.tasks)
        .bind::<BigInt, _>(i64::from(actor.limits.changes_a_minute))
        .bind::<BigInt, _>(actor.limits.stored_bytes)
        .bind::<Text, _>(new.title.as_str())
        .bind::<Nullable<Text>, _>(new.description.as_ref().map(TodoDescription::as_str));
    through(statement, actor.channel)
        .bind::<Nullable<Text>, _>(key.map(|key| key.key.as_str()))
        .bind::<Nullable<Binary>, _>(key.map(|key| key.body_hash.as_slice()))
}

/// Returns the task as it was and as it is.
pub(super) fn update<'a>(
    actor: Actor<'_>,
    number: TaskNumber,
    patch: &'a TodoPatch,
) -> Statement<'a, (Columns, Columns)> {
    let description = patch.description.as_ref().and_then(Option::as_ref);
    // What adds no text needs no room.
    let adds_text = patch.title.is_some() || description.is_some();
    let statement = sql(concat!(
        "
        WITH old AS (
            SELECT * FROM todo WHERE user_id = $1 AND ",
        token_is_good!(),
        " AND number = $4 AND ",
        within_limit!("$1", "$5"),
        " AND ",
        has_room!("$1", "$6"),
        " FOR UPDATE
        ), changed AS (
            UPDATE todo SET
                title = coalesce($7, todo.title),
                description = CASE WHEN $8 THEN $9 ELSE todo.description END,
                completed = coalesce($10, todo.completed),
                updated_at = now()
            FROM old WHERE todo.user_id = old.user_id AND todo.number = old.number
            RETURNING todo.*
        ), recorded AS (
            INSERT INTO todo_change (user_id, number, door, turn_id, before, after)
            SELECT changed.user_id, changed.number, $11, $12, ",
        snapshot!("old"),
        ", ",
        snapshot!("changed"),
        " FROM old, changed
        )
        SELECT old.number, old.title, old.description, old.completed, old.created_at, old.updated_at,
            changed.number, changed.title, changed.description, changed.completed, changed.created_at,
            changed.updated_at
        FROM old, changed"
    ))
    .bind::<Uuid, _>(actor.user.0);
    let statement = caller::bind(statement, actor.caller)
        .bind::<BigInt, _>(number.0)
        .bind::<BigInt, _>(i64::from(actor.limits.changes_a_minute))
        .bind::<BigInt, _>(if adds_text { actor.limits.stored_bytes } else { 0 })
        .bind::<Nullable<Text>, _>(patch.title.as_ref().map(TodoTitle::as_str))
        .bind::<Bool, _>(patch.description.is_some())
        .bind::<Nullable<Text>, _>(description.map(TodoDescription::as_str))
        .bind::<Nullable<Bool>, _>(patch.completed);
    through(statement, actor.channel)
}

pub(super) fn delete<'a>(actor: Actor<'_>, number: TaskNumber) -> Statement<'a, Columns> {
    let statement = sql(concat!(
        "
        WITH deleted AS (
            DELETE FROM todo WHERE user_id = $1 AND ",
        token_is_good!(),
        " AND number = $4 AND ",
        within_limit!("$1", "$5"),
        " RETURNING *
        ), recorded AS (
            INSERT INTO todo_change (user_id, number, door, turn_id, before)
            SELECT user_id, number, $6, $7, ",
        snapshot!("deleted"),
        " FROM deleted
        )
        SELECT number, title, description, completed, created_at, updated_at FROM deleted"
    ))
    .bind::<Uuid, _>(actor.user.0);
    let statement = caller::bind(statement, actor.caller)
        .bind::<BigInt, _>(number.0)
        .bind::<BigInt, _>(i64::from(actor.limits.changes_a_minute));
    through(statement, actor.channel)
}

/// The task of a number; nothing when there is none or the caller's token is not good.
pub(super) fn find(caller: Caller, number: TaskNumber) -> Statement<'static, Columns> {
    let statement = sql(concat!(tasks_of_caller!(), " AND number = $4")).bind::<Uuid, _>(caller.user.0);
    caller::bind(statement, Some(caller)).bind::<BigInt, _>(number.0)
}

/// A page of a list, and one task more than its limit; nothing when the caller's token is not good.
pub(super) fn list(user: UserId, caller: Option<Caller>, filter: &TodoFilter) -> Statement<'_, Columns> {
    let completed = match filter.status {
        StatusFilter::All => None,
        StatusFilter::Pending => Some(false),
        StatusFilter::Completed => Some(true),
    };
    // Only what is asked for stands in the text: with `$4 IS NULL OR …` Postgres would plan the
    // statement anew at every call.
    let mut text = tasks_of_caller!().to_owned();
    let mut placeholder = 3;
    let mut add = |condition: &str| {
        placeholder += 1;
        text.push_str(&condition.replace('?', &format!("${placeholder}")));
    };
    if completed.is_some() {
        add(" AND completed = ?");
    }
    if filter.before.is_some() {
        add(" AND number < ?");
    }
    if filter.search.is_some() {
        add(" AND (strpos(lower(title), lower(?)) > 0 OR strpos(lower(description), lower(?)) > 0)");
    }
    add(" ORDER BY number DESC LIMIT ?");
    let mut statement = caller::bind(sql(text).bind::<Uuid, _>(user.0), caller);
    if let Some(completed) = completed {
        statement = statement.bind::<Bool, _>(completed);
    }
    if let Some(before) = filter.before {
        statement = statement.bind::<BigInt, _>(before.0);
    }
    if let Some(search) = filter.search.as_deref() {
        statement = statement.bind::<Text, _>(search);
    }
    statement.bind::<BigInt, _>(filter.limit.saturating_add(1))
}

/// The tasks that a page is counted from.
pub(super) fn matching(user: UserId, filter: &TodoFilter) -> todo::BoxedQuery<'_, Pg> {
    let mut tasks = todo::table.filter(todo::user_id.eq(user.0)).into_boxed();
    match filter.status {
        StatusFilter::All => {}
        StatusFilter::Pending => tasks = tasks.filter(todo::completed.eq(false)),
        StatusFilter::Completed => tasks = tasks.filter(todo::completed.eq(true)),
    }
    if let Some(search) = filter.search.as_deref() {
        let in_title = strpos(lower(todo::title), lower(search)).gt(0);
        // Without a description the comparison is NULL, which finds nothing.
        let in_description = strpos(lower(todo::description.assume_not_null()), lower(search)).gt(0);
        tasks = tasks.filter(in_title.or(in_description));
    }
    tasks
}

/// What was added under a key. Keys that nobody can rely on any more are forgotten on the way, as
/// those of turns are.
pub(super) fn recorded(user: UserId, key: &RequestKey) -> Statement<'_, (Binary, Jsonb)> {
    sql("
        WITH forgotten AS (
            UPDATE todo_change SET idempotency_key = NULL, body_hash = NULL
            WHERE id IN (
                SELECT id FROM todo_change
                WHERE user_id = $1 AND idempotency_key IS NOT NULL AND created_at < now() - $2
                LIMIT 100 FOR UPDATE SKIP LOCKED
            )
        )
        SELECT body_hash, after FROM todo_change WHERE user_id = $1 AND idempotency_key = $3")
    .bind::<Uuid, _>(user.0)
    .bind::<Interval, _>(interval(KEY_RETENTION))
    .bind::<Text, _>(key.key.as_str())
}

/// Binds the channel and the turn of a change.
fn through<'a, Row>(statement: Statement<'a, Row>, channel: Channel) -> Statement<'a, Row> {
    let (name, turn): (_, Option<TurnId>) = match channel {
        Channel::Rest => ("rest", None),
        Channel::Chat(turn) => ("chat", Some(turn)),
    };
    statement.bind::<Text, _>(name).bind::<Nullable<Uuid>, _>(turn.map(|turn| turn.0))
}
