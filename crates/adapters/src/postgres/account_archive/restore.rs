//! Writes an imported account as a whole, in one transaction.

use diesel::{
    prelude::*,
    sql_types::{BigInt, Bool, Integer, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account::{UserId, UserName},
    account_archive::AccountArchive,
    account_limits::{LimitReached, Limits},
    caller::Caller,
    change_log::{ChangeId, LoggedChange},
};
use serde::Serialize;
use uuid::Uuid;

use super::import_rows::{ConversationJson, TodoJson, change_json, message_json, turn_json};
use crate::postgres::{
    account_limits::storage_quota,
    caller_token_validity::{self, token_is_good},
    error::DatabaseError,
    prepared_statement::sql,
};

/// The rows, and about the bytes, of one statement.
const ROWS: usize = 500;
const BYTES: usize = 512 * 1024;

/// The SQL that inserts the rows of `$2` into a table, with the user of `$1` where it has one.
macro_rules! insert_rows {
    ($table:literal, $columns:literal) => {
        concat!(
            "INSERT INTO ",
            $table,
            " (",
            $columns,
            ") SELECT ",
            $columns,
            " FROM (VALUES ($1)) AS owner (user_id), jsonb_populate_recordset(NULL::",
            $table,
            ", $2::jsonb)"
        )
    };
    ($table:literal, user_id, $columns:literal) => {
        concat!(
            "INSERT INTO ",
            $table,
            " (user_id, ",
            $columns,
            ") OVERRIDING SYSTEM VALUE SELECT $1, ",
            $columns,
            " FROM jsonb_populate_recordset(NULL::",
            $table,
            ", $2::jsonb)"
        )
    };
}

const TODOS: &str = insert_rows!(
    "todo",
    user_id,
    "number, title, description, completed, created_at, updated_at, due_date, due_time, due_zone, due_at,
     priority, tags, repeat, completed_at, revision, position, parent, title_key, description_key, tag_keys"
);
const CHANGES: &str = insert_rows!(
    "todo_change",
    user_id,
    "id, number, door, turn_id, before, after, created_at, undoes, undone_by, program"
);
const CONVERSATIONS: &str = insert_rows!(
    "conversation",
    user_id,
    "id, client_id, title, last_seq, message_count, created_at, updated_at, summary, summary_seq,
     has_own_title, model"
);
const TURNS: &str = insert_rows!(
    "turn",
    user_id,
    "id, conversation_id, client_message_id, state, first_seq, closing_seq, step, finish_reason, failure, model,
     prompt_tokens, completion_tokens, time_zone, week_start, created_at, ended_at, lease_until"
);
const MESSAGES: &str = insert_rows!(
    "message",
    "conversation_id, seq, turn_id, role, content, tool_calls, tool_call_id, created_at"
);

/// Writes an account into an empty one; returns whether it was.
pub(super) async fn restore(
    connection: &AsyncPgConnection,
    caller: Caller,
    archive: &AccountArchive,
    limits: &Limits,
) -> Result<bool, DatabaseError> {
    lock(connection, caller).await?;
    if !is_empty(connection, caller.user).await? {
        return Ok(false);
    }
    check_counts(archive, limits)?;
    write_account(connection, caller.user, archive).await?;
    let mut todos = Batch::new(connection, caller.user, TODOS);
    // What others stand under comes before them.
    let (below, top): (Vec<_>, Vec<_>) = archive.todos.iter().partition(|todo| todo.parent.is_some());
    for todo in top.into_iter().chain(below) {
        todos.push(&TodoJson::from(todo)).await?;
    }
    todos.flush().await?;
    write_conversations(connection, caller.user, archive).await?;
    write_changes(connection, caller.user, &archive.changes).await?;
    let bytes = storage_quota::measure(connection, caller.user).await?;
    if limits.stored_bytes > 0 && bytes > limits.stored_bytes {
        return Err(DatabaseError::Limit(LimitReached::StoredBytes(limits.stored_bytes)));
    }
    Ok(true)
}

/// Keeps tasks and conversations from being added until the transaction ends: both need the user's row.
async fn lock(mut connection: &AsyncPgConnection, caller: Caller) -> Result<(), DatabaseError> {
    let statement = sql::<SqlUuid>(concat!(
        r#"SELECT id FROM "user" WHERE id = $1 AND "#,
        token_is_good!(),
        " FOR UPDATE"
    ));
    let statement = caller_token_validity::bind(statement.bind::<SqlUuid, _>(caller.user.0), Some(caller));
    let locked: Option<Uuid> = statement.get_result(&mut connection).await.optional()?;
    locked.map(drop).ok_or(DatabaseError::UnknownCaller)
}

/// Whether an account has no conversation, and never had a task. Asked under the lock.
async fn is_empty(mut connection: &AsyncPgConnection, user: UserId) -> QueryResult<bool> {
    sql::<Bool>(
        r#"SELECT last_task_number = 0 AND NOT EXISTS (SELECT FROM conversation WHERE user_id = $1)
           FROM "user" WHERE id = $1"#,
    )
    .bind::<SqlUuid, _>(user.0)
    .get_result(&mut connection)
    .await
}

fn check_counts(archive: &AccountArchive, limits: &Limits) -> Result<(), DatabaseError> {
    let exceeds = |count: usize, most: i64| i64::try_from(count).unwrap_or(i64::MAX) > most;
    if exceeds(archive.todos.len(), limits.tasks) {
        return Err(DatabaseError::Limit(LimitReached::Tasks(limits.tasks)));
    }
    if exceeds(archive.conversations.len(), limits.conversations) {
        return Err(DatabaseError::Limit(LimitReached::Conversations(limits.conversations)));
    }
    Ok(())
}

async fn write_account(
    mut connection: &AsyncPgConnection,
    user: UserId,
    archive: &AccountArchive,
) -> QueryResult<()> {
    sql::<Integer>(
        r#"WITH opened AS (
             INSERT INTO account_usage (user_id, conversations_opened) VALUES ($1, $2)
             ON CONFLICT (user_id) DO UPDATE SET conversations_opened = excluded.conversations_opened
         )
         UPDATE "user" SET last_task_number = $3, name = $4, time_zone = $5, week_start = $6 WHERE id = $1"#,
    )
    .bind::<SqlUuid, _>(user.0)
    .bind::<BigInt, _>(i64::try_from(archive.conversations.len()).unwrap_or(i64::MAX))
    .bind::<BigInt, _>(archive.last_number.0)
    .bind::<Nullable<Text>, _>(archive.name.as_ref().map(UserName::as_str))
    .bind::<Text, _>(archive.time_zone.name())
    .bind::<Text, _>(archive.week_start.as_str())
    .execute(&mut connection)
    .await
    .map(drop)
}

