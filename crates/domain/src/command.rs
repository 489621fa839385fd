//! The one door to a todo list: every change and every look is a [`TodoCommand`].
//!
//! REST, chat and MCP differ only in how they make the command and how they show the outcome. A
//! command is applied by a store, in one transaction, for the user that the verified token names.

use crate::{
    todo::{TaskNumber, Todo, TodoDescription, TodoTitle},
    turn::TurnId,
};

/// What somebody wants of their own todo list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TodoCommand {
    /// Adds a task under the list's next number.
    Add {
        /// Its title.
        title: TodoTitle,
        /// Its description.
        description: Option<TodoDescription>,
    },
    /// Looks at one task.
    Find(TaskNumber),
    /// Looks at many tasks, newest first.
    List(TodoFilter),
    /// Changes what the patch names and leaves the rest.
    Update(TaskNumber, TodoPatch),
    /// Removes a task; its number is not used again.
    Delete(TaskNumber),
}

/// Which tasks a look is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TodoFilter {
    /// Open ones, done ones, or both.
    pub status: StatusFilter,
    /// A literal substring of title or description, in any case.
    pub search: Option<String>,
    /// The most tasks to return.
    pub limit: i64,
    /// Only tasks with a smaller number: the cursor of a page.
    pub before: Option<TaskNumber>,
}

/// Open tasks, done tasks, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum StatusFilter {
    /// Every task.
    #[default]
    All,
    /// Tasks that are still open.
    Pending,
    /// Tasks that are done.
    Completed,
}

/// What an update changes; `None` leaves a field as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TodoPatch {
    /// A new title.
    pub title: Option<TodoTitle>,
    /// A new description, or `Some(None)` to clear it.
    pub description: Option<Option<TodoDescription>>,
    /// Done or open.
    pub completed: Option<bool>,
}

impl TodoPatch {
    /// Whether the patch would change nothing at all.
    pub fn is_empty(&self) -> bool {
        self == &Self::default()
    }
}

/// What came of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TodoOutcome {
    /// One task: as it is now or, after a delete, as it was.
    One(Todo),
    /// Tasks, newest first.
    Many {
        /// At most as many as the filter's limit.
        todos: Vec<Todo>,
        /// How many tasks match, on this page and all others.
        total: i64,
        /// Whether more follow after the last one here.
        more: bool,
    },
}

/// Why a command had no effect although nothing was broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TodoError {
    /// There is no such task in this user's list (it may be in another's).
    #[error("There is no task {0}.")]
    NoSuchTask(TaskNumber),
}

/// Through which door a command came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// A REST request.
    Rest,
    /// A tool call of this turn.
    Chat(TurnId),
}

impl TodoCommand {
    /// Whether applying the command can change the list.
    pub fn changes_the_list(&self) -> bool {
        match self {
            Self::Add { .. } | Self::Update(..) | Self::Delete(_) => true,
            Self::Find(_) | Self::List(_) => false,
        }
    }
}
