//! The rows of a restored account, as JSON that Postgres reads back into rows
//! (`jsonb_populate_recordset`): one parameter for many rows, whatever their columns are.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use domain::{
    account_archive::{ArchivedCall, ArchivedEnding, ArchivedMessage, ArchivedTurn, Role, WholeConversation},
    change_log::{ChangeId, LoggedChange},
    due::Due,
    message::{ProviderData, ToolCall},
    repeat::Repeat,
    text_search::fold,
    todo::{Todo, TodoDescription},
    turn::{FailureKind, FinishReason},
    turn_and_conversation_ids::TurnId,
};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::postgres::{error::DatabaseError, stored_tool_calls};

/// The columns of a task that its snapshot in `todo_change` has too.
#[derive(Serialize)]
struct TodoColumns<'a> {
    number: i64,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    completed: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_date: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_time: Option<NaiveTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_zone: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<String>,
    priority: i16,
    tags: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    repeat: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    completed_at: Option<DateTime<Utc>>,
    revision: i64,
    position: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<i64>,
}

impl<'a> From<&'a Todo> for TodoColumns<'a> {
    fn from(todo: &'a Todo) -> Self {
        Self {
            number: todo.number.0,
            title: todo.title.as_str(),
            description: todo.description.as_ref().map(TodoDescription::as_str),
            completed: todo.completed,
            created_at: todo.created_at,
            updated_at: todo.updated_at,
            due_date: todo.due.map(|due| due.date),
            due_time: todo.due.and_then(|due| due.time),
            due_zone: todo.due.map(|due| due.zone.name()),
            due_at: todo.due.and_then(Due::instant).map(timestamptz),
            priority: todo.priority.as_number(),
            tags: todo.tags.as_slice(),
            repeat: todo.repeat.map(Repeat::to_text),
            completed_at: todo.completed_at,
            revision: todo.revision,
            position: todo.position,
            parent: todo.parent.map(|parent| parent.0),
        }
    }
}

/// An instant as Postgres reads it. The last hours of 9999 belong to the year 10000 by UTC, before which
/// RFC 3339 wants a sign that Postgres does not know.
fn timestamptz(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339().trim_start_matches('+').to_owned()
}

/// A row of `todo`.
#[derive(Serialize)]
pub(super) struct TodoJson<'a> {
    #[serde(flatten)]
    columns: TodoColumns<'a>,
    title_key: String,
    description_key: Option<String>,
    tag_keys: Vec<String>,
}

impl<'a> From<&'a Todo> for TodoJson<'a> {
    fn from(todo: &'a Todo) -> Self {
        Self {
            columns: todo.into(),
            title_key: fold(todo.title.as_str()),
            description_key: todo.description.as_ref().map(|text| fold(text.as_str())),
            tag_keys: todo.tags.keys(),
        }
    }
}

/// A snapshot of a task: see `todos::change_snapshot`.
#[derive(Serialize)]
struct SnapshotJson<'a> {
    #[serde(flatten)]
    columns: TodoColumns<'a>,
    version: u8,
}

/// A row of `todo_change`.
#[derive(Serialize)]
pub(super) struct ChangeJson<'a> {
    id: i64,
    number: i64,
    #[serde(rename = "door")]
    channel: &'static str,
    turn_id: Option<TurnId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<SnapshotJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<SnapshotJson<'a>>,
    created_at: DateTime<Utc>,
    undoes: Vec<i64>,
    undone_by: Option<i64>,
    program: Option<&'a str>,
}

/// The row of a change that has this id now; `new_id` is what an old id became.
pub(super) fn change_json(
    id: i64,
    change: &LoggedChange,
    new_id: impl Fn(ChangeId) -> i64,
) -> ChangeJson<'_> {
    let snapshot = |todo| SnapshotJson { columns: TodoColumns::from(todo), version: 1 };
    let mut undoes: Vec<i64> = change.undoes.iter().map(|id| new_id(*id)).collect();
    undoes.sort_unstable();
    undoes.dedup();
    ChangeJson {
        id,
        number: change.number.0,
        channel: change.channel.as_str(),
        turn_id: change.turn,
        before: change.before.as_ref().map(snapshot),
        after: change.after.as_ref().map(snapshot),
        created_at: change.at,
        undoes,
        undone_by: change.undone_by.map(new_id),
        program: change.program.as_deref(),
    }
}

/// A row of `conversation`.
#[derive(Serialize)]
pub(super) struct ConversationJson<'a> {
    id: Uuid,
    client_id: Uuid,
    title: &'a str,
    last_seq: usize,
    message_count: usize,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    summary: Option<&'a str>,
    summary_seq: usize,
    has_own_title: bool,
    model: Option<&'a str>,
}

