//! The conversations of a file.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use domain::{
    account_archive::{
        ArchivedCall, ArchivedConversation, ArchivedEnding, ArchivedMessage, ArchivedSummary, ArchivedTurn,
        ConversationRow, Role, WholeConversation,
    },
    conversation::ConversationTitle,
    message::MAX_SAID_BYTES,
    ports::IdGenerator,
    text_validation::{FieldError, reject_nul},
    time_zone::{TimeZone, WeekStart},
    tool,
    turn::{FailureKind, FinishReason, Usage},
    turn_and_conversation_ids::{ConversationId, TurnId},
};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{
    field_validation::{at_path, clamp_to_past},
    file::{CallPart, ConversationPart, MessagePart, SummaryPart, TurnPart},
};
use crate::error::ApiError;

/// The most bytes of a tool's result.
const MAX_RESULT: usize = 1024 * 1024;
/// The most bytes of the arguments of a call.
const MAX_ARGUMENTS: usize = 64 * 1024;
/// The most bytes of an id or a name that is not ours.
const MAX_NAME: usize = 255;

/// The new ids of the turns of a file, by their old ones.
pub(super) type TurnIds = HashMap<Uuid, TurnId>;

/// The conversations, and the new ids of their turns.
#[derive(Default)]
pub(super) struct CheckedConversations {
    pub(super) conversations: Vec<WholeConversation>,
    pub(super) turn_ids: TurnIds,
    pub(super) left_out_turns: usize,
}

/// Checks all conversations.
pub(super) fn conversations(
    parts: Vec<ConversationPart>,
    ids: &dyn IdGenerator,
    now: DateTime<Utc>,
) -> Result<CheckedConversations, ApiError> {
    let mut checked = CheckedConversations::default();
    let mut known = HashSet::new();
    for (index, part) in parts.into_iter().enumerate() {
        let path = format!("conversations[{index}]");
        if !known.insert(part.id) {
            return Err(at_path(&path, FieldError::new("id", "This id is given twice.")));
        }
        checked.add(part, &path, ids, now)?;
    }
    Ok(checked)
}

impl CheckedConversations {
    fn add(
        &mut self,
        part: ConversationPart,
        path: &str,
        ids: &dyn IdGenerator,
        now: DateTime<Utc>,
    ) -> Result<(), ApiError> {
        let (mut turns, mut is_cut) = (Vec::new(), false);
        for (index, part) in part.turns.0.into_iter().enumerate() {
            let path = format!("{path}.turns[{index}]");
            if part.state == "running" {
                self.left_out_turns += 1;
                continue;
            }
            let (old, new) = (part.id, TurnId(ids.next()));
            let (head, messages) = turn(part, new, &path, now)?;
            if !is_answered(&messages) {
                self.left_out_turns += 1;
                is_cut = true;
                continue;
            }
            turns.push((head, messages));
            if self.turn_ids.insert(old, new).is_some() {
                return Err(at_path(&path, FieldError::new("id", "This id is given twice.")));
            }
        }
        let messages: usize = turns.iter().map(|(_, messages)| messages.len()).sum();
        let title = ConversationTitle::parse(&part.title).map_err(|error| at_path(path, error))?;
        let model = part.model.map(|model| text("model", model, 1..=200)).transpose();
        let summary = part.summary.map(summary).transpose().map_err(|error| at_path(path, error))?;
        self.conversations.push(WholeConversation {
            conversation: ArchivedConversation {
                row: ConversationRow(ids.next()),
                id: ConversationId(part.id),
                title,
                has_own_title: part.has_own_title,
                model: model.map_err(|error| at_path(path, error))?,
                // The summary counts the messages that it holds, also those that are missing here.
                summary: summary.filter(|summary| !is_cut && summary.messages <= messages),
                created_at: clamp_to_past(part.created_at, now),
                updated_at: clamp_to_past(part.updated_at, now),
            },
            turns,
        });
        Ok(())
    }
}

/// A text of so many bytes, in which there is no U+0000.
fn text(
    field: &'static str,
    text: String,
    length: std::ops::RangeInclusive<usize>,
) -> Result<String, FieldError> {
    reject_nul(field, &text)?;
    if length.contains(&text.len()) {
        return Ok(text);
    }
    let message = format!("The {field} must have {} to {} bytes.", length.start(), length.end());
    Err(FieldError::new(field, message))
}

fn summary(part: SummaryPart) -> Result<ArchivedSummary, FieldError> {
    reject_nul("summary", &part.text)?;
    if !(1..=8_000).contains(&part.text.chars().count()) {
        return Err(FieldError::new("summary", "The summary must have 1 to 8000 characters."));
    }
    if part.messages == 0 {
        return Err(FieldError::new("summary", "The summary must hold messages."));
    }
    Ok(ArchivedSummary { text: part.text, messages: part.messages })
}

