//! The beginning of a turn: new, found under its key, taken over, or reopened.

mod locked_conversation;

use diesel::sql_types::{Binary, Bool, Integer, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account::Caller,
    conversation::{ConversationId, ConversationTitle, Message, MessageBody},
    turn::{BeginOutcome, EndedTurn, FailureKind, Lease, NewTurn, RunningTurn, Target, TurnId},
};
use uuid::Uuid;

use super::{
    calls_of, ending, messages, record,
    rows::{State, TurnColumns, TurnRow},
    select_turn,
};
use crate::postgres::{
    error::DatabaseError,
    sql::sql,
    transaction::{caller_is_known, for_caller},
};
use locked_conversation::LockedConversation;

/// How often somebody may begin to work on a turn before it is closed.
const MAX_ATTEMPTS: i16 = 3;

pub(super) async fn begin(
    connection: &AsyncPgConnection,
    new: &NewTurn,
) -> Result<BeginOutcome, DatabaseError> {
    if let Some(known) = known(connection, new).await? {
        if known.ids.0 == new.id.0 {
            // Begun before, and the answer to that was lost: it is ours.
            let title =
                locked_conversation::lock(connection, Target::Existing(known.conversation()), new.caller)
                    .await?;
            return start(connection, known, title.map(|locked| locked.title).unwrap_or_default()).await;
        }
        let hash = new.key.as_ref().map(|key| key.body_hash.as_slice());
        if known.body_hash.as_deref() != hash {
            return Ok(BeginOutcome::KeyReused);
        }
        return go_on(connection, known, new.caller).await;
    }
    let locked = match new.target {
        Target::New(_) | Target::Either(_) if locked_conversation::open(connection, new).await? => {
            LockedConversation::empty()
        }
        Target::New(_) => return Err(taken(connection, new).await?),
        Target::Existing(_) | Target::Either(_) => match enter(connection, new).await? {
            Ok(locked) => locked,
            Err(obstacle) => return Ok(obstacle),
        },
    };
    match insert(connection, new).await {
        Err(failure) if failure.constraint() == Some("turn_key_unique") => Err(DatabaseError::Raced),
        Err(failure) => Err(failure),
        Ok(()) => started(connection, new, locked).await,
    }
}

/// Locks a conversation that exists and closes a turn of it whose worker is gone, or tells what is
/// in the way.
async fn enter(
    connection: &AsyncPgConnection,
    new: &NewTurn,
) -> Result<Result<LockedConversation, BeginOutcome>, DatabaseError> {
    let Some(locked) = locked_conversation::lock(connection, new.target, new.caller).await? else {
        return Ok(Err(BeginOutcome::NoSuchConversation));
    };
    if let Some(running) = running(connection, new.target.id()).await? {
        if !running.ending.is_dead {
            // While we waited for the lock, a request with this very key may have begun it.
            let is_ours = known(connection, new).await?.is_some();
            return if is_ours { Err(DatabaseError::Raced) } else { Ok(Err(BeginOutcome::ConversationBusy)) };
        }
        ending::close_dead(connection, &running).await?;
    }
    Ok(Ok(locked))
}

pub(super) async fn regenerate(
    connection: &AsyncPgConnection,
    caller: Caller,
    conversation: ConversationId,
    turn: TurnId,
) -> Result<BeginOutcome, DatabaseError> {
    let mut handle = connection;
    if !caller_is_known(connection, caller).await? {
        return Err(DatabaseError::UnknownCaller);
    }
    let Some(locked) = locked_conversation::lock(connection, Target::Existing(conversation), caller).await?
    else {
        return Ok(BeginOutcome::NoSuchConversation);
    };
    if let Some(running) = running(connection, conversation).await? {
        if !running.ending.is_dead {
            return Ok(BeginOutcome::ConversationBusy);
        }
        ending::close_dead(connection, &running).await?;
    }
    let newest: Vec<TurnRow> =
        sql::<TurnColumns>(select_turn!("WHERE conversation_id = $1 ORDER BY first_seq DESC LIMIT 1"))
            .bind::<SqlUuid, _>(conversation.0)
            .load(&mut handle)
            .await?;
    match newest.into_iter().next().filter(|row| row.turn() == turn) {
        None => Ok(BeginOutcome::NothingToRegenerate),
        Some(row) => {
            let row = reopen(connection, row.ids.0, Reopened::ForAnotherAnswer).await?;
            start(connection, row, locked.title).await
        }
    }
}

