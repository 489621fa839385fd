//! The invariants: what must be true of every history, whatever went wrong in it.
//!
//! Everything but [`database_rows`] is a function of what clients were told and what is there in the end.

mod conversations;
pub mod database_rows;
mod responses;
mod tasks;

use super::{
    final_state::FinalUserState,
    operation_record::{OperationOutcome, OperationRecord},
};

/// One in so many operations may come to no end: a turn that failed as often as it may is over,
/// whatever its client wants.
const ONE_UNFINISHED_IN: usize = 20;

/// Returns everything in which a history is not as promised.
pub fn violations(records: &[OperationRecord], belongings: &[FinalUserState]) -> Vec<String> {
    let mut found = Vec::new();
    for record in records {
        found.extend(responses::violations(record));
    }
    found.extend(barrenness(records));
    for (user, has) in belongings.iter().enumerate() {
        let theirs: Vec<&OperationRecord> = records.iter().filter(|record| record.user == user).collect();
        let whose = |text: String| format!("user {user}: {text}");
        found.extend(tasks::violations(&theirs, &has.tasks).into_iter().map(whose));
        found.extend(conversations::violations(&theirs, &has.conversations).into_iter().map(whose));
    }
    found
}

/// A server that refuses everything breaks no other promise.
fn barrenness(records: &[OperationRecord]) -> Option<String> {
    let unfinished =
        records.iter().filter(|record| !matches!(record.outcome(), OperationOutcome::Done(_))).count();
    (unfinished > 1 + records.len() / ONE_UNFINISHED_IN)
        .then(|| format!("{unfinished} of {} operations came to no end", records.len()))
}

#[cfg(test)]
mod tests;
