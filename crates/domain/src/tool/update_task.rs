//! `update_task`: other words for a task.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Tool, ToolError, ToolErrorCode, arguments};
use crate::{
    command::{TodoChange, TodoCommand, TodoPatch},
    todo::{TaskNumber, TodoDescription, TodoTitle},
};

pub(super) const TOOL: Tool = Tool {
    name: "update_task",
    description: "Changes the title or the description of one task. What is not given stays as it is.",
    reads_only: false,
    schema: arguments::schema_of::<Arguments>,
    decode: |given| {
        let Arguments { task_id, title, description } = arguments::read(given)?;
        let patch = TodoPatch {
            title: title.as_deref().map(TodoTitle::parse).transpose()?,
            description: description.as_deref().map(TodoDescription::parse).transpose()?,
            completed: None,
        };
        if patch.is_empty() {
            let error = "Give a new title, a new description, or both.";
            return Err(ToolError::new(ToolErrorCode::ValidationError, error));
        }
        Ok(TodoCommand::Change(TodoChange::Update(TaskNumber(task_id), patch)))
    },
};

#[derive(Deserialize, JsonSchema)]
struct Arguments {
    /// The task's number.
    task_id: i64,
    /// The new title, 1 to 255 characters.
    title: Option<String>,
    /// The new description, at most 2,000 characters; "" removes it.
    description: Option<String>,
}