impl<'a> From<&'a WholeConversation> for ConversationJson<'a> {
    fn from(whole: &'a WholeConversation) -> Self {
        let WholeConversation { conversation, turns } = whole;
        Self {
            id: conversation.row.0,
            // The row's own id is nobody's choice, so that nobody learns which ids others have.
            client_id: conversation.id.0,
            title: conversation.title.as_str(),
            last_seq: turns.iter().map(|(_, messages)| messages.len()).sum(),
            // A person sees one answer a turn, whatever its steps.
            message_count: turns.len() * 2,
            created_at: conversation.created_at,
            updated_at: conversation.updated_at,
            summary: conversation.summary.as_ref().map(|summary| summary.text.as_str()),
            summary_seq: conversation.summary.as_ref().map_or(0, |summary| summary.messages),
            has_own_title: conversation.has_own_title,
            model: conversation.model.as_deref(),
        }
    }
}

/// A row of `turn`.
#[derive(Serialize)]
pub(super) struct TurnJson<'a> {
    id: TurnId,
    conversation_id: Uuid,
    client_message_id: Option<&'a str>,
    state: &'static str,
    first_seq: usize,
    #[serde(rename = "closing_seq")]
    final_message_seq: usize,
    step: usize,
    finish_reason: Option<&'static str>,
    failure: Option<&'static str>,
    model: Option<&'a str>,
    prompt_tokens: Option<i32>,
    completion_tokens: Option<i32>,
    time_zone: &'static str,
    week_start: &'static str,
    created_at: DateTime<Utc>,
    ended_at: DateTime<Utc>,
    lease_until: DateTime<Utc>,
}

/// The row of a turn whose first message has this place.
pub(super) fn turn_json<'a>(
    conversation: Uuid,
    turn: &'a ArchivedTurn,
    messages: &[ArchivedMessage],
    first_seq: usize,
) -> Result<TurnJson<'a>, DatabaseError> {
    let (state, finish_reason, failure) = match turn.ending {
        ArchivedEnding::Answered(reason) => ("answered", Some(reason), None),
        ArchivedEnding::Failed(kind) => ("failed", None, Some(kind)),
        ArchivedEnding::Running => return Err(DatabaseError::Inconsistent("a restored turn has no end")),
    };
    let ended_at = turn.ended_at.unwrap_or(turn.created_at);
    Ok(TurnJson {
        id: turn.id,
        conversation_id: conversation,
        client_message_id: turn.client_message_id.as_deref(),
        state,
        first_seq,
        final_message_seq: first_seq + messages.len().saturating_sub(1),
        step: messages.iter().filter(|message| !message.calls.is_empty()).count(),
        finish_reason: finish_reason.map(FinishReason::as_str),
        failure: failure.map(FailureKind::as_str),
        model: turn.model.as_deref(),
        prompt_tokens: turn.usage.map(|usage| usage.prompt_tokens),
        completion_tokens: turn.usage.map(|usage| usage.completion_tokens),
        time_zone: turn.time_zone.name(),
        week_start: turn.week_start.as_str(),
        created_at: turn.created_at,
        ended_at,
        lease_until: ended_at,
    })
}

/// A row of `message`.
#[derive(Serialize)]
pub(super) struct MessageJson<'a> {
    conversation_id: Uuid,
    seq: usize,
    turn_id: TurnId,
    role: &'static str,
    content: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_calls: Option<Value>,
    tool_call_id: Option<&'a str>,
    created_at: DateTime<Utc>,
}

/// The row of a message of a turn.
pub(super) fn message_json<'a>(
    conversation: Uuid,
    turn: TurnId,
    message: &'a ArchivedMessage,
    seq: usize,
) -> Result<MessageJson<'a>, DatabaseError> {
    let calls = message.calls.iter().map(stored).collect::<Result<Vec<_>, _>>()?;
    Ok(MessageJson {
        conversation_id: conversation,
        seq,
        turn_id: turn,
        role: message.role.as_str(),
        content: &message.content,
        tool_calls: stored_tool_calls::to_column(&calls),
        tool_call_id: message.call_id.as_deref().filter(|_| message.role == Role::Tool),
        created_at: message.at,
    })
}

fn stored(call: &ArchivedCall) -> Result<ToolCall, DatabaseError> {
    let arguments = serde_json::from_str(&call.arguments)
        .map_err(|_error| DatabaseError::Inconsistent("the arguments of a restored call are no JSON"))?;
    Ok(ToolCall {
        id: call.id.clone(),
        name: call.name.clone(),
        arguments,
        provider_data: ProviderData::default(),
    })
}
