//! Applies the commands of tool calls to one user's list.

use crate::{
    change_log::{ChangeFilter, ChangePage},
    todo::{TaskNumber, TodoTitle},
    todo_command::{TodoChange, TodoCommand},
    todo_filter::{TodoFilter, TodoPage},
    todo_outcome::{Effect, TodoError, TodoOutcome, exactly_one},
    undo::{UndoError, UndoTarget, Undone},
};

/// One user's list, inside a transaction of a store. A store has a method for each kind of command, with the
/// type of that kind's outcome; [`apply`](Self::apply) is the one place where the two meet.
pub trait TodoCommandExecutor: Send {
    /// A failure of the store.
    type Error: Send;

    /// Reads a page of the list.
    fn list(&mut self, filter: &TodoFilter) -> impl Future<Output = Result<TodoPage, Self::Error>> + Send;

    /// Reads a page of the log of changes.
    fn logged_changes(
        &mut self,
        filter: &ChangeFilter,
    ) -> impl Future<Output = Result<ChangePage, Self::Error>> + Send;

    /// Makes one change.
    fn change(
        &mut self,
        change: &TodoChange,
    ) -> impl Future<Output = Result<Result<Effect, TodoError>, Self::Error>> + Send;

    /// Makes several changes, as far as each can be made. Their outcomes come in the order of the changes.
    fn change_all(
        &mut self,
        changes: &[TodoChange],
    ) -> impl Future<Output = Result<Vec<Result<Effect, TodoError>>, Self::Error>> + Send;

    /// Undoes the whole of a target, or nothing.
    fn undo(
        &mut self,
        target: UndoTarget,
    ) -> impl Future<Output = Result<Result<Undone, UndoError>, Self::Error>> + Send;

    /// The numbers of tasks with this title, in any case: of many, the first few.
    fn titled(
        &mut self,
        title: &TodoTitle,
    ) -> impl Future<Output = Result<Vec<TaskNumber>, Self::Error>> + Send;

    /// Applies a command of whatever kind.
    fn apply(
        &mut self,
        command: &TodoCommand,
    ) -> impl Future<Output = Result<Result<TodoOutcome, TodoError>, Self::Error>> + Send {
        async move {
            Ok(match command {
                TodoCommand::List(filter) => Ok(TodoOutcome::Listed(self.list(filter).await?)),
                TodoCommand::Changes(filter) => {
                    Ok(TodoOutcome::LoggedChanges(self.logged_changes(filter).await?))
                }
                TodoCommand::Change(change) => self.change(change).await?.map(TodoOutcome::Changed),
                TodoCommand::ChangeTitled(title, change) => match exactly_one(&self.titled(title).await?) {
                    Ok(number) => self.change(&change.for_task(number)).await?.map(TodoOutcome::Changed),
                    Err(refusal) => Err(refusal),
                },
                TodoCommand::ChangeMany(..) | TodoCommand::ChangeSeen(..) => {
                    let (numbers, changes): (Vec<_>, Vec<_>) = command.task_changes().into_iter().unzip();
                    let outcomes = self.change_all(&changes).await?;
                    Ok(TodoOutcome::ChangedMany(numbers.into_iter().zip(outcomes).collect()))
                }
                TodoCommand::Undo(target) => {
                    let undone = self.undo(*target).await?;
                    undone.map(TodoOutcome::Undone).map_err(|refusal| TodoError::Undo(Box::new(refusal)))
                }
            })
        }
    }
}