/// The turn with this id or this key, if there is one; checks the caller in the same round trip.
async fn known(connection: &AsyncPgConnection, new: &NewTurn) -> Result<Option<TurnRow>, DatabaseError> {
    let mut handle = connection;
    let query = sql::<TurnColumns>(select_turn!("WHERE id = $1 OR (user_id = $2 AND idempotency_key = $3)"))
        .bind::<SqlUuid, _>(new.id.0)
        .bind::<SqlUuid, _>(new.caller.user.0)
        .bind::<Nullable<Text>, _>(new.key.as_ref().map(|key| key.key.as_str()));
    let rows: Vec<TurnRow> = for_caller(connection, new.caller, query.load(&mut handle)).await?;
    Ok(rows.into_iter().next())
}

/// Why a new conversation's id is taken. Nobody else draws it: it was an attempt of our own, whose
/// COMMIT took longer than we waited. The next attempt finds its turn.
async fn taken(connection: &AsyncPgConnection, new: &NewTurn) -> Result<DatabaseError, DatabaseError> {
    let is_ours = known(connection, new).await?.is_some();
    Ok(if is_ours {
        DatabaseError::Raced
    } else {
        DatabaseError::Inconsistent("a new conversation's id is taken")
    })
}

async fn running(
    mut connection: &AsyncPgConnection,
    conversation: ConversationId,
) -> Result<Option<TurnRow>, DatabaseError> {
    let rows: Vec<TurnRow> =
        sql::<TurnColumns>(select_turn!("WHERE conversation_id = $1 AND state = 'running' FOR UPDATE"))
            .bind::<SqlUuid, _>(conversation.0)
            .load(&mut connection)
            .await?;
    Ok(rows.into_iter().next())
}

/// Answers a repeated request for a turn that is known already.
async fn go_on(
    mut connection: &AsyncPgConnection,
    known: TurnRow,
    caller: Caller,
) -> Result<BeginOutcome, DatabaseError> {
    let locked =
        locked_conversation::lock(connection, Target::Existing(known.conversation()), caller).await?;
    let locked = locked.ok_or(DatabaseError::Raced)?;
    // Read once more, now under the lock.
    let rows: Vec<TurnRow> = sql::<TurnColumns>(select_turn!("WHERE id = $1 FOR UPDATE"))
        .bind::<SqlUuid, _>(known.ids.0)
        .load(&mut connection)
        .await?;
    let row = rows.into_iter().next().ok_or(DatabaseError::Raced)?;
    let may_try = row.progress.attempt < MAX_ATTEMPTS;
    let ended = match row.state() {
        State::Running if !row.ending.is_dead => return Ok(BeginOutcome::SameKeyRunning),
        State::Running if may_try => {
            let row = reopen(connection, row.ids.0, Reopened::TakenOver).await?;
            return start(connection, row, locked.title).await;
        }
        State::Failed if may_try && is_newest(connection, &row).await? => {
            let row = reopen(connection, row.ids.0, Reopened::AfterFailure).await?;
            return start(connection, row, locked.title).await;
        }
        State::Running => {
            EndedTurn::Failed(ending::close_as_failed(connection, &row, FailureKind::Abandoned).await?)
        }
        State::Failed | State::Answered => record::ended(connection, &row).await?,
    };
    Ok(BeginOutcome::Ended(Box::new(ended)))
}

async fn is_newest(mut connection: &AsyncPgConnection, row: &TurnRow) -> Result<bool, DatabaseError> {
    let later: Vec<bool> =
        sql::<Bool>("SELECT EXISTS (SELECT FROM turn WHERE conversation_id = $1 AND first_seq > $2)")
            .bind::<SqlUuid, _>(row.ids.2)
            .bind::<Integer, _>(row.progress.first_seq)
            .load(&mut connection)
            .await?;
    Ok(later == [false])
}

/// Why a turn is worked on once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reopened {
    /// Its worker died.
    TakenOver,
    /// It failed, and the person tries once more.
    AfterFailure,
    /// The person wants another answer.
    ForAnotherAnswer,
}

