//! The undo store on Postgres. `domain::undo` decides what is done; here its facts are read under the
//! account's lock and its decisions carried out, in as many round trips for one change as for a hundred.
//!
//! Locks: the account's row first, then the changes, then their tasks in the order of their numbers.

pub(in crate::postgres) mod statements;
mod stored_undo_conflicts;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account::UserId,
    approval::ApprovalTarget,
    caller::Caller,
    change_log::{ChangeId, LoggedChange},
    ports::{IdempotentOutcome, KeyUse, StoreError, UndoStore},
    request_channel::Channel,
    todo::{TaskNumber, Todo},
    turn::RequestKey,
    turn_and_conversation_ids::TurnId,
    undo::{self, Conflict, LogEntry, UndoError, UndoFacts, UndoPlan, UndoRequest, UndoTarget, Undone},
};
use serde_json::Value;
use uuid::Uuid;

use super::{
    ChangeContext,
    change_idempotency_key::{RecordedChange, recorded},
    change_log::{ChangeColumns, ChangeRow, changes},
    order_and_parent::lock_account,
    read_statements::by_numbers_for_update,
    rows::TodoRow,
};
use crate::postgres::{
    Database, account_limits, error::DatabaseError, prepared_statement::Statement,
    transaction::AfterUnknownCommit,
};

