//! Pages of an account: each is one statement, which checks the token, and of bounded size.

use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account_archive::{
        ArchivedCall, ArchivedConversation, ArchivedEnding, ArchivedMessage, ArchivedSummary, ArchivedTurn,
        ConversationRow, Role, SequencedMessage,
    },
    caller::Caller,
    conversation::ConversationTitle,
    message::ToolCall,
    time_zone::{TimeZone, WeekStart},
    todo::TaskNumber,
    turn::{FailureKind, FinishReason, Usage},
    turn_and_conversation_ids::TurnId,
};
use serde_json::Value;
use uuid::Uuid;

use crate::postgres::{
    caller_token_validity::{self, token_is_good},
    error::DatabaseError,
    prepared_statement::sql,
    public_conversation_id::id_for_user,
    stored_tool_calls,
};

/// The most conversations of a page; each may have a summary of 8,000 characters.
const CONVERSATIONS: i64 = 20;
/// The most messages of a page, and the most bytes of them. One is always read, whatever its size: a
/// reply of a model has up to 1 MiB.
const MESSAGES: i64 = 200;
const MESSAGE_BYTES: i64 = 256 * 1024;

/// Returns the highest number that a task has had.
pub(super) async fn last_number(
    mut connection: &AsyncPgConnection,
    caller: Caller,
) -> Result<TaskNumber, DatabaseError> {
    let statement =
        sql::<BigInt>(concat!(r#"SELECT last_task_number FROM "user" WHERE id = $1 AND "#, token_is_good!()));
    let statement = caller_token_validity::bind(statement.bind::<SqlUuid, _>(caller.user.0), Some(caller));
    let number: Option<i64> = statement.get_result(&mut connection).await.optional()?;
    number.map(TaskNumber).ok_or(DatabaseError::UnknownCaller)
}

#[derive(Queryable)]
struct ConversationColumns {
    id: Uuid,
    client_id: Option<Uuid>,
    title: String,
    has_own_title: bool,
    model: Option<String>,
    summary: Option<String>,
    summarized: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// Returns the next conversations in the order of their rows.
pub(super) async fn conversations(
    mut connection: &AsyncPgConnection,
    caller: Caller,
    after: Option<ConversationRow>,
) -> Result<Vec<ArchivedConversation>, DatabaseError> {
    let statement = sql::<(
        SqlUuid,
        Nullable<SqlUuid>,
        Text,
        Bool,
        Nullable<Text>,
        Nullable<Text>,
        BigInt,
        Timestamptz,
        Timestamptz,
    )>(concat!(
        "SELECT id, client_id, title, has_own_title, model, summary,
                (SELECT count(*) FROM message WHERE conversation_id = conversation.id AND seq <= summary_seq),
                created_at, updated_at
         FROM conversation WHERE user_id = $1 AND ",
        token_is_good!()
    ));
    let mut statement =
        caller_token_validity::bind(statement.bind::<SqlUuid, _>(caller.user.0), Some(caller));
    if let Some(after) = after {
        statement = statement.append(" AND id > ?").bind::<SqlUuid, _>(after.0);
    }
    let statement = statement.append(" ORDER BY id LIMIT ?").bind::<BigInt, _>(CONVERSATIONS);
    let rows: Vec<ConversationColumns> = statement.load(&mut connection).await?;
    check_when_empty(connection, caller, rows.is_empty()).await?;
    rows.into_iter().map(conversation).collect()
}

fn conversation(row: ConversationColumns) -> Result<ArchivedConversation, DatabaseError> {
    let title = ConversationTitle::parse(&row.title)
        .map_err(|_error| DatabaseError::Inconsistent("a stored title breaks the rules of titles"))?;
    let messages = usize::try_from(row.summarized).unwrap_or_default();
    Ok(ArchivedConversation {
        row: ConversationRow(row.id),
        id: id_for_user(row.id, row.client_id),
        title,
        has_own_title: row.has_own_title,
        model: row.model,
        summary: row.summary.filter(|_| messages > 0).map(|text| ArchivedSummary { text, messages }),
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// A message with its turn.
#[derive(Queryable)]
struct MessageColumns {
    seq: i32,
    role: String,
    content: String,
    tool_calls: Option<Value>,
    tool_call_id: Option<String>,
    at: DateTime<Utc>,
    turn: Uuid,
    client_message_id: Option<String>,
    state: String,
    finish_reason: Option<String>,
    failure: Option<String>,
    model: Option<String>,
    prompt_tokens: Option<i32>,
    completion_tokens: Option<i32>,
    time_zone: String,
    week_start: String,
    created_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
}

type MessageTypes = (
    Integer,
    Text,
    Text,
    Nullable<Jsonb>,
    Nullable<Text>,
    Timestamptz,
    SqlUuid,
    Nullable<Text>,
    Text,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Integer>,
    Nullable<Integer>,
    Text,
    Text,
    Timestamptz,
    Nullable<Timestamptz>,
);

/// Returns the next messages of a conversation.
pub(super) async fn messages(
    mut connection: &AsyncPgConnection,
    caller: Caller,
    conversation: ConversationRow,
    after: i32,
) -> Result<Vec<SequencedMessage>, DatabaseError> {
    let statement = sql::<MessageTypes>(concat!(
        "WITH own AS (
             SELECT id FROM conversation WHERE user_id = $1 AND ",
        token_is_good!(),
        " AND id = $4
         ), next AS (
             SELECT message.* FROM message, own
             WHERE conversation_id = own.id AND seq > $5 ORDER BY seq LIMIT $6
         ), page AS (
             SELECT *, row_number() OVER before AS place,
                 sum(octet_length(content) + coalesce(pg_column_size(tool_calls), 0)) OVER before AS bytes
             FROM next WINDOW before AS (ORDER BY seq)
         )
         SELECT seq, role, content, tool_calls, tool_call_id, page.created_at, turn.id, client_message_id,
                state, finish_reason, failure, model, prompt_tokens, completion_tokens, time_zone, week_start,
                turn.created_at, ended_at
         FROM page JOIN turn ON turn.id = turn_id WHERE place = 1 OR bytes <= $7 ORDER BY seq"
    ));
    let rows: Vec<MessageColumns> =
        caller_token_validity::bind(statement.bind::<SqlUuid, _>(caller.user.0), Some(caller))
            .bind::<SqlUuid, _>(conversation.0)
            .bind::<Integer, _>(after)
            .bind::<BigInt, _>(MESSAGES)
            .bind::<BigInt, _>(MESSAGE_BYTES)
            .load(&mut connection)
            .await?;
    check_when_empty(connection, caller, rows.is_empty()).await?;
    rows.into_iter().map(sequenced).collect()
}

async fn check_when_empty(
    connection: &AsyncPgConnection,
    caller: Caller,
    is_empty: bool,
) -> Result<(), DatabaseError> {
    if is_empty && !caller_token_validity::is_known(connection, caller).await? {
        return Err(DatabaseError::UnknownCaller);
    }
    Ok(())
}

fn sequenced(row: MessageColumns) -> Result<SequencedMessage, DatabaseError> {
    let reason = row.finish_reason.as_deref().and_then(FinishReason::from_name);
    let failure = row.failure.as_deref().and_then(FailureKind::from_name);
    // A turn that was reopened keeps its old ending until there is another.
    let ending = match (row.state.as_str(), reason, failure) {
        ("answered", Some(reason), _) => ArchivedEnding::Answered(reason),
        ("failed", _, Some(failure)) => ArchivedEnding::Failed(failure),
        _ => ArchivedEnding::Running,
    };
    let role = Role::from_name(&row.role).ok_or(DatabaseError::Inconsistent("a message has no role"))?;
    let usage = row.prompt_tokens.zip(row.completion_tokens);
    Ok(SequencedMessage {
        seq: row.seq,
        turn: ArchivedTurn {
            id: TurnId(row.turn),
            client_message_id: row.client_message_id,
            ending,
            model: row.model,
            usage: usage.map(|(prompt_tokens, completion_tokens)| Usage { prompt_tokens, completion_tokens }),
            time_zone: TimeZone::parse(&row.time_zone).unwrap_or(TimeZone::UTC),
            week_start: WeekStart::parse(&row.week_start).unwrap_or_default(),
            created_at: row.created_at,
            ended_at: row.ended_at.filter(|_| ending != ArchivedEnding::Running),
        },
        message: ArchivedMessage {
            role,
            content: row.content,
            calls: calls(row.tool_calls.as_ref()),
            call_id: row.tool_call_id,
            at: row.at,
        },
    })
}

/// The calls of a message, without what a provider has put beside them.
fn calls(column: Option<&Value>) -> Vec<ArchivedCall> {
    let archived = |call: ToolCall| ArchivedCall {
        id: call.id,
        name: call.name,
        arguments: Value::from(call.arguments).to_string(),
    };
    stored_tool_calls::from_column(column).into_iter().map(archived).collect()
}
