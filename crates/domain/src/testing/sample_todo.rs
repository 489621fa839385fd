//! A task to start from.

use chrono::DateTime;

use crate::{
    priority::Priority,
    tags::Tags,
    todo::{TaskNumber, Todo, TodoTitle},
};

/// An open task of this number and title, without anything else, and of revision 1.
///
/// # Panics
/// When no task can have the title.
#[must_use]
pub fn sample_todo(number: i64, title: &str) -> Todo {
    Todo {
        number: TaskNumber(number),
        title: TodoTitle::parse(title).unwrap_or_else(|error| panic!("{title:?} is no title: {error:?}")),
        description: None,
        completed: false,
        due: None,
        priority: Priority::None,
        tags: Tags::default(),
        repeat: None,
        parent: None,
        open_subtasks: 0,
        position: 0,
        completed_at: None,
        revision: 1,
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
    }
}
