//! Inserts the approval that a call waits for.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Interval, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account::UserId,
    approval::{self, Approval, ApprovalId, ApprovalState, ApprovalTarget, AskingCall, Question},
    caller::Grant,
    ports::IdGenerator,
    time_zone::{LocalNow, PersonalTime},
    todo_command::TodoCommand,
    todo_outcome::TodoError,
    tool,
    turn::admission::KEY_RETENTION,
};
use serde_json::{Map, Value};

use super::rows::StoredTask;
use crate::{
    clock_and_ids::UuidV7,
    postgres::{
        error::DatabaseError,
        prepared_statement::{interval, sql},
        todos::{ChangeContext, locked, numbers_of, undo},
    },
};

/// The subject of a call that waits, or what is to be said of it at once: nobody is asked about tasks none of
/// which is there, or about what cannot be undone.
pub(super) async fn subject(
    connection: &AsyncPgConnection,
    actor: ChangeContext<'_>,
    arguments: &Map<String, Value>,
    command: &TodoCommand,
    local: LocalNow,
) -> Result<Result<ApprovalTarget, Value>, DatabaseError> {
    if let TodoCommand::Undo(target) = command {
        let subject = undo::subject(connection, actor, *target).await?;
        return Ok(subject.map_err(|refusal| tool::error_to_json(&TodoError::Undo(Box::new(refusal)).into())));
    }
    let numbers = match numbers_of(connection, actor.user, command).await? {
        Ok(numbers) => numbers,
        Err(refusal) => return Ok(Err(tool::error_to_json(&refusal.into()))),
    };
    let todos = locked(connection, actor.user, &numbers).await?;
    if let Err(refusal) = approval::check_seen(command, &todos) {
        return Ok(Err(tool::error_to_json(&refusal.into())));
    }
    let subject = ApprovalTarget::for_tasks(arguments, &numbers, &todos);
    if subject.tasks.is_empty() && approval::is_about_existing_tasks(command) {
        // Said from what was read: a task that comes to be there now would be changed without a yes.
        return Ok(Err(match approval::outcome_without_tasks(command, &numbers) {
            Ok(outcome) => tool::to_json(&outcome, local),
            Err(refusal) => tool::error_to_json(&refusal.into()),
        }));
    }
    Ok(Ok(subject))
}

/// A call that is to wait.
pub(super) struct NewApproval<'a> {
    pub(super) user: UserId,
    /// The call of a turn that it is, if it is one.
    pub(super) asked_in: Option<AskingCall>,
    pub(super) tool: &'a str,
    pub(super) subject: ApprovalTarget,
    pub(super) lifetime: Duration,
    /// What the person's clock and calendar show, and who asks, where no turn tells that.
    pub(super) by: Option<(PersonalTime, Option<Grant>)>,
}

/// Inserts an approval. Old ones of the user are deleted along the way: no retry asks for them any more.
pub(super) async fn insert(
    mut connection: &AsyncPgConnection,
    new_approval: NewApproval<'_>,
) -> Result<Approval, DatabaseError> {
    let NewApproval { user, asked_in, tool, subject, lifetime, by } = new_approval;
    let ApprovalTarget { arguments, tasks, revisions } = subject;
    let id = ApprovalId(UuidV7.next());
    let time = by.map(|(time, _)| time);
    let grant = by.and_then(|(_, grant)| grant);
    let inserted = sql::<(Timestamptz, Nullable<Text>)>(
        "WITH forgotten AS (
             DELETE FROM approval WHERE id IN (
                 SELECT id FROM approval WHERE user_id = $1 AND created_at < now() - $2
                 LIMIT 100 FOR UPDATE SKIP LOCKED
             )
         )
         INSERT INTO approval (id, user_id, call_id, tool, arguments, tasks, expires_at, time_zone, week_start,
                               asked_at, conversation_id, turn_id, program)
         SELECT $3, $1, $4, $5, $6, $7, now() + $8, coalesce($9, turn.time_zone), coalesce($10, turn.week_start),
             coalesce(turn.asked_at, turn.created_at, now()), turn.conversation_id, turn.id,
             coalesce(turn.program, (SELECT name FROM access_token WHERE id = $11 AND user_id = $1))
         FROM (VALUES ($12)) AS new (turn_id) LEFT JOIN turn ON turn.id = new.turn_id
         RETURNING expires_at, program",
    )
    .bind::<SqlUuid, _>(user.0)
    .bind::<Interval, _>(interval(KEY_RETENTION))
    .bind::<SqlUuid, _>(id.0)
    .bind::<Nullable<Text>, _>(asked_in.as_ref().map(|call| call.id.clone()))
    .bind::<Text, _>(tool)
    .bind::<Jsonb, _>(Value::Object(arguments.clone()))
    .bind::<Jsonb, _>(StoredTask::all(&tasks, &revisions))
    .bind::<Interval, _>(interval(lifetime))
    .bind::<Nullable<Text>, _>(time.map(|time| time.local.zone.name()))
    .bind::<Nullable<Text>, _>(time.map(|time| time.week_start.as_str()))
    .bind::<Nullable<SqlUuid>, _>(grant.map(Grant::id))
    .bind::<Nullable<SqlUuid>, _>(asked_in.as_ref().map(|call| call.turn.0));
    let (expires_at, program): (DateTime<Utc>, Option<String>) = inserted.get_result(&mut connection).await?;
    let (tool, state) = (tool.to_owned(), ApprovalState::Waiting);
    let question = Question { id, tool, arguments, tasks, expires_at, state, program };
    Ok(Approval { question, asked_in, revisions, result: None })
}
