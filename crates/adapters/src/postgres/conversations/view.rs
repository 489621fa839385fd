//! One conversation, put together from its rows.

use chrono::{DateTime, Utc};
use diesel::{
    Queryable,
    sql_types::{BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account::Caller,
    conversation::{ConversationId, ConversationView, Ending, StepView, TurnView},
    ports::TurnPage,
    turn::{FinishReason, TurnId},
};
use uuid::Uuid;

use crate::postgres::{
    error::DatabaseError,
    sql::{Statement, sql},
    transaction::for_caller,
    turns::{MessageColumns, MessageRow, calls_of},
};

#[derive(Queryable)]
struct ConversationRow {
    title: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    running_turn: Option<Uuid>,
}

#[derive(Queryable)]
struct TurnViewRow {
    id: Uuid,
    client_message_id: Option<String>,
    state: String,
    finish_reason: Option<String>,
    closing_seq: Option<i32>,
    is_dead: bool,
}

impl TurnViewRow {
    fn ending(&self) -> Ending {
        match (self.state.as_str(), self.finish_reason.as_deref().and_then(FinishReason::from_name)) {
            ("answered", Some(reason)) => Ending::Finished(reason),
            ("failed", _) => Ending::Failed,
            _ if self.is_dead => Ending::Orphaned,
            _ => Ending::Running,
        }
    }
}

/// A message with its turn and its time.
type SeenRow = (TurnViewRow, MessageRow, DateTime<Utc>);

pub(super) async fn page(
    connection: &AsyncPgConnection,
    caller: Caller,
    id: ConversationId,
    page: TurnPage,
) -> Result<Option<ConversationView>, DatabaseError> {
    load(connection, caller, id, newest(id, page), page.limit).await
}

pub(super) async fn with_one(
    connection: &AsyncPgConnection,
    caller: Caller,
    id: ConversationId,
    turn: TurnId,
) -> Result<Option<ConversationView>, DatabaseError> {
    load(connection, caller, id, one(id, turn), 1).await
}

/// Loads the conversation with the newest of `seen`, at most `limit` turns.
async fn load(
    connection: &AsyncPgConnection,
    caller: Caller,
    id: ConversationId,
    seen: SeenStatement,
    limit: i64,
) -> Result<Option<ConversationView>, DatabaseError> {
    let (mut first, mut second) = (connection, connection);
    let both = async { futures::try_join!(head(caller, id).load(&mut first), seen.load(&mut second)) };
    let (heads, rows): (Vec<ConversationRow>, Vec<SeenRow>) = for_caller(connection, caller, both).await?;
    let Some(head) = heads.into_iter().next() else {
        return Ok(None);
    };
    let turns: Vec<&[SeenRow]> = rows.chunk_by(|(one, ..), (next, ..)| one.id == next.id).collect();
    let passed_over = turns.len().saturating_sub(usize::try_from(limit).unwrap_or(usize::MAX));
    let ConversationRow { title, created_at, updated_at, running_turn } = head;
    Ok(Some(ConversationView {
        id,
        title,
        created_at,
        updated_at,
        running_turn: running_turn.map(TurnId),
        turns: turns[passed_over..].iter().filter_map(|rows| turn_view(rows)).collect(),
        more: passed_over > 0,
    }))
}

type HeadColumns = (Text, Timestamptz, Timestamptz, Nullable<SqlUuid>);

fn head(caller: Caller, id: ConversationId) -> Statement<'static, HeadColumns> {
    sql("SELECT title, created_at, updated_at,
                (SELECT turn.id FROM turn WHERE conversation_id = $1 AND state = 'running')
         FROM conversation WHERE id = $1 AND user_id = $2")
    .bind::<SqlUuid, _>(id.0)
    .bind::<SqlUuid, _>(caller.user.0)
}

type TurnViewColumns = (SqlUuid, Nullable<Text>, Text, Nullable<Text>, Nullable<Integer>, Bool);
type SeenStatement = Statement<'static, (TurnViewColumns, MessageColumns, Timestamptz)>;

/// Turns and their messages in one statement, which sees them as of one moment: read one after the
/// other, a turn that ends in between is running and has its last words. Of a turn whose user's
/// words a hand in the database took nothing is seen.
macro_rules! select_seen {
    ($which:literal) => {
        sql(concat!(
            "WITH seen AS (
                 SELECT id, client_message_id, first_seq, state, finish_reason, closing_seq,
                        lease_until <= now() AS is_dead
                 FROM turn
                 WHERE conversation_id = $1
                   AND EXISTS (SELECT 1 FROM message WHERE turn_id = turn.id AND role = 'user')
                   AND ",
            $which,
            ")
             SELECT seen.id, client_message_id, state, finish_reason, closing_seq, is_dead,
                    turn_id, seq, role, content, tool_calls, tool_call_id, created_at
             FROM seen JOIN message ON turn_id = seen.id ORDER BY first_seq, seq"
        ))
    };
}

/// The newest turns, and one more than the limit to see whether more come before.
fn newest(id: ConversationId, page: TurnPage) -> SeenStatement {
    select_seen!(
        "($2 IS NULL OR first_seq < (SELECT first_seq FROM turn WHERE id = $2 AND conversation_id = $1))
         ORDER BY first_seq DESC LIMIT $3"
    )
    .bind::<SqlUuid, _>(id.0)
    .bind::<Nullable<SqlUuid>, _>(page.before.map(|turn| turn.0))
    .bind::<BigInt, _>(page.limit.saturating_add(1))
}

fn one(id: ConversationId, turn: TurnId) -> SeenStatement {
    select_seen!("id = $2").bind::<SqlUuid, _>(id.0).bind::<SqlUuid, _>(turn.0)
}

/// A turn as its user sees it.
fn turn_view(rows: &[SeenRow]) -> Option<TurnView> {
    let (turn, ..) = rows.first()?;
    let ending = turn.ending();
    // Of a turn that was reopened the old final message is on its way out.
    let is_shown = |message: &MessageRow| ending.is_over() || Some(message.seq) != turn.closing_seq;
    let messages: Vec<&SeenRow> = rows.iter().filter(|(_, message, _)| is_shown(message)).collect();
    let (_, said, said_at) = messages.iter().find(|(_, message, _)| message.role == "user")?;
    Some(TurnView {
        turn: TurnId(turn.id),
        client_message_id: turn.client_message_id.clone(),
        said: said.content.clone(),
        said_at: *said_at,
        steps: steps(&messages),
        ending,
    })
}

fn steps(messages: &[&SeenRow]) -> Vec<StepView> {
    let chunks = messages.chunk_by(|_, (_, next, _)| next.role == "tool");
    let of_assistant = chunks.filter(|chunk| chunk[0].1.role == "assistant");
    of_assistant
        .map(|chunk| {
            let rows: Vec<MessageRow> = chunk.iter().map(|(_, row, _)| row.clone()).collect();
            StepView { text: rows[0].content.clone(), calls: calls_of(&rows), at: chunk[0].2 }
        })
        .collect()
}
