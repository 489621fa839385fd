//! Looks up an earlier use of a change's idempotency key.

use chrono::{DateTime, Utc};
use diesel::Queryable;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{caller::Caller, ports::KeyUse, turn::RequestKey};
use serde_json::Value;

use super::write_statements;
use crate::postgres::{error::DatabaseError, idempotency_key_lock::find_recorded};

/// A change, or the first of several, on record under a key. A row of [`write_statements::recorded`].
#[derive(Queryable)]
pub(super) struct RecordedChange {
    /// Tells what was asked for.
    pub(super) hash: Vec<u8>,
    /// The task after it.
    pub(super) after: Option<Value>,
    /// The time of its transaction.
    pub(super) at: DateTime<Utc>,
    /// What an undo has left out.
    pub(super) left_out: Option<Value>,
}

/// Looks for the key; checks the caller in the same round trip.
pub(super) async fn recorded(
    connection: &AsyncPgConnection,
    caller: Caller,
    key: &RequestKey,
) -> Result<KeyUse<RecordedChange>, DatabaseError> {
    let query = write_statements::recorded(caller.user, key);
    let found = find_recorded(connection, caller, key, query.load(&mut &*connection)).await?;
    Ok(found.used_for(key, |change: &RecordedChange| &change.hash))
}
