//! `list_tasks`: a look at the list.

use serde::Deserialize;
use serde_json::json;

use super::{Tool, arguments};
use crate::{
    command::{StatusFilter, TodoCommand, TodoFilter},
    text::without_nul,
};

pub(super) const TOOL: Tool = Tool {
    name: "list_tasks",
    description: "Lists tasks, newest first: open ones (pending), done ones (completed) or all; search finds \
                  a task by words of it.",
    reads_only: true,
    schema: || {
        json!({
            "type": "object",
            "properties": {
                "status": {"type": "string", "enum": ["all", "pending", "completed"]},
                "search": {"type": "string"},
                "limit": {"type": "integer"}
            }
        })
    },
    decode: |given| {
        let Arguments { status, search, limit } =
            arguments::read(given, r#"{"status": "pending", "search": "milk"}"#)?;
        let search = search.filter(|text| !text.trim().is_empty());
        if let Some(text) = &search {
            without_nul("search", text)?;
        }
        let limit = limit.unwrap_or(MOST).clamp(1, MOST);
        let status = status.unwrap_or_default();
        Ok(TodoCommand::List(TodoFilter { status, search, limit, before: None, counts: true }))
    },
};

const MOST: i64 = 50;

#[derive(Deserialize)]
struct Arguments {
    /// Which tasks: "pending" for open ones, "completed" for done ones, "all" for both (default).
    #[serde(default, deserialize_with = "arguments::optional_status")]
    status: Option<StatusFilter>,
    /// Only tasks whose title or description contains this text.
    #[serde(alias = "query")]
    search: Option<String>,
    /// The most tasks to return, 1 to 50 (default 50).
    #[serde(default, deserialize_with = "arguments::optional_number")]
    limit: Option<i64>,
}
