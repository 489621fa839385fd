//! A task as `todo_change` keeps it: a JSON of its row with the version of that form.
//!
//! New versions only add members, and read them as optional, so that old records stay readable. An older
//! replica ignores members that it does not know.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use domain::{repeat::Repeat, todo::Todo};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::rows::TodoRow;
use crate::postgres::error::DatabaseError;

/// The SQL for the snapshot of a row. Version 1 has the columns `number`, `title`, `description`,
/// `completed`, `created_at` and `updated_at`, and those that the table has got since where there is
/// something in them. What was written before there were versions has no `version`.
macro_rules! snapshot {
    ($row:literal) => {
        concat!(
            "jsonb_strip_nulls(to_jsonb(",
            $row,
            ")) - '{user_id,title_key,description_key,tag_keys}'::text[] || '{\"version\": 1}'"
        )
    };
}
pub(super) use snapshot;

/// A snapshot of any version.
#[derive(Deserialize, Serialize)]
pub(super) struct Snapshot {
    number: i64,
    title: String,
    description: Option<String>,
    completed: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    due_date: Option<NaiveDate>,
    due_time: Option<NaiveTime>,
    due_zone: Option<String>,
    #[serde(default)]
    priority: i16,
    #[serde(default)]
    tags: Vec<String>,
    repeat: Option<String>,
    completed_at: Option<DateTime<Utc>>,
    #[serde(default = "first_revision")]
    revision: i64,
    position: Option<i64>,
    parent: Option<i64>,
    /// What stands under a task is counted from the others: in a record of a change it is left out.
    #[serde(default)]
    open_subtasks: i64,
}

/// The revision of a record from before there were any.
fn first_revision() -> i64 {
    1
}

impl Snapshot {
    /// Reads a task from its snapshot.
    ///
    /// # Errors
    /// When it is no snapshot of a task.
    pub(super) fn parse(json: Value) -> Result<Todo, DatabaseError> {
        let snapshot: Self = serde_json::from_value(json)
            .map_err(|_error| DatabaseError::Inconsistent("a recorded task is no task"))?;
        snapshot.todo()
    }

    /// The task.
    ///
    /// # Errors
    /// When it breaks the rules of tasks.
    pub(super) fn todo(self) -> Result<Todo, DatabaseError> {
        let snapshot = self;
        TodoRow {
            number: snapshot.number,
            title: snapshot.title,
            description: snapshot.description,
            completed: snapshot.completed,
            created_at: snapshot.created_at,
            updated_at: snapshot.updated_at,
            due_date: snapshot.due_date,
            due_time: snapshot.due_time,
            due_zone: snapshot.due_zone,
            priority: snapshot.priority,
            tags: snapshot.tags,
            repeat: snapshot.repeat,
            completed_at: snapshot.completed_at,
            revision: snapshot.revision,
            position: snapshot.position,
            parent: snapshot.parent,
            open_subtasks: snapshot.open_subtasks,
        }
        .todo()
    }
}

impl From<&Todo> for Snapshot {
    fn from(todo: &Todo) -> Self {
        Self {
            number: todo.number.0,
            title: todo.title.as_str().to_owned(),
            description: todo.description.as_ref().map(|text| text.as_str().to_owned()),
            completed: todo.completed,
            created_at: todo.created_at,
            updated_at: todo.updated_at,
            due_date: todo.due.map(|due| due.date),
            due_time: todo.due.and_then(|due| due.time),
            due_zone: todo.due.map(|due| due.zone.name().to_owned()),
            priority: todo.priority.as_number(),
            tags: todo.tags.as_slice().to_vec(),
            repeat: todo.repeat.map(Repeat::to_text),
            completed_at: todo.completed_at,
            revision: todo.revision,
            position: Some(todo.position),
            parent: todo.parent.map(|parent| parent.0),
            open_subtasks: todo.open_subtasks,
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{manual_order, todo::TaskNumber};
    use serde_json::json;

    use super::*;

    fn unversioned() -> Value {
        json!({
            "number": 7, "title": "Buy milk", "description": null, "completed": false,
            "created_at": "2026-11-20T08:00:00.123456+00:00",
            "updated_at": "2026-11-20T08:00:00.123456+00:00"
        })
    }

    #[test]
    fn a_record_from_before_there_were_versions_is_read() {
        let todo = Snapshot::parse(unversioned()).unwrap();
        assert_eq!((todo.number, todo.title.as_str()), (TaskNumber(7), "Buy milk"));
        assert_eq!((todo.parent, todo.position), (None, manual_order::default_position(TaskNumber(7))));
    }

    #[test]
    fn a_record_of_a_later_version_is_read_without_what_is_new_in_it() {
        let mut later = unversioned();
        later["version"] = json!(2);
        later["size"] = json!("large");
        assert_eq!(Snapshot::parse(later).unwrap(), Snapshot::parse(unversioned()).unwrap());
    }

    #[test]
    fn what_is_no_task_is_an_inconsistency() {
        assert!(matches!(Snapshot::parse(json!({"number": 7})), Err(DatabaseError::Inconsistent(_))));
    }
}
