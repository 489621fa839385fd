//! The conversation a turn takes place in: opened if need be, and locked.

use diesel::sql_types::{Integer, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account::Caller,
    conversation::ConversationTitle,
    turn::{NewTurn, Target},
};

use crate::postgres::{error::DatabaseError, sql::sql};

/// A conversation whose row is locked until the transaction ends.
pub(super) struct LockedConversation {
    pub(super) title: String,
    /// The seq of its newest message; 0 when it has none.
    pub(super) last_seq: i32,
}

impl LockedConversation {
    /// A conversation that this transaction has opened. Nobody else knows of it: there is nothing
    /// to lock, and nothing to look for.
    pub(super) fn empty() -> Self {
        Self { title: String::new(), last_seq: 0 }
    }
}

/// Opens the conversation of a new turn unless somebody has its id; returns whether it did.
pub(super) async fn open(mut connection: &AsyncPgConnection, new: &NewTurn) -> Result<bool, DatabaseError> {
    let title = ConversationTitle::from_first_message(new.message.as_str());
    let opened = sql::<Integer>(
        "INSERT INTO conversation (id, user_id, title) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING",
    )
    .bind::<SqlUuid, _>(new.target.id().0)
    .bind::<SqlUuid, _>(new.caller.user.0)
    .bind::<Text, _>(title.as_str())
    .execute(&mut connection)
    .await?;
    Ok(opened == 1)
}

/// Locks a conversation of the caller's; `None` when they have none of this id.
pub(super) async fn lock(
    mut connection: &AsyncPgConnection,
    target: Target,
    caller: Caller,
) -> Result<Option<LockedConversation>, DatabaseError> {
    let rows: Vec<(String, i32)> = sql::<(Text, Integer)>(
        "SELECT title, last_seq FROM conversation WHERE id = $1 AND user_id = $2 FOR UPDATE",
    )
    .bind::<SqlUuid, _>(target.id().0)
    .bind::<SqlUuid, _>(caller.user.0)
    .load(&mut connection)
    .await?;
    Ok(rows.into_iter().next().map(|(title, last_seq)| LockedConversation { title, last_seq }))
}