fn turn(
    part: TurnPart,
    id: TurnId,
    path: &str,
    now: DateTime<Utc>,
) -> Result<(ArchivedTurn, Vec<ArchivedMessage>), ApiError> {
    let mut messages = Vec::with_capacity(part.messages.0.len());
    for (index, part) in part.messages.0.into_iter().enumerate() {
        let message = message(part, now);
        messages.push(message.map_err(|error| at_path(&format!("{path}.messages[{index}]"), error))?);
    }
    let head = || {
        let usage = part.usage.map(|usage| {
            let tokens = |count: i32| count.max(0);
            Usage {
                prompt_tokens: tokens(usage.prompt_tokens),
                completion_tokens: tokens(usage.completion_tokens),
            }
        });
        let created_at = clamp_to_past(part.created_at, now);
        check_order(&messages)?;
        Ok(ArchivedTurn {
            id,
            client_message_id: part.message_id.map(|id| text("message_id", id, 1..=MAX_NAME)).transpose()?,
            ending: ending(&part.state, part.finish_reason.as_deref(), part.failure.as_deref())?,
            model: part.model.map(|model| text("model", model, 0..=MAX_NAME)).transpose()?,
            usage,
            time_zone: TimeZone::parse(&part.time_zone)?,
            week_start: WeekStart::parse(&part.week_start)?,
            created_at,
            ended_at: Some(part.ended_at.map_or(created_at, |time| clamp_to_past(time, now))),
        })
    };
    let head = head().map_err(|error| at_path(path, error))?;
    Ok((head, messages))
}

/// A turn begins with what the person said.
fn check_order(messages: &[ArchivedMessage]) -> Result<(), FieldError> {
    let refuse = |message| Err(FieldError::new("messages", message));
    let Some(first) = messages.first() else {
        return refuse("A turn that is over must have a message and an answer.");
    };
    if first.role != Role::User || messages.iter().filter(|message| message.role == Role::User).count() > 1 {
        return refuse("Of a turn's messages the first, and no other, must be the user's.");
    }
    Ok(())
}

/// Whether a turn ends with the model's words. One that was over is without them when another answer was
/// asked for, or it was deleted, between two pages of the export.
fn is_answered(messages: &[ArchivedMessage]) -> bool {
    messages.last().is_some_and(|last| last.role == Role::Assistant && last.calls.is_empty())
}

fn ending(state: &str, reason: Option<&str>, failure: Option<&str>) -> Result<ArchivedEnding, FieldError> {
    match (state, reason.and_then(FinishReason::from_name), failure.and_then(FailureKind::from_name)) {
        ("answered", Some(reason), _) => Ok(ArchivedEnding::Answered(reason)),
        ("failed", _, Some(failure)) => Ok(ArchivedEnding::Failed(failure)),
        _ => Err(FieldError::new(
            "state",
            "The state must be answered with a finish_reason, failed with a failure, or running.",
        )),
    }
}

fn message(part: MessagePart, now: DateTime<Utc>) -> Result<ArchivedMessage, FieldError> {
    let Some(role) = Role::from_name(&part.role) else {
        return Err(FieldError::new("role", "The role must be user, assistant or tool."));
    };
    let most = if role == Role::Tool { MAX_RESULT } else { MAX_SAID_BYTES };
    let calls = part.tool_calls.0.into_iter().map(call).collect::<Result<Vec<_>, _>>()?;
    if role != Role::Assistant && !calls.is_empty() {
        return Err(FieldError::new("tool_calls", "Only the assistant has tool_calls."));
    }
    if (role == Role::Tool) != part.tool_call_id.is_some() {
        return Err(FieldError::new("tool_call_id", "A tool's message, and no other, has a tool_call_id."));
    }
    let least = usize::from(calls.is_empty());
    Ok(ArchivedMessage {
        role,
        content: text("content", part.content, least..=most)?,
        calls,
        call_id: part.tool_call_id.map(|id| text("tool_call_id", id, 1..=MAX_NAME)).transpose()?,
        at: clamp_to_past(part.created_at, now),
    })
}

fn call(part: CallPart) -> Result<ArchivedCall, FieldError> {
    let arguments = text("arguments", part.arguments, 2..=MAX_ARGUMENTS)?;
    let object: Option<Map<String, Value>> = serde_json::from_str(&arguments).ok();
    let is_kept = |object: Map<String, Value>| {
        !tool::are_nested_too_deep(&object)
            && object.iter().all(|(name, value)| !name.contains('\0') && !has_nul(value))
    };
    if !object.is_some_and(is_kept) {
        return Err(FieldError::new(
            "arguments",
            "The arguments must be a JSON object as text, nested no deeper than 64 levels, and without the character \
             U+0000.",
        ));
    }
    Ok(ArchivedCall {
        id: text("id", part.id, 1..=MAX_NAME)?,
        name: text("name", part.name, 1..=MAX_NAME)?,
        arguments,
    })
}

/// Whether U+0000, which Postgres does not store, is somewhere in a value.
fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(members) => members.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
