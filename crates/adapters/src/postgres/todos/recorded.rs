//! What was done under an idempotency key.

use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{account::Caller, todo::Todo, turn::RequestKey};

use super::{change_snapshot::Snapshot, statements};
use crate::postgres::{caller::for_caller, error::DatabaseError, idempotency_keys};

/// What a key was used for.
pub(super) enum Recorded {
    Addition { hash: Vec<u8>, todo: Box<Todo> },
    Elsewhere,
    Nothing,
}

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
            statements::recorded(caller.user, key).load(&mut &*connection),
            idempotency_keys::is_of_a_turn_or_batch(connection, caller.user, key)
        )
    };
    let ((), rows, is_elsewhere): ((), Vec<(Vec<u8>, serde_json::Value)>, bool) =
        for_caller(connection, caller, all).await?;
    let Some((hash, after)) = rows.into_iter().next() else {
        return Ok(if is_elsewhere { Recorded::Elsewhere } else { Recorded::Nothing });
    };
    Ok(Recorded::Addition { hash, todo: Box::new(Snapshot::parse(after)?) })
}
