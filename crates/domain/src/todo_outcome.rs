//! The outcome of a command: what a change has done, or why it had no effect.

use crate::{
    account_limits::LimitReached,
    change_log::ChangePage,
    text_validation::FieldError,
    todo::{TaskNumber, Todo},
    todo_filter::TodoPage,
    undo::{UndoError, Undone},
};

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
    /// One time of a repeating task is done: it goes on at its next date.
    Repeated {
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
            Self::Updated { after, .. } | Self::Repeated { after, .. } => after,
        }
    }

    /// The task, as [`Effect::into_task`] returns it.
    pub fn task(&self) -> &Todo {
        match self {
            Self::Added(todo) | Self::Deleted(todo) => todo,
            Self::Updated { after, .. } | Self::Repeated { after, .. } => after,
        }
    }
}

/// What came of a tool call's command.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "there is one at a time, and never a list of them")]
pub enum TodoOutcome {
    /// The list was looked at.
    Listed(TodoPage),
    /// The log of changes was looked at.
    LoggedChanges(ChangePage),
    /// The list was changed.
    Changed(Effect),
    /// Each of these tasks was changed, or not.
    ChangedMany(Vec<(TaskNumber, Result<Effect, TodoError>)>),
    /// Something was undone.
    Undone(Undone),
}

impl TodoOutcome {
    /// Whether anything of what was asked for came about: of several changes, at least one.
    pub fn has_succeeded(&self) -> bool {
        match self {
            Self::ChangedMany(outcomes) => outcomes.iter().any(|(_, outcome)| outcome.is_ok()),
            Self::Listed(_) | Self::LoggedChanges(_) | Self::Changed(_) | Self::Undone(_) => true,
        }
    }
}

/// Why a change had no effect although nothing was broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TodoError {
    /// There is no such task in this user's list (it may be in another's).
    #[error("There is no task {0}.")]
    NoSuchTask(TaskNumber),
    /// The task was changed since the caller has read it; this is how it is now.
    #[error("Task {} was changed meanwhile. Look at it again and send your change once more.", .0.number)]
    Changed(Box<Todo>),
    /// Only a repeating task can be skipped.
    #[error("Task {0} does not repeat, so there is nothing to skip. Move it to another day instead.")]
    NotRepeating(TaskNumber),
    /// The change breaks a rule of what is in the task already.
    #[error("{}", .0.message)]
    Invalid(#[from] FieldError),
    /// The account has reached a limit.
    #[error(transparent)]
    Limit(#[from] LimitReached),
    /// Nothing was undone.
    #[error("{0}")]
    Undo(Box<UndoError>),
    /// No task has the title that stands for one.
    #[error(
        "There is no task with this title. Find its number with list_tasks and search, and send that as task_id."
    )]
    NoTaskTitled,
    /// Several tasks have the title that stands for one.
    #[error("Several tasks have this title: {}. Send the number of one of them as task_id.", numbers(.0))]
    SeveralTitled(Vec<TaskNumber>),
}

impl TodoError {
    /// The limit of the account that refused the change: it may be made later.
    pub fn limit(&self) -> Option<LimitReached> {
        match self {
            Self::Limit(limit) => Some(*limit),
            Self::Undo(refusal) => match **refusal {
                UndoError::Limit(limit) => Some(limit),
                _ => None,
            },
            _ => None,
        }
    }
}

fn numbers(numbers: &[TaskNumber]) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Returns the one task of those that have a title.
///
/// # Errors
/// When there is none, or more than one.
pub fn exactly_one(titled: &[TaskNumber]) -> Result<TaskNumber, TodoError> {
    match titled {
        [] => Err(TodoError::NoTaskTitled),
        [number] => Ok(*number),
        several => Err(TodoError::SeveralTitled(several.to_vec())),
    }
}
