//! `list_changes`: reads the log of what was changed in the list.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{MAX_BYTES, Tool, ToolKind, arguments};
use crate::{
    change_log::{ChangeFilter, ChangePage, LoggedChange},
    date_input::{parse_past_day, parse_since},
    time_zone::LocalNow,
    todo::TaskNumber,
    todo_command::TodoCommand,
};

pub(super) const TOOL: Tool = Tool {
    kind: ToolKind::ListChanges,
    name: "list_changes",
    title: "List changes",
    description: "Lists what was done and when. since, until: days.",
    reads_only: true,
    is_destructive: false,
    is_idempotent: true,
    schema: || {
        json!({
            "type": "object",
            "properties": {
                "since": {"type": "string"},
                "until": {"type": "string"},
                "task_id": {"type": "integer"}
            }
        })
    },
    decode: |given, time| {
        let Arguments { since, until, task_id } =
            arguments::read(given, r#"{"since": "monday", "until": "today"}"#)?;
        let first = since.map(|text| parse_since("since", &text, time)).transpose()?.map(|due| due.date);
        let last = until.map(|text| parse_past_day("until", &text, time.local)).transpose()?;
        let last = last.map(|due| due.date);
        let filter =
            ChangeFilter { task: task_id.map(TaskNumber), limit: MAX_CHANGES, ..ChangeFilter::default() };
        Ok(TodoCommand::Changes(filter.on_days(first, last, time.local.zone)))
    },
};

/// The most changes in one result.
const MAX_CHANGES: i64 = 50;

#[derive(Deserialize)]
struct Arguments {
    /// Only what was done since this day.
    #[serde(default, alias = "from", alias = "day", deserialize_with = "arguments::optional_text")]
    since: Option<String>,
    /// Only what was done until this day, and on it.
    #[serde(default, alias = "to", deserialize_with = "arguments::optional_text")]
    until: Option<String>,
    /// Only what was done to this task.
    #[serde(default, alias = "id", deserialize_with = "arguments::optional_task_id")]
    task_id: Option<i64>,
}

/// What a model reads of a page: `{"success":true,"changes":[…],"more":false}`.
pub(super) fn page_to_json(page: &ChangePage, local: LocalNow) -> Value {
    let mut bytes = 0;
    let fits = |change: &Value| {
        bytes += change.to_string().len() + 1;
        bytes <= MAX_BYTES
    };
    let all = page.changes.iter().map(|change| change_to_json(change, local));
    let changes: Vec<Value> = all.take_while(fits).collect();
    let more = page.more || changes.len() < page.changes.len();
    json!({"success": true, "changes": changes, "more": more})
}

fn change_to_json(change: &LoggedChange, local: LocalNow) -> Value {
    let at = local.zone.local(change.at).format("%Y-%m-%d %H:%M").to_string();
    let mut shown = json!({"at": at, "kind": change.kind().as_str(), "task_id": change.number.0, "title": change.title()});
    // What a program did, a person wants to know of as such.
    if let Some(program) = &change.program {
        shown["program"] = json!(program);
    }
    if let Some(details) = change.details(local) {
        shown["details"] = json!(details);
    }
    shown
}
