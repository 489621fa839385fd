//! `update_task`: other words for a task.

use serde::Deserialize;
use serde_json::json;

use super::{
    Tool, ToolError, ToolErrorCode,
    arguments::{self, Clearable, TaskReference},
};
use crate::{
    command::{TitledChange, TodoPatch},
    due_range::parse_day,
    todo::{TodoDescription, TodoTitle},
};

pub(super) const TOOL: Tool = Tool {
    name: "update_task",
    description: "Changes a task's title, description or due day. null removes a description or a due day.",
    reads_only: false,
    schema: || {
        json!({
            "type": "object",
            "properties": {
                "task_id": {"type": "integer"},
                "title": {"type": "string"},
                "description": {"type": ["string", "null"]},
                "due": {"type": ["string", "null"]}
            },
            "required": ["task_id"]
        })
    },
    decode: |given, time| {
        let Arguments { task, title, description, due } =
            arguments::read(given, r#"{"task_id": 3, "title": "Buy oat milk"}"#)?;
        let patch = TodoPatch {
            title: title.as_deref().map(TodoTitle::parse).transpose()?,
            description: description.patch(TodoDescription::parse)?,
            due: due.patch(|text| parse_day(text, time.local).map(Some))?,
            ..TodoPatch::default()
        };
        if patch.is_empty() {
            let error = "Give a new title, a new description or another due day.";
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
    #[serde(default, alias = "new_title", deserialize_with = "arguments::optional_text")]
    title: Option<String>,
    /// The new description, at most 2,000 characters; `null` removes it.
    #[serde(default, alias = "new_description")]
    description: Clearable,
    /// Another day, perhaps with a time; `null` removes it.
    #[serde(default, alias = "due_date", alias = "date")]
    due: Clearable,
}
