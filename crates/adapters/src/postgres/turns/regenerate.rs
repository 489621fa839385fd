//! Reopens a turn for another answer. `domain::turn::admission` and `domain::undo` decide what is done.

use diesel::sql_types::{Integer, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account::UserId,
    account_limits::Limits,
    caller::{Caller, Grant},
    message::Message,
    ports::Regeneration,
    step::PlannedStep,
    time_zone::TimeZone,
    turn::{
        BeginOutcome, RequestKey, RunningTurn,
        admission::{
            self, Admission, AdmissionDecision, Continuation, EditFreshness, RegenerateFacts, TargetPosition,
        },
    },
    turn_and_conversation_ids::TurnId,
    undo::{ReplacedEffects, ReplacementObstacle, UndoRequest, UndoTarget, Undone},
};

use super::{
    admit::{answer_recorded, carry_out, close, lock_recorded, newest_turns},
    approvals::void_questions_of,
    locked_conversation,
    messages::{self, Visibility},
    regeneration_key, replace_user_message,
    rows::TurnRow,
};
use crate::postgres::{
    caller_token_validity::for_caller,
    error::DatabaseError,
    idempotency_key_lock::KeyLookup,
    prepared_statement::sql,
    todos::{ChangeContext, undo},
};

pub(super) async fn regenerate(
    connection: &AsyncPgConnection,
    caller: Caller,
    wanted: &Regeneration<'_>,
    limits: &Limits,
) -> Result<BeginOutcome, DatabaseError> {
    if let Some(key) = wanted.key {
        match regeneration_key::recorded(connection, caller, key).await? {
            KeyLookup::Found(found) => return resume_recorded(connection, key, &found, limits).await,
            KeyLookup::UsedElsewhere(used) => return Ok(admission::reject_used_key(used).into()),
            KeyLookup::Unused => {}
        }
    }
    match wanted.turn {
        Some(turn) => reopen(connection, caller, turn, wanted, limits).await,
        None => Ok(BeginOutcome::NothingToRegenerate),
    }
}

/// Reopens a turn for another answer, if it is the newest.
async fn reopen(
    connection: &AsyncPgConnection,
    caller: Caller,
    turn: TurnId,
    wanted: &Regeneration<'_>,
    limits: &Limits,
) -> Result<BeginOutcome, DatabaseError> {
    let Regeneration { conversation: id, model, replaced, edited, key, .. } = *wanted;
    let both = async {
        futures::try_join!(
            locked_conversation::lock(connection, caller.user, id),
            newest_turns(connection, caller.user, id, 2)
        )
    };
    let (mut locked, newest) = for_caller(connection, caller, both).await?;
    let target = target_of(&newest, turn);
    let newest_row = newest.as_slice().first().filter(|_| locked.is_some());
    let edit_freshness = match newest_row.filter(|_| edited.is_some()) {
        Some(row) => replace_user_message::edit_freshness(connection, row, edited).await?,
        None => EditFreshness::Current,
    };
    let facts = newest_row.map(|row| RegenerateFacts { newest: row.facts(), target, edit_freshness });
    let AdmissionDecision { close_first, then } = admission::regenerate(facts);
    if let (Some(how), Some(row), Some(locked)) = (close_first, newest_row, &mut locked) {
        close(connection, locked, row, how).await?;
    }
    let mut undone = None;
    let begins = matches!(then, Admission::Continue(why) if why.is_new_request());
    if let Some(locked) = locked.as_mut().filter(|_| begins) {
        // Of a turn that did nothing there is nothing to take back.
        let reopens = then == Admission::Continue(Continuation::ReopenForAnotherAnswer);
        let replaced = if reopens { replaced } else { ReplacedEffects::Keep };
        // Pipelined: the server runs these in the order sent, so the undo is attributed to the current
        // caller.
        let (_, calls_undone) = futures::try_join!(
            set_program(connection, caller, turn),
            take_back(connection, caller.user, turn, replaced, limits)
        )?;
        undone = calls_undone;
        futures::try_join!(
            set_time(connection, turn, wanted.time_zone),
            void_questions_of(connection, turn)
        )?;
        locked_conversation::choose_model(connection, locked, model).await?;
        if let (Some(edited), Some(row)) = (edited, newest.iter().find(|row| row.turn() == turn)) {
            replace_user_message::edit(connection, locked, row, edited.text.as_str()).await?;
        }
    }
    if let (Some(record), Some(key)) = (then.key_lifetime(), key) {
        regeneration_key::record(connection, caller.user, key, turn, record).await?;
    }
    let row = newest.into_iter().find(|row| row.turn() == turn);
    match (carry_out(connection, then, row.zip(locked.as_ref()), limits).await?, undone) {
        (BeginOutcome::Started(turn), Some(undone)) => {
            Ok(BeginOutcome::Started(Box::new(with_step(connection, *turn, &undone).await?)))
        }
        (outcome, _) => Ok(outcome),
    }
}

