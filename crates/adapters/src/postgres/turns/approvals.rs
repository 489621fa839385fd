//! Calls that wait for a person's word: asked by a step or by a program, answered by a request or by a step.
//! The caller holds the lock of the conversation or, where there is none, of the account, so one
//! approval is answered by one after the other.

mod insert_approval;
pub(in crate::postgres) mod mcp_call_approvals;
mod rows;

use async_trait::async_trait;
use diesel::{
    prelude::*,
    sql_types::{Integer, Jsonb, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use domain::{
    account::UserId,
    account_limits::{LimitReached, Limits},
    approval::{
        self, Approval, ApprovalError, ApprovalId, ApprovalState, ApprovalTransition, AskReason, AskingCall,
        Decision, TargetState,
    },
    caller::Caller,
    mcp_call::{self, MAX_PENDING_APPROVALS},
    message::ToolCall,
    ports::{ApprovalStore, StoreError},
    time_zone::LocalNow,
    todo_command::TodoCommand,
    todo_outcome::{TodoError, TodoOutcome},
    tool,
    turn::Lease,
    turn_and_conversation_ids::TurnId,
};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::locked_conversation;
use crate::postgres::{
    Database,
    caller_token_validity::for_caller,
    error::DatabaseError,
    prepared_statement::sql,
    schema::approval as table,
    todos::{ChangeContext, apply, lock_account, locked, undo},
    transaction::AfterUnknownCommit,
};
use insert_approval::{NewApproval, insert, subject};
use rows::StoredApproval;

pub(super) use rows::pending_answer;

/// Has a call wait for the person's word, in the transaction of its step, and returns what the model
/// reads of it.
pub(super) async fn ask(
    connection: &AsyncPgConnection,
    actor: ChangeContext<'_>,
    lease: &Lease,
    call: &ToolCall,
    command: &TodoCommand,
    why: AskReason,
    local: LocalNow,
) -> Result<Value, DatabaseError> {
    let subject = match subject(connection, actor, &call.arguments, command, local).await? {
        Ok(subject) => subject,
        Err(said) => return Ok(said),
    };
    let Lease { turn, conversation, user, .. } = *lease;
    // Without the account's lock, so a few more may come to wait: as many as there are turns at once.
    if why == AskReason::NotAllowed
        && mcp_call_approvals::number_waiting(connection, user).await? >= MAX_PENDING_APPROVALS
    {
        return Ok(tool::error_to_json(&mcp_call::too_many_wait()));
    }
    let asked_in = Some(AskingCall { turn, conversation, id: call.id.clone() });
    let new_approval =
        NewApproval { user, asked_in, tool: &call.name, subject, lifetime: why.lifetime(), by: None };
    Ok(insert(connection, new_approval).await?.waiting_result(why))
}

/// What came of an answer.
enum Answered {
    /// The approval as it stands now; perhaps it stood so before.
    Decided(Approval),
    /// The answer counts for nothing.
    Refused(Approval, ApprovalError),
    /// The account may not do more just now: it waits on.
    Limited(LimitReached),
}

/// Answers an approval in a step of a turn, and returns what the model reads of it.
pub(super) async fn decide_in_step(
    connection: &AsyncPgConnection,
    actor: ChangeContext<'_>,
    turn: TurnId,
    local: LocalNow,
    id: ApprovalId,
    decision: Decision,
) -> Result<Value, DatabaseError> {
    let Some(stored) = StoredApproval::find(connection, actor.user, id).await? else {
        return Ok(tool::error_to_json(&approval::not_found_error()));
    };
    Ok(match decide(connection, actor, stored, Some(turn), local, decision).await? {
        Answered::Decided(approval) => approval.result.unwrap_or_default(),
        Answered::Refused(approval, why) => approval.refused_result(why),
        Answered::Limited(limit) => tool::error_to_json(&TodoError::Limit(limit).into()),
    })
}

/// Answers an approval; the caller holds the lock of its conversation or, where it has none, of the account.
async fn decide(
    connection: &AsyncPgConnection,
    actor: ChangeContext<'_>,
    stored: StoredApproval,
    made_in: Option<TurnId>,
    local: LocalNow,
    decision: Decision,
) -> Result<Answered, DatabaseError> {
    let StoredApproval { approval, asked_at, conversation_row, read_at, recorded } = stored;
    let mut transition = approval.transition(decision, asked_at, read_at, TargetState::Unchanged);
    if matches!(transition, ApprovalTransition::CarryOut(_)) {
        let subject = target_state(connection, actor.user, &approval).await?;
        transition = approval.transition(decision, asked_at, read_at, subject);
    }
    let (decided, refusal) = match transition {
        ApprovalTransition::Repeat => return Ok(Answered::Decided(approval)),
        ApprovalTransition::Void => (approval.voided(), Some(ApprovalError::Void)),
        ApprovalTransition::Refuse(why) => return Ok(Answered::Refused(approval, why)),
        ApprovalTransition::Reject => {
            let result = approval.rejected_result();
            (approval.with_decision(ApprovalState::Rejected, result), None)
        }
        ApprovalTransition::CarryOut(command) => {
            let result = match carry_out(connection, actor, &command, local).await? {
                CarriedOut::Limited(limit) => return Ok(Answered::Limited(limit)),
                CarriedOut::Answered(result) => result,
            };
            (approval.with_decision(ApprovalState::Approved, result), None)
        }
    };
    store(connection, conversation_row, &decided, made_in, recorded).await?;
    Ok(match refusal {
        None => Answered::Decided(decided),
        Some(why) => Answered::Refused(decided, why),
    })
}

/// How what a question is about stands. Its tasks are locked then, after the account: who changes several
/// tasks locks in this order.
async fn target_state(
    connection: &AsyncPgConnection,
    user: UserId,
    approval: &Approval,
) -> Result<TargetState, DatabaseError> {
    let numbers = match approval.undo_target() {
        None => Ok(approval.numbers()),
        Some(target) => undo::numbers_of(connection, user, target).await?,
    };
    let todos = match &numbers {
        // Pipelined: the server runs these in the order sent.
        Ok(numbers) => {
            let account = async { Ok(lock_account(connection, user).await?) };
            futures::try_join!(account, locked(connection, user, numbers))?.1
        }
        Err(_) => Vec::new(),
    };
    Ok(approval.target_state(&numbers, &todos))
}

/// The outcome of carrying out an approved call.
enum CarriedOut {
    /// The call was made, or refused: its result.
    Answered(Value),
    /// A limit of the account stands against it, and nothing was done.
    Limited(LimitReached),
}

/// Carries out an approved call: the whole of it or, where a limit stands against a part, nothing, so that
/// the person may approve it again.
async fn carry_out(
    connection: &AsyncPgConnection,
    actor: ChangeContext<'_>,
    command: &TodoCommand,
    local: LocalNow,
) -> Result<CarriedOut, DatabaseError> {
    if command.names_several_tasks() {
        (&mut &*connection).batch_execute("SAVEPOINT before_parts").await?;
    }
    let outcome = apply(connection, actor, command).await?;
    let limit = match &outcome {
        Ok(TodoOutcome::ChangedMany(outcomes)) => {
            outcomes.iter().find_map(|(_, outcome)| outcome.as_ref().err().and_then(TodoError::limit))
        }
        Ok(_) => None,
        Err(refusal) => refusal.limit(),
    };
    let Some(limit) = limit else {
        return Ok(CarriedOut::Answered(match outcome {
            Ok(outcome) => tool::to_json(&outcome, local),
            Err(refusal) => tool::error_to_json(&refusal.into()),
        }));
    };
    if command.names_several_tasks() {
        (&mut &*connection).batch_execute("ROLLBACK TO SAVEPOINT before_parts").await?;
    }
    Ok(CarriedOut::Limited(limit))
}

/// Stores an answer, if it still waits for one.
async fn store(
    connection: &AsyncPgConnection,
    conversation: Option<Uuid>,
    decided: &Approval,
    made_in: Option<TurnId>,
    recorded: Value,
) -> Result<(), DatabaseError> {
    set_state(connection, conversation, (ApprovalState::Waiting, decided), made_in, recorded).await
}

/// Sets the state, if it is still this one, and rewrites the result of the call that asked.
async fn set_state(
    mut connection: &AsyncPgConnection,
    conversation: Option<Uuid>,
    (from, to): (ApprovalState, &Approval),
    made_in: Option<TurnId>,
    recorded: Value,
) -> Result<(), DatabaseError> {
    let changed = sql::<Integer>(
        "WITH changed AS (
             UPDATE approval SET state = $1, result = $2 WHERE id = $3 AND state = $4 RETURNING id
         ), told AS (
             UPDATE message SET content = $5 FROM changed
             WHERE conversation_id = $6 AND turn_id = $7 AND tool_call_id = $8
         )
         SELECT 1 FROM changed",
    )
    .bind::<Text, _>(to.question.state.as_str())
    .bind::<Nullable<Jsonb>, _>(to.result.clone())
    .bind::<SqlUuid, _>(to.question.id.0)
    .bind::<Text, _>(from.as_str())
    .bind::<Text, _>(to.result_to_store(made_in, recorded).to_string())
    .bind::<Nullable<SqlUuid>, _>(conversation)
    .bind::<Nullable<SqlUuid>, _>(to.asked_in.as_ref().map(|call| call.turn.0))
    .bind::<Nullable<Text>, _>(to.asked_in.as_ref().map(|call| call.id.as_str()));
    let changed: Vec<i32> = changed.load(&mut connection).await?;
    if changed.is_empty() { Err(DatabaseError::Conflict) } else { Ok(()) }
}

/// Voids what an answer has asked that another one replaces, under the lock of its conversation.
pub(super) async fn void_questions_of(
    connection: &AsyncPgConnection,
    turn: TurnId,
) -> Result<(), DatabaseError> {
    let set_aside = sql::<Integer>("UPDATE approval SET is_set_aside = state = 'waiting' WHERE turn_id = $1");
    let set_aside = set_aside.bind::<SqlUuid, _>(turn.0).execute(&mut &*connection);
    // Pipelined: the server runs these in the order sent.
    let (_, waiting) =
        futures::try_join!(async { Ok(set_aside.await?) }, StoredApproval::set_aside(connection, turn))?;
    for stored in waiting {
        let StoredApproval { approval, conversation_row, recorded, .. } = stored;
        store(connection, conversation_row, &approval.voided(), None, recorded).await?;
    }
    Ok(())
}

/// Leaves void for good what was set aside: the end that the turn has now came in place of what asked it.
pub(super) async fn discard_set_aside_approvals(
    mut connection: &AsyncPgConnection,
    turn: TurnId,
) -> Result<(), DatabaseError> {
    let forgotten =
        sql::<Integer>("UPDATE approval SET is_set_aside = false WHERE turn_id = $1 AND is_set_aside");
    forgotten.bind::<SqlUuid, _>(turn.0).execute(&mut connection).await?;
    Ok(())
}

/// Reactivates questions set aside when the old answer is restored. One that is void for another reason
/// becomes void again when it is answered.
pub(super) async fn ask_again(connection: &AsyncPgConnection, turn: TurnId) -> Result<(), DatabaseError> {
    for stored in StoredApproval::set_aside(connection, turn).await? {
        let StoredApproval { approval, conversation_row, recorded, .. } = stored;
        let again = approval.reactivated();
        set_state(connection, conversation_row, (ApprovalState::Void, &again), None, recorded).await?;
    }
    Ok(())
}

/// Answers an approval of the caller's.
async fn decide_for_caller(
    connection: &AsyncPgConnection,
    caller: Caller,
    id: ApprovalId,
    decision: Decision,
    shown: Option<&Map<String, Value>>,
    limits: &Limits,
) -> Result<Option<Result<Approval, ApprovalError>>, DatabaseError> {
    let of_caller = table::table.filter(table::id.eq(id.0).and(table::user_id.eq(caller.user.0)));
    let turn = of_caller.select(table::turn_id);
    let turn: Vec<Option<Uuid>> = for_caller(connection, caller, turn.load(&mut &*connection)).await?;
    let turn = match turn.into_iter().next() {
        None => return Ok(None),
        Some(turn) => turn.map(TurnId),
    };
    match turn {
        Some(turn) if locked_conversation::lock_of_turn(connection, turn).await?.is_none() => {
            return Ok(None);
        }
        Some(_) => {}
        None => lock_account(connection, caller.user).await?,
    }
    let Some(stored) = StoredApproval::find(connection, caller.user, id).await? else { return Ok(None) };
    if let Err(refusal) = stored.approval.check_answer(&caller, shown) {
        return Ok(Some(Err(refusal)));
    }
    let (local, program) = (stored.asked_at.local, stored.approval.question.program.clone());
    let channel = stored.approval.channel();
    let actor =
        ChangeContext { program: program.as_deref(), ..ChangeContext::of_caller(caller, channel, limits) };
    match decide(connection, actor, stored, turn, local, decision).await? {
        Answered::Decided(approval) => Ok(Some(Ok(approval))),
        Answered::Refused(_, why) => Ok(Some(Err(why))),
        Answered::Limited(limit) => Err(DatabaseError::Limit(limit)),
    }
}

#[async_trait]
impl ApprovalStore for Database {
    async fn waiting(&self, caller: Caller) -> Result<Vec<Approval>, StoreError> {
        self.read(async |connection| {
            for_caller(connection, caller, StoredApproval::waiting(connection, caller.user)).await
        })
        .await
    }

    async fn find_all(&self, caller: Caller, ids: &[ApprovalId]) -> Result<Vec<Approval>, StoreError> {
        self.read(async |connection| {
            for_caller(connection, caller, StoredApproval::find_all(connection, caller.user, ids)).await
        })
        .await
    }

    async fn decide(
        &self,
        caller: Caller,
        id: ApprovalId,
        decision: Decision,
        shown: Option<&Map<String, Value>>,
    ) -> Result<Option<Result<Approval, ApprovalError>>, StoreError> {
        // A second time it finds its own answer.
        let answered = self.transaction(AfterUnknownCommit::Retry, async |connection| {
            decide_for_caller(connection, caller, id, decision, shown, &self.limits).await
        });
        Ok(answered.await?)
    }
}
