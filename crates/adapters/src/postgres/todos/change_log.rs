//! Rows of `todo_change`, and the way from them to [`LoggedChange`].

use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use domain::{
    change_log::{ChangeId, LoggedChange},
    command::Channel,
    id::{ConversationId, TurnId},
    todo::TaskNumber,
};
use serde_json::Value;
use uuid::Uuid;

use super::change_snapshot::Snapshot;
use crate::postgres::error::DatabaseError;

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
);

/// The SQL for the columns of [`ChangeRow`], in its order; of a row called `change`, of whose turn
/// `conversation` is.
macro_rules! change_columns {
    ($conversation:literal) => {
        concat!(
            "change.id, change.number, change.before, change.after, change.door, change.turn_id, ",
            $conversation,
            ", change.created_at, change.undoes, change.undone_by"
        )
    };
}
pub(super) use change_columns;

/// A row of the log, with the conversation of its turn.
#[derive(Queryable)]
pub(super) struct ChangeRow {
    id: i64,
    number: i64,
    before: Option<Value>,
    after: Option<Value>,
    door: String,
    turn: Option<Uuid>,
    conversation: Option<Uuid>,
    created_at: DateTime<Utc>,
    undoes: Vec<i64>,
    undone_by: Option<i64>,
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
            channel: channel(&self.door, self.turn),
            conversation: self.conversation.map(ConversationId),
            at: self.created_at,
            undoes: self.undoes.into_iter().map(ChangeId).collect(),
            undone_by: self.undone_by.map(ChangeId),
        })
    }
}

/// A change of a turn whose conversation was deleted came through the chat, but has no turn any more.
fn channel(door: &str, turn: Option<Uuid>) -> Channel {
    match turn {
        Some(turn) if door == "chat" => Channel::Chat(TurnId(turn)),
        _ => Channel::Rest,
    }
}

/// Reads the changes.
///
/// # Errors
/// When what one of them keeps is no task.
pub(super) fn changes(rows: Vec<ChangeRow>) -> Result<Vec<LoggedChange>, DatabaseError> {
    rows.into_iter().map(ChangeRow::change).collect()
}
