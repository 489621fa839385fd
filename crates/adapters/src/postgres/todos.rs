//! Todo lists on Postgres: reads and single changes; see also `undo`, `account_archive::restore`, `calendar`
//! and `search_backfill`.

mod apply_change;
mod batch;
mod calendar;
mod change_idempotency_key;
mod change_log;
mod change_snapshot;
mod command_targets;
mod order_and_parent;
mod read_statements;
mod rows;
pub(super) mod search_backfill;
mod stored_batch_outcome;
pub(super) mod undo;
mod write_statements;

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account::UserId,
    account_limits::Limits,
    caller::Caller,
    change_log::{ChangeFilter, ChangePage},
    ports::{IdempotentOutcome, KeyUse, Outcomes, StoreError, TodoCommandExecutor, TodoStore},
    request_channel::Channel,
    todo::{TaskNumber, Todo, TodoTitle},
    todo_command::{NewTodo, TodoChange, TodoCommand},
    todo_filter::{TodoFilter, TodoPage},
    todo_outcome::{Effect, TodoError, TodoOutcome},
    turn::RequestKey,
    turn_and_conversation_ids::TurnId,
    undo::{UndoError, UndoRequest, UndoTarget, Undone},
};

use super::{Database, caller_token_validity, error::DatabaseError, transaction::AfterUnknownCommit};
use apply_change::{change, first};
use batch::{change_all, record_outcomes, stored_outcomes};
pub(super) use batch::{record, recorded_batch};
use change_idempotency_key::{RecordedChange, recorded};
use change_snapshot::Snapshot;
use command_targets::titled;
pub(super) use command_targets::{locked, numbers_of};
pub(super) use order_and_parent::lock_account;
use rows::TodoRow;

/// Who changes a list, through which channel, and within which limits.
#[derive(Clone, Copy)]
pub(super) struct ChangeContext<'a> {
    pub(super) user: UserId,
    /// Whose token is checked by the statement that changes something. A turn was let in before.
    pub(super) caller: Option<Caller>,
    pub(super) channel: Channel,
    /// Name of the access token the change was requested with, if it is not the caller's.
    pub(super) program: Option<&'a str>,
    pub(super) limits: &'a Limits,
}

impl<'a> ChangeContext<'a> {
    /// A change by a request of the caller's own.
    pub(super) fn of_caller(caller: Caller, channel: Channel, limits: &'a Limits) -> Self {
        Self { user: caller.user, caller: Some(caller), channel, program: None, limits }
    }

    /// A turn of this user's.
    pub(super) fn of_turn(user: UserId, turn: TurnId, limits: &'a Limits) -> Self {
        Self { user, caller: None, channel: Channel::Chat(turn), program: None, limits }
    }
}

/// Applies one command to one user's list, inside whatever transaction the connection is in.
pub(super) async fn apply(
    connection: &AsyncPgConnection,
    actor: ChangeContext<'_>,
    command: &TodoCommand,
) -> Result<Result<TodoOutcome, TodoError>, DatabaseError> {
    PostgresTodoCommandExecutor { connection, actor }.apply(command).await
}

/// A user's list, as a transaction sees it.
struct PostgresTodoCommandExecutor<'a> {
    connection: &'a AsyncPgConnection,
    actor: ChangeContext<'a>,
}

impl TodoCommandExecutor for PostgresTodoCommandExecutor<'_> {
    type Error = DatabaseError;

    async fn list(&mut self, filter: &TodoFilter) -> Result<TodoPage, DatabaseError> {
        list(self.connection, self.actor.user, None, filter).await
    }

    async fn logged_changes(&mut self, filter: &ChangeFilter) -> Result<ChangePage, DatabaseError> {
        change_log::page(self.connection, self.actor.user, None, filter).await
    }

    async fn change(&mut self, wanted: &TodoChange) -> Result<Result<Effect, TodoError>, DatabaseError> {
        change(self.connection, self.actor, None, wanted).await
    }

    async fn change_all(
        &mut self,
        changes: &[TodoChange],
    ) -> Result<Vec<Result<Effect, TodoError>>, DatabaseError> {
        change_all(self.connection, self.actor, changes).await
    }

    async fn undo(&mut self, target: UndoTarget) -> Result<Result<Undone, UndoError>, DatabaseError> {
        undo::undo(self.connection, self.actor, None, UndoRequest::all_or_nothing(target)).await
    }

    async fn titled(&mut self, title: &TodoTitle) -> Result<Vec<TaskNumber>, DatabaseError> {
        Ok(titled(self.connection, self.actor.user, title).await?)
    }
}

/// Refuses a caller whose token is not good, where a statement that checks it has found nothing.
async fn check(connection: &AsyncPgConnection, caller: Option<Caller>) -> Result<(), DatabaseError> {
    match caller {
        Some(caller) if !caller_token_validity::is_known(connection, caller).await? => {
            Err(DatabaseError::UnknownCaller)
        }
        _ => Ok(()),
    }
}

async fn find(
    connection: &AsyncPgConnection,
    caller: Caller,
    number: TaskNumber,
) -> Result<Option<Todo>, DatabaseError> {
    let todo = first(connection, read_statements::find(caller, number)).await?;
    if todo.is_none() {
        check(connection, Some(caller)).await?;
    }
    Ok(todo)
}

