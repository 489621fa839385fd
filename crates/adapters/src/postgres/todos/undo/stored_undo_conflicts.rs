//! The tasks that an undo under a key has left out, as its first record keeps them for the answer to a retry.

use domain::{
    change_log::ChangeId,
    todo::TaskNumber,
    undo::{Conflict, ConflictReason},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::postgres::error::DatabaseError;

#[derive(Serialize, Deserialize)]
struct LeftOut {
    number: i64,
    title: String,
    reason: String,
    since: Option<i64>,
}

/// The JSON of the tasks that were left out.
pub(super) fn to_json(conflicts: &[Conflict<ChangeId>]) -> Value {
    let left_out = conflicts.iter().map(|conflict| LeftOut {
        number: conflict.number.0,
        title: conflict.title.clone(),
        reason: conflict.reason.as_str().to_owned(),
        since: conflict.since.map(|id| id.0),
    });
    // Strings and numbers: this cannot fail.
    serde_json::to_value(left_out.collect::<Vec<_>>()).unwrap_or_default()
}

/// Reads what [`to_json`] made.
///
/// # Errors
/// When it is something else.
pub(super) fn parse(json: Value) -> Result<Vec<Conflict<ChangeId>>, DatabaseError> {
    let broken = || DatabaseError::Inconsistent("what an undo left out cannot be read");
    let all: Vec<LeftOut> = serde_json::from_value(json).map_err(|_error| broken())?;
    let conflict = |one: LeftOut| {
        let reason = ConflictReason::parse(&one.reason).ok_or_else(broken)?;
        let since = one.since.map(ChangeId);
        Ok(Conflict { number: TaskNumber(one.number), title: one.title, reason, since })
    };
    all.into_iter().map(conflict).collect()
}
