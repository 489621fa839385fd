//! A task as `todo_change` keeps it: a JSON of its row with the version of that form.
//!
//! The form only grows. A member that a later version adds is optional here, so that an old record
//! stays readable; an older replica passes over the members that it does not know.

use chrono::{DateTime, Utc};
use domain::todo::Todo;
use serde::Deserialize;
use serde_json::Value;

use super::rows::TodoRow;
use crate::postgres::error::DatabaseError;

/// The SQL for the snapshot of a row. Version 1 is the columns `number`, `title`, `description`,
/// `completed`, `created_at` and `updated_at`. What was written before there were versions has the
/// same members without `version`.
macro_rules! snapshot {
    ($row:literal) => {
        concat!("to_jsonb(", $row, ") - 'user_id' || '{\"version\": 1}'")
    };
}
pub(super) use snapshot;

/// A snapshot of any version.
#[derive(Deserialize)]
pub(super) struct Snapshot {
    number: i64,
    title: String,
    description: Option<String>,
    completed: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl Snapshot {
    /// Reads a task from its snapshot.
    ///
    /// # Errors
    /// When it is no snapshot of a task.
    pub(super) fn parse(json: Value) -> Result<Todo, DatabaseError> {
        let snapshot: Self = serde_json::from_value(json)
            .map_err(|_error| DatabaseError::Inconsistent("a recorded task is no task"))?;
        let Self { number, title, description, completed, created_at, updated_at } = snapshot;
        TodoRow { number, title, description, completed, created_at, updated_at }.todo()
    }
}

#[cfg(test)]
mod tests {
    use domain::todo::TaskNumber;
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
    }

    #[test]
    fn a_record_of_a_later_version_is_read_without_what_is_new_in_it() {
        let mut later = unversioned();
        later["version"] = json!(2);
        later["due_on"] = json!("2026-12-24");
        assert_eq!(Snapshot::parse(later).unwrap(), Snapshot::parse(unversioned()).unwrap());
    }

    #[test]
    fn what_is_no_task_is_an_inconsistency() {
        assert!(matches!(Snapshot::parse(json!({"number": 7})), Err(DatabaseError::Inconsistent(_))));
    }
}
