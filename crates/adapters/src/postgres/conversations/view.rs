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
    sql::sql,
    transaction::for_caller,
    trouble::Failure,
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
    first_seq: i32,
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

/// A message with its time.
type TimedMessage = (MessageRow, DateTime<Utc>);

pub(super) async fn load(
    connection: &AsyncPgConnection,
    caller: Caller,
    id: ConversationId,
    page: TurnPage,
) -> Result<Option<ConversationView>, Failure> {
    let (mut first, mut second) = (connection, connection);
    let both =
        async { futures::try_join!(head(caller, id).load(&mut first), turns(id, page).load(&mut second)) };
    let (heads, mut rows): (Vec<ConversationRow>, Vec<TurnViewRow>) =
        for_caller(connection, caller, both).await?;
    let Some(head) = heads.into_iter().next() else {
        return Ok(None);
    };
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    rows.reverse();
    let messages = messages(connection, &rows).await?;
    let turns = rows.into_iter().filter_map(|row| turn_view(row, &messages)).collect();
    let ConversationRow { title, created_at, updated_at, running_turn } = head;
    let running_turn = running_turn.map(TurnId);
    Ok(Some(ConversationView { id, title, created_at, updated_at, running_turn, turns, more }))
}

type HeadColumns = (Text, Timestamptz, Timestamptz, Nullable<SqlUuid>);

fn head(caller: Caller, id: ConversationId) -> crate::postgres::sql::Statement<'static, HeadColumns> {
    sql("SELECT title, created_at, updated_at,
                (SELECT turn.id FROM turn WHERE conversation_id = $1 AND state = 'running')
         FROM conversation WHERE id = $1 AND user_id = $2")
    .bind::<SqlUuid, _>(id.0)
    .bind::<SqlUuid, _>(caller.user.0)
}

type TurnViewColumns = (SqlUuid, Nullable<Text>, Integer, Text, Nullable<Text>, Nullable<Integer>, Bool);

/// The newest turns first, and one more than the limit to see whether more follow.
fn turns(id: ConversationId, page: TurnPage) -> crate::postgres::sql::Statement<'static, TurnViewColumns> {
    sql("SELECT id, client_message_id, first_seq, state, finish_reason, closing_seq,
                lease_until <= now() AS is_dead
         FROM turn
         WHERE conversation_id = $1
           AND ($2 IS NULL OR first_seq < (SELECT first_seq FROM turn WHERE id = $2 AND conversation_id = $1))
         ORDER BY first_seq DESC LIMIT $3")
    .bind::<SqlUuid, _>(id.0)
    .bind::<Nullable<SqlUuid>, _>(page.before.map(|turn| turn.0))
    .bind::<BigInt, _>(page.limit.saturating_add(1))
}

async fn messages(
    mut connection: &AsyncPgConnection,
    turns: &[TurnViewRow],
) -> Result<Vec<TimedMessage>, Failure> {
    let ids: Vec<Uuid> = turns.iter().map(|turn| turn.id).collect();
    let rows = sql::<(MessageColumns, Timestamptz)>(
        "SELECT turn_id, seq, role, content, tool_calls, tool_call_id, created_at
         FROM message WHERE turn_id = ANY($1) ORDER BY conversation_id, seq",
    )
    .bind::<diesel::sql_types::Array<SqlUuid>, _>(ids)
    .load(&mut connection)
    .await?;
    Ok(rows)
}

/// A turn as its user sees it; none when a hand in the database took what they had said.
fn turn_view(row: TurnViewRow, all: &[TimedMessage]) -> Option<TurnView> {
    let start = all.partition_point(|(message, _)| message.seq < row.first_seq);
    let mut messages: Vec<&TimedMessage> =
        all[start..].iter().take_while(|(message, _)| message.turn == row.id).collect();
    let ending = row.ending();
    if !ending.is_over() {
        // Of a turn that was reopened the old closing message is on its way out.
        messages.retain(|(message, _)| Some(message.seq) != row.closing_seq);
    }
    let (said, said_at) = messages.iter().find(|(message, _)| message.role == "user")?;
    Some(TurnView {
        turn: TurnId(row.id),
        client_message_id: row.client_message_id,
        said: said.content.clone(),
        said_at: *said_at,
        steps: steps(&messages),
        ending,
    })
}

fn steps(messages: &[&TimedMessage]) -> Vec<StepView> {
    let starts_step = |message: &&TimedMessage| message.0.role != "tool";
    let chunks = messages.chunk_by(|_, next| !starts_step(next));
    let of_assistant = chunks.filter(|chunk| chunk[0].0.role == "assistant");
    of_assistant
        .map(|chunk| {
            let rows: Vec<MessageRow> = chunk.iter().map(|(row, _)| row.clone()).collect();
            StepView { text: rows[0].content.clone(), calls: calls_of(&rows), at: chunk[0].1 }
        })
        .collect()
}
