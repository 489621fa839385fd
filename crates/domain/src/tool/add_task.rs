//! `add_task`: a new task.

use serde::Deserialize;
use serde_json::json;

use super::{Tool, arguments};
use crate::{
    command::{NewTodo, TodoChange, TodoCommand},
    todo::{TodoDescription, TodoTitle},
};

pub(super) const TOOL: Tool = Tool {
    name: "add_task",
    description: "Adds a task. Details, dates and amounts go into its description.",
    reads_only: false,
    schema: || {
        json!({
            "type": "object",
            "properties": {"title": {"type": "string"}, "description": {"type": "string"}},
            "required": ["title"]
        })
    },
    decode: |given| {
        let Arguments { title, description } = arguments::read(given, r#"{"title": "Buy milk"}"#)?;
        let title = TodoTitle::parse(&title)?;
        let description = TodoDescription::parse(description.as_deref().unwrap_or_default())?;
        Ok(TodoCommand::Change(TodoChange::Add(NewTodo { title, description })))
    },
};

#[derive(Deserialize)]
struct Arguments {
    /// What is to be done, in a few words, 1 to 255 characters.
    #[serde(alias = "task", alias = "name", alias = "task_title", alias = "todo")]
    title: String,
    /// Details, at most 2,000 characters.
    #[serde(alias = "details", alias = "notes")]
    description: Option<String>,
}
