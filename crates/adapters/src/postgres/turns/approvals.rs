//! Calls that wait for a person's word: asked by a step, answered by a request or by a step. Whoever
//! answers holds the lock of the conversation, so one approval is answered by one after the other.

mod rows;

use std::time::Duration;

use async_trait::async_trait;
use diesel::{
    prelude::*,
    sql_types::{Integer, Interval, Jsonb, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account::Caller,
    approval::{
        self, Approval, ApprovalId, ApprovalRefusal, ApprovalState, AskReason, Decision, Question, Verdict,
    },
    command::{Channel, TodoCommand, TodoError, TodoOutcome},
    id::TurnId,
    limits::{LimitReached, Limits},
    message::ToolCall,
    ports::{ApprovalStore, IdGenerator, StoreError},
    time_zone::LocalNow,
    tool,
    turn::{Lease, admission::KEY_RETENTION},
};
use serde_json::{Map, Value};

use super::locked_conversation;
use crate::{
    clock_and_ids::UuidV7,
    postgres::{
        Database,
        caller::for_caller,
        error::DatabaseError,
        prepared_statement::{interval, sql},
        schema::approval as table,
        todos::{Actor, apply, locked, numbers_of},
        transaction::AfterUnknownCommit,
    },
};
use rows::{ApprovalRow, StoredTask};

pub(super) use rows::answered;

/// Has a call wait for the person's word, in the transaction of its step, and returns what the model
/// reads of it. What is about tasks none of which is there is applied, and says so.
pub(super) async fn ask(
    connection: &AsyncPgConnection,
    actor: Actor<'_>,
    (lease, call): (&Lease, &ToolCall),
    (command, why, local): (&TodoCommand, AskReason, LocalNow),
) -> Result<Value, DatabaseError> {
    let numbers = numbers_of(connection, lease.user, command).await?;
    let todos = locked(connection, lease.user, &numbers).await?;
    let (tasks, revisions) = approval::in_order(&numbers, &todos);
    if tasks.is_empty() && approval::is_about_existing_tasks(command) {
        return Ok(match apply(connection, actor, command).await? {
            Ok(outcome) => tool::to_json(&outcome, local),
            Err(refusal) => tool::error_to_json(&refusal.into()),
        });
    }
    let id = ApprovalId(UuidV7.next());
    let stored = StoredTask::all(&tasks, &revisions);
    let expires_at = insert(connection, id, (lease, call), &stored, why.lifetime()).await?;
    let question = Question {
        id,
        tool: call.name.clone(),
        arguments: call.arguments.clone(),
        tasks,
        expires_at,
        state: ApprovalState::Waiting,
    };
    let Lease { turn, conversation, .. } = *lease;
    let approval =
        Approval { question, turn, conversation, call_id: call.id.clone(), revisions, result: None };
    Ok(approval.asking(why))
}

/// Inserts an approval and returns when it expires. Old ones of the user are forgotten on the way: no
/// retry asks for them any more.
async fn insert(
    mut connection: &AsyncPgConnection,
    id: ApprovalId,
    (lease, call): (&Lease, &ToolCall),
    tasks: &Value,
    lifetime: Duration,
) -> Result<chrono::DateTime<chrono::Utc>, DatabaseError> {
    let inserted = sql::<Timestamptz>(
        "WITH forgotten AS (
             DELETE FROM approval WHERE id IN (
                 SELECT id FROM approval WHERE user_id = $1 AND created_at < now() - $2
                 LIMIT 100 FOR UPDATE SKIP LOCKED
             )
         )
         INSERT INTO approval (id, user_id, conversation_id, turn_id, call_id, tool, arguments, tasks, expires_at)
         SELECT $3, user_id, conversation_id, id, $4, $5, $6, $7, now() + $8 FROM turn WHERE id = $9
         RETURNING expires_at",
    )
    .bind::<SqlUuid, _>(lease.user.0)
    .bind::<Interval, _>(interval(KEY_RETENTION))
    .bind::<SqlUuid, _>(id.0)
    .bind::<Text, _>(call.id.as_str())
    .bind::<Text, _>(call.name.as_str())
    .bind::<Jsonb, _>(Value::Object(call.arguments.clone()))
    .bind::<Jsonb, _>(tasks.clone())
    .bind::<Interval, _>(interval(lifetime))
    .bind::<SqlUuid, _>(lease.turn.0);
    Ok(inserted.get_result(&mut connection).await?)
}

