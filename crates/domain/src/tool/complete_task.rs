//! `complete_task`: done, or open again.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Tool, arguments};
use crate::{
    command::{TodoChange, TodoCommand, TodoPatch},
    todo::TaskNumber,
};

pub(super) const TOOL: Tool = Tool {
    name: "complete_task",
    description: "Marks one task as done or, with completed set to false, as open again.",
    reads_only: false,
    schema: arguments::schema_of::<Arguments>,
    decode: |given| {
        let Arguments { task_id, completed } = arguments::read(given)?;
        let completed = Some(completed.unwrap_or(true));
        let patch = TodoPatch { completed, ..TodoPatch::default() };
        Ok(TodoCommand::Change(TodoChange::Update(TaskNumber(task_id), patch)))
    },
};

#[derive(Deserialize, JsonSchema)]
struct Arguments {
    /// The task's number.
    task_id: i64,
    /// true for done (default), false for open again.
    completed: Option<bool>,
}
