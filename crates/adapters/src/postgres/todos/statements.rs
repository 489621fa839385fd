//! The statements on todo lists. Each change leaves its `todo_change` row in the same statement.

use diesel::sql_types::{BigInt, Binary, Bool, Jsonb, Nullable, Text, Uuid};
use domain::{
    account::UserId,
    command::{Channel, StatusFilter, TodoFilter, TodoPatch},
    todo::{TaskNumber, TodoDescription, TodoTitle},
    turn::{RequestKey, TurnId},
};

use super::{Actor, rows::Columns};
use crate::postgres::sql::{Statement, sql};

/// The counter moves in the same transaction as the task appears, so no number is ever used twice.
pub(super) fn add<'a>(
    actor: Actor<'a>,
    title: &'a TodoTitle,
    description: Option<&'a TodoDescription>,
) -> Statement<'a, Columns> {
    let statement = sql(r#"
        WITH owner AS (
            UPDATE "user" SET last_task_number = last_task_number + 1 WHERE id = $1
            RETURNING id, last_task_number
        ), added AS (
            INSERT INTO todo (user_id, number, title, description)
            SELECT id, last_task_number, $2, $3 FROM owner
            RETURNING *
        ), noted AS (
            INSERT INTO todo_change (user_id, number, door, turn_id, after, idempotency_key, body_hash)
            SELECT user_id, number, $4, $5, to_jsonb(added) - 'user_id', $6, $7 FROM added
        )
        SELECT number, title, description, completed, created_at, updated_at FROM added"#)
    .bind::<Uuid, _>(actor.user.0)
    .bind::<Text, _>(title.as_str())
    .bind::<Nullable<Text>, _>(description.map(TodoDescription::as_str));
    through(statement, actor.channel)
        .bind::<Nullable<Text>, _>(actor.key.map(|key| key.key.as_str()))
        .bind::<Nullable<Binary>, _>(actor.key.map(|key| key.body_hash.as_slice()))
}

pub(super) fn find(user: UserId, number: TaskNumber) -> Statement<'static, Columns> {
    sql("SELECT number, title, description, completed, created_at, updated_at
         FROM todo WHERE user_id = $1 AND number = $2")
    .bind::<Uuid, _>(user.0)
    .bind::<BigInt, _>(number.0)
}

pub(super) fn update<'a>(
    actor: Actor<'a>,
    number: TaskNumber,
    patch: &'a TodoPatch,
) -> Statement<'a, Columns> {
    let description = patch.description.as_ref().and_then(Option::as_ref);
    let statement = sql("
        WITH old AS (
            SELECT * FROM todo WHERE user_id = $1 AND number = $2 FOR UPDATE
        ), changed AS (
            UPDATE todo SET
                title = coalesce($3, todo.title),
                description = CASE WHEN $4 THEN $5 ELSE todo.description END,
                completed = coalesce($6, todo.completed),
                updated_at = now()
            FROM old WHERE todo.user_id = old.user_id AND todo.number = old.number
            RETURNING todo.*
        ), noted AS (
            INSERT INTO todo_change (user_id, number, door, turn_id, before, after)
            SELECT changed.user_id, changed.number, $7, $8, to_jsonb(old) - 'user_id', to_jsonb(changed) - 'user_id'
            FROM old, changed
        )
        SELECT number, title, description, completed, created_at, updated_at FROM changed")
    .bind::<Uuid, _>(actor.user.0)
    .bind::<BigInt, _>(number.0)
    .bind::<Nullable<Text>, _>(patch.title.as_ref().map(TodoTitle::as_str))
    .bind::<Bool, _>(patch.description.is_some())
    .bind::<Nullable<Text>, _>(description.map(TodoDescription::as_str))
    .bind::<Nullable<Bool>, _>(patch.completed);
    through(statement, actor.channel)
}

pub(super) fn delete(actor: Actor<'_>, number: TaskNumber) -> Statement<'_, Columns> {
    let statement = sql("
        WITH gone AS (
            DELETE FROM todo WHERE user_id = $1 AND number = $2 RETURNING *
        ), noted AS (
            INSERT INTO todo_change (user_id, number, door, turn_id, before)
            SELECT user_id, number, $3, $4, to_jsonb(gone) - 'user_id' FROM gone
        )
        SELECT number, title, description, completed, created_at, updated_at FROM gone")
    .bind::<Uuid, _>(actor.user.0)
    .bind::<BigInt, _>(number.0);
    through(statement, actor.channel)
}

/// One task more than the limit is asked for, to see whether more follow.
pub(super) fn list(user: UserId, filter: &TodoFilter) -> Statement<'_, Columns> {
    let statement = sql("
        SELECT number, title, description, completed, created_at, updated_at
        FROM todo
        WHERE user_id = $1
          AND ($2 IS NULL OR completed = $2)
          AND ($3 IS NULL OR strpos(lower(title), lower($3)) > 0 OR strpos(lower(description), lower($3)) > 0)
          AND number < $4
        ORDER BY number DESC LIMIT $5");
    filtered(statement, user, filter)
        .bind::<BigInt, _>(filter.before.map_or(i64::MAX, |number| number.0))
        .bind::<BigInt, _>(filter.limit.saturating_add(1))
}

/// How many tasks match, on all pages.
pub(super) fn count(user: UserId, filter: &TodoFilter) -> Statement<'_, BigInt> {
    let statement = sql("
        SELECT count(*) FROM todo
        WHERE user_id = $1
          AND ($2 IS NULL OR completed = $2)
          AND ($3 IS NULL OR strpos(lower(title), lower($3)) > 0 OR strpos(lower(description), lower($3)) > 0)");
    filtered(statement, user, filter)
}

/// What was added under a key. Keys that are two days old are forgotten on the way, as those of
/// turns are.
pub(super) fn recorded(user: UserId, key: &RequestKey) -> Statement<'_, (Binary, Jsonb)> {
    sql("
        WITH forgotten AS (
            UPDATE todo_change SET idempotency_key = NULL, body_hash = NULL
            WHERE id IN (
                SELECT id FROM todo_change
                WHERE user_id = $1 AND idempotency_key IS NOT NULL AND created_at < now() - interval '48 hours'
                LIMIT 100 FOR UPDATE SKIP LOCKED
            )
        )
        SELECT body_hash, after FROM todo_change WHERE user_id = $1 AND idempotency_key = $2")
        .bind::<Uuid, _>(user.0)
        .bind::<Text, _>(key.key.as_str())
}

fn filtered<'a, Row>(
    statement: Statement<'a, Row>,
    user: UserId,
    filter: &'a TodoFilter,
) -> Statement<'a, Row> {
    let completed = match filter.status {
        StatusFilter::All => None,
        StatusFilter::Pending => Some(false),
        StatusFilter::Completed => Some(true),
    };
    statement
        .bind::<Uuid, _>(user.0)
        .bind::<Nullable<Bool>, _>(completed)
        .bind::<Nullable<Text>, _>(filter.search.as_deref())
}

/// Binds the door and the turn of a change.
fn through<'a, Row>(statement: Statement<'a, Row>, channel: Channel) -> Statement<'a, Row> {
    let (name, turn): (_, Option<TurnId>) = match channel {
        Channel::Rest => ("rest", None),
        Channel::Chat(turn) => ("chat", Some(turn)),
    };
    statement.bind::<Text, _>(name).bind::<Nullable<Uuid>, _>(turn.map(|turn| turn.0))
}
