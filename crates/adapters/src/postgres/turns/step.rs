//! A step: the model's message, its effects and their results, all or nothing.

use diesel::{
    prelude::*,
    sql_types::{Integer, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account_limits::Limits,
    message::ExecutedCall,
    step::{Action, PlannedCall, PlannedStep, StepAdmission},
    tool,
    turn::Lease,
};

use super::{
    approvals, calls_of,
    messages::{self, Visibility},
    rows::{MessageRow, TurnRow},
};
use crate::postgres::{
    error::DatabaseError,
    prepared_statement::sql,
    schema::turn,
    todos::{ChangeContext, apply, lock_account},
};

pub(super) async fn commit(
    connection: &AsyncPgConnection,
    lease: &Lease,
    number: i32,
    step: &PlannedStep,
    limits: &Limits,
) -> Result<Vec<ExecutedCall>, DatabaseError> {
    if !advance(connection, lease, number).await? {
        return not_next(connection, lease, number).await;
    }
    let actor = ChangeContext::of_turn(lease.user, lease.turn, limits);
    if step.calls.len() > 1 && step.calls.iter().any(PlannedCall::changes_several_tasks) {
        // Before the task of another call, as everybody does who changes several.
        lock_account(connection, lease.user).await?;
    }
    let mut results = Vec::with_capacity(step.calls.len());
    for planned in &step.calls {
        let result = match &planned.action {
            Action::Answer(result) => result.clone(),
            Action::Apply(command) => match apply(connection, actor, command).await? {
                Ok(outcome) => tool::to_json(&outcome, step.local),
                Err(refusal) => tool::error_to_json(&refusal.into()),
            },
            Action::Ask(command, why) => {
                approvals::ask(connection, actor, lease, &planned.call, command, *why, step.local).await?
            }
            Action::Decide(id, decision) => {
                approvals::decide_in_step(connection, actor, lease.turn, step.local, *id, *decision).await?
            }
        };
        results.push(planned.with_result(result));
    }
    messages::append(connection, lease.turn, &step.messages(&results), Visibility::Hidden).await?;
    Ok(results)
}

/// Moves the step counter if the turn is still ours and the step is to be committed, as [`StepAdmission`]
/// has it. Takes the conversation's lock first, in the same statement.
async fn advance(
    mut connection: &AsyncPgConnection,
    lease: &Lease,
    number: i32,
) -> Result<bool, DatabaseError> {
    let moved = sql::<Integer>(
        "WITH locked AS MATERIALIZED (
             SELECT id FROM conversation WHERE id = (SELECT conversation_id FROM turn WHERE id = $1) FOR UPDATE
         )
         UPDATE turn SET step = step + 1 FROM locked
         WHERE turn.conversation_id = locked.id AND turn.id = $1 AND fence = $2 AND step = $3 AND state = 'running'",
    )
    .bind::<SqlUuid, _>(lease.turn.0)
    .bind::<Integer, _>(lease.fence)
    .bind::<Integer, _>(number)
    .execute(&mut connection)
    .await?;
    Ok(moved == 1)
}

/// What becomes of a step that does not come next.
async fn not_next(
    mut connection: &AsyncPgConnection,
    lease: &Lease,
    number: i32,
) -> Result<Vec<ExecutedCall>, DatabaseError> {
    let is_ours = turn::id.eq(lease.turn.0).and(turn::fence.eq(lease.fence));
    let query = turn::table.filter(is_ours).select(TurnRow::as_select());
    let row = query.first(&mut connection).await.optional()?.ok_or(DatabaseError::Superseded)?;
    match StepAdmission::decide(number, row.step, row.is_running()) {
        StepAdmission::Replay => committed(connection, lease, number).await,
        StepAdmission::Superseded => Err(DatabaseError::Superseded),
        StepAdmission::Gap => Err(DatabaseError::Inconsistent("a step before this one is missing")),
        // It did not when we asked for it.
        StepAdmission::Commit => Err(DatabaseError::Conflict),
    }
}

/// The results of a step that is committed.
async fn committed(
    connection: &AsyncPgConnection,
    lease: &Lease,
    number: i32,
) -> Result<Vec<ExecutedCall>, DatabaseError> {
    let messages = messages::of_turn(connection, lease.turn.0).await?;
    // Every step is one message with calls, and no other message has any.
    let mut steps = messages.iter().map(MessageRow::calls).filter(|calls| !calls.is_empty());
    let step = usize::try_from(number).ok().and_then(|number| steps.nth(number)).unwrap_or_default();
    let is_of_this_step = |call: &ExecutedCall| step.iter().any(|planned| planned.id == call.id);
    Ok(calls_of(&messages).into_iter().filter(is_of_this_step).collect())
}
