//! The outcome of one change of a batch as JSON, as a retry of the batch is answered with it.

use domain::{
    account_limits::LimitReached,
    text_validation::FieldError,
    todo::{TaskNumber, Todo},
    todo_outcome::TodoError,
};
use serde::{Deserialize, Serialize};

use super::change_snapshot::Snapshot;
use crate::postgres::error::DatabaseError;

/// One outcome. The form only grows, as that of a [`Snapshot`] does.
#[derive(Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub(super) enum StoredOutcome {
    /// It was made; the task as it was then.
    Done {
        task: Box<Snapshot>,
    },
    NoSuchTask {
        number: i64,
    },
    Changed {
        task: Box<Snapshot>,
    },
    NotRepeating {
        number: i64,
    },
    Invalid {
        field: String,
        message: String,
    },
    ChangesInMinute {
        most: i32,
    },
    TooManyTasks {
        most: i64,
    },
    NoRoom {
        most: i64,
    },
}

/// The members that a store finds fault with.
const FIELDS: [&str; 4] = ["parent_id", "after_id", "tags", "add_tags"];

impl From<&Result<Todo, TodoError>> for StoredOutcome {
    fn from(outcome: &Result<Todo, TodoError>) -> Self {
        let snapshot = |todo: &Todo| Box::new(Snapshot::from(todo));
        let refusal = match outcome {
            Ok(todo) => return Self::Done { task: snapshot(todo) },
            Err(refusal) => refusal,
        };
        match refusal {
            TodoError::NoSuchTask(number) => Self::NoSuchTask { number: number.0 },
            TodoError::Changed(todo) => Self::Changed { task: snapshot(todo) },
            TodoError::NotRepeating(number) => Self::NotRepeating { number: number.0 },
            TodoError::Invalid(error) => {
                Self::Invalid { field: error.field.to_owned(), message: error.message.clone() }
            }
            TodoError::Limit(LimitReached::ChangesInMinute(most)) => Self::ChangesInMinute { most: *most },
            TodoError::Limit(LimitReached::Tasks(most)) => Self::TooManyTasks { most: *most },
            TodoError::Limit(LimitReached::StoredBytes(most)) => Self::NoRoom { most: *most },
            // No change of a batch is refused so.
            TodoError::Limit(_)
            | TodoError::NoTaskTitled
            | TodoError::SeveralTitled(_)
            | TodoError::Undo(_) => Self::Invalid { field: "body".to_owned(), message: refusal.to_string() },
        }
    }
}

impl StoredOutcome {
    /// The outcome again.
    ///
    /// # Errors
    /// When a task in it breaks the rules of tasks.
    pub(super) fn outcome(self) -> Result<Result<Todo, TodoError>, DatabaseError> {
        Ok(Err(match self {
            Self::Done { task } => return task.todo().map(Ok),
            Self::NoSuchTask { number } => TodoError::NoSuchTask(TaskNumber(number)),
            Self::Changed { task } => TodoError::Changed(Box::new(task.todo()?)),
            Self::NotRepeating { number } => TodoError::NotRepeating(TaskNumber(number)),
            Self::Invalid { field, message } => {
                let field = FIELDS.into_iter().find(|known| *known == field).unwrap_or("body");
                TodoError::Invalid(FieldError::new(field, message))
            }
            Self::ChangesInMinute { most } => TodoError::Limit(LimitReached::ChangesInMinute(most)),
            Self::TooManyTasks { most } => TodoError::Limit(LimitReached::Tasks(most)),
            Self::NoRoom { most } => TodoError::Limit(LimitReached::StoredBytes(most)),
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_outcome_is_read_as_it_was_written() {
        let snapshot = json!({
            "number": 7, "title": "Rent", "description": "cash", "completed": false, "priority": 3,
            "due_date": "2026-11-27", "due_time": "09:00:00", "due_zone": "Europe/Berlin", "tags": ["home"],
            "repeat": "FREQ=MONTHLY;BYMONTHDAY=27", "revision": 4, "parent": 3, "position": -12,
            "created_at": "2026-11-20T08:00:00.123456+00:00", "updated_at": "2026-11-20T08:00:00.123456+00:00"
        });
        let todo = Todo { open_subtasks: 2, ..Snapshot::parse(snapshot).unwrap() };
        let outcomes = [
            Ok(todo.clone()),
            Err(TodoError::NoSuchTask(TaskNumber(3))),
            Err(TodoError::Changed(Box::new(todo))),
            Err(TodoError::NotRepeating(TaskNumber(3))),
            Err(TodoError::Invalid(FieldError::new("parent_id", "No."))),
            Err(TodoError::Limit(LimitReached::ChangesInMinute(120))),
            Err(TodoError::Limit(LimitReached::Tasks(20_000))),
            Err(TodoError::Limit(LimitReached::StoredBytes(5))),
        ];
        for outcome in outcomes {
            let json = serde_json::to_value(StoredOutcome::from(&outcome)).unwrap();
            let stored: StoredOutcome = serde_json::from_value(json).unwrap();
            assert_eq!(stored.outcome().unwrap(), outcome);
        }
    }
}
