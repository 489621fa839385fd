//! Several changes in one transaction, each with an outcome of its own.
//!
//! Nothing that is refused breaks the transaction: statements find nothing then, and the reason is read
//! afterwards. Changes of one kind that stand together are sent together, so that a hundred of them take a
//! few round trips and not a hundred.

use std::collections::HashSet;

use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Binary, Integer, Interval, Jsonb, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account_limits::Limits,
    caller::Caller,
    ports::KeyUse,
    todo::{TaskNumber, Todo},
    todo_command::{ChangedColumns, TodoChange},
    todo_outcome::{Effect, TodoError},
    turn::{RequestKey, admission::KEY_RETENTION},
};
use futures::future::try_join_all;
use serde_json::Value;

use super::{
    ChangeContext,
    apply_change::{SingleStatement, change},
    command_targets::execution_order,
    order_and_parent,
    stored_batch_outcome::StoredOutcome,
};
use crate::postgres::{
    account_limits::storage_quota,
    error::DatabaseError,
    idempotency_key_lock::find_recorded,
    prepared_statement::{Statement, interval, sql},
    schema::todo_batch,
};

/// What became of one of several changes: the task as it is then, or was before it was deleted.
type Outcome = Result<Todo, TodoError>;

/// Makes the changes, one after the other. Only one batch of an account is at work at a time, so that no
/// two wait for one another's tasks.
pub(super) async fn change_all(
    connection: &AsyncPgConnection,
    actor: ChangeContext<'_>,
    changes: &[TodoChange],
) -> Result<Vec<Result<Effect, TodoError>>, DatabaseError> {
    order_and_parent::lock_account(connection, actor.user).await?;
    let order = execution_order(connection, actor.user, changes).await?;
    let changes = order.in_execution_order(changes);
    make_in_order(connection, actor, &changes).await.map(|made| order.in_given_order(made))
}

async fn make_in_order(
    connection: &AsyncPgConnection,
    actor: ChangeContext<'_>,
    changes: &[TodoChange],
) -> Result<Vec<Result<Effect, TodoError>>, DatabaseError> {
    let columns: Vec<Option<ChangedColumns>> = changes.iter().map(columns_of).collect();
    let single = |index: usize| SingleStatement::of(actor, changes.get(index)?, columns.get(index)?.as_ref());
    let mut outcomes = Vec::with_capacity(changes.len());
    let mut at = 0;
    while let Some(next) = changes.get(at) {
        // The first one of its kind prepares the statement, which keeps the others in order on the wire.
        outcomes.push(change(connection, actor, None, next).await?);
        at += 1;
        let Some(kind) = single(at - 1) else { continue };
        let is_alike = |index: &usize| single(*index).is_some_and(|other| other.text() == kind.text());
        // Of a task only one: what is tried a second time must not come after a later change of it.
        let mut tasks = HashSet::new();
        let mut is_another = |index: &usize| changes[*index].number().is_none_or(|task| tasks.insert(task));
        let end = (at..changes.len()).find(|index| !is_alike(index) || !is_another(index));
        let end = end.unwrap_or(changes.len());
        outcomes.extend(change_alike(connection, actor, &changes[at..end], &columns[at..end]).await?);
        at = end;
    }
    Ok(outcomes)
}

/// What a plain update changes.
fn columns_of(change: &TodoChange) -> Option<ChangedColumns> {
    match change {
        TodoChange::Update(_, patch) => patch.columns(),
        TodoChange::Add(_) | TodoChange::Delete(..) => None,
    }
}

/// Makes changes that are the same statement: all at once, and then those that found nothing one by one.
async fn change_alike(
    connection: &AsyncPgConnection,
    actor: ChangeContext<'_>,
    changes: &[TodoChange],
    columns: &[Option<ChangedColumns>],
) -> Result<Vec<Result<Effect, TodoError>>, DatabaseError> {
    let single = changes.iter().zip(columns);
    let single = single.filter_map(|(change, columns)| SingleStatement::of(actor, change, columns.as_ref()));
    let tried = try_join_all(single.map(|single| single.run(connection))).await?;
    let mut outcomes = Vec::with_capacity(tried.len());
    let mut missing: Option<Vec<TaskNumber>> = None;
    let mut made = 0;
    for (wanted, tried) in changes.iter().zip(tried) {
        let known = wanted.number().filter(|number| missing.iter().flatten().any(|other| other == number));
        outcomes.push(match (tried, known) {
            (Some(effect), _) => {
                made += 1;
                Ok(effect)
            }
            (None, Some(number)) => Err(TodoError::NoSuchTask(number)),
            (None, None) => {
                let outcome = change(connection, actor, None, wanted).await?;
                // Where one is missing, others may be: they are looked for together.
                if missing.is_none() && matches!(outcome, Err(TodoError::NoSuchTask(_))) {
                    missing = Some(those_missing(connection, actor, changes).await?);
                }
                outcome
            }
        });
    }
    storage_quota::trim_changes(connection, actor.user, actor.limits, made).await?;
    Ok(outcomes)
}

