//! The members of an exported file beside tasks and changes, which it holds as the API shows them.

use chrono::{DateTime, Utc};
use domain::{
    account::{User, UserName},
    account_archive::{
        ArchivedCall, ArchivedConversation, ArchivedEnding, ArchivedMessage, ArchivedSummary, ArchivedTurn,
    },
    change_log::{ChangeId, LoggedChange},
    todo::TaskNumber,
    turn::FailureKind,
    turn_and_conversation_ids::{ConversationId, TurnId},
};
use serde::Serialize;

use crate::{
    error::ApiError,
    response_bodies::change_body::ChangeBody,
    routes::import::{FORMAT, VERSION},
};

/// Writes a value as JSON.
pub(super) fn json(value: &impl Serialize) -> Result<String, ApiError> {
    serde_json::to_string(value).map_err(|error| ApiError::Internal {
        what: "a part of an export is no JSON",
        source: Some(Box::new(error)),
    })
}

/// Writes an object and leaves it open, with an array of this name as its last member.
pub(super) fn open_object(object: &impl Serialize, array: &str) -> Result<String, ApiError> {
    let mut text = json(object)?;
    // Its closing brace.
    text.pop();
    text.push_str(&format!(",\"{array}\":["));
    Ok(text)
}

/// What a file begins with.
#[derive(Serialize)]
pub(super) struct FileHead<'a> {
    format: &'static str,
    version: u32,
    exported_at: DateTime<Utc>,
    account: Account<'a>,
    settings: Settings,
}

#[derive(Serialize)]
struct Account<'a> {
    id: String,
    email: &'a str,
    name: Option<&'a str>,
    created_at: DateTime<Utc>,
    last_task_id: i64,
}

#[derive(Serialize)]
struct Settings {
    time_zone: &'static str,
    week_start: &'static str,
}

impl<'a> FileHead<'a> {
    pub(super) fn new(user: &'a User, last_number: TaskNumber, now: DateTime<Utc>) -> Self {
        Self {
            format: FORMAT,
            version: VERSION,
            exported_at: now,
            account: Account {
                id: user.id.to_string(),
                email: user.email.as_str(),
                name: user.name.as_ref().map(UserName::as_str),
                created_at: user.created_at,
                last_task_id: last_number.0,
            },
            settings: Settings { time_zone: user.time_zone.name(), week_start: user.week_start.as_str() },
        }
    }
}

/// A change as the API shows it, and every change that it took back.
#[derive(Serialize)]
pub(super) struct ChangeItem {
    #[serde(flatten)]
    change: ChangeBody,
    /// Oldest first.
    undoes_all: Vec<ChangeId>,
}

impl From<LoggedChange> for ChangeItem {
    fn from(change: LoggedChange) -> Self {
        Self { undoes_all: change.undoes.clone(), change: change.into() }
    }
}

/// A conversation without its turns.
#[derive(Serialize)]
pub(super) struct ConversationHead<'a> {
    id: ConversationId,
    title: &'a str,
    has_own_title: bool,
    model: Option<&'a str>,
    summary: Option<Summary<'a>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Serialize)]
struct Summary<'a> {
    text: &'a str,
    messages: usize,
}

impl<'a> From<&'a ArchivedConversation> for ConversationHead<'a> {
    fn from(conversation: &'a ArchivedConversation) -> Self {
        let summary =
            |summary: &'a ArchivedSummary| Summary { text: &summary.text, messages: summary.messages };
        Self {
            id: conversation.id,
            title: conversation.title.as_str(),
            has_own_title: conversation.has_own_title,
            model: conversation.model.as_deref(),
            summary: conversation.summary.as_ref().map(summary),
            created_at: conversation.created_at,
            updated_at: conversation.updated_at,
        }
    }
}

/// A turn without its messages.
#[derive(Serialize)]
pub(super) struct TurnHead<'a> {
    id: TurnId,
    message_id: Option<&'a str>,
    state: &'static str,
    finish_reason: Option<&'static str>,
    failure: Option<&'static str>,
    model: Option<&'a str>,
    usage: Option<Usage>,
    time_zone: &'static str,
    week_start: &'static str,
    created_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
}

#[derive(Serialize)]
struct Usage {
    prompt_tokens: i32,
    completion_tokens: i32,
}

impl<'a> From<&'a ArchivedTurn> for TurnHead<'a> {
    fn from(turn: &'a ArchivedTurn) -> Self {
        let (state, finish_reason, failure) = match turn.ending {
            ArchivedEnding::Running => ("running", None, None),
            ArchivedEnding::Answered(reason) => ("answered", Some(reason.as_str()), None),
            ArchivedEnding::Failed(kind) => ("failed", None, Some(kind)),
        };
        Self {
            id: turn.id,
            message_id: turn.client_message_id.as_deref(),
            state,
            finish_reason,
            failure: failure.map(FailureKind::as_str),
            model: turn.model.as_deref(),
            usage: turn.usage.map(|usage| Usage {
                prompt_tokens: usage.prompt_tokens,
                completion_tokens: usage.completion_tokens,
            }),
            time_zone: turn.time_zone.name(),
            week_start: turn.week_start.as_str(),
            created_at: turn.created_at,
            ended_at: turn.ended_at,
        }
    }
}

/// A message.
#[derive(Serialize)]
pub(super) struct MessageBody<'a> {
    role: &'static str,
    content: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Call<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<&'a str>,
    created_at: DateTime<Utc>,
}

#[derive(Serialize)]
struct Call<'a> {
    id: &'a str,
    name: &'a str,
    arguments: &'a str,
}

impl<'a> From<&'a ArchivedMessage> for MessageBody<'a> {
    fn from(message: &'a ArchivedMessage) -> Self {
        let call =
            |call: &'a ArchivedCall| Call { id: &call.id, name: &call.name, arguments: &call.arguments };
        Self {
            role: message.role.as_str(),
            content: &message.content,
            tool_calls: message.calls.iter().map(call).collect(),
            tool_call_id: message.call_id.as_deref(),
            created_at: message.at,
        }
    }
}
