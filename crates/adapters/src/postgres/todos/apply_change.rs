//! One change of a list, in whatever transaction the connection is in: tried, given room where there is
//! some after all, or refused with the reason.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account::UserId,
    account_limits::LimitReached,
    todo::{TaskNumber, Todo},
    todo_command::{ChangedColumns, ResolvedPatch, TodoChange, TodoPatch},
    todo_outcome::{Effect, TodoError},
    turn::RequestKey,
};
use uuid::Uuid;

use super::{
    ChangeContext, order_and_parent,
    read_statements::{by_number, by_number_for_update},
    rows::{Columns, TodoRow},
    write_statements::{self, UpdateGuard},
};
use crate::postgres::{
    account_limits::{
        self,
        storage_quota::{self, StorageCheck},
    },
    caller_token_validity::for_caller,
    error::DatabaseError,
    prepared_statement::Statement,
    schema::user,
};

/// How often to try a change that was refused although the reported obstacle is already gone.
const MAX_ATTEMPTS: usize = 3;

/// Result of one attempt: `None` when there is no such task or the change is blocked.
type ChangeAttempt = Result<Option<Effect>, TodoError>;

/// Makes a change, an addition under this key if there is one.
pub(super) async fn change(
    connection: &AsyncPgConnection,
    actor: ChangeContext<'_>,
    key: Option<&RequestKey>,
    change: &TodoChange,
) -> Result<Result<Effect, TodoError>, DatabaseError> {
    for _ in 0..MAX_ATTEMPTS {
        let mut tried = try_change(connection, actor, key, change).await?;
        let mut room = StorageCheck::HasRoom;
        if tried == Ok(None) {
            room = storage_quota::check(connection, actor.user, actor.limits).await?;
        }
        if room == StorageCheck::HasRoomAfterRecount {
            tried = try_change(connection, actor, key, change).await?;
        }
        match tried {
            Ok(Some(effect)) => {
                storage_quota::trim_changes(connection, actor.user, actor.limits, 1).await?;
                return Ok(Ok(effect));
            }
            Ok(None) => {
                if let Some(refusal) = refusal(connection, actor, change, room).await? {
                    return Ok(Err(refusal));
                }
            }
            Err(refusal) => return Ok(Err(refusal)),
        }
    }
    Err(DatabaseError::Conflict)
}

async fn try_change(
    connection: &AsyncPgConnection,
    actor: ChangeContext<'_>,
    key: Option<&RequestKey>,
    change: &TodoChange,
) -> Result<ChangeAttempt, DatabaseError> {
    let changed = match change {
        TodoChange::Update(number, patch) => return update(connection, actor, *number, patch).await,
        TodoChange::Add(new) => {
            if let Some(parent) = new.parent {
                let allowed = order_and_parent::check_parent(connection, actor, None, parent).await?;
                if let Err(refusal) = allowed {
                    return Ok(Err(refusal.into()));
                }
            }
            SingleStatement::Added(write_statements::add(actor, key, new))
        }
        TodoChange::Delete(number, revision) => {
            SingleStatement::Deleted(write_statements::delete(actor, *number, *revision))
        }
    };
    changed.run(connection).await.map(Ok)
}

/// A change that depends on nothing but its task, and is one statement.
pub(super) enum SingleStatement<'a> {
    Added(Statement<'a, Columns>),
    Updated(Statement<'a, (Columns, Columns)>),
    Deleted(Statement<'a, Columns>),
}

impl<'a> SingleStatement<'a> {
    /// The statement of a change; `columns` are those of an update that is one.
    pub(super) fn of(
        actor: ChangeContext<'_>,
        change: &'a TodoChange,
        columns: Option<&'a ChangedColumns>,
    ) -> Option<Self> {
        match change {
            TodoChange::Add(new) if new.parent.is_some() => None,
            TodoChange::Add(new) => Some(Self::Added(write_statements::add(actor, None, new))),
            TodoChange::Delete(number, revision) => {
                Some(Self::Deleted(write_statements::delete(actor, *number, *revision)))
            }
            TodoChange::Update(number, patch) => {
                let guard = UpdateGuard {
                    expected_revision: patch.expected_revision,
                    skips_repeating: patch.completed == Some(true),
                };
                Some(Self::Updated(write_statements::update(actor, *number, columns?, guard)))
            }
        }
    }

    /// The SQL of it.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Added(statement) | Self::Deleted(statement) => statement.text(),
            Self::Updated(statement) => statement.text(),
        }
    }

    /// Makes the change, unless it is blocked.
    pub(super) async fn run(
        self,
        mut connection: &AsyncPgConnection,
    ) -> Result<Option<Effect>, DatabaseError> {
        let changed = match self {
            Self::Added(statement) => first(connection, statement).await.map(|todo| todo.map(Effect::Added)),
            Self::Deleted(statement) => {
                first(connection, statement).await.map(|todo| todo.map(Effect::Deleted))
            }
            Self::Updated(statement) => {
                let rows: Option<(TodoRow, TodoRow)> =
                    statement.get_result(&mut connection).await.optional()?;
                let effect = |(before, after): (TodoRow, TodoRow)| {
                    Ok(Effect::Updated { before: before.todo()?, after: after.todo()? })
                };
                rows.map(effect).transpose()
            }
        };
        changed.map_err(raced)
    }
}

