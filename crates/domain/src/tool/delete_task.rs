//! `delete_task`: away with it.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Tool, arguments};
use crate::{
    command::{TodoChange, TodoCommand},
    todo::TaskNumber,
};

pub(super) const TOOL: Tool = Tool {
    name: "delete_task",
    description: "Deletes one task and returns it as it was. A task that is done is marked with \
                  complete_task instead; delete only what the person wants gone.",
    reads_only: false,
    schema: arguments::schema_of::<Arguments>,
    decode: |given| {
        let Arguments { task_id } = arguments::read(given)?;
        Ok(TodoCommand::Change(TodoChange::Delete(TaskNumber(task_id))))
    },
};

#[derive(Deserialize, JsonSchema)]
struct Arguments {
    /// The task's number.
    task_id: i64,
}
