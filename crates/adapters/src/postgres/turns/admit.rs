//! Begins or continues a turn. `domain::turn::admission` decides what is done; here its facts are read and
//! its decisions carried out.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account::UserId,
    account_limits::Limits,
    turn::{
        BeginOutcome, FailureKind, NewTurn, Target,
        admission::{self, Admission, AdmissionDecision, EndingWithoutAnswer, FoundBy, Rejection},
    },
    turn_and_conversation_ids::ConversationId,
};
use uuid::Uuid;

use super::{ending, insert_or_take_over, locked_conversation, rows::TurnRow, stored_turn};
use crate::postgres::{
    caller_token_validity::for_caller,
    error::DatabaseError,
    idempotency_key_lock::{KeyLookup, find_recorded},
    public_conversation_id::is_turn_of_theirs,
    schema::turn,
};
use locked_conversation::LockedConversation;

pub(super) async fn begin(
    connection: &AsyncPgConnection,
    new: &NewTurn,
    limits: &Limits,
) -> Result<BeginOutcome, DatabaseError> {
    // Pipelined: the server runs these in the order sent. The request is searched under its key's lock, then
    // its conversation.
    let (recorded, target) = futures::join!(recorded(connection, new), target_conversation(connection, new));
    let (recorded, target) = (recorded?, target?);
    if target.opened
        && !matches!(recorded, KeyLookup::Unused)
        && let Some(opened) = &target.locked
    {
        locked_conversation::delete_opened(connection, opened).await?;
    }
    match recorded {
        KeyLookup::Found(row) => resume_recorded(connection, new, row, limits).await,
        KeyLookup::UsedElsewhere(used) => Ok(admission::reject_used_key(used).into()),
        KeyLookup::Unused => start_new(connection, new, target, limits).await,
    }
}

/// The conversation that a new turn is for, and what runs in it.
struct TargetConversation {
    /// The conversation, locked; `None` when there is none.
    locked: Option<LockedConversation>,
    /// The turn that runs in it.
    running: Option<TurnRow>,
    /// Whether it was opened for the turn.
    opened: bool,
}

/// Looks for the request's id and key; checks the caller in the same round trip.
async fn recorded(
    connection: &AsyncPgConnection,
    new: &NewTurn,
) -> Result<KeyLookup<TurnRow>, DatabaseError> {
    let Some(key) = &new.key else {
        let query = turn::table.find(new.id.0).select(TurnRow::as_select());
        let rows: Vec<TurnRow> = for_caller(connection, new.caller, query.load(&mut &*connection)).await?;
        return Ok(rows.into_iter().next().map_or(KeyLookup::Unused, KeyLookup::Found));
    };
    let has_key = turn::user_id.eq(new.caller.user.0).and(turn::idempotency_key.eq(key.key.as_str()));
    let query = turn::table.filter(turn::id.nullable().eq(new.id.0).or(has_key)).select(TurnRow::as_select());
    find_recorded(connection, new.caller, key, query.load(&mut &*connection)).await
}

/// Answers a request whose turn is on record.
async fn resume_recorded(
    connection: &AsyncPgConnection,
    new: &NewTurn,
    found: TurnRow,
    limits: &Limits,
) -> Result<BeginOutcome, DatabaseError> {
    let recorded = lock_recorded(connection, &found).await?;
    let found_by = recorded.row.found_by(new).ok_or(DatabaseError::Conflict)?;
    answer_recorded(connection, recorded, found_by, limits).await
}

/// A turn on record, locked with its conversation.
pub(super) struct RecordedTurn {
    pub(super) row: TurnRow,
    conversation: LockedConversation,
    is_newest: bool,
}

/// Locks a turn that was found, unless it is gone by then.
pub(super) async fn lock_recorded(
    connection: &AsyncPgConnection,
    found: &TurnRow,
) -> Result<RecordedTurn, DatabaseError> {
    // Pipelined: the server runs these in the order sent, so the turns are read under the lock.
    let (conversation, row, newest) = futures::try_join!(
        locked_conversation::lock_of_turn(connection, found.turn()),
        locked_turn(connection, found.id),
        newest_turn(connection, found.conversation_id),
    )?;
    let (conversation, row) = conversation.zip(row).ok_or(DatabaseError::Conflict)?;
    Ok(RecordedTurn { is_newest: newest == Some(row.id), row, conversation })
}

/// Answers a request with the turn that is on record for it.
pub(super) async fn answer_recorded(
    connection: &AsyncPgConnection,
    recorded: RecordedTurn,
    found_by: FoundBy,
    limits: &Limits,
) -> Result<BeginOutcome, DatabaseError> {
    let RecordedTurn { row, mut conversation, is_newest } = recorded;
    let AdmissionDecision { close_first, then } =
        admission::resume_or_replay(row.facts(), found_by, is_newest);
    if let Some(how) = close_first {
        close(connection, &mut conversation, &row, how).await?;
    }
    carry_out(connection, then, Some((row, &conversation)), limits).await
}

async fn locked_turn(mut connection: &AsyncPgConnection, turn: Uuid) -> QueryResult<Option<TurnRow>> {
    let turn = turn::table.find(turn).select(TurnRow::as_select()).for_update();
    turn.first(&mut connection).await.optional()
}