/// The tasks of these changes that are not there.
async fn those_missing(
    mut connection: &AsyncPgConnection,
    actor: ChangeContext<'_>,
    changes: &[TodoChange],
) -> Result<Vec<TaskNumber>, DatabaseError> {
    let numbers: Vec<i64> = changes.iter().filter_map(TodoChange::number).map(|number| number.0).collect();
    let missing: Vec<i64> = sql::<BigInt>(
        "SELECT wanted FROM unnest($1) AS wanted
         WHERE NOT EXISTS (SELECT FROM todo WHERE user_id = $2 AND number = wanted)",
    )
    .bind::<Array<BigInt>, _>(numbers)
    .bind::<SqlUuid, _>(actor.user.0)
    .load(&mut connection)
    .await?;
    Ok(missing.into_iter().map(TaskNumber).collect())
}

/// A batch, or a program's call, on record under a key.
#[derive(Queryable)]
pub(in crate::postgres) struct RecordedBatch {
    /// Tells what was asked for.
    pub(in crate::postgres) hash: Vec<u8>,
    /// What came of it: the outcomes of the batch, or the result of the call.
    pub(in crate::postgres) answer: Value,
}

/// Looks for the key; checks the caller in the same round trip.
pub(in crate::postgres) async fn recorded_batch(
    connection: &AsyncPgConnection,
    caller: Caller,
    key: &RequestKey,
    limits: &Limits,
) -> Result<KeyUse<RecordedBatch>, DatabaseError> {
    let query = recorded_outcomes(caller, key);
    let found = find_recorded(connection, caller, key, query.load(&mut &*connection)).await?;
    if storage_quota::is_time_to_trim(1) {
        trim_batches(connection, caller, limits).await?;
    }
    Ok(found.used_for(key, |batch: &RecordedBatch| &batch.hash))
}

/// The outcomes that are on record of a batch.
pub(super) fn stored_outcomes(answer: Value) -> Result<Vec<Outcome>, DatabaseError> {
    let stored: Vec<StoredOutcome> = serde_json::from_value(answer)
        .map_err(|_error| DatabaseError::Inconsistent("the recorded outcomes of a batch are none"))?;
    stored.into_iter().map(StoredOutcome::outcome).collect()
}

/// What became of the changes under a key. Batches with expired keys are deleted along the way.
fn recorded_outcomes(caller: Caller, key: &RequestKey) -> Statement<'_, (Binary, Jsonb)> {
    // No join: with stale statistics Postgres picks a nested loop.
    sql("WITH forgotten AS (
             DELETE FROM todo_batch WHERE user_id = $1 AND idempotency_key = ANY (ARRAY (
                 SELECT idempotency_key FROM todo_batch WHERE user_id = $1 AND created_at < now() - $2
             ))
         )
         SELECT body_hash, outcomes FROM todo_batch
         WHERE user_id = $1 AND idempotency_key = $3 AND created_at >= now() - $2")
    .bind::<SqlUuid, _>(caller.user.0)
    .bind::<Interval, _>(interval(KEY_RETENTION))
    .bind::<Text, _>(key.key.as_str())
}

/// Forgets the oldest of the batches that take too much room together: what was refused is no change, so that
/// nothing else bounds how many there are.
async fn trim_batches(
    mut connection: &AsyncPgConnection,
    caller: Caller,
    limits: &Limits,
) -> QueryResult<usize> {
    sql::<Integer>(
        "DELETE FROM todo_batch WHERE user_id = $1 AND idempotency_key = ANY (ARRAY (
             SELECT idempotency_key FROM (
                 SELECT idempotency_key,
                     sum(pg_column_size(outcomes)) OVER (ORDER BY created_at DESC, idempotency_key) AS bytes
                 FROM todo_batch WHERE user_id = $1
             ) AS sized WHERE bytes > $2
         ))",
    )
    .bind::<SqlUuid, _>(caller.user.0)
    .bind::<BigInt, _>(storage_quota::share(limits))
    .execute(&mut connection)
    .await
}

/// Puts on record what became of the changes under a key.
pub(super) async fn record_outcomes(
    connection: &AsyncPgConnection,
    caller: Caller,
    key: &RequestKey,
    outcomes: &[Outcome],
) -> Result<(), DatabaseError> {
    let stored: Vec<StoredOutcome> = outcomes.iter().map(StoredOutcome::from).collect();
    let json = serde_json::to_value(stored)
        .map_err(|_error| DatabaseError::Inconsistent("the outcomes of a batch are no JSON"))?;
    record(connection, caller, key, &json).await
}

/// Puts on record what came of a request under a key.
pub(in crate::postgres) async fn record(
    mut connection: &AsyncPgConnection,
    caller: Caller,
    key: &RequestKey,
    answer: &Value,
) -> Result<(), DatabaseError> {
    diesel::insert_into(todo_batch::table)
        .values((
            todo_batch::user_id.eq(caller.user.0),
            todo_batch::idempotency_key.eq(key.key.as_str()),
            todo_batch::body_hash.eq(key.body_hash.as_slice()),
            todo_batch::outcomes.eq(answer),
        ))
        .execute(&mut connection)
        .await?;
    Ok(())
}
