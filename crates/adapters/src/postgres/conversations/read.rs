//! One conversation, put together from its rows.

use chrono::{DateTime, Utc};
use diesel::{
    pg::Pg,
    prelude::*,
    sql_types::{BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    caller::Caller,
    conversation::{ConversationView, Ending, StepView, TurnView},
    ports::TurnPage,
    turn::{EndingId, FinishReason, admission::TurnState},
    turn_and_conversation_ids::{ConversationId, TurnId},
};
use uuid::Uuid;

use crate::postgres::{
    caller_token_validity::for_caller,
    error::DatabaseError,
    lease_condition::is_leased_sql,
    prepared_statement::sql,
    public_conversation_id::{id_for_user, is_theirs, is_turn_of_conversation},
    schema::conversation,
    turns::{MessageRow, calls_of, replaced_steps, turn_state},
};

/// A conversation that is looked at.
#[derive(Queryable, Selectable)]
#[diesel(table_name = conversation, check_for_backend(Pg))]
struct ConversationRow {
    id: Uuid,
    client_id: Option<Uuid>,
    title: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    model: Option<String>,
}

/// One message with its turn. Both are read in one statement, which sees them as of one moment: read
/// one after the other, a turn that ends in between is running and has its final message.
#[derive(Queryable)]
struct SeenRow {
    turn: SeenTurn,
    message: MessageRow,
    created_at: DateTime<Utc>,
    /// Whether the page had no room for turns that come before.
    has_more: bool,
}

#[derive(Queryable)]
struct SeenTurn {
    id: Uuid,
    client_message_id: Option<String>,
    state: String,
    finish_reason: Option<String>,
    final_message_seq: Option<i32>,
    is_leased: bool,
    base_step: i32,
    regenerates: bool,
}

impl SeenTurn {
    fn ending(&self) -> Ending {
        let reason = self.finish_reason.as_deref().and_then(FinishReason::from_name);
        match (turn_state(&self.state, self.is_leased), reason) {
            (TurnState::Answered, Some(reason)) => Ending::Finished(reason),
            (TurnState::Failed, _) => Ending::Failed,
            (TurnState::Running { is_leased: true }, _) => Ending::Running,
            (TurnState::Running { is_leased: false } | TurnState::Answered, _) => Ending::Orphaned,
        }
    }
}

/// Which turns of a conversation are looked at.
enum Which {
    /// The newest ones, or the newest before a turn.
    Page(TurnPage),
    /// Just this one.
    One(TurnId),
}

/// Returns a conversation of the caller's with a page of its turns.
pub(super) async fn page(
    connection: &AsyncPgConnection,
    caller: Caller,
    id: ConversationId,
    page: TurnPage,
) -> Result<Option<ConversationView>, DatabaseError> {
    load(connection, caller, id, Which::Page(page)).await
}

/// Returns a conversation of the caller's with one of its turns.
pub(super) async fn with_one(
    connection: &AsyncPgConnection,
    caller: Caller,
    id: ConversationId,
    turn: TurnId,
) -> Result<Option<ConversationView>, DatabaseError> {
    load(connection, caller, id, Which::One(turn)).await
}

async fn load(
    connection: &AsyncPgConnection,
    caller: Caller,
    id: ConversationId,
    which: Which,
) -> Result<Option<ConversationView>, DatabaseError> {
    let theirs = conversation::table.filter(is_theirs(caller.user.0, id.0));
    let head = theirs.select(ConversationRow::as_select());
    // As text: the index of running turns is a partial one, which no plan with a bound state uses.
    let running = sql::<SqlUuid>(concat!(
        "SELECT id FROM turn WHERE ",
        is_turn_of_conversation!(),
        " AND state = 'running'"
    ))
    .bind::<SqlUuid, _>(caller.user.0)
    .bind::<SqlUuid, _>(id.0);
    let all = async {
        futures::try_join!(
            head.load(&mut &*connection),
            running.load(&mut &*connection),
            seen(connection, caller, id, &which)
        )
    };
    let (heads, running, rows): (Vec<ConversationRow>, Vec<Uuid>, Vec<SeenRow>) =
        for_caller(connection, caller, all).await?;
    let Some(head) = heads.into_iter().next() else {
        return Ok(None);
    };
    let ConversationRow { id, client_id, title, created_at, updated_at, model } = head;
    let turns = rows.chunk_by(|one, next| one.turn.id == next.turn.id);
    Ok(Some(ConversationView {
        id: id_for_user(id, client_id),
        title,
        created_at,
        updated_at,
        model,
        running_turn: running.into_iter().next().map(TurnId),
        turns: turns.filter_map(turn_view).collect(),
        more: rows.iter().any(|row| row.has_more),
    }))
}

/// The most bytes of messages on a page. Who reads none of what they asked for keeps so much of our
/// memory and no more.
const MAX_PAGE_BYTES: i64 = 1024 * 1024;

/// What a [`SeenRow`] is read from.
type SeenTypes = (
    (SqlUuid, Nullable<Text>, Text, Nullable<Text>, Nullable<Integer>, Bool, Integer, Bool),
    (SqlUuid, Integer, Text, Text, Nullable<Jsonb>, Nullable<Text>),
    Timestamptz,
    Bool,
);

/// Loads a page of turns with their messages (at least one turn, at most 1 MiB). Turns without a user
/// message, which only a manual edit leaves behind, are skipped.
async fn seen(
    mut connection: &AsyncPgConnection,
    caller: Caller,
    id: ConversationId,
    which: &Which,
) -> QueryResult<Vec<SeenRow>> {
    // The user's words are looked for in one turn after the other, and not joined with: see `LIMIT` below.
    let own = sql::<SeenTypes>(concat!(
        "WITH candidate AS (
             SELECT turn.id, first_seq FROM turn WHERE ",
        is_turn_of_conversation!(),
        " AND (SELECT true FROM message WHERE turn_id = turn.id AND role = 'user' LIMIT 1)",
    ))
    .bind::<SqlUuid, _>(caller.user.0)
    .bind::<SqlUuid, _>(id.0);
    let (candidates, limit) = match which {
        Which::One(turn) => (own.append(" AND turn.id = ?").bind::<SqlUuid, _>(turn.0), 1),
        Which::Page(TurnPage { before: None, limit }) => (own, *limit),
        Which::Page(TurnPage { before: Some(turn), limit }) => {
            let older = concat!(
                " AND first_seq < (SELECT first_seq FROM turn AS next WHERE next.id = ? AND ",
                is_turn_of_conversation!(),
                ")"
            );
            (own.append(older).bind::<SqlUuid, _>(turn.0), *limit)
        }
    };
    // One turn more than the limit, to see whether more come before. A planner that knew the limit would
    // compare it with the turns of the average conversation, and read and sort all turns of a long one. The
    // calls are measured as text, because the size of the column is that of what it was compressed to. The
    // arrays keep the planner from joining with all messages and turns that there are.
    candidates
        .append(" ORDER BY first_seq DESC LIMIT (SELECT ?)")
        .bind::<BigInt, _>(limit.saturating_add(1))
        .append(
            "), counted AS (
                 SELECT id, row_number() OVER newest AS place,
                     sum((SELECT sum(octet_length(content) + coalesce(octet_length(tool_calls::text), 0))
                          FROM message WHERE turn_id = candidate.id)) OVER newest AS bytes
                 FROM candidate WINDOW newest AS (ORDER BY first_seq DESC)
             ), page AS (
                 SELECT id FROM counted WHERE place <= ? AND (place = 1 OR bytes <= ?)
             )",
        )
        .bind::<BigInt, _>(limit)
        .bind::<BigInt, _>(MAX_PAGE_BYTES)
        .append("SELECT turn.id, client_message_id, state, finish_reason, closing_seq, ")
        .append(is_leased_sql!())
        .append(
            ", base_step, regenerates,
                 turn_id, seq, role, content, tool_calls, tool_call_id, message.created_at,
                 (SELECT count(*) FROM candidate) > (SELECT count(*) FROM page)
             FROM message JOIN turn ON turn.id = turn_id
             WHERE turn_id = ANY (ARRAY (SELECT id FROM page)) AND turn.id = ANY (ARRAY (SELECT id FROM page))
             ORDER BY first_seq, seq",
        )
        .load(&mut connection)
        .await
}