/// Takes something back, inside whatever transaction the connection is in. The caller was let in.
pub(in crate::postgres) async fn undo(
    connection: &AsyncPgConnection,
    actor: ChangeContext<'_>,
    key: Option<&RequestKey>,
    request: UndoRequest,
) -> Result<Result<Undone, UndoError>, DatabaseError> {
    let user = actor.user;
    let asked = match load_targets(connection, user, actor.channel.turn(), request.target).await? {
        Ok(asked) => asked,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let facts = facts(connection, user, asked).await?;
    let plan = match decided(connection, user, &facts, request.skip_conflicts).await? {
        Ok(plan) => plan,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let (growth, adds_text) = (plan.list_growth(&facts.present), plan.adds_text());
    if let Some(limit) =
        account_limits::undo_limit_error(connection, user, actor.limits, growth, adds_text).await?
    {
        return Ok(Err(UndoError::Limit(limit)));
    }
    carry_out(connection, actor, key, plan).await.map(Ok)
}

/// What taking something back comes to at this time, for a person to say yes to.
pub(in crate::postgres) async fn subject(
    connection: &AsyncPgConnection,
    actor: ChangeContext<'_>,
    target: UndoTarget,
) -> Result<Result<ApprovalTarget, UndoError>, DatabaseError> {
    let user = actor.user;
    let asked = match load_targets(connection, user, actor.channel.turn(), target).await? {
        Ok(asked) => asked,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let facts = facts(connection, user, asked).await?;
    let plan = decided(connection, user, &facts, false).await?;
    Ok(plan.map(|_plan| {
        let todos: Vec<Todo> = facts.present.into_values().collect();
        ApprovalTarget::for_undo(undo::resolve_target(target, &facts.asked), &facts.asked, &todos)
    }))
}

/// The tasks of what is to be undone, in the order of their numbers. The account is locked then.
pub(in crate::postgres) async fn numbers_of(
    connection: &AsyncPgConnection,
    user: UserId,
    target: UndoTarget,
) -> Result<Result<Vec<TaskNumber>, UndoError>, DatabaseError> {
    Ok(load_targets(connection, user, None, target).await?.map(|asked| undo::task_numbers(&asked)))
}

/// The decision; conflicts come with the changes since.
async fn decided(
    connection: &AsyncPgConnection,
    user: UserId,
    facts: &UndoFacts,
    skip_conflicts: bool,
) -> Result<Result<UndoPlan, UndoError>, DatabaseError> {
    Ok(match undo::decide(facts, skip_conflicts) {
        Ok(plan) => Ok(plan),
        Err(UndoError::Conflict(conflicts)) => {
            Err(UndoError::Conflict(with_changes(connection, user, conflicts).await?))
        }
        Err(refusal) => Err(refusal.map(|_no_conflicts| Vec::new())),
    })
}

/// What is to be undone, oldest first. The account is locked then. A turn that is still worked on is not
/// taken back, unless it is the turn that asks.
async fn load_targets(
    connection: &AsyncPgConnection,
    user: UserId,
    asking: Option<TurnId>,
    target: UndoTarget,
) -> Result<Result<Vec<LoggedChange>, UndoError>, DatabaseError> {
    // Pipelined: the server runs these in the order sent, so the reads happen under the lock.
    let lock = lock_account(connection, user);
    Ok(match target {
        UndoTarget::Turn(turn) => {
            let running = statements::is_running(connection, user, turn);
            let of_turn = load(connection, statements::of_turn(user, turn));
            let ((), running, of_turn) = futures::try_join!(lock, running, of_turn)?;
            match undo::check_turn(running) {
                Ok(()) => Ok(changes(of_turn)?),
                Err(refusal) => Err(refusal),
            }
        }
        UndoTarget::Change(id) => {
            let ((), rows) = futures::try_join!(lock, load(connection, statements::of_ids(user, &[id])))?;
            if rows.is_empty() { Err(UndoError::NoSuchChange) } else { Ok(changes(rows)?) }
        }
        UndoTarget::Last => {
            let last = statements::last(user);
            let ((), last) = futures::try_join!(lock, last.load::<LastChange>(&mut &*connection))?;
            match last.as_slice().first() {
                None => Ok(Vec::new()),
                Some((_, Some(turn), is_running)) => {
                    let turn = TurnId(*turn);
                    let is_at_work = *is_running == Some(true) && asking != Some(turn);
                    if let Err(refusal) = undo::check_turn(Some(is_at_work)) {
                        return Ok(Err(refusal));
                    }
                    Ok(changes(load(connection, statements::of_turn(user, turn)).await?)?)
                }
                Some((id, None, _)) => {
                    Ok(changes(load(connection, statements::of_ids(user, &[ChangeId(*id)])).await?)?)
                }
            }
        }
    })
}

async fn load(
    mut connection: &AsyncPgConnection,
    statement: Statement<'_, ChangeColumns>,
) -> QueryResult<Vec<ChangeRow>> {
    statement.load(&mut connection).await
}

/// A row of [`statements::last`]: a change, its turn, and whether that is being worked on.
type LastChange = (i64, Option<Uuid>, Option<bool>);

/// A row of [`statements::log`].
#[derive(Queryable)]
struct LogRow {
    id: i64,
    number: i64,
    revision: i64,
    deletes: bool,
    undoes: Vec<i64>,
}

/// What the decision needs to know of the tasks of these changes. They are locked then.
async fn facts(
    connection: &AsyncPgConnection,
    user: UserId,
    asked: Vec<LoggedChange>,
) -> Result<UndoFacts, DatabaseError> {
    let numbers = undo::task_numbers(&asked);
    // Pipelined: the server runs these in the order sent, so the log is read after the tasks are locked.
    let (present, log): (Vec<TodoRow>, Vec<LogRow>) = futures::try_join!(
        by_numbers_for_update(user, &numbers).load(&mut &*connection),
        statements::log(user, &numbers).load(&mut &*connection)
    )?;
    let present = present.into_iter().map(|row| row.todo().map(|todo| (todo.number, todo)));
    let entry = |row: LogRow| LogEntry {
        id: ChangeId(row.id),
        number: TaskNumber(row.number),
        revision: row.revision,
        deletes: row.deletes,
        undoes: row.undoes.into_iter().map(ChangeId).collect(),
    };
    Ok(UndoFacts {
        asked,
        log: log.into_iter().map(entry).collect(),
        present: present.collect::<Result<_, _>>()?,
    })
}

async fn carry_out(
    connection: &AsyncPgConnection,
    actor: ChangeContext<'_>,
    key: Option<&RequestKey>,
    plan: UndoPlan,
) -> Result<Undone, DatabaseError> {
    let made = changes(load(connection, statements::write(actor, &plan, key)).await?)?;
    let is_as_planned = made.len() == plan.writes.len()
        && made.iter().zip(&plan.writes).all(|(made, write)| {
            made.number == write.number && made.after.is_some() == write.becomes.is_some()
        });
    if !is_as_planned {
        return Err(DatabaseError::Inconsistent("an undo did not do what was decided"));
    }
    account_limits::storage_quota::trim_changes(connection, actor.user, actor.limits, made.len()).await?;
    let left_out = with_changes(connection, actor.user, plan.left_out).await?;
    Ok(Undone { changes: made, left_out })
}

/// The conflicts with what is on record of the changes since.
async fn with_changes(
    connection: &AsyncPgConnection,
    user: UserId,
    conflicts: Vec<Conflict<ChangeId>>,
) -> Result<Vec<Conflict>, DatabaseError> {
    let ids: Vec<ChangeId> = conflicts.iter().filter_map(|conflict| conflict.since).collect();
    let since = match ids.is_empty() {
        true => Vec::new(),
        false => changes(load(connection, statements::of_ids(user, &ids)).await?)?,
    };
    let find = |id| since.iter().find(|change| change.id == id).cloned();
    Ok(conflicts.into_iter().map(|conflict| conflict.with_since(find)).collect())
}

/// What was done under a key, as it was answered then.
async fn replayed(
    connection: &AsyncPgConnection,
    user: UserId,
    at: DateTime<Utc>,
    left_out: Option<Value>,
) -> Result<Undone, DatabaseError> {
    let made = changes(load(connection, statements::changes_of_undo_at(user, at)).await?)?;
    let left_out = left_out.map(stored_undo_conflicts::parse).transpose()?.unwrap_or_default();
    let changes = made.into_iter().map(|change| LoggedChange { undone_by: None, ..change }).collect();
    Ok(Undone { changes, left_out: with_changes(connection, user, left_out).await? })
}

#[async_trait]
impl UndoStore for Database {
    async fn undo(
        &self,
        caller: Caller,
        key: Option<&RequestKey>,
        request: UndoRequest,
    ) -> Result<Result<IdempotentOutcome<Undone>, UndoError>, StoreError> {
        let channel = Channel::Rest;
        let actor = ChangeContext::of_caller(caller, channel, &self.limits);
        // Without a key a second time would find that it is undone already.
        let policy = if key.is_some() { AfterUnknownCommit::Retry } else { AfterUnknownCommit::Report };
        let outcome = self
            .transaction(policy, async |connection| {
                let known = match key {
                    Some(key) => recorded(connection, caller, key).await?,
                    None => {
                        super::check(connection, Some(caller)).await?;
                        KeyUse::Nothing
                    }
                };
                match known {
                    KeyUse::ThisRequest(RecordedChange { at, left_out, .. }) => {
                        let undone = replayed(connection, caller.user, at, left_out).await?;
                        return Ok(Ok(IdempotentOutcome::Replayed(undone)));
                    }
                    KeyUse::SomethingElse => return Ok(Ok(IdempotentOutcome::KeyReused)),
                    KeyUse::Nothing => {}
                }
                match undo(connection, actor, key, request).await {
                    // Another request used the key since the look-up: repeat it.
                    Err(error) if error.constraint() == Some("todo_change_key_unique") => {
                        Err(DatabaseError::Conflict)
                    }
                    outcome => Ok(outcome?.map(IdempotentOutcome::Fresh)),
                }
            })
            .await?;
        Ok(outcome)
    }
}
