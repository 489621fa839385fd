//! `update_task`: other words for a task.

use serde::Deserialize;
use serde_json::json;

use super::{
    Tool, ToolError, ToolErrorCode,
    arguments::{self, TaskReference},
};
use crate::{
    command::{TitledChange, TodoPatch},
    todo::{TodoDescription, TodoTitle},
};

pub(super) const TOOL: Tool = Tool {
    name: "update_task",
    description: "Gives a task another title or description. An empty description removes it.",
    reads_only: false,
    schema: || {
        json!({
            "type": "object",
            "properties": {
                "task_id": {"type": "integer"},
                "title": {"type": "string"},
                "description": {"type": "string"}
            },
            "required": ["task_id"]
        })
    },
    decode: |given| {
        let Arguments { task, title, description } =
            arguments::read(given, r#"{"task_id": 3, "title": "Buy oat milk"}"#)?;
        let patch = TodoPatch {
            title: title.as_deref().map(TodoTitle::parse).transpose()?,
            description: description.as_deref().map(TodoDescription::parse).transpose()?,
            completed: None,
        };
        if patch.is_empty() {
            let error = "Give a new title, a new description, or both.";
            return Err(ToolError::new(ToolErrorCode::ValidationError, error));
        }
        Ok(task.command(&TitledChange::Update(patch)))
    },
};

#[derive(Deserialize)]
struct Arguments {
    #[serde(flatten)]
    task: TaskReference,
    /// The new title, 1 to 255 characters.
    #[serde(alias = "new_title")]
    title: Option<String>,
    /// The new description, at most 2,000 characters; "" removes it.
    #[serde(alias = "new_description")]
    description: Option<String>,
}