/// Writes the conversations, then their turns, then their messages: each refers to the one before.
async fn write_conversations(
    connection: &AsyncPgConnection,
    user: UserId,
    archive: &AccountArchive,
) -> Result<(), DatabaseError> {
    let mut rows = Batch::new(connection, user, CONVERSATIONS);
    for whole in &archive.conversations {
        rows.push(&ConversationJson::from(whole)).await?;
    }
    rows.flush().await?;
    let mut rows = Batch::new(connection, user, TURNS);
    for whole in &archive.conversations {
        let mut seq = 1;
        for (turn, messages) in &whole.turns {
            rows.push(&turn_json(whole.conversation.row.0, turn, messages, seq)?).await?;
            seq += messages.len();
        }
    }
    rows.flush().await?;
    let mut rows = Batch::new(connection, user, MESSAGES);
    for whole in &archive.conversations {
        let mut seq = 1;
        for (turn, messages) in &whole.turns {
            for message in messages {
                rows.push(&message_json(whole.conversation.row.0, turn.id, message, seq)?).await?;
                seq += 1;
            }
        }
    }
    rows.flush().await
}

/// Writes the changes under new ids, in the same order.
///
/// What a change took back may be forgotten by now, but it is still a change that took something back. All
/// that are forgotten share one id, which no change has.
async fn write_changes(
    connection: &AsyncPgConnection,
    user: UserId,
    changes: &[LoggedChange],
) -> Result<(), DatabaseError> {
    let ids = new_change_ids(connection, changes.len() + 1).await?;
    let Some((forgotten, ids)) = ids.split_first().filter(|(_, ids)| ids.len() == changes.len()) else {
        return Err(DatabaseError::Inconsistent("there are not as many ids as changes"));
    };
    let new_id = |old: ChangeId| {
        let place = changes.binary_search_by_key(&old, |change| change.id);
        place.map_or(*forgotten, |place| ids[place])
    };
    let mut rows = Batch::new(connection, user, CHANGES);
    for (change, id) in changes.iter().zip(ids) {
        rows.push(&change_json(*id, change, new_id)).await?;
    }
    rows.flush().await
}

/// Takes so many new ids, the smallest first.
async fn new_change_ids(mut connection: &AsyncPgConnection, count: usize) -> QueryResult<Vec<i64>> {
    let mut ids: Vec<i64> = sql::<BigInt>(
        "SELECT nextval(pg_get_serial_sequence('todo_change', 'id')) FROM generate_series(1, $1)",
    )
    .bind::<BigInt, _>(i64::try_from(count).unwrap_or(i64::MAX))
    .load(&mut connection)
    .await?;
    ids.sort_unstable();
    Ok(ids)
}

/// Rows of one table on their way: written when they are many.
struct Batch<'a> {
    connection: &'a AsyncPgConnection,
    user: UserId,
    statement: &'static str,
    rows: usize,
    json: Vec<u8>,
}

impl<'a> Batch<'a> {
    fn new(connection: &'a AsyncPgConnection, user: UserId, statement: &'static str) -> Self {
        Self { connection, user, statement, rows: 0, json: Vec::new() }
    }

    async fn push(&mut self, row: &impl Serialize) -> Result<(), DatabaseError> {
        self.json.push(if self.rows == 0 { b'[' } else { b',' });
        serde_json::to_writer(&mut self.json, row)
            .map_err(|_error| DatabaseError::Inconsistent("a row cannot be written as JSON"))?;
        self.rows += 1;
        if self.rows >= ROWS || self.json.len() >= BYTES { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> Result<(), DatabaseError> {
        if self.rows == 0 {
            return Ok(());
        }
        self.json.push(b']');
        let json = String::from_utf8(std::mem::take(&mut self.json))
            .map_err(|_error| DatabaseError::Inconsistent("a row cannot be written as JSON"))?;
        self.rows = 0;
        sql::<Integer>(self.statement)
            .bind::<SqlUuid, _>(self.user.0)
            .bind::<Text, _>(json)
            .execute(&mut &*self.connection)
            .await?;
        Ok(())
    }
}
