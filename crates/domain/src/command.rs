//! The one door to a todo list: a look is a [`TaskNumber`] or a [`TodoFilter`], and every change is a
//! [`TodoChange`].
//!
//! REST, chat and MCP differ only in how they make these and how they show what came of them. A
//! change is made by a store, in one transaction, for the user that the verified token names.

use crate::{
    id::TurnId,
    limits::LimitReached,
    todo::{TaskNumber, Todo, TodoDescription, TodoTitle},
};

/// What a tool call wants of a todo list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TodoCommand {
    /// Looks at many tasks, newest first.
    List(TodoFilter),
    /// Changes the list.
    Change(TodoChange),
    /// Changes the one task with this title, in any case.
    ChangeTitled(TodoTitle, TitledChange),
}

/// A change of a task that is known by its title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TitledChange {
    /// As [`TodoChange::Update`].
    Update(TodoPatch),
    /// As [`TodoChange::Delete`].
    Delete,
}

impl TitledChange {
    /// The change of the task that was found.
    pub fn of(&self, number: TaskNumber) -> TodoChange {
        match self {
            Self::Update(patch) => TodoChange::Update(number, patch.clone()),
            Self::Delete => TodoChange::Delete(number),
        }
    }
}

/// A change of a todo list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TodoChange {
    /// Adds a task under the list's next number.
    Add(NewTodo),
    /// Changes what the patch names and leaves the rest.
    Update(TaskNumber, TodoPatch),
    /// Removes a task; its number is not used again.
    Delete(TaskNumber),
}

impl TodoChange {
    /// The task that is changed; `None` for one that is to be added.
    pub fn number(&self) -> Option<TaskNumber> {
        match self {
            Self::Add(_) => None,
            Self::Update(number, _) | Self::Delete(number) => Some(*number),
        }
    }
}

/// A task that is to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTodo {
    /// Its title.
    pub title: TodoTitle,
    /// Its description.
    pub description: Option<TodoDescription>,
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
    /// Whether all that match are counted, which takes a look at each of them.
    pub counts: bool,
}

/// Open tasks, done tasks, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
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

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TodoPage {
    /// Tasks, newest first, at most as many as the filter's limit.
    pub todos: Vec<Todo>,
    /// How many tasks match, on this page and all others, when the filter wants them counted.
    pub total: Option<i64>,
    /// Whether more follow after the last one here.
    pub more: bool,
}

/// What a change has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// This task was added.
    Added(Todo),
    /// A task was changed.
    Updated {
        /// As it was.
        before: Todo,
        /// As it is now.
        after: Todo,
    },
    /// This task was deleted.
    Deleted(Todo),
}

impl Effect {
    /// The task: as it is now or, after a delete, as it was.
    pub fn into_task(self) -> Todo {
        match self {
            Self::Added(todo) | Self::Deleted(todo) => todo,
            Self::Updated { after, .. } => after,
        }
    }

    /// The task, as [`Effect::into_task`] returns it.
    pub fn task(&self) -> &Todo {
        match self {
            Self::Added(todo) | Self::Deleted(todo) => todo,
            Self::Updated { after, .. } => after,
        }
    }
}

/// What came of a tool call's command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TodoOutcome {
    /// The list was looked at.
    Listed(TodoPage),
    /// The list was changed.
    Changed(Effect),
}

/// Why a change had no effect although nothing was broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TodoError {
    /// There is no such task in this user's list (it may be in another's).
    #[error("There is no task {0}.")]
    NoSuchTask(TaskNumber),
    /// The account has reached a limit.
    #[error(transparent)]
    Limit(#[from] LimitReached),
    /// No task has the title that stands for one.
    #[error(
        "There is no task with this title. Find its number with list_tasks and search, and send that as task_id."
    )]
    NoTaskTitled,
    /// Several tasks have the title that stands for one.
    #[error("Several tasks have this title: {}. Send the number of one of them as task_id.", numbers(.0))]
    SeveralTitled(Vec<TaskNumber>),
}

fn numbers(numbers: &[TaskNumber]) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Returns the one task of those that have a title.
///
/// # Errors
/// When there is none, or more than one.
pub fn the_one(titled: &[TaskNumber]) -> Result<TaskNumber, TodoError> {
    match titled {
        [] => Err(TodoError::NoTaskTitled),
        [number] => Ok(*number),
        several => Err(TodoError::SeveralTitled(several.to_vec())),
    }
}

/// The way on which a change came.
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
        matches!(self, Self::Change(_) | Self::ChangeTitled(..))
    }
}
