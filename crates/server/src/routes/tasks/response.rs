//! A task as the API shows one.

use chrono::{DateTime, Utc};
use domain::todo::Todo;
use serde::Serialize;

/// A task.
#[derive(Serialize)]
pub(in crate::routes) struct TaskBody {
    id: i64,
    title: String,
    description: Option<String>,
    completed: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Todo> for TaskBody {
    fn from(todo: Todo) -> Self {
        Self {
            id: todo.number.0,
            title: todo.title.as_str().to_owned(),
            description: todo.description.map(|description| description.as_str().to_owned()),
            completed: todo.completed,
            created_at: todo.created_at,
            updated_at: todo.updated_at,
        }
    }
}