/// A turn as its user sees it.
fn turn_view(rows: &[SeenRow]) -> Option<TurnView> {
    let turn = &rows.first()?.turn;
    let ending = turn.ending();
    // Of a turn that was reopened the old final message is on its way out.
    let is_shown = |message: &MessageRow| ending.is_over() || Some(message.seq) != turn.final_message_seq;
    let messages: Vec<&SeenRow> = rows.iter().filter(|row| is_shown(&row.message)).collect();
    let said = messages.iter().find(|row| row.message.role == "user")?;
    let steps = steps(&messages);
    let replaced = steps.iter().take(replaced_steps(turn.regenerates, turn.base_step));
    let replaced_calls = replaced.map(|step| step.calls.len()).sum();
    Some(TurnView {
        turn: TurnId(turn.id),
        client_message_id: turn.client_message_id.clone(),
        said: said.message.content.clone(),
        sent_at: said.created_at,
        steps,
        replaced_calls,
        ending,
        last_ending: turn.final_message_seq.map(EndingId),
    })
}

fn steps(messages: &[&SeenRow]) -> Vec<StepView> {
    let chunks = messages.chunk_by(|_, next| next.message.role == "tool");
    let of_assistant = chunks.filter(|chunk| chunk[0].message.role == "assistant");
    of_assistant
        .map(|chunk| {
            let rows: Vec<MessageRow> = chunk.iter().map(|row| row.message.clone()).collect();
            StepView { text: rows[0].content.clone(), calls: calls_of(&rows), at: chunk[0].created_at }
        })
        .collect()
}
