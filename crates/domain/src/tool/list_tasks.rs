//! `list_tasks`: a look at the list.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Tool, arguments};
use crate::{
    command::{StatusFilter, TodoCommand, TodoFilter},
    text::without_nul,
};

pub(super) const TOOL: Tool = Tool {
    name: "list_tasks",
    description: "Lists the person's tasks, newest first. Use it whenever they ask what is on their \
                  list, and to find the number of a task that they name by its words.",
    reads_only: true,
    schema: arguments::schema_of::<Arguments>,
    decode: |given| {
        let Arguments { status, search, limit } = arguments::read(given)?;
        let search = search.filter(|text| !text.trim().is_empty());
        if let Some(text) = &search {
            without_nul("search", text)?;
        }
        let limit = limit.unwrap_or(MOST).clamp(1, MOST);
        let status = status.unwrap_or_default();
        Ok(TodoCommand::List(TodoFilter { status, search, limit, before: None }))
    },
};

const MOST: i64 = 50;

#[derive(Deserialize, JsonSchema)]
struct Arguments {
    /// Which tasks: "pending" for open ones, "completed" for done ones, "all" for both (default).
    status: Option<StatusFilter>,
    /// Only tasks whose title or description contains this text.
    search: Option<String>,
    /// The most tasks to return, 1 to 50 (default 50).
    limit: Option<i64>,
}
