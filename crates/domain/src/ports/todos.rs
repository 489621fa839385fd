//! The store of todo lists.

use async_trait::async_trait;

use super::{IdempotentOutcome, StoreError};
use crate::{
    caller::Caller,
    request_channel::Channel,
    todo::{TaskNumber, Todo},
    todo_command::{NewTodo, TodoChange},
    todo_filter::{TodoFilter, TodoPage},
    todo_outcome::{Effect, TodoError},
    turn::RequestKey,
};

/// Reads and changes todo lists.
#[async_trait]
pub trait TodoStore: Send + Sync {
    /// Returns one task of the caller's.
    async fn find(&self, caller: Caller, number: TaskNumber) -> Result<Option<Todo>, StoreError>;

    /// Returns a page of the caller's tasks.
    async fn list(&self, caller: Caller, filter: &TodoFilter) -> Result<TodoPage, StoreError>;

    /// Changes the caller's list.
    async fn change(
        &self,
        caller: Caller,
        channel: Channel,
        change: &TodoChange,
    ) -> Result<Result<Effect, TodoError>, StoreError>;

    /// Adds a task to the caller's list, at most once under `key`: a second time under the same key
    /// the task as it was added is returned as [`IdempotentOutcome::Replayed`]. One that is refused uses no
    /// key.
    async fn add_once(
        &self,
        caller: Caller,
        key: &RequestKey,
        new: &NewTodo,
    ) -> Result<Result<IdempotentOutcome<Todo>, TodoError>, StoreError>;

    /// Makes several changes, one after the other, in one transaction. Each has an outcome of its own: the
    /// task as it is then or, after a delete, as it was; one that is refused stands in no other's way. Under
    /// a key it is done at most once: a second time what came of it then is returned as
    /// [`IdempotentOutcome::Replayed`].
    async fn change_all(
        &self,
        caller: Caller,
        key: Option<&RequestKey>,
        changes: &[TodoChange],
    ) -> Result<IdempotentOutcome<Outcomes>, StoreError>;
}

/// What became of each of several changes, in their order.
pub type Outcomes = Vec<Result<Todo, TodoError>>;
