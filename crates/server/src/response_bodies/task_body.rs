//! A task as the API shows one.

use chrono::{DateTime, SecondsFormat, Utc};
use domain::{
    due::Due,
    repeat::Repeat,
    todo::{Todo, TodoDescription},
};
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use crate::field_schemas;

/// A task.
#[derive(Serialize, ToSchema)]
#[schema(as = Task)]
pub(crate) struct TaskBody {
    id: i64,
    title: String,
    #[schema(required)]
    description: Option<String>,
    completed: bool,
    /// As the person reads it off their clock.
    #[schema(value_type = Option<String>, example = "2026-11-27T09:00", required)]
    due: Option<String>,
    /// Where that clock is.
    #[schema(required)]
    due_time_zone: Option<&'static str>,
    /// The instant, when there is a time of day.
    #[schema(required)]
    due_at: Option<DateTime<Utc>>,
    #[schema(schema_with = field_schemas::priority)]
    priority: &'static str,
    #[schema(schema_with = field_schemas::tags)]
    tags: Vec<String>,
    /// A recurrence rule (RFC 5545 3.3.10), perhaps with `X-FROM=COMPLETION`.
    #[schema(required)]
    repeat: Option<String>,
    #[schema(required)]
    repeat_in_words: Option<String>,
    /// The task under which it stands.
    #[schema(required)]
    parent_id: Option<i64>,
    /// How many tasks under it are still to be done.
    open_subtasks: i64,
    /// Its place in the order by hand: smaller is nearer the top.
    position: i64,
    #[schema(required)]
    completed_at: Option<DateTime<Utc>>,
    version: i64,
    #[serde(serialize_with = "timestamp")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "timestamp")]
    updated_at: DateTime<Utc>,
}

/// Writes a time in the form that chrono writes by itself, in one piece instead of a dozen: a list of
/// tasks is mostly times.
fn timestamp<S: Serializer>(time: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

impl From<Todo> for TaskBody {
    fn from(todo: Todo) -> Self {
        Self {
            id: todo.number.0,
            title: todo.title.into_string(),
            description: todo.description.map(TodoDescription::into_string),
            completed: todo.completed,
            due: todo.due.map(Due::to_text),
            due_time_zone: todo.due.map(|due| due.zone.name()),
            due_at: todo.due.and_then(Due::instant),
            priority: todo.priority.as_str(),
            tags: todo.tags.into_vec(),
            repeat: todo.repeat.map(Repeat::to_text),
            repeat_in_words: todo.repeat.map(Repeat::in_words),
            parent_id: todo.parent.map(|parent| parent.0),
            open_subtasks: todo.open_subtasks,
            position: todo.position,
            completed_at: todo.completed_at,
            version: todo.revision,
            created_at: todo.created_at,
            updated_at: todo.updated_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_time_is_written_as_chrono_writes_it() {
        for microseconds in [0, 1, 120, 123_456, 1_000_000, 1_795_000_000_500_000] {
            let time = DateTime::UNIX_EPOCH + TimeDelta::microseconds(microseconds);
            let ours = timestamp(&time, serde_json::value::Serializer).unwrap();
            assert_eq!(ours, serde_json::to_value(time).unwrap());
        }
    }
}
