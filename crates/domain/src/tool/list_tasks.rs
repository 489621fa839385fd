//! `list_tasks`: reads the tasks of the list.

use serde::Deserialize;
use serde_json::json;

use super::{Tool, ToolKind, arguments};
use crate::{
    date_input::parse_since,
    due::DueRange,
    priority::Priority,
    text_validation::reject_nul,
    todo::TaskNumber,
    todo_command::TodoCommand,
    todo_filter::{ParentFilter, StatusFilter, TodoFilter, TodoOrder},
};

pub(super) const TOOL: Tool = Tool {
    kind: ToolKind::ListTasks,
    name: "list_tasks",
    title: "List tasks",
    description: "Lists tasks: open ones (pending), done ones (completed) or all; search finds a task by \
                  words of it. due: today, tomorrow, week, overdue, none, a date, or two as \
                  2026-11-01..2026-11-30. done_since: only what was done since that day.",
    reads_only: true,
    is_destructive: false,
    is_idempotent: true,
    schema: || {
        json!({
            "type": "object",
            "properties": {
                "status": {"type": "string", "enum": ["all", "pending", "completed"]},
                "search": {"type": "string"},
                "due": {"type": "string"},
                "done_since": {"type": "string"},
                "priority": {"type": "string", "enum": ["low", "medium", "high"]},
                "tag": {"type": "string"},
                "parent": {"type": "integer"},
                "limit": {"type": "integer"}
            }
        })
    },
    decode: |given, time| {
        let Arguments { status, search, due, done_since, priority, tag, parent, limit } =
            arguments::read(given, r#"{"status": "pending", "search": "milk"}"#)?;
        if let Some(text) = &search {
            reject_nul("search", text)?;
        }
        let limit = limit.unwrap_or(MAX_TASKS).clamp(1, MAX_TASKS);
        let due = due.map(|text| DueRange::parse(&text, time)).transpose()?.map(|range| (range, time.local));
        let completed_since = done_since
            .map(|text| parse_since("done_since", &text, time))
            .transpose()?
            .map(|since| since.instant().unwrap_or_else(|| time.local.zone.start_of_day(since.date)));
        // What is late, or due on a day, is what is still to be done.
        let asks_for_days = due.is_some() && completed_since.is_none();
        let implied = if asks_for_days { StatusFilter::Pending } else { StatusFilter::All };
        Ok(TodoCommand::List(TodoFilter {
            status: status.unwrap_or(implied),
            limit,
            counts: true,
            order: match (&search, due) {
                (_, Some(_)) => TodoOrder::Due,
                (Some(_), None) => TodoOrder::BestMatch,
                (None, None) => TodoOrder::Newest,
            },
            priority,
            tag,
            search,
            due,
            completed_since,
            parent: parent.map(|number| ParentFilter::Of(TaskNumber(number))),
            ..TodoFilter::default()
        }))
    },
};

const MAX_TASKS: i64 = 50;

#[derive(Deserialize)]
struct Arguments {
    /// Which tasks: "pending" for open ones, "completed" for done ones, "all" for both (default).
    #[serde(default, deserialize_with = "arguments::optional_status")]
    status: Option<StatusFilter>,
    /// Only tasks whose title or description contains this text.
    #[serde(default, alias = "query", deserialize_with = "arguments::optional_text")]
    search: Option<String>,
    /// Only tasks that are due then; then they come in that order, and only open ones.
    #[serde(default, alias = "when", deserialize_with = "arguments::optional_text")]
    due: Option<String>,
    /// Only tasks that were done since this day.
    #[serde(default, alias = "completed_since", deserialize_with = "arguments::optional_text")]
    done_since: Option<String>,
    /// Only tasks of this priority.
    #[serde(default, deserialize_with = "arguments::optional_priority")]
    priority: Option<Priority>,
    /// Only tasks with this tag.
    #[serde(default, alias = "tags", deserialize_with = "arguments::optional_text")]
    tag: Option<String>,
    /// Only subtasks of this task.
    #[serde(default, alias = "parent_id", deserialize_with = "arguments::optional_parent")]
    parent: Option<i64>,
    /// The most tasks to return, 1 to 50 (default 50).
    #[serde(default, deserialize_with = "arguments::optional_limit")]
    limit: Option<i64>,
}
