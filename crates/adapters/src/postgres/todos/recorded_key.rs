//! What an idempotency key was used for before.

use chrono::{DateTime, Utc};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{account::Caller, turn::RequestKey};
use serde_json::Value;

use super::write_statements;
use crate::postgres::{
    error::DatabaseError,
    idempotency_keys::{self, KeyUses},
    token_check::for_caller,
};

/// What a key was used for.
pub(super) enum Recorded {
    /// A change, or the first of several, whose hash tells what was asked for.
    Change {
        hash: Vec<u8>,
        /// The task after it.
        after: Option<Value>,
        /// The time of its transaction.
        at: DateTime<Utc>,
        /// What an undo has left out.
        left_out: Option<Value>,
    },
    /// A turn or a batch.
    Elsewhere,
    Nothing,
}

/// A row of [`write_statements::recorded`].
type RecordedRow = (Vec<u8>, Option<Value>, DateTime<Utc>, Option<Value>);

/// Looks for the key; checks the caller in the same round trip.
pub(super) async fn recorded(
    connection: &AsyncPgConnection,
    caller: Caller,
    key: &RequestKey,
) -> Result<Recorded, DatabaseError> {
    // In this order on the wire: what is found is found under the lock.
    let all = async {
        futures::try_join!(
            idempotency_keys::lock(connection, caller.user, key),
            write_statements::recorded(caller.user, key).load(&mut &*connection),
            idempotency_keys::uses(connection, caller.user, key)
        )
    };
    let ((), rows, uses): ((), Vec<RecordedRow>, KeyUses) = for_caller(connection, caller, all).await?;
    Ok(match rows.into_iter().next() {
        Some((hash, after, at, left_out)) => Recorded::Change { hash, after, at, left_out },
        None if uses.begins_a_turn || uses.reopens_a_turn || uses.makes_a_batch => Recorded::Elsewhere,
        None => Recorded::Nothing,
    })
}
