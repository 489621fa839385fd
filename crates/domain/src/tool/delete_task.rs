//! `delete_task`: away with it.

use serde::Deserialize;
use serde_json::json;

use super::{
    Tool,
    arguments::{self, TaskReference},
};
use crate::{
    command::{TodoChange, TodoCommand},
    todo::TaskNumber,
};

pub(super) const TOOL: Tool = Tool {
    name: "delete_task",
    description: "Deletes a task. One that is done is completed instead.",
    reads_only: false,
    schema: || {
        json!({
            "type": "object",
            "properties": {"task_id": {"type": "integer"}},
            "required": ["task_id"]
        })
    },
    decode: |given| {
        let Arguments { task: TaskReference { task_id } } = arguments::read(given, r#"{"task_id": 3}"#)?;
        Ok(TodoCommand::Change(TodoChange::Delete(TaskNumber(task_id))))
    },
};

#[derive(Deserialize)]
struct Arguments {
    #[serde(flatten)]
    task: TaskReference,
}
