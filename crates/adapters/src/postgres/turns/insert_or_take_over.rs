//! Gives a turn to this worker: inserts a new one, or takes over one whose worker was lost.

use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Binary, Bool, Integer, Interval, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account::UserId,
    account_limits::{LimitReached, Limits},
    caller::Grant,
    message::{Message, MessageBody},
    time_zone::{PersonalTime, TimeZone},
    turn::{
        BeginOutcome, EndingId, Lease, NewTurn, RunningTurn,
        admission::{Continuation, KEY_RETENTION, LEASE_DURATION},
    },
};

use super::{
    approvals,
    locked_conversation::{self, LockedConversation},
    messages,
    rows::{TurnRow, personal_time},
    stored_turn::{calls_of, replaced_calls},
};
use crate::postgres::{
    account_limits::{
        self,
        storage_quota::{self, StorageCheck},
    },
    error::DatabaseError,
    prepared_statement::{interval, sql},
    schema::turn,
};

/// Inserts a turn; all there is to read is what came before it. `opens` says that its conversation was
/// opened for it.
pub(super) async fn new_turn(
    connection: &AsyncPgConnection,
    new: &NewTurn,
    mut locked: LockedConversation,
    opens: bool,
    limits: &Limits,
) -> Result<BeginOutcome, DatabaseError> {
    locked_conversation::choose_model(connection, &mut locked, new.model.as_deref()).await?;
    let user = new.caller.user;
    let earlier = async {
        // In a conversation that is new there is nothing to read.
        if opens { Ok((Vec::new(), false)) } else { earlier(connection, &locked).await }
    };
    // Pipelined: the server runs these in the order sent, so usage is counted under the budget's lock.
    let (spent, is_at_concurrent_turn_limit, inserted, earlier) = futures::join!(
        account_limits::spend_turn(connection, user, opens, limits),
        account_limits::is_at_concurrent_turn_limit(connection, user, limits.turns_at_once),
        insert(connection, new, &locked),
        earlier
    );
    let opened = check_budget(connection, user, opens, limits, spent?, is_at_concurrent_turn_limit?).await?;
    if opens {
        account_limits::check_conversations(connection, user, opened, limits).await?;
    }
    let ((first_seq, time), (mut history, has_older)) = (inserted?, earlier?);
    let answered = match opens {
        true => None,
        false => {
            approvals::pending_answer(connection, locked.row_id, first_seq, new.message.as_str()).await?
        }
    };
    history.push(Message { turn: new.id, body: MessageBody::User(new.message.as_str().to_owned()) });
    let lease = Lease { turn: new.id, user: new.caller.user, conversation: locked.id(), fence: 1 };
    let turn = RunningTurn {
        lease,
        title: locked.title,
        history,
        step: 0,
        done: Vec::new(),
        replaced_calls: 0,
        regenerates: false,
        summary: locked.summary,
        has_older,
        opens_conversation: first_seq == 1,
        model: locked.model,
        time,
        answered,
        may_change_tasks: true,
        edited_after: None,
        stop_requested: false,
        earlier_ending: None,
    };
    Ok(BeginOutcome::Started(Box::new(turn)))
}

/// What was said in a conversation before the message that comes next.
async fn earlier(
    connection: &AsyncPgConnection,
    locked: &LockedConversation,
) -> Result<(Vec<Message>, bool), DatabaseError> {
    messages::newest(connection, locked, locked.last_seq + 1, locked.last_seq).await
}

/// Refuses a turn when a budget is used up.
async fn check_budget(
    connection: &AsyncPgConnection,
    user: UserId,
    opens: bool,
    limits: &Limits,
    mut spent: Option<i64>,
    is_at_concurrent_turn_limit: bool,
) -> Result<i64, DatabaseError> {
    if spent.is_none()
        && storage_quota::check(connection, user, limits).await? == StorageCheck::HasRoomAfterRecount
    {
        spent = account_limits::spend_turn(connection, user, opens, limits).await?;
    }
    let Some(opened) = spent else {
        return Err(account_limits::turn_limit_error(connection, user, limits).await?);
    };
    if is_at_concurrent_turn_limit {
        return Err(DatabaseError::Limit(LimitReached::TurnsAtOnce(limits.turns_at_once)));
    }
    Ok(opened)
}

/// What the database made of a turn that was inserted, in the order in which the statement returns it.
#[derive(Queryable)]
struct InsertedTurn {
    first_seq: i32,
    time_zone: String,
    week_start: String,
    created_at: DateTime<Utc>,
}