/// What came of an answer.
enum Answered {
    /// The approval as it stands now; perhaps it stood so before.
    Decided(Approval),
    /// The answer counts for nothing.
    Refused(Approval, ApprovalRefusal),
    /// The account may not do more just now: it waits on.
    Limited(LimitReached),
}

/// Answers an approval in a step of a turn, and returns what the model reads of it.
pub(super) async fn decide_in_step(
    connection: &AsyncPgConnection,
    actor: Actor<'_>,
    (turn, local): (TurnId, LocalNow),
    id: ApprovalId,
    decision: Decision,
) -> Result<Value, DatabaseError> {
    let Some(row) = ApprovalRow::find(connection, actor.user, id).await? else {
        return Ok(tool::error_to_json(&approval::gone()));
    };
    Ok(match decide(connection, actor, row, (turn, local), decision).await? {
        Answered::Decided(approval) => approval.result.unwrap_or_default(),
        Answered::Refused(approval, why) => approval.refused(why),
        Answered::Limited(limit) => tool::error_to_json(&TodoError::Limit(limit).into()),
    })
}

/// Answers an approval, whoever holds the lock of its conversation.
async fn decide(
    connection: &AsyncPgConnection,
    actor: Actor<'_>,
    row: ApprovalRow,
    (made_in, local): (TurnId, LocalNow),
    decision: Decision,
) -> Result<Answered, DatabaseError> {
    let (asked_at, now, conversation) = (row.asked_at(), row.now, row.conversation_id);
    let approval = row.approval()?;
    let numbers: Vec<_> = approval.question.tasks.iter().map(|task| task.number).collect();
    let todos = locked(connection, actor.user, &numbers).await?;
    let revision = |number| todos.iter().find(|todo| todo.number == number).map(|todo| todo.revision);
    let (decided, refusal) = match approval.verdict(decision, now, revision) {
        Verdict::Repeat => return Ok(Answered::Decided(approval)),
        Verdict::Annul => {
            let why = ApprovalRefusal::Void;
            let result = approval.refused(why);
            (approval.decided(ApprovalState::Void, result), Some(why))
        }
        Verdict::Refuse(why) => return Ok(Answered::Refused(approval, why)),
        Verdict::Reject => {
            let result = approval.rejected();
            (approval.decided(ApprovalState::Rejected, result), None)
        }
        Verdict::CarryOut => {
            let result = match approval.command(asked_at) {
                Err(refusal) => tool::error_to_json(&refusal),
                Ok(command) => match apply(connection, actor, &command).await? {
                    Err(TodoError::Limit(limit)) => return Ok(Answered::Limited(limit)),
                    Err(refusal) => tool::error_to_json(&refusal.into()),
                    Ok(outcome) => match limit_of_all(&outcome) {
                        Some(limit) => return Ok(Answered::Limited(limit)),
                        None => tool::to_json(&outcome, local),
                    },
                },
            };
            (approval.decided(ApprovalState::Approved, result), None)
        }
    };
    store(connection, conversation, &decided, made_in).await?;
    Ok(match refusal {
        None => Answered::Decided(decided),
        Some(why) => Answered::Refused(decided, why),
    })
}

/// The limit that kept all of several changes from being made.
fn limit_of_all(outcome: &TodoOutcome) -> Option<LimitReached> {
    let TodoOutcome::ChangedMany(outcomes) = outcome else { return None };
    let limits: Option<Vec<LimitReached>> = outcomes
        .iter()
        .map(|(_, outcome)| match outcome {
            Err(TodoError::Limit(limit)) => Some(*limit),
            _ => None,
        })
        .collect();
    limits?.into_iter().next()
}

