//! The one door to a todo list: a look is a [`TaskNumber`] or a [`TodoFilter`], and every change is a
//! [`TodoChange`].
//!
//! REST, chat and MCP differ only in how they make these and how they show what came of them. A
//! change is made by a store, in one transaction, for the user that the verified token names.

mod patch;

use chrono::{DateTime, Utc};

use crate::{
    account_limits::LimitReached,
    change_log::{ChangeFilter, ChangePage},
    due::{Due, DueRange},
    priority::Priority,
    repeat::Repeat,
    tags::Tags,
    text_validation::FieldError,
    time_zone::LocalNow,
    todo::{TaskNumber, Todo, TodoDescription, TodoTitle},
    undo::{UndoRefusal, UndoTarget, Undone},
};

pub use crate::request_channel::Channel;
pub use patch::{ChangedColumns, ResolvedPatch, TodoPatch, WantedRepeat};

/// What a tool call wants of a todo list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TodoCommand {
    /// Looks at many tasks, newest first.
    List(TodoFilter),
    /// Looks at what was changed.
    Changes(ChangeFilter),
    /// Changes the list.
    Change(TodoChange),
    /// Changes the one task with this title, in any case.
    ChangeTitled(TodoTitle, TaskChange),
    /// Changes each of these tasks, as far as it is there.
    ChangeMany(Vec<TaskNumber>, TaskChange),
    /// Takes something back, all or nothing.
    Undo(UndoTarget),
    /// Changes each of these tasks that still is as it was seen.
    ChangeSeen(Vec<SeenTask>, TaskChange),
}

/// A change of a task, whichever it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskChange {
    /// As [`TodoChange::Update`].
    Update(TodoPatch),
    /// As [`TodoChange::Delete`].
    Delete,
}

/// A task as somebody saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenTask {
    /// Its number.
    pub number: TaskNumber,
    /// The revision that was seen; `None` when that is not known.
    pub revision: Option<i64>,
}

impl TaskChange {
    /// The change of a task that must still be as it was seen.
    pub fn of_seen(&self, seen: SeenTask) -> TodoChange {
        match self.of(seen.number) {
            TodoChange::Update(number, patch) => {
                TodoChange::Update(number, TodoPatch { expected_revision: seen.revision, ..patch })
            }
            TodoChange::Delete(number, _) => TodoChange::Delete(number, seen.revision),
            added @ TodoChange::Add(_) => added,
        }
    }

