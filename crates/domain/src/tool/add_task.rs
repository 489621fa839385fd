//! `add_task`: a new task.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Tool, arguments};
use crate::{
    command::{NewTodo, TodoChange, TodoCommand},
    todo::{TodoDescription, TodoTitle},
};

pub(super) const TOOL: Tool = Tool {
    name: "add_task",
    description: "Adds one task to the person's list and returns it with its number.",
    reads_only: false,
    schema: arguments::schema_of::<Arguments>,
    decode: |given| {
        let Arguments { title, description } = arguments::read(given)?;
        let title = TodoTitle::parse(&title)?;
        let description = TodoDescription::parse(description.as_deref().unwrap_or_default())?;
        Ok(TodoCommand::Change(TodoChange::Add(NewTodo { title, description })))
    },
};

#[derive(Deserialize, JsonSchema)]
struct Arguments {
    /// What is to be done, in a few words, 1 to 255 characters.
    title: String,
    /// Details, at most 2,000 characters.
    description: Option<String>,
}
