//! `complete_task`: marks tasks as done, or as open again.

use serde::Deserialize;
use serde_json::json;

use super::{
    Tool, ToolKind,
    arguments::{self, TaskReference},
};
use crate::todo_command::{TaskChange, TodoPatch};

pub(super) const TOOL: Tool = Tool {
    kind: ToolKind::CompleteTask,
    name: "complete_task",
    title: "Complete or reopen a task",
    description: "Marks a task as done, or with completed false as open again; several with task_id [1, 2].",
    reads_only: false,
    is_destructive: false,
    // A repeating task goes on to its next day each time.
    is_idempotent: false,
    schema: || {
        json!({
            "type": "object",
            "properties": {"task_id": {"type": "integer"}, "ref": {"type": "string"}, "completed": {"type": "boolean"}}
        })
    },
    decode: |given, _time| {
        let Arguments { task, completed } = arguments::read(given, r#"{"task_id": 3}"#)?;
        let completed = Some(completed.unwrap_or(true));
        let patch = TodoPatch { completed, ..TodoPatch::default() };
        Ok(task.command(&TaskChange::Update(patch)))
    },
};

#[derive(Deserialize)]
struct Arguments {
    #[serde(flatten)]
    task: TaskReference,
    /// true for done (default), false for open again.
    #[serde(default, deserialize_with = "arguments::optional_completed")]
    completed: Option<bool>,
}
