//! A step: the model's message, its effects and their results, all or nothing.

use diesel::sql_types::{Integer, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    agent::{Action, PlannedStep},
    command::Channel,
    tool,
    turn::{ExecutedCall, Lease},
};

use super::{
    Said, calls_of, messages,
    rows::{State, TurnColumns, TurnRow},
    select_turn,
};
use crate::postgres::{
    error::DatabaseError,
    sql::sql,
    todos::{Actor, apply},
};

pub(super) async fn commit(
    connection: &AsyncPgConnection,
    lease: &Lease,
    number: i32,
    step: &PlannedStep,
) -> Result<Vec<ExecutedCall>, DatabaseError> {
    if !advance(connection, lease, number).await? {
        return committed(connection, lease, number, step).await;
    }
    let actor = Actor { user: lease.user, channel: Channel::Chat(lease.turn), key: None };
    let mut results = Vec::with_capacity(step.calls.len());
    for planned in &step.calls {
        let result = match &planned.action {
            Action::Answer(result) => result.clone(),
            Action::Apply(command) => match apply(connection, actor, command).await? {
                Ok(outcome) => tool::to_json(&outcome),
                Err(refusal) => tool::error_to_json(&refusal.into()),
            },
        };
        results.push(planned.executed(result));
    }
    messages::append(connection, lease, &step.messages(&results), Said::AmongSteps).await?;
    Ok(results)
}

/// Moves the step counter if the turn is still ours and this step comes next. Takes the
/// conversation's lock first, in the same statement.
async fn advance(
    mut connection: &AsyncPgConnection,
    lease: &Lease,
    number: i32,
) -> Result<bool, DatabaseError> {
    let moved = sql::<Integer>(
        "WITH locked AS MATERIALIZED (SELECT id FROM conversation WHERE id = $1 FOR UPDATE)
         UPDATE turn SET step = step + 1 FROM locked
         WHERE turn.conversation_id = locked.id AND turn.id = $2 AND fence = $3 AND step = $4 AND state = 'running'",
    )
    .bind::<SqlUuid, _>(lease.conversation.0)
    .bind::<SqlUuid, _>(lease.turn.0)
    .bind::<Integer, _>(lease.fence)
    .bind::<Integer, _>(number)
    .execute(&mut connection)
    .await?;
    Ok(moved == 1)
}

/// The results of this very step when it was committed before, and the answer to that was lost.
async fn committed(
    connection: &AsyncPgConnection,
    lease: &Lease,
    number: i32,
    step: &PlannedStep,
) -> Result<Vec<ExecutedCall>, DatabaseError> {
    let row = held(connection, lease).await?.ok_or(DatabaseError::Superseded)?;
    if row.state() != State::Running || row.progress.step != number + 1 {
        return Err(DatabaseError::Superseded);
    }
    let all = calls_of(&messages::of_turn(connection, lease.turn.0).await?);
    let ours = |call: &ExecutedCall| step.calls.iter().any(|planned| planned.call.id == call.id);
    Ok(all.into_iter().filter(ours).collect())
}

/// The turn's row, if nobody took it over.
async fn held(mut connection: &AsyncPgConnection, lease: &Lease) -> Result<Option<TurnRow>, DatabaseError> {
    let rows: Vec<TurnRow> = sql::<TurnColumns>(select_turn!("WHERE id = $1 AND fence = $2"))
        .bind::<SqlUuid, _>(lease.turn.0)
        .bind::<Integer, _>(lease.fence)
        .load(&mut connection)
        .await?;
    Ok(rows.into_iter().next())
}
