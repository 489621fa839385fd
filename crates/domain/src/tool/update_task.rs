//! `update_task`: changes any of the fields of one or several tasks, or skips one day of a repeating task.

use serde::Deserialize;
use serde_json::json;

use super::{
    Tool, ToolError, ToolErrorCode, ToolKind,
    arguments::{self, Clearable, TaskReference},
};
use crate::{
    date_input::parse_day_or_time,
    natural_language_dates::ParsedDate,
    priority::Priority,
    tags::Tags,
    text_validation::FieldError,
    time_zone::LocalNow,
    todo::{TaskNumber, TodoDescription, TodoTitle},
    todo_command::{RequestedRepeat, TaskChange, TodoPatch},
};

pub(super) const TOOL: Tool = Tool {
    kind: ToolKind::UpdateTask,
    name: "update_task",
    title: "Change a task",
    description: "Changes a task, or up to 50 with task_id [1, 2]: what is given. null removes description, due, \
                  repeat or parent. skip moves a repeating one to its next day. \
                  \"monday all day\" drops the time.",
    reads_only: false,
    is_destructive: true,
    is_idempotent: false,
    schema: || {
        json!({
            "type": "object",
            "properties": {
                "task_id": {"type": "integer"},
                "ref": {"type": "string"},
                "title": {"type": "string"},
                "description": {"type": ["string", "null"]},
                "due": {"type": ["string", "null"]},
                "priority": {"type": "string", "enum": ["none", "low", "medium", "high"]},
                "tags": {"type": "array", "items": {"type": "string"}},
                "add_tags": {"type": "array", "items": {"type": "string"}},
                "repeat": {"type": ["string", "null"]},
                "skip": {"type": "boolean"},
                "parent": {"type": ["integer", "null"]}
            }
        })
    },
    decode: |given, time| {
        let given = arguments::without_null_texts(given);
        let given: Arguments = arguments::read(given, r#"{"task_id": 3, "title": "Buy oat milk"}"#)?;
        let due = given.due.patch(|text| another_day(text, time.local).map(Some))?;
        let patch = TodoPatch {
            title: given.title.as_deref().map(TodoTitle::parse).transpose()?,
            description: given.description.patch(TodoDescription::parse)?,
            due: due.map(|due| due.map(|(meaning, _)| meaning.due)),
            keeps_time: matches!(due, Some(Some((_, true)))),
            time_alone: due.flatten().and_then(|(meaning, _)| meaning.time_alone),
            priority: given.priority,
            tags: given.tags,
            add_tags: given.add_tags.unwrap_or_default(),
            repeat: given.repeat.patch(|text| RequestedRepeat::parse(text, time.local).map(Some))?,
            skip: given.skip.unwrap_or_default(),
            parent: given.parent,
            ..TodoPatch::default()
        };
        if patch.is_empty() {
            let error = "Give what shall change, such as a new title or another due day.";
            return Err(ToolError::new(ToolErrorCode::ValidationError, error));
        }
        Ok(given.task.command(&TaskChange::Update(patch)))
    },
};

/// Reads another day for a task, and whether the task keeps the time of day that it has: "Monday" says
/// nothing about that, "Monday all day" does.
fn another_day(text: &str, local: LocalNow) -> Result<(ParsedDate, bool), FieldError> {
    let lower = text.trim().to_lowercase();
    let whole = ["all day", "without a time", "without time"].iter().find_map(|end| lower.strip_suffix(end));
    let day = whole.map_or(text, |day| day.trim_end_matches([' ', ',']));
    let meaning = parse_day_or_time(day, local)?;
    Ok((meaning, whole.is_none() && meaning.due.time.is_none()))
}

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
    /// Another day or time: a day alone keeps the time that it has, a time alone the day; `null` removes it.
    #[serde(default, alias = "due_date", alias = "date")]
    due: Clearable,
    /// none, low, medium or high.
    #[serde(default, deserialize_with = "arguments::optional_priority")]
    priority: Option<Priority>,
    /// Up to 10, in place of those it has.
    #[serde(default, deserialize_with = "arguments::optional_tags")]
    tags: Option<Tags>,
    /// Tags beside those it has.
    #[serde(default, alias = "tag", deserialize_with = "arguments::optional_tags")]
    add_tags: Option<Tags>,
    /// How it comes back, in words; `null` for no more.
    #[serde(default, alias = "recurrence")]
    repeat: Clearable,
    /// Whether a repeating task is passed over this time.
    #[serde(default, deserialize_with = "arguments::optional_skip")]
    skip: Option<bool>,
    /// The number of the task that it becomes a part of; `null` for none.
    #[serde(default, alias = "parent_id", deserialize_with = "arguments::parent_or_null")]
    parent: Option<Option<TaskNumber>>,
}
