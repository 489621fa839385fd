//! One conversation, put together from its rows.

use chrono::{DateTime, Utc};
use diesel::{
    dsl::{Gt, exists, now},
    pg::Pg,
    prelude::*,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    caller::Caller,
    conversation::{ConversationView, Ending, StepView, TurnView},
    ports::TurnPage,
    turn::FinishReason,
    turn_and_conversation_ids::{ConversationId, TurnId},
};
use uuid::Uuid;

use crate::postgres::{
    caller_token_validity::for_caller,
    error::DatabaseError,
    public_conversation_id::{id_for_user, is_theirs},
    schema::{conversation, message, turn},
    turns::{MessageRow, calls_of, replaced_steps},
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
#[derive(Queryable, Selectable)]
#[diesel(table_name = message, check_for_backend(Pg))]
struct SeenRow {
    #[diesel(embed)]
    turn: SeenTurn,
    #[diesel(embed)]
    message: MessageRow,
    created_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = turn, check_for_backend(Pg))]
struct SeenTurn {
    id: Uuid,
    client_message_id: Option<String>,
    state: String,
    finish_reason: Option<String>,
    final_message_seq: Option<i32>,
    #[diesel(select_expression = turn::lease_until.gt(now), select_expression_type = Gt<turn::lease_until, now>)]
    is_leased: bool,
    base_step: i32,
    regenerates: bool,
}

impl SeenTurn {
    fn ending(&self) -> Ending {
        match (self.state.as_str(), self.finish_reason.as_deref().and_then(FinishReason::from_name)) {
            ("answered", Some(reason)) => Ending::Finished(reason),
            ("failed", _) => Ending::Failed,
            _ if self.is_leased => Ending::Running,
            _ => Ending::Orphaned,
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
    let is_in_it = turn::conversation_id.eq_any(theirs.select(conversation::id));
    let running = turn::table.filter(is_in_it.and(turn::state.eq("running"))).select(turn::id);
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
    let turns: Vec<&[SeenRow]> = rows.chunk_by(|one, next| one.turn.id == next.turn.id).collect();
    let limit = match which {
        Which::Page(page) => usize::try_from(page.limit).unwrap_or(usize::MAX),
        Which::One(_) => 1,
    };
    let passed_over = turns.len().saturating_sub(limit.min(newest_that_fit(&turns)));
    Ok(Some(ConversationView {
        id: id_for_user(id, client_id),
        title,
        created_at,
        updated_at,
        model,
        running_turn: running.into_iter().next().map(TurnId),
        turns: turns[passed_over..].iter().filter_map(|rows| turn_view(rows)).collect(),
        more: passed_over > 0,
    }))
}

/// Reads turns with their messages; of a page one turn more than its limit, to see whether more
/// come before. Of a turn whose user's words a hand in the database took, nothing is seen.
async fn seen(
    mut connection: &AsyncPgConnection,
    caller: Caller,
    id: ConversationId,
    which: &Which,
) -> QueryResult<Vec<SeenRow>> {
    let (chosen, before, said) = diesel::alias!(turn as chosen, turn as before, message as said);
    let is_of_turn = said.field(message::turn_id).eq(chosen.field(turn::id));
    let has_message = exists(said.filter(is_of_turn.and(said.field(message::role).eq("user"))));
    let theirs = conversation::table.filter(is_theirs(caller.user.0, id.0)).select(conversation::id);
    let mut turns = chosen
        .filter(chosen.field(turn::conversation_id).eq_any(theirs).and(has_message))
        .select(chosen.field(turn::id))
        .into_boxed();
    match which {
        Which::One(turn) => turns = turns.filter(chosen.field(turn::id).eq(turn.0)),
        Which::Page(page) => {
            if let Some(turn) = page.before {
                let is_before = before.field(turn::id).eq(turn.0);
                let is_in_it = before.field(turn::conversation_id).eq_any(theirs);
                let first_seq = before.filter(is_before.and(is_in_it)).select(before.field(turn::first_seq));
                turns = turns.filter(chosen.field(turn::first_seq).nullable().lt(first_seq.single_value()));
            }
            let limit = page.limit.saturating_add(1);
            turns = turns.order(chosen.field(turn::first_seq).desc()).limit(limit);
        }
    }
    message::table
        .inner_join(turn::table)
        .filter(message::turn_id.eq_any(turns))
        .order((turn::first_seq.asc(), message::seq.asc()))
        .select(SeenRow::as_select())
        .load(&mut connection)
        .await
}

/// The most bytes of messages on a page. Who reads none of what they asked for keeps so much of our
/// memory and no more.
const MAX_PAGE_BYTES: usize = 1024 * 1024;

/// How many of the newest turns a page has room for; always one.
fn newest_that_fit(turns: &[&[SeenRow]]) -> usize {
    let bytes = |turn: &&[SeenRow]| turn.iter().map(|row| row.message.content.len()).sum::<usize>();
    let mut used = 0;
    let fits = |turn: &&&[SeenRow]| {
        used += bytes(turn);
        used <= MAX_PAGE_BYTES
    };
    turns.iter().rev().take_while(fits).count().max(1)
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
