//! Every answer: one of those that are promised, in time, and the same for the same key.

use std::time::Duration;

use super::super::{Answer, Attempt, Operation, OperationRecord};

/// The promise.
const WITHOUT_A_MODEL: Duration = Duration::from_secs(8);
/// How long one may take that waits for a model as well.
const WITH_A_MODEL: Duration = Duration::from_secs(61);

pub(super) fn violations(record: &OperationRecord) -> Vec<String> {
    let mut found = Vec::new();
    let mut done: Option<(&Attempt, &Answer)> = None;
    found.extend(disappearance(record));
    for attempt in &record.attempts {
        found.extend(lateness(record, attempt));
        let Some(answer) = &attempt.answer else { continue };
        found.extend(impropriety(record, answer));
        if !answer.is_success() {
            if record.operation.takes_a_key()
                && done.is_some()
                && matches!(answer.status, 400..=407 | 410..=499)
            {
                found.push(format!("{}: was done, and then refused: {answer:?}", record.operation));
            }
            continue;
        }
        match done {
            None => done = Some((attempt, answer)),
            Some((first, told)) if record.operation.takes_a_key() => {
                found.extend(difference(record, told, answer));
                found.extend(pretence(record, first, attempt, answer));
            }
            Some(_) => {}
        }
    }
    found
}

fn lateness(record: &OperationRecord, attempt: &Attempt) -> Option<String> {
    let bound = if record.operation.asks_a_model() { WITH_A_MODEL } else { WITHOUT_A_MODEL };
    let took = attempt.to - attempt.from;
    let is_late = took > bound && !attempt.is_disturbed;
    is_late.then(|| format!("{} at {:?}: the answer took {took:?}", record.operation, attempt.from))
}

/// What no server may answer to a request that is good.
fn impropriety(record: &OperationRecord, answer: &Answer) -> Option<String> {
    let wrong = match answer.status {
        200..=299 if matches!(record.operation, Operation::Resend { .. }) => "its conversation is deleted",
        200..=299 => return None,
        // The machine was so busy that the request itself did not come through.
        408 => return None,
        404 if record.says_done(answer) => return None,
        409 | 429 | 502 | 503 | 504 if answer.has_retry_after => return None,
        409 | 429 | 502 | 503 | 504 => "no Retry-After",
        500 => "a fault of the surroundings is no bug of ours",
        _ => "the request was good",
    };
    Some(format!("{}: {wrong}: {answer:?}", record.operation))
}

/// What is there until its client deletes it is there when that is tried first.
fn disappearance(record: &OperationRecord) -> Option<String> {
    let first = record.attempts.first()?.answer.as_ref()?;
    (record.operation.deletes() && first.status == 404)
        .then(|| format!("{}: was gone before: {first:?}", record.operation))
}

fn difference(record: &OperationRecord, first: &Answer, again: &Answer) -> Option<String> {
    ((first.status, &first.body) != (again.status, &again.body))
        .then(|| format!("{}: two answers to one key:\n{first:?}\n{again:?}", record.operation))
}

/// An answer to what was asked after it had been answered was given before, and says so. A stream that had
/// to begin before that was known cannot.
fn pretence(record: &OperationRecord, first: &Attempt, attempt: &Attempt, answer: &Answer) -> Option<String> {
    let may_have_begun = matches!(record.operation, Operation::Edit { .. } | Operation::Regenerate { .. });
    (record.key.is_some() && !may_have_begun && attempt.from >= first.to && !answer.is_replayed)
        .then(|| format!("{}: the second answer does not say that it is one", record.operation))
}