/// Sets the state, if it still waits, and rewrites the result of the call that asked.
async fn store(
    mut connection: &AsyncPgConnection,
    conversation: uuid::Uuid,
    decided: &Approval,
    made_in: TurnId,
) -> Result<(), DatabaseError> {
    let changed = sql::<Integer>(
        "WITH decided AS (
             UPDATE approval SET state = $1, result = $2 WHERE id = $3 AND state = 'waiting' RETURNING id
         ), told AS (
             UPDATE message SET content = $4 FROM decided
             WHERE conversation_id = $5 AND turn_id = $6 AND tool_call_id = $7
         )
         SELECT 1 FROM decided",
    )
    .bind::<Text, _>(decided.question.state.as_str())
    .bind::<Jsonb, _>(decided.result.clone().unwrap_or_default())
    .bind::<SqlUuid, _>(decided.question.id.0)
    .bind::<Text, _>(decided.record(made_in).to_string())
    .bind::<SqlUuid, _>(conversation)
    .bind::<SqlUuid, _>(decided.turn.0)
    .bind::<Text, _>(decided.call_id.as_str());
    let changed: Vec<i32> = changed.load(&mut connection).await?;
    if changed.is_empty() { Err(DatabaseError::Raced) } else { Ok(()) }
}

/// Answers an approval of the caller's.
async fn decide_for_caller(
    connection: &AsyncPgConnection,
    caller: Caller,
    (id, decision): (ApprovalId, Decision),
    shown: Option<&Map<String, Value>>,
    limits: &Limits,
) -> Result<Option<Result<Approval, ApprovalRefusal>>, DatabaseError> {
    let of_caller = table::table.filter(table::id.eq(id.0).and(table::user_id.eq(caller.user.0)));
    let turn = of_caller.select(table::turn_id);
    let turn: Vec<uuid::Uuid> = for_caller(connection, caller, turn.load(&mut &*connection)).await?;
    let Some(turn) = turn.into_iter().next().map(TurnId) else { return Ok(None) };
    if locked_conversation::lock_of_turn(connection, turn).await?.is_none() {
        return Ok(None);
    }
    let Some(row) = ApprovalRow::find(connection, caller.user, id).await? else { return Ok(None) };
    if shown.is_some_and(|shown| !row.has_arguments(shown)) {
        return Ok(Some(Err(ApprovalRefusal::OtherArguments)));
    }
    let actor = Actor { user: caller.user, caller: Some(caller), channel: Channel::Chat(turn), limits };
    let local = row.asked_at().local;
    match decide(connection, actor, row, (turn, local), decision).await? {
        Answered::Decided(approval) => Ok(Some(Ok(approval))),
        Answered::Refused(_, why) => Ok(Some(Err(why))),
        Answered::Limited(limit) => Err(DatabaseError::Limit(limit)),
    }
}

#[async_trait]
impl ApprovalStore for Database {
    async fn waiting(&self, caller: Caller) -> Result<Vec<Approval>, StoreError> {
        self.read(async |connection| {
            let rows = for_caller(connection, caller, ApprovalRow::waiting(connection, caller.user)).await?;
            rows.into_iter().map(ApprovalRow::approval).collect()
        })
        .await
    }

    async fn decide(
        &self,
        caller: Caller,
        id: ApprovalId,
        decision: Decision,
        shown: Option<&Map<String, Value>>,
    ) -> Result<Option<Result<Approval, ApprovalRefusal>>, StoreError> {
        // A second time it finds its own answer.
        let answered = self.transaction(AfterUnknownCommit::Retry, async |connection| {
            decide_for_caller(connection, caller, (id, decision), shown, &self.limits).await
        });
        Ok(answered.await?)
    }
}
