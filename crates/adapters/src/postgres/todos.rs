//! Todo lists: [`apply`] is the only code that looks at or changes one.

mod rows;
mod statements;

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account::{Caller, UserId},
    command::{Channel, TodoCommand, TodoError, TodoFilter, TodoOutcome},
    ports::{Keyed, StoreError, TodoStore},
    todo::{TaskNumber, Todo},
    turn::RequestKey,
};

use super::{
    Database,
    error::DatabaseError,
    keys,
    schema::todo,
    sql::Statement,
    transaction::{AfterUnknownCommit, caller_is_known, for_caller},
};
use rows::TodoRow;

/// Who changes a list, and through which channel.
#[derive(Clone, Copy)]
pub(super) struct Actor<'a> {
    pub(super) user: UserId,
    pub(super) channel: Channel,
    pub(super) key: Option<&'a RequestKey>,
}

/// Applies one command to one user's list, inside whatever transaction the connection is in.
pub(super) async fn apply(
    connection: &AsyncPgConnection,
    actor: Actor<'_>,
    command: &TodoCommand,
) -> Result<Result<TodoOutcome, TodoError>, DatabaseError> {
    let (number, statement) = match command {
        TodoCommand::List(filter) => return list(connection, actor.user, filter).await.map(Ok),
        TodoCommand::Add { title, description } => {
            (None, statements::add(actor, title, description.as_ref()))
        }
        TodoCommand::Find(number) => {
            let todo = find(connection, actor.user, *number).await?;
            return Ok(todo.map(TodoOutcome::One).ok_or(TodoError::NoSuchTask(*number)));
        }
        TodoCommand::Update(number, patch) => (Some(*number), statements::update(actor, *number, patch)),
        TodoCommand::Delete(number) => (Some(*number), statements::delete(actor, *number)),
    };
    match (first(connection, statement).await?, number) {
        (Some(todo), _) => Ok(Ok(TodoOutcome::One(todo))),
        (None, Some(number)) => Ok(Err(TodoError::NoSuchTask(number))),
        // There is no row to count the new task on: the user is gone.
        (None, None) => Err(DatabaseError::UnknownCaller),
    }
}

async fn first(
    mut connection: &AsyncPgConnection,
    statement: Statement<'_, rows::Columns>,
) -> Result<Option<Todo>, DatabaseError> {
    let rows: Vec<TodoRow> = statement.load(&mut connection).await?;
    rows.into_iter().next().map(TodoRow::todo).transpose()
}

async fn find(
    mut connection: &AsyncPgConnection,
    user: UserId,
    number: TaskNumber,
) -> Result<Option<Todo>, DatabaseError> {
    let query = todo::table.find((user.0, number.0)).select(TodoRow::as_select());
    query.first(&mut connection).await.optional()?.map(TodoRow::todo).transpose()
}

async fn list(
    mut connection: &AsyncPgConnection,
    user: UserId,
    filter: &TodoFilter,
) -> Result<TodoOutcome, DatabaseError> {
    let mut query = statements::matching(user, filter).order(todo::number.desc());
    if let Some(before) = filter.before {
        query = query.filter(todo::number.lt(before.0));
    }
    // One more than the limit is read, to see whether more follow.
    let query = query.limit(filter.limit.saturating_add(1)).select(TodoRow::as_select());
    let mut rows: Vec<TodoRow> = query.load(&mut connection).await?;
    let limit = usize::try_from(filter.limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let total = if more || filter.before.is_some() {
        statements::matching(user, filter).count().get_result(&mut connection).await?
    } else {
        i64::try_from(rows.len()).unwrap_or(i64::MAX)
    };
    let todos = rows.into_iter().map(TodoRow::todo).collect::<Result<_, _>>()?;
    Ok(TodoOutcome::Many { todos, total, more })
}

#[async_trait]
impl TodoStore for Database {
    async fn apply(
        &self,
        caller: Caller,
        channel: Channel,
        command: TodoCommand,
    ) -> Result<Result<TodoOutcome, TodoError>, StoreError> {
        let actor = Actor { user: caller.user, channel, key: None };
        let command = &command;
        let work = async |connection: &mut AsyncPgConnection| {
            let (known, outcome) =
                futures::join!(caller_is_known(connection, caller), apply(connection, actor, command));
            if !known? {
                return Err(DatabaseError::UnknownCaller);
            }
            outcome
        };
        match command {
            TodoCommand::Find(_) | TodoCommand::List(_) => self.read(work).await,
            // Setting the same values again, or deleting what is gone, changes nothing more; but
            // the answer to a delete would be another one.
            TodoCommand::Update(..) => Ok(self.transaction(AfterUnknownCommit::Retry, work).await?),
            TodoCommand::Add { .. } | TodoCommand::Delete(_) => {
                Ok(self.transaction(AfterUnknownCommit::Report, work).await?)
            }
        }
    }

    async fn apply_once(
        &self,
        caller: Caller,
        key: &RequestKey,
        command: TodoCommand,
    ) -> Result<Keyed<TodoOutcome>, StoreError> {
        let actor = Actor { user: caller.user, channel: Channel::Rest, key: Some(key) };
        let command = &command;
        let outcome = self
            .transaction(AfterUnknownCommit::Retry, async |connection| {
                match recorded(connection, caller, key).await? {
                    Recorded::Addition { hash, todo } if hash == key.body_hash => {
                        return Ok(Keyed::Replayed(TodoOutcome::One(todo)));
                    }
                    Recorded::Addition { .. } | Recorded::Turn => return Ok(Keyed::KeyReused),
                    Recorded::Nothing => {}
                }
                let outcome = match apply(connection, actor, command).await {
                    // Somebody else used the key since we looked: look again.
                    Err(error) if error.constraint() == Some("todo_change_key_unique") => {
                        return Err(DatabaseError::Raced);
                    }
                    outcome => outcome?,
                };
                let outcome =
                    outcome.map_err(|_refusal| DatabaseError::Inconsistent("only additions take a key"))?;
                Ok(Keyed::Fresh(outcome))
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
    connection: &mut AsyncPgConnection,
    caller: Caller,
    key: &RequestKey,
) -> Result<Recorded, DatabaseError> {
    // In this order on the wire: what is found is found under the lock.
    let all = async {
        futures::try_join!(
            keys::lock(connection, caller.user, key),
            statements::recorded(caller.user, key).load(&mut &*connection),
            keys::is_of_a_turn(connection, caller.user, key)
        )
    };
    let ((), rows, is_of_a_turn): ((), Vec<(Vec<u8>, serde_json::Value)>, bool) =
        for_caller(connection, caller, all).await?;
    let Some((hash, after)) = rows.into_iter().next() else {
        return Ok(if is_of_a_turn { Recorded::Turn } else { Recorded::Nothing });
    };
    let todo = serde_json::from_value(after)
        .map_err(|_error| DatabaseError::Inconsistent("a recorded task is no task"))?;
    Ok(Recorded::Addition { hash, todo })
}
