//! Calendars: who has one, and what it shows.

use async_trait::async_trait;
use diesel::sql_types::{BigInt, Binary, Bool, Integer, Nullable, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::{
    account::UserId,
    caller::Caller,
    ports::{CalendarStore, CalendarTasks, MAX_CALENDAR_TASKS, MAX_CALENDAR_TEXT, StoreError},
    session::SecretHash,
};
use uuid::Uuid;

use super::rows::{Columns, TodoRow, columns};
use crate::postgres::{
    Database,
    caller_token_validity::{self, token_is_good},
    error::DatabaseError,
    prepared_statement::{Statement, sql},
    transaction::AfterUnknownCommit,
};

/// The columns of a task, or as many times NULL.
type MaybeColumns = Nullable<Columns>;

#[async_trait]
impl CalendarStore for Database {
    async fn read(&self, secret: &SecretHash) -> Result<Option<CalendarTasks>, StoreError> {
        let calendar = Database::read(self, async |mut connection| {
            let rows: Vec<(Uuid, Option<TodoRow>)> = shown(secret).load(&mut connection).await?;
            let [(user, _), ..] = rows.as_slice() else { return Ok(None) };
            let user = UserId(*user);
            let todos = rows.into_iter().filter_map(|(_, row)| row).map(TodoRow::todo);
            Ok(Some(CalendarTasks { user, todos: todos.collect::<Result<_, _>>()? }))
        });
        calendar.await
    }

    async fn is_active(&self, caller: Caller) -> Result<bool, StoreError> {
        Database::read(self, async |mut connection| {
            let statement = sql::<Bool>(concat!(
                "SELECT EXISTS (SELECT FROM calendar WHERE user_id = $1) WHERE ",
                token_is_good!()
            ))
            .bind::<SqlUuid, _>(caller.user.0);
            let rows: Vec<bool> =
                caller_token_validity::bind(statement, Some(caller)).load(&mut connection).await?;
            rows.into_iter().next().ok_or(DatabaseError::UnknownCaller)
        })
        .await
    }

    async fn activate(&self, caller: Caller, secret: &SecretHash) -> Result<(), StoreError> {
        let activated = self.transaction(AfterUnknownCommit::Retry, async |connection| {
            // Lock the account first, to serialise with a password reset, which turns the calendar off.
            if !caller_token_validity::lock(connection, caller).await? {
                return Err(DatabaseError::UnknownCaller);
            }
            sql::<Integer>(
                "INSERT INTO calendar (user_id, secret_hash) VALUES ($1, $2)
                 ON CONFLICT (user_id) DO UPDATE SET secret_hash = excluded.secret_hash, created_at = now()",
            )
            .bind::<SqlUuid, _>(caller.user.0)
            .bind::<Binary, _>(secret.0.as_slice())
            .execute(&mut &*connection)
            .await?;
            Ok(())
        });
        Ok(activated.await?)
    }

    async fn deactivate(&self, caller: Caller) -> Result<(), StoreError> {
        let deactivated = self.transaction(AfterUnknownCommit::Retry, async |mut connection| {
            let statement = sql::<Integer>(concat!(
                "WITH known AS (SELECT $1 AS id WHERE ",
                token_is_good!(),
                "), removed AS (DELETE FROM calendar USING known WHERE user_id = known.id)
                 SELECT 1 FROM known"
            ))
            .bind::<SqlUuid, _>(caller.user.0);
            let rows: Vec<i32> =
                caller_token_validity::bind(statement, Some(caller)).load(&mut connection).await?;
            if rows.is_empty() { Err(DatabaseError::UnknownCaller) } else { Ok(()) }
        });
        Ok(deactivated.await?)
    }
}

/// The owner of the calendar with each of its tasks; with none there is one row without a task. Both halves
/// go by the index on due days.
fn shown(secret: &SecretHash) -> Statement<'_, (SqlUuid, MaybeColumns)> {
    let most_text = i64::try_from(MAX_CALENDAR_TEXT).unwrap_or(i64::MAX);
    let most_tasks = i64::try_from(MAX_CALENDAR_TASKS).unwrap_or(i64::MAX);
    sql(concat!(
        "WITH owner AS (
            SELECT user_id AS id, (now() AT TIME ZONE 'UTC')::date - 1 AS yesterday
            FROM calendar WHERE secret_hash = $1
        ), coming AS (
            SELECT todo.*, false AS is_overdue, due_date - yesterday AS days
            FROM todo, owner WHERE user_id = owner.id AND NOT completed AND due_date >= yesterday
            ORDER BY due_date, due_time IS NULL, due_time, number LIMIT $2
        ), overdue AS (
            SELECT todo.*, true AS is_overdue, yesterday - due_date AS days
            FROM todo, owner WHERE user_id = owner.id AND NOT completed AND due_date < yesterday
            ORDER BY due_date DESC, due_time IS NULL, due_time, number LIMIT $2
        ), placed AS (
            SELECT *, row_number() OVER (ORDER BY is_overdue, days, due_time IS NULL, due_time, number) AS place
            FROM (SELECT * FROM coming UNION ALL SELECT * FROM overdue) AS dated
        ), shown AS (
            SELECT *, sum(octet_length(title) + coalesce(octet_length(description), 0)
                    + octet_length(array_to_string(tags, '')))
                OVER (ORDER BY place) AS bytes
            FROM placed WHERE place <= $2
        )
        SELECT owner.id, ",
        columns!("shown", "owner.id"),
        " FROM owner LEFT JOIN shown ON bytes <= $3 ORDER BY place"
    ))
    .bind::<Binary, _>(secret.0.as_slice())
    .bind::<BigInt, _>(most_tasks)
    .bind::<BigInt, _>(most_text)
}
