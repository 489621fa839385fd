//! The state beside its own task that a change depends on: the order by hand, and which task stands under
//! which. All of it is read and written under the account's lock, so that changes at once see one another.

use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Bool, Nullable, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account::UserId,
    manual_order::{self, Placement},
    subtasks::{self, ParentFacts},
    text_validation::FieldError,
    todo::TaskNumber,
};

use super::{ChangeContext, rows::position};
use crate::postgres::{
    caller_token_validity::for_caller,
    error::DatabaseError,
    prepared_statement::{Statement, sql},
    schema::user,
};

/// The most tasks that are looked at to find a place, one look after the other. Hardly ever is more than
/// the first one needed.
const WINDOWS: [i64; 3] = [1, 64, i64::MAX];

/// Locks the account against other undos, additions and changes of the order until the transaction ends.
pub(in crate::postgres) async fn lock_account(
    mut connection: &AsyncPgConnection,
    user: UserId,
) -> QueryResult<()> {
    let row = user::table.find(user.0).select(user::id).for_no_key_update();
    row.first::<uuid::Uuid>(&mut connection).await.optional().map(drop)
}

/// Whether `task`, or a new one, may stand under `parent`.
pub(super) async fn check_parent(
    connection: &AsyncPgConnection,
    actor: ChangeContext<'_>,
    task: Option<TaskNumber>,
    parent: TaskNumber,
) -> Result<Result<(), FieldError>, DatabaseError> {
    // Pipelined: the server runs these in the order sent, so the reads happen under the lock.
    let facts = async {
        let statement = parent_facts(actor.user, task, parent);
        let facts = statement.get_result::<(Option<i64>, bool)>(&mut &*connection);
        futures::try_join!(lock_account(connection, actor.user), facts)
    };
    let ((), (above, has_subtasks)) = match actor.caller {
        Some(caller) => for_caller(connection, caller, facts).await?,
        None => facts.await?,
    };
    let parent_of_parent = above.map(|above| (above > 0).then_some(TaskNumber(above)));
    Ok(subtasks::check(task, parent, ParentFacts { parent: parent_of_parent, has_subtasks }))
}

/// Under which task the parent stands, 0 for none and NULL when it is not there; and whether anything
/// stands under the task.
fn parent_facts(
    user: UserId,
    task: Option<TaskNumber>,
    parent: TaskNumber,
) -> Statement<'static, (Nullable<BigInt>, Bool)> {
    sql("SELECT (SELECT coalesce(parent, 0) FROM todo WHERE user_id = $1 AND number = $2),
                EXISTS (SELECT FROM todo WHERE user_id = $1 AND parent = $3)")
    .bind::<SqlUuid, _>(user.0)
    .bind::<BigInt, _>(parent.0)
    .bind::<Nullable<BigInt>, _>(task.map(|task| task.0))
}

/// Returns the position after the task `after`, or at the top, for a task that is moved there. Tasks that
/// must make room are moved on; that changes nothing in their order, and is not on record.
pub(super) async fn reserve_position(
    connection: &AsyncPgConnection,
    user: UserId,
    number: TaskNumber,
    after: Option<TaskNumber>,
) -> Result<Result<i64, FieldError>, DatabaseError> {
    let previous = match after {
        None => None,
        Some(after) => match position_of(connection, user, after).await? {
            Some(position) if after != number => Some((after, position)),
            _ => return Ok(Err(manual_order::invalid_predecessor_error(after))),
        },
    };
    for most in WINDOWS {
        let following = those_after(connection, user, (number, previous), most).await?;
        let is_rest = i64::try_from(following.len()).is_ok_and(|count| count < most);
        let placement = manual_order::place(previous.map(|(_, position)| position), &following, is_rest);
        if let Some(Placement { position, moved_on }) = placement {
            shift_positions(connection, user, &moved_on).await?;
            return Ok(Ok(position));
        }
    }
    Err(DatabaseError::Inconsistent("no place was found in an order by hand"))
}

async fn position_of(
    mut connection: &AsyncPgConnection,
    user: UserId,
    number: TaskNumber,
) -> Result<Option<i64>, DatabaseError> {
    let statement =
        sql::<BigInt>(concat!("SELECT ", position!(), " FROM todo WHERE user_id = $1 AND number = $2"))
            .bind::<SqlUuid, _>(user.0)
            .bind::<BigInt, _>(number.0);
    Ok(statement.load(&mut connection).await?.into_iter().next())
}

/// The tasks that come after another one, or from the top, in their order, without the one that is moved.
async fn those_after(
    mut connection: &AsyncPgConnection,
    user: UserId,
    (moved, previous): (TaskNumber, Option<(TaskNumber, i64)>),
    most: i64,
) -> Result<Vec<(TaskNumber, i64)>, DatabaseError> {
    let mut statement = sql::<(BigInt, BigInt)>(concat!(
        "SELECT number, ",
        position!(),
        " FROM todo WHERE user_id = $1 AND number <> $2"
    ))
    .bind::<SqlUuid, _>(user.0)
    .bind::<BigInt, _>(moved.0);
    if let Some((number, position)) = previous {
        statement = statement
            .append(concat!(" AND ", position!(), " >= ? AND (", position!(), " > ? OR number < ?)"))
            .bind::<BigInt, _>(position)
            .bind::<BigInt, _>(position)
            .bind::<BigInt, _>(number.0);
    }
    let statement = statement.append(concat!(" ORDER BY ", position!(), ", number DESC LIMIT ?"));
    let rows: Vec<(i64, i64)> = statement.bind::<BigInt, _>(most).load(&mut connection).await?;
    Ok(rows.into_iter().map(|(number, position)| (TaskNumber(number), position)).collect())
}

async fn shift_positions(
    mut connection: &AsyncPgConnection,
    user: UserId,
    moved_on: &[(TaskNumber, i64)],
) -> Result<(), DatabaseError> {
    if moved_on.is_empty() {
        return Ok(());
    }
    sql::<BigInt>(
        "UPDATE todo SET position = placed.position
         FROM unnest($1, $2) AS placed(number, position)
         WHERE todo.user_id = $3 AND todo.number = placed.number",
    )
    .bind::<Array<BigInt>, _>(moved_on.iter().map(|(number, _)| number.0).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(moved_on.iter().map(|(_, position)| *position).collect::<Vec<_>>())
    .bind::<SqlUuid, _>(user.0)
    .execute(&mut connection)
    .await?;
    Ok(())
}
