//! Commands on a todo list, shared by REST, chat and MCP: a read is a [`TaskNumber`] or a [`TodoFilter`], and
//! every change is a [`TodoChange`].
//!
//! The channels differ only in how they make these and how they show what came of them. A
//! change is made by a store, in one transaction, for the user that the verified token names.

mod execution_order;
mod patch;

use crate::{
    change_log::ChangeFilter,
    due::Due,
    priority::Priority,
    repeat::Repeat,
    tags::Tags,
    todo::{TaskNumber, TodoDescription, TodoTitle},
    todo_filter::TodoFilter,
    undo::UndoTarget,
};

pub use execution_order::ExecutionOrder;
pub use patch::{ChangedColumns, RequestedRepeat, ResolvedPatch, TodoPatch};

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
#[expect(clippy::large_enum_variant, reason = "there is one for all tasks of a command")]
pub enum TaskChange {
    /// As [`TodoChange::Update`].
    Update(TodoPatch),
    /// As [`TodoChange::Delete`].
    Delete,
}

/// A task with the revision that the caller has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenTask {
    /// Its number.
    pub number: TaskNumber,
    /// The revision that was seen; `None` when that is not known.
    pub revision: Option<i64>,
}

impl TaskChange {
    /// The change of a task that must still be as it was seen.
    pub fn for_seen_task(&self, seen: SeenTask) -> TodoChange {
        match self.for_task(seen.number) {
            TodoChange::Update(number, patch) => {
                TodoChange::Update(number, TodoPatch { expected_revision: seen.revision, ..patch })
            }
            TodoChange::Delete(number, _) => TodoChange::Delete(number, seen.revision),
            added @ TodoChange::Add(_) => added,
        }
    }

    /// The change of the task that was found.
    pub fn for_task(&self, number: TaskNumber) -> TodoChange {
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
    /// A title of 1 to 255 characters.
    pub title: TodoTitle,
    /// Free text; `None` for none.
    pub description: Option<TodoDescription>,
    /// When it is due.
    pub due: Option<Due>,
    /// How important it is.
    pub priority: Priority,
    /// Labels to filter by.
    pub tags: Tags,
    /// When it recurs. Only a task with a due date may.
    pub repeat: Option<Repeat>,
    /// The task that it is a subtask of.
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

impl TodoCommand {
    /// The change of tasks that must still be as they were seen.
    pub fn change_seen(seen: &[SeenTask], change: TaskChange) -> Self {
        match seen {
            [task] => Self::Change(change.for_seen_task(*task)),
            several => Self::ChangeSeen(several.to_vec(), change),
        }
    }

    /// The change of each task, for a command that names several.
    pub fn task_changes(&self) -> Vec<(TaskNumber, TodoChange)> {
        match self {
            Self::ChangeMany(numbers, change) => {
                numbers.iter().map(|number| (*number, change.for_task(*number))).collect()
            }
            Self::ChangeSeen(seen, change) => {
                seen.iter().map(|task| (task.number, change.for_seen_task(*task))).collect()
            }
            Self::List(_) | Self::Changes(_) | Self::Change(_) | Self::ChangeTitled(..) | Self::Undo(_) => {
                Vec::new()
            }
        }
    }

    /// Whether the command names several tasks, each of which is changed or not.
    pub fn names_several_tasks(&self) -> bool {
        matches!(self, Self::ChangeMany(..) | Self::ChangeSeen(..))
    }

    /// The same command without the times of day of its due dates, to compare requests.
    #[must_use]
    pub fn without_times_of_day(mut self) -> Self {
        let due = match &mut self {
            Self::Change(TodoChange::Add(new)) => new.due.as_mut(),
            Self::Change(TodoChange::Update(_, patch))
            | Self::ChangeMany(_, TaskChange::Update(patch))
            | Self::ChangeTitled(_, TaskChange::Update(patch))
            | Self::ChangeSeen(_, TaskChange::Update(patch)) => patch.due.as_mut().and_then(Option::as_mut),
            _ => None,
        };
        if let Some(due) = due {
            due.time = None;
        }
        self
    }

    /// Whether applying the command can change the list.
    pub fn changes_the_list(&self) -> bool {
        !matches!(self, Self::List(_) | Self::Changes(_))
    }
}
