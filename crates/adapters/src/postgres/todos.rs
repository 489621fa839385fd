//! Todo lists: [`look`] and [`change`] are the only code that reads or changes one.

mod calendar;
mod change_snapshot;
mod rows;
pub(super) mod search_keys;
mod statements;

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::{dsl::now, prelude::*, sql_types::Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account::{Caller, UserId},
    command::{
        self, ChangedColumns, Channel, Effect, NewTodo, ResolvedPatch, TodoChange, TodoCommand, TodoError,
        TodoFilter, TodoOutcome, TodoPage, TodoPatch,
    },
    limits::{LimitReached, Limits},
    ports::{Keyed, StoreError, TodoStore},
    todo::{TaskNumber, Todo, TodoTitle},
    turn::RequestKey,
};

use super::{
    Database,
    caller::{self, for_caller},
    error::DatabaseError,
    idempotency_keys, limits,
    prepared_statement::{Statement, lower},
    schema::todo,
    transaction::AfterUnknownCommit,
};
use change_snapshot::Snapshot;
use rows::{Columns, TodoRow};

/// Who changes a list, through which channel, and within which limits.
#[derive(Clone, Copy)]
pub(super) struct Actor<'a> {
    pub(super) user: UserId,
    /// Whose token is checked by the statement that changes something. A turn was let in before.
    pub(super) caller: Option<Caller>,
    pub(super) channel: Channel,
    pub(super) limits: &'a Limits,
}

/// Applies one command to one user's list, inside whatever transaction the connection is in.
pub(super) async fn apply(
    connection: &AsyncPgConnection,
    actor: Actor<'_>,
    command: &TodoCommand,
) -> Result<Result<TodoOutcome, TodoError>, DatabaseError> {
    Ok(match command {
        TodoCommand::List(filter) => {
            Ok(TodoOutcome::Listed(list(connection, actor.user, None, filter).await?))
        }
        TodoCommand::Change(wanted) => change(connection, actor, wanted).await?.map(TodoOutcome::Changed),
        TodoCommand::ChangeMany(..) | TodoCommand::ChangeSeen(..) => {
            let mut outcomes = Vec::new();
            for (number, wanted) in command.each() {
                outcomes.push((number, change(connection, actor, &wanted).await?));
            }
            Ok(TodoOutcome::ChangedMany(outcomes))
        }
        TodoCommand::ChangeTitled(title, wanted) => {
            match command::the_one(&titled(connection, actor.user, title).await?) {
                Ok(number) => change(connection, actor, &wanted.of(number)).await?.map(TodoOutcome::Changed),
                Err(refusal) => Err(refusal),
            }
        }
    })
}

/// The first few tasks with this title, in any case.
async fn titled(
    mut connection: &AsyncPgConnection,
    user: UserId,
    title: &TodoTitle,
) -> QueryResult<Vec<TaskNumber>> {
    let is_titled = lower(todo::title).eq(lower(title.as_str()));
    let tasks = todo::table.filter(todo::user_id.eq(user.0).and(is_titled));
    let numbers = tasks.order(todo::number.asc()).limit(5).select(todo::number).load(&mut connection).await?;
    Ok(numbers.into_iter().map(TaskNumber).collect())
}

async fn change(
    connection: &AsyncPgConnection,
    actor: Actor<'_>,
    change: &TodoChange,
) -> Result<Result<Effect, TodoError>, DatabaseError> {
    let mut effect = try_change(connection, actor, change).await?;
    if effect == Ok(None) && limits::stored_bytes::room_was_made(connection, actor.user, actor.limits).await?
    {
        effect = try_change(connection, actor, change).await?;
    }
    match effect {
        Ok(Some(effect)) => {
            limits::stored_bytes::trim_changes(connection, actor.user, actor.limits).await?;
            Ok(Ok(effect))
        }
        Ok(None) => refusal(connection, actor, change).await.map(Err),
        Err(refusal) => Ok(Err(refusal)),
    }
}

/// Makes a change, unless there is no such task or something refuses it.
async fn try_change(
    connection: &AsyncPgConnection,
    actor: Actor<'_>,
    change: &TodoChange,
) -> Result<Result<Option<Effect>, TodoError>, DatabaseError> {
    Ok(Ok(match change {
        TodoChange::Add(new) => {
            first(connection, statements::add(actor, None, new)).await?.map(Effect::Added)
        }
        TodoChange::Update(number, patch) => return update(connection, actor, *number, patch).await,
        TodoChange::Delete(number, revision) => {
            first(connection, statements::delete(actor, *number, *revision)).await?.map(Effect::Deleted)
        }
    }))
}

