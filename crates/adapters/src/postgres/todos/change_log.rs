//! Rows of `todo_change`, and the way from them to [`LoggedChange`].

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account::UserId,
    caller::Caller,
    change_log::{ChangeFilter, ChangeId, ChangePage, LoggedChange},
    ports::{ChangeLog, StoreError},
    request_channel::ChannelKind,
    todo::TaskNumber,
    turn_and_conversation_ids::{ConversationId, TurnId},
};
use serde_json::Value;
use uuid::Uuid;

use super::{change_snapshot::Snapshot, check};
use crate::postgres::{
    Database,
    caller_token_validity::{self, token_is_good},
    error::DatabaseError,
    prepared_statement::{Statement, sql},
};

/// The columns of [`ChangeRow`].
pub(super) type ChangeColumns = (
    BigInt,
    BigInt,
    Nullable<Jsonb>,
    Nullable<Jsonb>,
    Text,
    Nullable<SqlUuid>,
    Nullable<SqlUuid>,
    Timestamptz,
    Array<BigInt>,
    Nullable<BigInt>,
    Nullable<Text>,
);

/// The SQL for the columns of [`ChangeRow`], in its order; of a row called `change` beside the rows of
/// [`its_conversation`]. A conversation is known by the id that its client chose, if it did.
macro_rules! change_columns {
    () => {
        "change.id, change.number, change.before, change.after, change.door, change.turn_id, \
         coalesce(conversation.client_id, conversation.id), change.created_at, change.undoes, change.undone_by, \
         change.program"
    };
}
pub(super) use change_columns;

/// The SQL that adds a change's turn and conversation.
macro_rules! its_conversation {
    () => {
        " LEFT JOIN turn ON turn.id = change.turn_id \
          LEFT JOIN conversation ON conversation.id = turn.conversation_id "
    };
}
pub(super) use its_conversation;

/// A row of the log, with the conversation of its turn.
#[derive(Queryable)]
pub(super) struct ChangeRow {
    id: i64,
    number: i64,
    before: Option<Value>,
    after: Option<Value>,
    channel: String,
    turn: Option<Uuid>,
    conversation: Option<Uuid>,
    created_at: DateTime<Utc>,
    undoes: Vec<i64>,
    undone_by: Option<i64>,
    program: Option<String>,
}

impl ChangeRow {
    /// Reads the change.
    ///
    /// # Errors
    /// When what it keeps is no task.
    pub(super) fn change(self) -> Result<LoggedChange, DatabaseError> {
        let task = |json: Option<Value>| json.map(Snapshot::parse).transpose();
        Ok(LoggedChange {
            id: ChangeId(self.id),
            number: TaskNumber(self.number),
            before: task(self.before)?,
            after: task(self.after)?,
            channel: ChannelKind::from_name(&self.channel)
                .ok_or_else(|| DatabaseError::Inconsistent("a change came by an unknown channel"))?,
            turn: self.turn.map(TurnId),
            conversation: self.conversation.map(ConversationId),
            at: self.created_at,
            undoes: self.undoes.into_iter().map(ChangeId).collect(),
            undone_by: self.undone_by.map(ChangeId),
            program: self.program,
        })
    }
}

/// Reads the changes.
///
/// # Errors
/// When what one of them keeps is no task.
pub(super) fn changes(rows: Vec<ChangeRow>) -> Result<Vec<LoggedChange>, DatabaseError> {
    rows.into_iter().map(ChangeRow::change).collect()
}

#[async_trait]
impl ChangeLog for Database {
    async fn changes(&self, caller: Caller, filter: &ChangeFilter) -> Result<ChangePage, StoreError> {
        self.read(async |connection| page(connection, caller.user, Some(caller), filter).await).await
    }
}

/// Reads a page of a log, for a caller or in a turn.
pub(super) async fn page(
    mut connection: &AsyncPgConnection,
    user: UserId,
    caller: Option<Caller>,
    filter: &ChangeFilter,
) -> Result<ChangePage, DatabaseError> {
    // One row more than the limit is read, to see whether more follow.
    let mut rows: Vec<ChangeRow> = newest(user, caller, filter).load(&mut connection).await?;
    if rows.is_empty() {
        check(connection, caller).await?;
    }
    let limit = usize::try_from(filter.limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    Ok(ChangePage { changes: changes(rows)?, more })
}

fn newest(user: UserId, caller: Option<Caller>, filter: &ChangeFilter) -> Statement<'static, ChangeColumns> {
    let statement = sql(concat!(
        "SELECT ",
        change_columns!(),
        " FROM todo_change AS change",
        its_conversation!(),
        "WHERE change.user_id = $1 AND ",
        token_is_good!()
    ));
    let mut statement = caller_token_validity::bind(statement.bind::<SqlUuid, _>(user.0), caller);
    if let Some(task) = filter.task {
        statement = statement.append_optional(" AND change.number = ?").bind::<BigInt, _>(task.0);
    }
    if let Some(from) = filter.from {
        statement = statement.append_optional(" AND change.created_at >= ?").bind::<Timestamptz, _>(from);
    }
    if let Some(until) = filter.until {
        statement = statement.append_optional(" AND change.created_at < ?").bind::<Timestamptz, _>(until);
    }
    if let Some(before) = filter.before {
        statement = statement.append_optional(" AND change.id < ?").bind::<BigInt, _>(before.0);
    }
    let statement = statement.append(" ORDER BY change.id DESC LIMIT ?");
    statement.bind::<BigInt, _>(filter.limit.saturating_add(1))
}
