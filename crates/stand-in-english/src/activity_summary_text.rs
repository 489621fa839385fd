//! Summarises in words what was done in the list.

use std::collections::HashSet;

use serde_json::Value;

use crate::conversation_state::CompletedCall;

/// Says what `list_changes` has found for a time in the person's words, or the newest without one.
pub(crate) fn activity(since: &str, done: &CompletedCall) -> String {
    let changes = done.result["changes"].as_array().map(Vec::as_slice).unwrap_or_default();
    let when = when(since, done);
    if changes.is_empty() {
        return format!("Nothing was changed{when}.");
    }
    let plural = if changes.len() == 1 { "change" } else { "changes" };
    let more = if done.result["more"] == true { " the newest" } else { "" };
    let lines = changes.iter().map(line).collect::<String>();
    format!("These are{more} {} {plural}{when}:{lines}", changes.len())
}

/// Says which completions `list_changes` has found.
pub(crate) fn completions(since: &str, done: &CompletedCall) -> String {
    let changes = done.result["changes"].as_array().map(Vec::as_slice).unwrap_or_default();
    let lines: Vec<String> = finished(changes).map(line).collect();
    let when = when(since, done);
    // Of a history that is cut short, only the newest changes are known.
    let newest = if done.result["more"] == true {
        format!(" among the newest {} changes", changes.len())
    } else {
        String::new()
    };
    match lines.len() {
        0 => format!("I see no completed tasks{when}{newest}."),
        count => {
            let plural = if count == 1 { "completion" } else { "completions" };
            format!("I see {count} {plural}{when}{newest}:{}", lines.concat())
        }
    }
}

/// Those of the changes, newest first, by which a task was finished: the last one of each task, unless it was
/// opened again since. One that comes back is finished every time.
fn finished(changes: &[Value]) -> impl Iterator<Item = &Value> {
    let mut known = HashSet::new();
    changes.iter().filter(move |change| match change["kind"].as_str() {
        Some("repeated") => true,
        Some(kind @ ("completed" | "reopened")) => {
            known.insert(change["task_id"].as_u64()) && kind == "completed"
        }
        _ => false,
    })
}

/// " today", " from 2026-11-16 to 2026-11-22": a time that is over is said by its days.
fn when(since: &str, done: &CompletedCall) -> String {
    let argument = |name: &str| done.arguments.get(name).and_then(Value::as_str);
    match (since, argument("since"), argument("until")) {
        ("", ..) => String::new(),
        (_, Some(first), Some(last)) if first != last => format!(" from {first} to {last}"),
        _ => format!(" {since}"),
    }
}

fn line(change: &Value) -> String {
    let text = |name: &str| change[name].as_str().unwrap_or_default();
    let did = match text("kind") {
        "added" => "added",
        "completed" | "repeated" => "completed",
        "reopened" => "reopened",
        "deleted" => "deleted",
        "restored" => "restored",
        _ => "changed",
    };
    let details = match change["details"].as_str() {
        Some(details) => format!(" ({details})"),
        None => String::new(),
    };
    format!("\n- {}: {did} '{}'{details}", text("at"), text("title"))
}