/// Changes a task: in one statement, unless what the patch does depends on the task.
async fn update(
    connection: &AsyncPgConnection,
    actor: Actor<'_>,
    number: TaskNumber,
    patch: &TodoPatch,
) -> Result<Result<Option<Effect>, TodoError>, DatabaseError> {
    let completes = patch.completed == Some(true);
    if let Some(columns) = patch.columns() {
        let rows =
            update_row(connection, actor, number, &columns, (patch.expected_revision, completes)).await?;
        if rows.is_some() || !completes {
            return Ok(Ok(rows.map(|(before, after)| Effect::Updated { before, after })));
        }
    }
    // What follows may refuse the patch before the statement that checks the caller is reached.
    let found = read_for_update(connection, actor.user, number);
    let found = match actor.caller {
        Some(caller) => for_caller(connection, caller, found).await?,
        None => found.await?,
    };
    let Some((todo, at)) = found else { return Ok(Ok(None)) };
    let ResolvedPatch { columns, is_one_time } = match patch.resolved(&todo, at) {
        Ok(resolved) => resolved,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let rows = update_row(connection, actor, number, &columns, (patch.expected_revision, false)).await?;
    Ok(Ok(rows.map(|(before, after)| match is_one_time {
        true => Effect::Repeated { before, after },
        false => Effect::Updated { before, after },
    })))
}

async fn update_row(
    mut connection: &AsyncPgConnection,
    actor: Actor<'_>,
    number: TaskNumber,
    columns: &ChangedColumns,
    guard: (Option<i64>, bool),
) -> Result<Option<(Todo, Todo)>, DatabaseError> {
    let statement = statements::update(actor, number, columns, guard);
    let rows: Option<(TodoRow, TodoRow)> = statement.get_result(&mut connection).await.optional()?;
    rows.map(|(before, after)| Ok((before.todo()?, after.todo()?))).transpose()
}

/// A task whose row is locked, and the time of the transaction.
async fn read_for_update(
    mut connection: &AsyncPgConnection,
    user: UserId,
    number: TaskNumber,
) -> Result<Option<(Todo, DateTime<Utc>)>, DatabaseError> {
    let columns = (TodoRow::as_select(), now.into_sql::<Timestamptz>());
    let query = todo::table.find((user.0, number.0)).select(columns).for_update();
    let row: Option<(TodoRow, DateTime<Utc>)> = query.first(&mut connection).await.optional()?;
    row.map(|(row, at)| Ok((row.todo()?, at))).transpose()
}

/// Why a change had no effect.
async fn refusal(
    connection: &AsyncPgConnection,
    actor: Actor<'_>,
    change: &TodoChange,
) -> Result<TodoError, DatabaseError> {
    let why = limits::why_no_change(connection, actor.user, actor.limits);
    let why = match actor.caller {
        Some(caller) => for_caller(connection, caller, why).await?,
        None => why.await?,
    };
    match (why, change.number()) {
        (None | Some(LimitReached::Tasks(_) | LimitReached::StoredBytes(_)), Some(number)) => {
            let todo = read(connection, actor.user, number).await?;
            Ok(match (todo, change.expected_revision(), why) {
                (None, ..) => TodoError::NoSuchTask(number),
                (Some(todo), Some(revision), _) if todo.revision != revision => {
                    TodoError::Changed(Box::new(todo))
                }
                // It may be changed, but for its text there is no room.
                (Some(_), _, Some(limit @ LimitReached::StoredBytes(_))) => TodoError::Limit(limit),
                // Nothing stands against it any more.
                (Some(_), ..) => return Err(DatabaseError::Raced),
            })
        }
        (Some(limit), _) => Ok(TodoError::Limit(limit)),
        // There is no row to count the new task on: the user is gone.
        (None, None) => Err(DatabaseError::UnknownCaller),
    }
}

async fn read(
    mut connection: &AsyncPgConnection,
    user: UserId,
    number: TaskNumber,
) -> Result<Option<Todo>, DatabaseError> {
    let query = todo::table.find((user.0, number.0)).select(TodoRow::as_select());
    query.first(&mut connection).await.optional()?.map(TodoRow::todo).transpose()
}

async fn add_keyed(
    connection: &AsyncPgConnection,
    actor: Actor<'_>,
    key: &RequestKey,
    new: &NewTodo,
) -> Result<Todo, DatabaseError> {
    let mut added = first(connection, statements::add(actor, Some(key), new)).await?;
    if added.is_none() && limits::stored_bytes::room_was_made(connection, actor.user, actor.limits).await? {
        added = first(connection, statements::add(actor, Some(key), new)).await?;
    }
    match added {
        Some(todo) => {
            limits::stored_bytes::trim_changes(connection, actor.user, actor.limits).await?;
            Ok(todo)
        }
        None => Err(match refusal(connection, actor, &TodoChange::Add(new.clone())).await? {
            TodoError::Limit(limit) => DatabaseError::Limit(limit),
            _ => DatabaseError::UnknownCaller,
        }),
    }
}

async fn first(
    mut connection: &AsyncPgConnection,
    statement: Statement<'_, Columns>,
) -> Result<Option<Todo>, DatabaseError> {
    let row: Option<TodoRow> = statement.get_result(&mut connection).await.optional()?;
    row.map(TodoRow::todo).transpose()
}

/// Refuses a caller whose token is not good, where a statement that checks it has found nothing.
async fn check(connection: &AsyncPgConnection, caller: Option<Caller>) -> Result<(), DatabaseError> {
    match caller {
        Some(caller) if !caller::is_known(connection, caller).await? => Err(DatabaseError::UnknownCaller),
        _ => Ok(()),
    }
}

async fn find(
    mut connection: &AsyncPgConnection,
    caller: Caller,
    number: TaskNumber,
) -> Result<Option<Todo>, DatabaseError> {
    let row: Option<TodoRow> =
        statements::find(caller, number).get_result(&mut connection).await.optional()?;
    if row.is_none() {
        check(connection, Some(caller)).await?;
    }
    row.map(TodoRow::todo).transpose()
}

/// Reads a page of a list, for a caller or in a turn. Most looks at a list are one statement.
async fn list(
    mut connection: &AsyncPgConnection,
    user: UserId,
    caller: Option<Caller>,
    filter: &TodoFilter,
) -> Result<TodoPage, DatabaseError> {
    // One row more than the limit is read, to see whether more follow.
    let mut rows: Vec<TodoRow> = statements::list(user, caller, filter).load(&mut connection).await?;
    if rows.is_empty() {
        check(connection, caller).await?;
    }
    let limit = usize::try_from(filter.limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let total = match filter.counts {
        false => None,
        true if more || filter.before.is_some() => {
            Some(statements::count(user, filter).get_result(&mut connection).await?)
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
        let actor = Actor { user: caller.user, caller: Some(caller), channel, limits: &self.limits };
        let policy = match wanted {
            // Setting the same values again changes nothing more.
            TodoChange::Update(_, patch) if patch.is_idempotent() => AfterUnknownCommit::Retry,
            // A second time adds another task, answers that there is none to delete, or passes over
            // one more time of a task that comes back.
            TodoChange::Add(_) | TodoChange::Update(..) | TodoChange::Delete(..) => {
                AfterUnknownCommit::Report
            }
        };
        // One time of a repeating task is done once: when it is not known whether it was, nobody tries again.
        let has_repeated = AtomicBool::new(false);
        let outcome = self
            .transaction(policy, async |connection| {
                if AtomicBool::load(&has_repeated, Ordering::Relaxed) {
                    return Err(DatabaseError::NotRepeatable);
                }
                let outcome = change(connection, actor, wanted).await?;
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
    ) -> Result<Keyed<Todo>, StoreError> {
        let channel = Channel::Rest;
        let actor = Actor { user: caller.user, caller: Some(caller), channel, limits: &self.limits };
        let outcome = self
            .transaction(AfterUnknownCommit::Retry, async |connection| {
                match recorded(connection, caller, key).await? {
                    Recorded::Addition { hash, todo } if hash == key.body_hash => {
                        return Ok(Keyed::Replayed(todo));
                    }
                    Recorded::Addition { .. } | Recorded::Turn => return Ok(Keyed::KeyReused),
                    Recorded::Nothing => {}
                }
                match add_keyed(connection, actor, key, new).await {
                    // Somebody else used the key since we looked: look again.
                    Err(error) if error.constraint() == Some("todo_change_key_unique") => {
                        Err(DatabaseError::Raced)
                    }
                    added => Ok(Keyed::Fresh(added?)),
                }
            })
            .await?;
        Ok(outcome)
    }
}

/// What a key was used for.
enum Recorded {
    Addition { hash: Vec<u8>, todo: Todo },
    Turn,
    Nothing,
}

/// Looks for the key; checks the caller in the same round trip.
async fn recorded(
    connection: &AsyncPgConnection,
    caller: Caller,
    key: &RequestKey,
) -> Result<Recorded, DatabaseError> {
    // In this order on the wire: what is found is found under the lock.
    let all = async {
        futures::try_join!(
            idempotency_keys::lock(connection, caller.user, key),
            statements::recorded(caller.user, key).load(&mut &*connection),
            idempotency_keys::is_of_a_turn(connection, caller.user, key)
        )
    };
    let ((), rows, is_of_a_turn): ((), Vec<(Vec<u8>, serde_json::Value)>, bool) =
        for_caller(connection, caller, all).await?;
    let Some((hash, after)) = rows.into_iter().next() else {
        return Ok(if is_of_a_turn { Recorded::Turn } else { Recorded::Nothing });
    };
    Ok(Recorded::Addition { hash, todo: Snapshot::parse(after)? })
}
