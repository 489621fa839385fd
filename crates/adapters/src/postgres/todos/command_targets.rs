//! Finds and locks the tasks that a command names.

use std::collections::BTreeSet;

use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account::UserId,
    approval::named_tasks,
    todo::{TaskNumber, Todo, TodoTitle},
    todo_command::{ExecutionOrder, TodoChange, TodoCommand},
    todo_outcome::{TodoError, exactly_one},
};

use super::{read_statements, rows::TodoRow};
use crate::postgres::{
    error::DatabaseError,
    prepared_statement::{lower, sql},
    schema::todo,
};

/// The first few tasks with this title, in any case.
pub(super) async fn titled(
    mut connection: &AsyncPgConnection,
    user: UserId,
    title: &TodoTitle,
) -> QueryResult<Vec<TaskNumber>> {
    let is_titled = lower(todo::title).eq(lower(title.as_str()));
    let tasks = todo::table.filter(todo::user_id.eq(user.0).and(is_titled));
    let numbers = tasks.order(todo::number.asc()).limit(5).select(todo::number).load(&mut connection).await?;
    Ok(numbers.into_iter().map(TaskNumber).collect())
}

/// The numbers of the tasks that a command is about, whether they are there or not; a refusal when it names
/// no task, or several, by a title.
pub(in crate::postgres) async fn numbers_of(
    connection: &AsyncPgConnection,
    user: UserId,
    command: &TodoCommand,
) -> QueryResult<Result<Vec<TaskNumber>, TodoError>> {
    Ok(match command {
        TodoCommand::ChangeTitled(title, _) => {
            exactly_one(&titled(connection, user, title).await?).map(|number| vec![number])
        }
        command => Ok(named_tasks(command)),
    })
}

/// The tasks of these numbers that are there, locked until the transaction ends.
pub(in crate::postgres) async fn locked(
    mut connection: &AsyncPgConnection,
    user: UserId,
    numbers: &[TaskNumber],
) -> Result<Vec<Todo>, DatabaseError> {
    let rows: Vec<TodoRow> =
        read_statements::by_numbers_for_update(user, numbers).load(&mut connection).await?;
    rows.into_iter().map(TodoRow::todo).collect()
}

/// In which order several changes are made.
pub(super) async fn execution_order(
    mut connection: &AsyncPgConnection,
    user: UserId,
    changes: &[TodoChange],
) -> QueryResult<ExecutionOrder> {
    let deleted: Vec<i64> = ExecutionOrder::depends_on(changes).into_iter().map(|number| number.0).collect();
    if deleted.is_empty() {
        return Ok(ExecutionOrder::new(changes, &BTreeSet::new()));
    }
    let subtasks: Vec<i64> =
        sql::<BigInt>("SELECT number FROM todo WHERE user_id = $1 AND number = ANY($2) AND parent = ANY($2)")
            .bind::<SqlUuid, _>(user.0)
            .bind::<Array<BigInt>, _>(deleted)
            .load(&mut connection)
            .await?;
    Ok(ExecutionOrder::new(changes, &subtasks.into_iter().map(TaskNumber).collect()))
}
