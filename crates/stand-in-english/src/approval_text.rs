//! Describes calls that wait for the person's yes, and what became of them.

use serde_json::Value;

use super::{conversation_state::CompletedCall, task::and_list};

/// How every question ends that wants a yes.
pub(crate) const CONFIRMATION: &str = "Shall I really do that?";

/// The most titles that a question names.
const MAX_NAMED: usize = 10;

/// Whether the first calls of a turn are some that the person has just answered: the server made them,
/// or not, before anybody was asked for words.
pub(crate) fn are_answered(first: &[CompletedCall]) -> bool {
    first.iter().all(|done| !waits(done) && state(done).is_some())
}

/// Whether the person wanted none of these calls.
pub(crate) fn are_rejected(first: &[CompletedCall]) -> bool {
    first.iter().all(|done| state(done) == Some("rejected"))
}

/// Asks the person about a call that waits.
pub(crate) fn question(done: &CompletedCall) -> Option<String> {
    if !waits(done) {
        return None;
    }
    if done.result.get("code").and_then(Value::as_str) == Some("NOT_ALLOWED") {
        return Some(
            "This program's token lacks the scope tasks:write, so I did not do it: it waits for your yes in the \
             app, where you are signed in."
                .to_owned(),
        );
    }
    let verb = match done.tool.as_str() {
        "delete_task" => "delete",
        "complete_task" => "mark",
        _ => "change",
    };
    let tasks = done.result.pointer("/approval/tasks").and_then(Value::as_array).map(Vec::as_slice);
    let titles: Vec<String> = tasks
        .unwrap_or_default()
        .iter()
        .filter_map(|task| Some(format!("'{}'", task.get("title")?.as_str()?)))
        .collect();
    let (shown, more) = titles.split_at(titles.len().min(MAX_NAMED));
    let named = match more.len() {
        0 => and_list(shown),
        count => format!("{} and {count} more", shown.join(", ")),
    };
    let plural = if titles.len() == 1 { "" } else { "s" };
    Some(format!("That would {verb} {} task{plural}: {named}. {CONFIRMATION}", titles.len()))
}

/// Whether a call waits for the person's yes.
pub(crate) fn waits(done: &CompletedCall) -> bool {
    match done.result.get("code").and_then(Value::as_str) {
        Some("APPROVAL_REQUIRED") => true,
        Some("NOT_ALLOWED") => state(done) == Some("waiting"),
        _ => false,
    }
}

fn state(done: &CompletedCall) -> Option<&str> {
    done.result.pointer("/approval/state").and_then(Value::as_str)
}
