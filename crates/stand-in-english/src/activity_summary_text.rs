//! What was done in the list, in words.

use serde_json::Value;

use crate::conversation_state::CompletedCall;

/// Says what `list_changes` has found for a time in the person's words, or the newest without one.
pub(crate) fn activity(since: &str, done: &CompletedCall) -> String {
    let changes = done.result["changes"].as_array().map(Vec::as_slice).unwrap_or_default();
    let when = if since.is_empty() { String::new() } else { format!(" {since}") };
    if changes.is_empty() {
        return format!("Nothing was changed{when}.");
    }
    let plural = if changes.len() == 1 { "change" } else { "changes" };
    let more = if done.result["more"] == true { " the newest" } else { "" };
    let lines = changes.iter().map(line).collect::<String>();
    format!("These are{more} {} {plural}{when}:{lines}", changes.len())
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
