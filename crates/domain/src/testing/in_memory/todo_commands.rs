//! Applies the commands of tool calls to a list in memory.

use std::convert::Infallible;

use super::todos::{Origin, TodoList};
use crate::{
    change_log::{ChangeFilter, ChangePage},
    ports::TodoCommandExecutor,
    testing::block_on,
    todo::{TaskNumber, TodoTitle},
    todo_command::{TodoChange, TodoCommand},
    todo_filter::{TodoFilter, TodoPage},
    todo_outcome::{Effect, TodoError, TodoOutcome},
    undo::{UndoError, UndoRequest, UndoTarget, Undone},
};

impl TodoList {
    pub(super) fn apply(&mut self, command: &TodoCommand, origin: &Origin) -> Result<TodoOutcome, TodoError> {
        let Ok(outcome) = block_on(InMemoryTodoCommandExecutor { list: self, origin }.apply(command));
        outcome
    }
}

/// A list, and where the command for it comes from.
struct InMemoryTodoCommandExecutor<'a> {
    list: &'a mut TodoList,
    origin: &'a Origin,
}

impl TodoCommandExecutor for InMemoryTodoCommandExecutor<'_> {
    type Error = Infallible;

    async fn list(&mut self, filter: &TodoFilter) -> Result<TodoPage, Infallible> {
        Ok(self.list.list(filter))
    }

    async fn logged_changes(&mut self, filter: &ChangeFilter) -> Result<ChangePage, Infallible> {
        Ok(self.list.changes(filter))
    }

    async fn change(&mut self, change: &TodoChange) -> Result<Result<Effect, TodoError>, Infallible> {
        Ok(self.list.change(change, self.origin))
    }

    async fn change_all(
        &mut self,
        changes: &[TodoChange],
    ) -> Result<Vec<Result<Effect, TodoError>>, Infallible> {
        Ok(self.list.change_all(changes, self.origin))
    }

    async fn undo(&mut self, target: UndoTarget) -> Result<Result<Undone, UndoError>, Infallible> {
        Ok(self.list.undo(UndoRequest::all_or_nothing(target), self.origin))
    }

    async fn titled(&mut self, title: &TodoTitle) -> Result<Vec<TaskNumber>, Infallible> {
        Ok(self.list.titled(title))
    }
}