/// A task came to stand under one that is deleted, or one's parent went, since the statement began.
fn raced(error: DatabaseError) -> DatabaseError {
    match error.constraint() {
        Some("todo_parent_exists") => DatabaseError::Conflict,
        _ => error,
    }
}

/// Changes a task: in one statement, unless what the patch does depends on the task.
async fn update(
    connection: &AsyncPgConnection,
    actor: ChangeContext<'_>,
    number: TaskNumber,
    patch: &TodoPatch,
) -> Result<ChangeAttempt, DatabaseError> {
    let completes = patch.completed == Some(true);
    let guard = |skips_repeating| UpdateGuard { expected_revision: patch.expected_revision, skips_repeating };
    if let Some(columns) = patch.columns() {
        let rows = update_row(connection, actor, number, &columns, guard(completes)).await?;
        if rows.is_some() || !completes {
            return Ok(Ok(rows.map(|(before, after)| Effect::Updated { before, after })));
        }
    }
    if patch.needs_others() {
        order_and_parent::lock_account(connection, actor.user).await?;
    }
    // What follows may refuse the patch before the statement that checks the caller is reached.
    let found = read_for_update(connection, actor.user, number);
    let found = match actor.caller {
        Some(caller) => for_caller(connection, caller, found).await?,
        None => found.await?,
    };
    let Some((todo, at)) = found else { return Ok(Ok(None)) };
    let ResolvedPatch { mut columns, completes_one_occurrence } = match patch.resolve(&todo, at) {
        Ok(resolved) => resolved,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let Some(Some(parent)) = patch.parent {
        let allowed = order_and_parent::check_parent(connection, actor, Some(number), parent).await?;
        if let Err(refusal) = allowed {
            return Ok(Err(refusal.into()));
        }
    }
    if let Some(after) = patch.after {
        columns.position =
            match order_and_parent::reserve_position(connection, actor.user, number, after).await? {
                Ok(position) => Some(position),
                Err(refusal) => return Ok(Err(refusal.into())),
            };
    }
    let rows = update_row(connection, actor, number, &columns, guard(false)).await?;
    Ok(Ok(rows.map(|(before, after)| match completes_one_occurrence {
        true => Effect::Repeated { before, after },
        false => Effect::Updated { before, after },
    })))
}

async fn update_row(
    mut connection: &AsyncPgConnection,
    actor: ChangeContext<'_>,
    number: TaskNumber,
    columns: &ChangedColumns,
    guard: UpdateGuard,
) -> Result<Option<(Todo, Todo)>, DatabaseError> {
    let statement = write_statements::update(actor, number, columns, guard);
    let rows: Option<(TodoRow, TodoRow)> = statement.get_result(&mut connection).await.optional()?;
    rows.map(|(before, after)| Ok((before.todo()?, after.todo()?))).transpose()
}

/// A task whose row is locked, and the time of the transaction.
async fn read_for_update(
    mut connection: &AsyncPgConnection,
    user: UserId,
    number: TaskNumber,
) -> Result<Option<(Todo, DateTime<Utc>)>, DatabaseError> {
    let row: Option<(TodoRow, DateTime<Utc>)> =
        by_number_for_update(user, number).get_result(&mut connection).await.optional()?;
    row.map(|(row, at)| Ok((row.todo()?, at))).transpose()
}

/// Why a change had no effect; `None` when the obstacle is gone.
async fn refusal(
    connection: &AsyncPgConnection,
    actor: ChangeContext<'_>,
    change: &TodoChange,
    room: StorageCheck,
) -> Result<Option<TodoError>, DatabaseError> {
    let adds_task = change.number().is_none();
    let why = account_limits::change_limit_error(connection, actor.user, actor.limits, adds_task, room);
    let why = match actor.caller {
        Some(caller) => for_caller(connection, caller, why).await?,
        None => why.await?,
    };
    match (why, change.number()) {
        (None | Some(LimitReached::StoredBytes(_)), Some(number)) => {
            let todo = first(connection, by_number(actor.user, number)).await?;
            Ok(match (todo, change.expected_revision(), why) {
                (None, ..) => Some(TodoError::NoSuchTask(number)),
                (Some(todo), Some(revision), _) if todo.revision != revision => {
                    Some(TodoError::Changed(Box::new(todo)))
                }
                // It may be changed, but for its text there is no room.
                (Some(_), _, Some(limit @ LimitReached::StoredBytes(_))) => Some(TodoError::Limit(limit)),
                (Some(_), ..) => None,
            })
        }
        (Some(limit), _) => Ok(Some(TodoError::Limit(limit))),
        // Room was made, or a task deleted, since the statement looked: unless there is no user to add one
        // to.
        (None, None) if actor.caller.is_some() || user_exists(connection, actor.user).await? => Ok(None),
        (None, None) => Err(DatabaseError::UnknownCaller),
    }
}

async fn user_exists(mut connection: &AsyncPgConnection, id: UserId) -> Result<bool, DatabaseError> {
    let found = user::table.find(id.0).select(user::id).first::<Uuid>(&mut connection).await;
    Ok(found.optional()?.is_some())
}

/// The task that a statement returns.
pub(super) async fn first(
    mut connection: &AsyncPgConnection,
    statement: Statement<'_, Columns>,
) -> Result<Option<Todo>, DatabaseError> {
    let row: Option<TodoRow> = statement.get_result(&mut connection).await.optional()?;
    row.map(TodoRow::todo).transpose()
}