async fn newest_turn(mut connection: &AsyncPgConnection, conversation: Uuid) -> QueryResult<Option<Uuid>> {
    let newest = turn::table.filter(turn::conversation_id.eq(conversation)).order(turn::first_seq.desc());
    newest.select(turn::id).first(&mut connection).await.optional()
}

/// Begins a turn that is not on record.
async fn start_new(
    connection: &AsyncPgConnection,
    new: &NewTurn,
    target: TargetConversation,
    limits: &Limits,
) -> Result<BeginOutcome, DatabaseError> {
    let TargetConversation { locked, running, opened } = opened_if_missing(connection, new, target).await?;
    // While we waited for the lock, a request with this very key may have begun it.
    if running.as_ref().is_some_and(|row| row.found_by(new).is_some()) {
        return Err(DatabaseError::Conflict);
    }
    let Some(mut locked) = locked else { return Ok(Rejection::NoSuchConversation.into()) };
    let close_first = match admission::begin(running.as_ref().map(TurnRow::facts)) {
        Ok(close_first) => close_first,
        Err(rejection) => return Ok(rejection.into()),
    };
    if let (Some(how), Some(row)) = (close_first, running) {
        close(connection, &mut locked, &row, how).await?;
        locked_conversation::refresh(connection, &mut locked).await?;
    }
    locked_conversation::retitle(connection, &mut locked, new.message.as_str()).await?;
    insert_or_take_over::new_turn(connection, new, locked, opened, limits).await
}

/// Opens the conversation that a new turn is for, or locks the one it names and finds the turn that
/// runs in it.
async fn target_conversation(
    connection: &AsyncPgConnection,
    new: &NewTurn,
) -> Result<TargetConversation, DatabaseError> {
    if let Target::New(id) = new.target {
        let locked = locked_conversation::open(connection, new, id).await?;
        return Ok(TargetConversation { opened: locked.is_some(), locked, running: None });
    }
    let (user, id) = (new.caller.user, new.target.id());
    // Pipelined: the server runs these in the order sent, so the turns are read under the lock.
    let (locked, newest) = futures::try_join!(
        locked_conversation::lock(connection, user, id),
        newest_turns(connection, user, id, 1)
    )?;
    let newest = newest.into_iter().next().filter(|_| locked.is_some());
    Ok(TargetConversation { locked, running: newest.filter(TurnRow::is_running), opened: false })
}

/// Opens a conversation under the id that its client chose, when there is none.
async fn opened_if_missing(
    connection: &AsyncPgConnection,
    new: &NewTurn,
    target: TargetConversation,
) -> Result<TargetConversation, DatabaseError> {
    match (&target.locked, new.target) {
        (None, Target::Either(chosen)) => {
            let opened = locked_conversation::insert_with_client_id(connection, new, chosen).await?;
            Ok(TargetConversation { locked: Some(opened), running: None, opened: true })
        }
        (None, Target::New(_)) => {
            // Ids are unique: this was an attempt of our own, whose COMMIT took longer than
            // we waited. The next attempt finds its turn.
            let is_ours = matches!(recorded(connection, new).await?, KeyLookup::Found(_));
            Err(if is_ours {
                DatabaseError::Conflict
            } else {
                DatabaseError::Inconsistent("a new conversation's id is taken")
            })
        }
        _ => Ok(target),
    }
}

/// Does what was decided about a turn that is on record, or rejects the request.
pub(super) async fn carry_out(
    connection: &AsyncPgConnection,
    then: Admission,
    recorded: Option<(TurnRow, &LockedConversation)>,
    limits: &Limits,
) -> Result<BeginOutcome, DatabaseError> {
    match (then, recorded) {
        (Admission::Reject(rejection), _) => Ok(rejection.into()),
        (Admission::Continue(why), Some((row, locked))) => {
            insert_or_take_over::recorded_turn(connection, row, why, locked, limits).await
        }
        (Admission::Replay, Some((row, _))) => {
            Ok(BeginOutcome::Ended(Box::new(stored_turn::ended(connection, &row).await?)))
        }
        (Admission::Continue(_) | Admission::Replay, None) => {
            Err(DatabaseError::Inconsistent("there is no turn to carry a decision out on"))
        }
    }
}

pub(super) async fn close(
    connection: &AsyncPgConnection,
    locked: &mut LockedConversation,
    row: &TurnRow,
    how: EndingWithoutAnswer,
) -> Result<(), DatabaseError> {
    tracing::warn!(turn.id = %row.turn(), step = row.step, ?how, "closing a turn whose worker is gone");
    ending::end_without_answer(connection, row, locked, how, FailureKind::Abandoned).await.map(drop)
}

/// The newest turns of a conversation, locked against heartbeats.
pub(super) async fn newest_turns(
    mut connection: &AsyncPgConnection,
    user: UserId,
    id: ConversationId,
    limit: i64,
) -> QueryResult<Vec<TurnRow>> {
    turn::table
        .filter(is_turn_of_theirs(user.0, id.0))
        .order(turn::first_seq.desc())
        .limit(limit)
        .select(TurnRow::as_select())
        .for_update()
        .load(&mut connection)
        .await
}
