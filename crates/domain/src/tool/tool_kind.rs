//! Which tool a call is of.

use super::find;

/// Which tool a call is of. Rules about single tools match on this and not on names, so that the compiler
/// asks each of them about a new tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToolKind {
    /// Looks at the list.
    ListTasks,
    /// Adds a task.
    AddTask,
    /// Changes a task.
    UpdateTask,
    /// Marks tasks as done, or as open again.
    CompleteTask,
    /// Deletes tasks.
    DeleteTask,
    /// Looks at what was changed.
    ListChanges,
    /// Undoes what was done last.
    UndoLast,
}

impl ToolKind {
    /// The tool of this name; `None` when there is none.
    pub fn from_name(name: &str) -> Option<Self> {
        find(name).map(|tool| tool.kind)
    }
}