/// Inserts turn and message; returns the message's seq and the person's time. Also clears expired keys here,
/// because a background job would keep a sleeping database awake.
async fn insert(
    mut connection: &AsyncPgConnection,
    new: &NewTurn,
    locked: &LockedConversation,
) -> Result<(i32, PersonalTime), DatabaseError> {
    let inserted = sql::<(Integer, Text, Text, Timestamptz)>(
        r#"WITH target AS (
             UPDATE conversation
             SET last_seq = last_seq + 1, message_count = message_count + 1, updated_at = now()
             WHERE id = $1
             RETURNING id, user_id, last_seq
         ), forgotten AS (
             UPDATE turn SET idempotency_key = NULL, body_hash = NULL
             WHERE id IN (
                 SELECT old.id FROM turn AS old JOIN target ON old.user_id = target.user_id
                 WHERE old.idempotency_key IS NOT NULL AND old.state <> 'running'
                   AND old.created_at < now() - $2
                 LIMIT 100 FOR UPDATE OF old SKIP LOCKED
             )
         ), owner AS (
             SELECT time_zone, week_start FROM "user" WHERE id = (SELECT user_id FROM target)
         ), inserted AS (
             INSERT INTO turn (id, user_id, conversation_id, first_seq, lease_until,
                               client_message_id, idempotency_key, body_hash, time_zone, week_start, program)
             SELECT $3, user_id, id, last_seq, now() + $4, $5, $6, $7, coalesce($8, time_zone), week_start,
                 (SELECT name FROM access_token WHERE access_token.id = $9 AND access_token.user_id = target.user_id)
             FROM target, owner
             RETURNING time_zone, week_start, created_at
         ), said AS (
             INSERT INTO message (conversation_id, seq, turn_id, role, content)
             SELECT id, last_seq, $3, 'user', $10 FROM target
             RETURNING seq
         )
         SELECT seq, time_zone, week_start, created_at FROM said, inserted"#,
    )
    .bind::<SqlUuid, _>(locked.row_id)
    .bind::<Interval, _>(interval(KEY_RETENTION))
    .bind::<SqlUuid, _>(new.id.0)
    .bind::<Interval, _>(interval(LEASE_DURATION))
    .bind::<Nullable<Text>, _>(new.client_message_id.as_deref())
    .bind::<Nullable<Text>, _>(new.key.as_ref().map(|key| key.key.as_str()))
    .bind::<Nullable<Binary>, _>(new.key.as_ref().map(|key| key.body_hash.as_slice()))
    .bind::<Nullable<Text>, _>(new.time_zone.map(TimeZone::name))
    .bind::<Nullable<SqlUuid>, _>(new.caller.grant.map(Grant::id))
    .bind::<Text, _>(new.message.as_str())
    .get_result::<InsertedTurn>(&mut connection)
    .await
    .map_err(DatabaseError::from);
    match inserted {
        // Another request used the key since we looked: look again.
        Err(error) if error.constraint() == Some("turn_key_unique") => Err(DatabaseError::Conflict),
        inserted => inserted.map(|InsertedTurn { first_seq, time_zone, week_start, created_at }| {
            (first_seq, personal_time(&time_zone, &week_start, created_at))
        }),
    }
}

/// Continues a turn that another worker has begun.
pub(super) async fn recorded_turn(
    connection: &AsyncPgConnection,
    row: TurnRow,
    why: Continuation,
    locked: &LockedConversation,
    limits: &Limits,
) -> Result<BeginOutcome, DatabaseError> {
    if why.is_new_request() {
        let user = UserId(row.user_id);
        let (spent, is_at_concurrent_turn_limit) = futures::try_join!(
            account_limits::spend_turn(connection, user, false, limits),
            account_limits::is_at_concurrent_turn_limit(connection, user, limits.turns_at_once)
        )?;
        check_budget(connection, user, false, limits, spent, is_at_concurrent_turn_limit).await?;
    }
    let row = if why == Continuation::Resume { row } else { continued(connection, &row, why).await? };
    let messages = messages::of_turn(connection, row.id).await?;
    let last_seq = messages.last().map_or(row.first_seq, |message| message.seq);
    let (history, has_older) = messages::newest(connection, locked, row.first_seq, last_seq).await?;
    let answered = match messages.as_slice().first() {
        Some(said) => {
            approvals::pending_answer(connection, locked.row_id, row.first_seq, &said.content).await?
        }
        None => None,
    };
    let turn = RunningTurn {
        lease: row.lease(locked.id()),
        title: locked.title.clone(),
        history,
        step: row.step,
        done: calls_of(&messages),
        replaced_calls: replaced_calls(&messages, row.replaced_steps()),
        regenerates: row.regenerates,
        summary: locked.summary.clone(),
        has_older,
        opens_conversation: row.first_seq == 1,
        model: locked.model.clone(),
        time: row.time(),
        answered,
        may_change_tasks: true,
        edited_after: row.edited_after,
        stop_requested: row.stop_requested,
        earlier_ending: row.final_message_seq.map(EndingId),
    };
    Ok(BeginOutcome::Started(Box::new(turn)))
}

async fn continued(
    mut connection: &AsyncPgConnection,
    row: &TurnRow,
    why: Continuation,
) -> Result<TurnRow, DatabaseError> {
    tracing::info!(turn.id = %row.turn(), ?why, "going on with a turn");
    if why == Continuation::ReopenAfterFailure {
        approvals::discard_set_aside_approvals(connection, row.turn()).await?;
    }
    sql::<Integer>(
        "UPDATE turn SET
             state = 'running', ended_at = NULL, fence = fence + 1, lease_until = now() + $1, attempt = $2,
             regenerates = regenerates OR $3,
             base_step = CASE WHEN $4 THEN step ELSE base_step END,
             replaced_before = CASE WHEN NOT $4 THEN replaced_before WHEN regenerates THEN base_step ELSE 0 END,
             stop_requested = stop_requested AND NOT $4
         WHERE id = $5",
    )
    .bind::<Interval, _>(interval(LEASE_DURATION))
    .bind::<SmallInt, _>(why.attempt_after(row.attempt))
    .bind::<Bool, _>(why == Continuation::ReopenForAnotherAnswer)
    .bind::<Bool, _>(why.ends_earlier_work())
    .bind::<SqlUuid, _>(row.id)
    .execute(&mut connection)
    .await?;
    Ok(turn::table.find(row.id).select(TurnRow::as_select()).first(&mut connection).await?)
}
