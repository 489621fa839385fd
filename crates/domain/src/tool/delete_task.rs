//! `delete_task`: deletes tasks.

use serde::Deserialize;
use serde_json::json;

use super::{
    Tool, ToolKind,
    arguments::{self, TaskReference},
};
use crate::todo_command::TaskChange;

pub(super) const TOOL: Tool = Tool {
    kind: ToolKind::DeleteTask,
    name: "delete_task",
    title: "Delete a task",
    description: "Deletes a task, or several with task_id [1, 2]. One that is done is completed instead.",
    reads_only: false,
    is_destructive: true,
    // Numbers are not used again.
    is_idempotent: true,
    schema: || {
        json!({
            "type": "object",
            "properties": {"task_id": {"type": "integer"}, "ref": {"type": "string"}}
        })
    },
    decode: |given, _time| {
        let Arguments { task } = arguments::read(given, r#"{"task_id": 3}"#)?;
        Ok(task.command(&TaskChange::Delete))
    },
};

#[derive(Deserialize)]
struct Arguments {
    #[serde(flatten)]
    task: TaskReference,
}
