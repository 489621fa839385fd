//! The tasks of a file.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{
    due::Due,
    priority::Priority,
    repeat::Repeat,
    tags::Tags,
    text_validation::FieldError,
    time_zone::TimeZone,
    todo::{TaskNumber, Todo, TodoDescription, TodoTitle},
};

use super::{
    field_validation::{at_path, clamp_to_past, number},
    file::TaskPart,
};
use crate::error::ApiError;

/// Positions are integers that JavaScript holds exactly.
const MAX_POSITION: i64 = (1 << 53) - 1;

/// Checks all tasks. One whose parent is not there, or stands under another task itself, stands under none,
/// as after an undo: a page of an export does not know what became of the tasks of the page before.
pub(super) fn tasks(parts: Vec<TaskPart>, now: DateTime<Utc>) -> Result<Vec<Todo>, ApiError> {
    let mut todos = Vec::with_capacity(parts.len());
    let mut parents = HashMap::with_capacity(parts.len());
    for (index, part) in parts.into_iter().enumerate() {
        let path = format!("tasks[{index}]");
        let todo = task(part, now).map_err(|error| at_path(&path, error))?;
        if parents.insert(todo.number, todo.parent).is_some() {
            let message = format!("The id {} is given twice.", todo.number);
            return Err(at_path(&path, FieldError::new("id", message)));
        }
        todos.push(todo);
    }
    for todo in &mut todos {
        todo.parent = todo.parent.filter(|parent| parents.get(parent) == Some(&None));
    }
    Ok(todos)
}

/// Checks a task by itself: it may stand under any other one.
pub(super) fn task(part: TaskPart, now: DateTime<Utc>) -> Result<Todo, FieldError> {
    let due = due(part.due.as_deref(), part.due_time_zone.as_deref())?;
    let repeat = match (part.repeat, due) {
        (None, _) => None,
        (Some(text_validation), Some(due)) => Some(Repeat::parse(&text_validation, due.date)?),
        (Some(_), None) => {
            return Err(FieldError::new("repeat", "Only a task with a due date can repeat."));
        }
    };
    let updated_at = clamp_to_past(part.updated_at, now);
    Ok(Todo {
        number: TaskNumber(number("id", part.id, 1)?),
        title: TodoTitle::parse(&part.title)?,
        description: TodoDescription::parse(part.description.as_deref().unwrap_or_default())?,
        completed: part.completed,
        due,
        priority: Priority::parse(&part.priority)?,
        tags: Tags::parse(part.tags.0)?,
        repeat,
        parent: part.parent_id.map(|parent| parent_of(part.id, parent)).transpose()?,
        // It is counted from the others.
        open_subtasks: 0,
        position: position(part.position)?,
        completed_at: part.completed.then(|| clamp_to_past(part.completed_at.unwrap_or(updated_at), now)),
        revision: number("version", part.version, 1)?,
        created_at: clamp_to_past(part.created_at, now),
        updated_at,
    })
}

fn due(text: Option<&str>, zone: Option<&str>) -> Result<Option<Due>, FieldError> {
    let Some(text) = text else { return Ok(None) };
    let Some(zone) = zone else {
        return Err(FieldError::new("due_time_zone", "A task with a due date needs a due_time_zone."));
    };
    let zone = TimeZone::parse(zone).map_err(|error| FieldError { field: "due_time_zone", ..error })?;
    Due::parse(text, zone).map(Some)
}

fn parent_of(task: i64, parent: i64) -> Result<TaskNumber, FieldError> {
    let parent = number("parent_id", parent, 1)?;
    if parent == task {
        let message = format!("Task {parent} cannot be a subtask of itself.");
        return Err(FieldError::new("parent_id", message));
    }
    Ok(TaskNumber(parent))
}

fn position(position: i64) -> Result<i64, FieldError> {
    if (-MAX_POSITION..=MAX_POSITION).contains(&position) {
        return Ok(position);
    }
    let message = format!("The position must be a whole number from -{MAX_POSITION} to {MAX_POSITION}.");
    Err(FieldError::new("position", message))
}