    /// The change of the task that was found.
    pub fn of(&self, number: TaskNumber) -> TodoChange {
        match self {
            Self::Update(patch) => TodoChange::Update(number, patch.clone()),
            Self::Delete => TodoChange::Delete(number, None),
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
    /// Removes a task; its number is not used again. With a revision only a task of that revision.
    Delete(TaskNumber, Option<i64>),
}

impl TodoChange {
    /// The task that is changed; `None` for one that is to be added.
    pub fn number(&self) -> Option<TaskNumber> {
        match self {
            Self::Add(_) => None,
            Self::Update(number, _) | Self::Delete(number, _) => Some(*number),
        }
    }

    /// The revision that the task must have.
    pub fn expected_revision(&self) -> Option<i64> {
        match self {
            Self::Add(_) => None,
            Self::Update(_, patch) => patch.expected_revision,
            Self::Delete(_, revision) => *revision,
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
    /// When it is due.
    pub due: Option<Due>,
    /// How important it is.
    pub priority: Priority,
    /// What it is filed under.
    pub tags: Tags,
    /// How it comes back. Only a task that is due does.
    pub repeat: Option<Repeat>,
    /// The task under which it stands.
    pub parent: Option<TaskNumber>,
}

impl NewTodo {
    /// A task with this title and nothing else.
    pub fn titled(title: TodoTitle) -> Self {
        Self {
            title,
            description: None,
            due: None,
            priority: Priority::None,
            tags: Tags::default(),
            repeat: None,
            parent: None,
        }
    }
}

/// Which tasks a look is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TodoFilter {
    /// Open ones, done ones, or both.
    pub status: StatusFilter,
    /// Words that title, description and tags hold, each anywhere and in any spelling that a person
    /// would call the same.
    pub search: Option<String>,
    /// Only tasks of this priority.
    pub priority: Option<Priority>,
    /// Only tasks with this tag.
    pub tag: Option<String>,
    /// The most tasks to return.
    pub limit: i64,
    /// Only tasks with a smaller number: the cursor of a page.
    pub before: Option<TaskNumber>,
    /// How many tasks to pass over.
    pub offset: i64,
    /// Whether all that match are counted, which takes a look at each of them.
    pub counts: bool,
    /// Only tasks that are due then, for a person whose clock shows this.
    pub due: Option<(DueRange, LocalNow)>,
    /// Only tasks that stand under this one, or under none.
    pub parent: Option<ParentFilter>,
    /// Only tasks that were done at this time or later.
    pub completed_since: Option<DateTime<Utc>>,
    /// In which order.
    pub order: TodoOrder,
}

impl Default for TodoFilter {
    /// The fifty newest tasks.
    fn default() -> Self {
        Self {
            status: StatusFilter::All,
            search: None,
            priority: None,
            tag: None,
            limit: 50,
            before: None,
            offset: 0,
            counts: false,
            due: None,
            parent: None,
            completed_since: None,
            order: TodoOrder::Newest,
        }
    }
}

/// The order of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TodoOrder {
    /// By number, the highest first.
    #[default]
    Newest,
    /// What is due first comes first, and what has no date last.
    Due,
    /// The most important first, the newest first among those.
    Priority,
    /// What fits the search best comes first, the newest first among those.
    BestMatch,
    /// As its person has ordered the list by hand.
    Position,
}

/// Which tasks a look is about, by where they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParentFilter {
    /// Those that stand under no other one.
    TopLevel,
    /// The subtasks of this one.
    Of(TaskNumber),
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
    /// Something was taken back.
    Undone(Undone),
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
    /// It is passed over only what comes back.
    #[error("Task {0} does not repeat, so there is nothing to skip. Move it to another day instead.")]
    NotRepeating(TaskNumber),
    /// The change breaks a rule of what is in the task already.
    #[error("{}", .0.message)]
    Invalid(#[from] FieldError),
    /// The account has reached a limit.
    #[error(transparent)]
    Limit(#[from] LimitReached),
    /// Nothing was taken back.
    #[error("{0}")]
    Undo(Box<UndoRefusal>),
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
    /// The limit of the account that stood against the change: it may be made later.
    pub fn limit(&self) -> Option<LimitReached> {
        match self {
            Self::Limit(limit) => Some(*limit),
            Self::Undo(refusal) => match **refusal {
                UndoRefusal::Limit(limit) => Some(limit),
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
pub fn the_one(titled: &[TaskNumber]) -> Result<TaskNumber, TodoError> {
    match titled {
        [] => Err(TodoError::NoTaskTitled),
        [number] => Ok(*number),
        several => Err(TodoError::SeveralTitled(several.to_vec())),
    }
}

impl TodoCommand {
    /// The change of tasks that must still be as they were seen.
    pub fn seen(seen: &[SeenTask], change: TaskChange) -> Self {
        match seen {
            [task] => Self::Change(change.of_seen(*task)),
            several => Self::ChangeSeen(several.to_vec(), change),
        }
    }

    /// The change of each task, for a command that names several.
    pub fn each(&self) -> Vec<(TaskNumber, TodoChange)> {
        match self {
            Self::ChangeMany(numbers, change) => {
                numbers.iter().map(|number| (*number, change.of(*number))).collect()
            }
            Self::ChangeSeen(seen, change) => {
                seen.iter().map(|task| (task.number, change.of_seen(*task))).collect()
            }
            Self::List(_) | Self::Changes(_) | Self::Change(_) | Self::ChangeTitled(..) | Self::Undo(_) => {
                Vec::new()
            }
        }
    }

    /// Whether applying the command can change the list.
    pub fn changes_the_list(&self) -> bool {
        !matches!(self, Self::List(_) | Self::Changes(_))
    }
}