/// Which of the newest turns one is.
fn target_of(newest: &[TurnRow], turn: TurnId) -> TargetPosition {
    match newest.iter().position(|row| row.turn() == turn) {
        Some(0) => TargetPosition::Newest,
        Some(_) => TargetPosition::BeforeNewest,
        None => TargetPosition::Elsewhere,
    }
}

/// Answers a request that was made before under the same key.
async fn resume_recorded(
    connection: &AsyncPgConnection,
    key: &RequestKey,
    found: &TurnRow,
    limits: &Limits,
) -> Result<BeginOutcome, DatabaseError> {
    let recorded = lock_recorded(connection, found).await?;
    let found_by = regeneration_key::found_by(connection, key, &recorded.row).await?;
    answer_recorded(connection, recorded, found_by.ok_or(DatabaseError::Conflict)?, limits).await
}

/// Puts on record who asks for another answer: the program whose token it is, or the person.
async fn set_program(
    mut connection: &AsyncPgConnection,
    caller: Caller,
    turn: TurnId,
) -> Result<usize, DatabaseError> {
    let asks = sql::<Integer>(
        "UPDATE turn SET program = (SELECT name FROM access_token WHERE id = $1 AND user_id = $2) WHERE id = $3",
    )
    .bind::<Nullable<SqlUuid>, _>(caller.grant.map(Grant::id))
    .bind::<SqlUuid, _>(caller.user.0)
    .bind::<SqlUuid, _>(turn.0);
    Ok(asks.execute(&mut connection).await?)
}

/// Puts on record when another answer is asked for, and where, if that is said.
async fn set_time(
    mut connection: &AsyncPgConnection,
    turn: TurnId,
    time_zone: Option<TimeZone>,
) -> Result<usize, DatabaseError> {
    let asked =
        sql::<Integer>("UPDATE turn SET asked_at = now(), time_zone = coalesce($1, time_zone) WHERE id = $2")
            .bind::<Nullable<Text>, _>(time_zone.map(TimeZone::name))
            .bind::<SqlUuid, _>(turn.0);
    Ok(asked.execute(&mut connection).await?)
}

/// Undoes the replaced answer's changes, as far as that is requested and possible.
///
/// # Errors
/// When the undo is blocked; the transaction must then be rolled back.
async fn take_back(
    connection: &AsyncPgConnection,
    user: UserId,
    turn: TurnId,
    replaced: ReplacedEffects,
    limits: &Limits,
) -> Result<Option<Undone>, DatabaseError> {
    if !replaced.are_undone() {
        return Ok(None);
    }
    let actor = ChangeContext::of_turn(user, turn, limits);
    let request = UndoRequest::all_or_nothing(UndoTarget::Turn(turn));
    match replaced.after(undo::undo(connection, actor, None, request).await?) {
        Ok(undone) => Ok(undone),
        Err(ReplacementObstacle::Changed(conflicts)) => Err(DatabaseError::ReplacedWasChanged(conflicts)),
        Err(ReplacementObstacle::Limit(limit)) => Err(DatabaseError::Limit(limit)),
    }
}

/// Adds the step that says what was undone to a turn that was just reopened.
async fn with_step(
    mut connection: &AsyncPgConnection,
    mut turn: RunningTurn,
    undone: &Undone,
) -> Result<RunningTurn, DatabaseError> {
    let (step, call) = PlannedStep::undo_step(&turn.lease, turn.step, undone, turn.time.local);
    let added = step.messages(std::slice::from_ref(&call));
    messages::append(connection, turn.lease.turn, &added, Visibility::Hidden).await?;
    sql::<Integer>("UPDATE turn SET step = step + 1 WHERE id = $1")
        .bind::<SqlUuid, _>(turn.lease.turn.0)
        .execute(&mut connection)
        .await?;
    let id = turn.lease.turn;
    turn.history.extend(added.into_iter().map(|body| Message { turn: id, body }));
    turn.done.push(call);
    turn.step += 1;
    Ok(turn)
}