async fn reopen(
    mut connection: &AsyncPgConnection,
    turn: Uuid,
    why: Reopened,
) -> Result<TurnRow, DatabaseError> {
    sql::<Integer>(
        "UPDATE turn SET
             state = 'running', ended_at = NULL, fence = fence + 1,
             lease_until = now() + interval '20 seconds',
             attempt = CASE WHEN $1 THEN 1 ELSE attempt + 1 END,
             regenerates = regenerates OR $1,
             base_step = CASE WHEN $2 THEN base_step ELSE step END,
             stop_requested = stop_requested AND $2
         WHERE id = $3",
    )
    .bind::<Bool, _>(why == Reopened::ForAnotherAnswer)
    .bind::<Bool, _>(why == Reopened::TakenOver)
    .bind::<SqlUuid, _>(turn)
    .execute(&mut connection)
    .await?;
    let rows: Vec<TurnRow> = sql::<TurnColumns>(select_turn!("WHERE id = $1"))
        .bind::<SqlUuid, _>(turn)
        .load(&mut connection)
        .await?;
    tracing::info!(turn.id = %turn, ?why, "going on with a turn");
    rows.into_iter().next().ok_or(DatabaseError::Raced)
}

/// Inserts the turn and its message. Keys that nobody can rely on any more (they are kept for a
/// day, and these are two days old) are forgotten on the way: no background process has to keep a
/// sleeping database awake for that.
async fn insert(mut connection: &AsyncPgConnection, new: &NewTurn) -> Result<(), DatabaseError> {
    let title = ConversationTitle::from_first_message(new.message.as_str());
    sql::<Integer>(
        "WITH place AS (
             UPDATE conversation
             SET title = CASE WHEN last_seq = 0 THEN $1 ELSE title END,
                 last_seq = last_seq + 1, message_count = message_count + 1, updated_at = now()
             WHERE id = $2
             RETURNING id, user_id, last_seq
         ), forgotten AS (
             UPDATE turn SET idempotency_key = NULL, body_hash = NULL
             WHERE id IN (
                 SELECT old.id FROM turn AS old JOIN place ON old.user_id = place.user_id
                 WHERE old.idempotency_key IS NOT NULL AND old.state <> 'running'
                   AND old.created_at < now() - interval '48 hours'
                 LIMIT 100 FOR UPDATE OF old SKIP LOCKED
             )
         ), begun AS (
             INSERT INTO turn (id, user_id, conversation_id, first_seq, lease_until,
                               client_message_id, idempotency_key, body_hash)
             SELECT $3, user_id, id, last_seq, now() + interval '20 seconds', $4, $5, $6 FROM place
         )
         INSERT INTO message (conversation_id, seq, turn_id, role, content)
         SELECT id, last_seq, $3, 'user', $7 FROM place",
    )
    .bind::<Text, _>(title.as_str())
    .bind::<SqlUuid, _>(new.target.id().0)
    .bind::<SqlUuid, _>(new.id.0)
    .bind::<Nullable<Text>, _>(new.client_message_id.as_deref())
    .bind::<Nullable<Text>, _>(new.key.as_ref().map(|key| key.key.as_str()))
    .bind::<Nullable<Binary>, _>(new.key.as_ref().map(|key| key.body_hash.as_slice()))
    .bind::<Text, _>(new.message.as_str())
    .execute(&mut connection)
    .await?;
    Ok(())
}

/// A turn that was inserted just now: all there is to read is what came before it.
async fn started(
    connection: &AsyncPgConnection,
    new: &NewTurn,
    locked: LockedConversation,
) -> Result<BeginOutcome, DatabaseError> {
    let conversation = new.target.id();
    let (title, history) = if locked.last_seq == 0 {
        let title = ConversationTitle::from_first_message(new.message.as_str()).as_str().to_owned();
        let said = MessageBody::User(new.message.as_str().to_owned());
        (title, vec![Message { turn: new.id, body: said }])
    } else {
        (locked.title, messages::newest(connection, conversation).await?)
    };
    let lease = Lease { turn: new.id, user: new.caller.user, conversation, fence: 1 };
    let turn = RunningTurn { lease, title, history, step: 0, done: Vec::new(), regenerates: false };
    Ok(BeginOutcome::Started(Box::new(turn)))
}

/// A turn that somebody has worked on before.
async fn start(
    connection: &AsyncPgConnection,
    row: TurnRow,
    title: String,
) -> Result<BeginOutcome, DatabaseError> {
    let turn = RunningTurn {
        lease: row.lease(),
        title,
        history: messages::newest(connection, row.conversation()).await?,
        step: row.progress.step,
        done: calls_of(&messages::of_turn(connection, row.ids.0).await?),
        regenerates: row.ending.regenerates,
    };
    Ok(BeginOutcome::Started(Box::new(turn)))
}
