//! `add_task`: adds a task.

use serde::Deserialize;
use serde_json::json;

use super::{Tool, ToolKind, arguments};
use crate::{
    date_input::parse_day,
    priority::Priority,
    tags::Tags,
    todo::{TaskNumber, TodoDescription, TodoTitle},
    todo_command::{NewTodo, RequestedRepeat, TodoChange, TodoCommand},
};

pub(super) const TOOL: Tool = Tool {
    kind: ToolKind::AddTask,
    name: "add_task",
    title: "Add a task",
    description: "Adds a task. Details and amounts go into its description, a day into due, \"every week\" into repeat; a subtask has a parent.",
    reads_only: false,
    is_destructive: false,
    is_idempotent: false,
    schema: || {
        json!({
            "type": "object",
            "properties": {
                "title": {"type": "string"},
                "description": {"type": "string"},
                "due": {"type": "string"},
                "priority": {"type": "string", "enum": ["low", "medium", "high"]},
                "tags": {"type": "array", "items": {"type": "string"}},
                "repeat": {"type": "string"},
                "parent": {"type": "integer"}
            },
            "required": ["title"]
        })
    },
    decode: |given, time| {
        let Arguments { title, description, due, priority, tags, repeat, parent } =
            arguments::read(given, r#"{"title": "Buy milk", "due": "tomorrow"}"#)?;
        let title = TodoTitle::parse(&title)?;
        let description = TodoDescription::parse(description.as_deref().unwrap_or_default())?;
        let due = due.map(|text| parse_day(&text, time.local)).transpose()?;
        let repeat = repeat.map(|text| RequestedRepeat::parse(&text, time.local)).transpose()?;
        let (due, repeat) = match repeat.map(|wanted| wanted.starting(due)) {
            Some((first, repeat)) => (Some(first), Some(repeat)),
            None => (due, None),
        };
        let (priority, tags) = (priority.unwrap_or_default(), tags.unwrap_or_default());
        let parent = parent.map(TaskNumber);
        let new = NewTodo { title, description, due, priority, tags, repeat, parent };
        Ok(TodoCommand::Change(TodoChange::Add(new)))
    },
};

#[derive(Deserialize)]
struct Arguments {
    /// What is to be done, in a few words, 1 to 255 characters.
    #[serde(alias = "task", alias = "name", alias = "task_title", alias = "todo")]
    title: String,
    /// Details, at most 2,000 characters.
    #[serde(default, alias = "details", alias = "notes", deserialize_with = "arguments::optional_text")]
    description: Option<String>,
    /// A day, perhaps with a time, in the person's own time.
    #[serde(default, alias = "due_date", alias = "date", deserialize_with = "arguments::optional_text")]
    due: Option<String>,
    /// low, medium or high.
    #[serde(default, deserialize_with = "arguments::optional_priority")]
    priority: Option<Priority>,
    /// Up to 10.
    #[serde(default, alias = "tag", deserialize_with = "arguments::optional_tags")]
    tags: Option<Tags>,
    /// How it comes back, in words.
    #[serde(default, alias = "recurrence", deserialize_with = "arguments::optional_text")]
    repeat: Option<String>,
    /// The number of the task that it is a part of.
    #[serde(default, alias = "parent_id", deserialize_with = "arguments::optional_parent")]
    parent: Option<i64>,
}