/// Reads a page of a list, for a caller or in a turn. Most looks at a list are one statement.
async fn list(
    mut connection: &AsyncPgConnection,
    user: UserId,
    caller: Option<Caller>,
    filter: &TodoFilter,
) -> Result<TodoPage, DatabaseError> {
    // One row more than the limit is read, to see whether more follow.
    let mut rows: Vec<TodoRow> = read_statements::list(user, caller, filter).load(&mut connection).await?;
    if rows.is_empty() {
        check(connection, caller).await?;
    }
    let limit = usize::try_from(filter.limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let total = match filter.counts {
        false => None,
        true if more || filter.before.is_some() => {
            Some(read_statements::count(user, filter).get_result(&mut connection).await?)
        }
        true => i64::try_from(rows.len()).ok(),
    };
    let todos = rows.into_iter().map(TodoRow::todo).collect::<Result<_, _>>()?;
    Ok(TodoPage { todos, total, more })
}

#[async_trait]
impl TodoStore for Database {
    async fn find(&self, caller: Caller, number: TaskNumber) -> Result<Option<Todo>, StoreError> {
        self.read(async |connection| find(connection, caller, number).await).await
    }

    async fn list(&self, caller: Caller, filter: &TodoFilter) -> Result<TodoPage, StoreError> {
        self.read(async |connection| list(connection, caller.user, Some(caller), filter).await).await
    }

    async fn change(
        &self,
        caller: Caller,
        channel: Channel,
        wanted: &TodoChange,
    ) -> Result<Result<Effect, TodoError>, StoreError> {
        let actor = ChangeContext::of_caller(caller, channel, &self.limits);
        let policy = match wanted {
            // Setting the same values again changes nothing more.
            TodoChange::Update(_, patch) if patch.is_idempotent() => AfterUnknownCommit::Retry,
            // A second time adds another task, answers that there is none to delete, or passes over
            // one more time of a task that comes back.
            TodoChange::Add(_) | TodoChange::Update(..) | TodoChange::Delete(..) => {
                AfterUnknownCommit::Report
            }
        };
        // After an unknown commit, do not complete a repeating task twice.
        let has_repeated = AtomicBool::new(false);
        let outcome = self
            .transaction(policy, async |connection| {
                if AtomicBool::load(&has_repeated, Ordering::Relaxed) {
                    return Err(DatabaseError::MayBeCommitted);
                }
                let outcome = change(connection, actor, None, wanted).await?;
                let is_repeated = matches!(outcome, Ok(Effect::Repeated { .. }));
                AtomicBool::store(&has_repeated, is_repeated, Ordering::Relaxed);
                Ok(outcome)
            })
            .await?;
        Ok(outcome)
    }

    async fn add_once(
        &self,
        caller: Caller,
        key: &RequestKey,
        new: &NewTodo,
    ) -> Result<Result<IdempotentOutcome<Todo>, TodoError>, StoreError> {
        let channel = Channel::Rest;
        let actor = ChangeContext::of_caller(caller, channel, &self.limits);
        let wanted = TodoChange::Add(new.clone());
        let outcome = self
            .transaction(AfterUnknownCommit::Retry, async |connection| {
                match recorded(connection, caller, key).await? {
                    KeyUse::ThisRequest(RecordedChange { after: Some(after), .. }) => {
                        return Ok(Ok(IdempotentOutcome::Replayed(Snapshot::parse(after)?)));
                    }
                    KeyUse::ThisRequest(_) | KeyUse::SomethingElse => {
                        return Ok(Ok(IdempotentOutcome::KeyReused));
                    }
                    KeyUse::Nothing => {}
                }
                match change(connection, actor, Some(key), &wanted).await {
                    // Another request used the key since the look-up: repeat it.
                    Err(error) if error.constraint() == Some("todo_change_key_unique") => {
                        Err(DatabaseError::Conflict)
                    }
                    added => Ok(added?.map(|effect| IdempotentOutcome::Fresh(effect.into_task()))),
                }
            })
            .await?;
        Ok(outcome)
    }

    async fn change_all(
        &self,
        caller: Caller,
        key: Option<&RequestKey>,
        changes: &[TodoChange],
    ) -> Result<IdempotentOutcome<Outcomes>, StoreError> {
        let channel = Channel::Rest;
        let actor = ChangeContext::of_caller(caller, channel, &self.limits);
        // Under its key a batch is found again; without one it is unknown whether it was made.
        let policy = if key.is_some() { AfterUnknownCommit::Retry } else { AfterUnknownCommit::Report };
        let outcomes = self.transaction(policy, async |connection| {
            if let Some(key) = key {
                match recorded_batch(connection, caller, key, &self.limits).await? {
                    KeyUse::ThisRequest(batch) => {
                        return stored_outcomes(batch.answer).map(IdempotentOutcome::Replayed);
                    }
                    KeyUse::SomethingElse => return Ok(IdempotentOutcome::KeyReused),
                    KeyUse::Nothing => {}
                }
            }
            let effects = change_all(connection, actor, changes).await?;
            let outcomes: Vec<_> = effects.into_iter().map(|effect| effect.map(Effect::into_task)).collect();
            match key {
                Some(key) => record_outcomes(connection, caller, key, &outcomes).await?,
                // With nothing in it that checks the caller, the batch has done nothing either.
                None if changes.is_empty() => check(connection, Some(caller)).await?,
                None => {}
            }
            Ok(IdempotentOutcome::Fresh(outcomes))
        });
        Ok(outcomes.await?)
    }
}
