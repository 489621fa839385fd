//! The body of a streaming request: our own, or the AI SDK's in both of its forms.

use std::collections::HashSet;

use domain::{
    agent_state_machine::MAX_TOOL_CALLS,
    approval::{ApprovalId, Decision},
    turn::UserMessage,
    turn_and_conversation_ids::TurnId,
};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::stream_message::{Chat, MessageKind, MessageRequest};
use crate::error::ApiError;

/// `{message, conversation_id?, model?}`, `{id, messages, trigger, messageId}` or `{id, message, …}`.
///
/// Of all the messages that a client sends only the newest of its user is read: what was said and
/// done before is in the database, and nobody can rewrite it from outside.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ChatStreamRequest)]
pub(in crate::routes) struct StreamBody {
    message: Option<MessageField>,
    #[serde(default)]
    messages: Vec<UiMessage>,
    conversation_id: Option<Uuid>,
    id: Option<String>,
    trigger: Option<String>,
    #[serde(rename = "messageId")]
    message_id: Option<String>,
    model: Option<String>,
    time_zone: Option<String>,
    undo_replaced: Option<bool>,
    /// With an edit: the words that the message has now, as the client knows it.
    previous_text: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
enum MessageField {
    Text(String),
    Message(UiMessage),
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = SentMessage)]
struct UiMessage {
    id: Option<String>,
    role: Option<String>,
    #[serde(default)]
    parts: Vec<Part>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = SentPart)]
struct Part {
    #[serde(rename = "type")]
    kind: Option<String>,
    text: Option<String>,
    state: Option<String>,
    #[serde(rename = "toolCallId")]
    tool_call_id: Option<String>,
    input: Option<Value>,
    approval: Option<Value>,
}

/// The most bytes of a client's id of a message.
const MAX_MESSAGE_ID_BYTES: usize = 255;

/// What a streaming request asks for.
pub(super) enum ParsedStreamRequest {
    /// Answers to the cards of this turn.
    Decisions(TurnId, Vec<ApprovalDecision>),
    /// A message to be answered.
    Message(MessageRequest),
}

/// The person's decision on an approval card of the AI SDK's.
#[derive(Debug, PartialEq)]
pub(super) struct ApprovalDecision {
    pub(super) call_id: String,
    pub(super) approval: ApprovalId,
    pub(super) decision: Decision,
    /// The arguments that the card showed.
    pub(super) shown: Map<String, Value>,
}

impl Part {
    fn approval_decision(&self) -> Option<ApprovalDecision> {
        if self.state.as_deref() != Some("approval-responded") {
            return None;
        }
        let approval = self.approval.as_ref()?;
        Some(ApprovalDecision {
            call_id: self.tool_call_id.clone()?,
            approval: ApprovalId(Uuid::try_parse(approval["id"].as_str()?).ok()?),
            decision: if approval["approved"].as_bool()? { Decision::Approve } else { Decision::Reject },
            shown: self.input.as_ref().and_then(Value::as_object).cloned().unwrap_or_default(),
        })
    }
}

impl UiMessage {
    fn is_users(&self) -> bool {
        self.role.as_deref() == Some("user")
    }

    fn text(&self) -> String {
        let texts = self.parts.iter().filter(|part| part.kind.as_deref() == Some("text"));
        texts.filter_map(|part| part.text.as_deref()).collect::<Vec<_>>().join("\n")
    }
}

impl StreamBody {
    /// Reads what is asked for.
    ///
    /// # Errors
    /// When it is no message that can be answered, or answers to cards that name no turn.
    pub(super) fn parse(self) -> Result<ParsedStreamRequest, ApiError> {
        let regenerates = self.trigger.as_deref() == Some("regenerate-message");
        if !regenerates && let Some((turn, answers)) = self.approval_decisions()? {
            return Ok(ParsedStreamRequest::Decisions(turn, answers));
        }
        let previous = self.previous()?;
        let (text, message_id) = newest_of_user(self.message, self.messages)?;
        let message_id = checked_id(message_id)?;
        // A client names the newest message as the one that is replaced when it was sent before.
        let is_named = message_id.is_some() && message_id == self.message_id;
        let kind = match (regenerates, is_named) {
            (true, _) => MessageKind::Regenerate,
            (false, true) => MessageKind::Edit { previous },
            (false, false) => MessageKind::New,
        };
        Ok(ParsedStreamRequest::Message(MessageRequest {
            kind,
            message: UserMessage::parse(&text)?,
            message_id,
            chat: Chat { conversation_id: self.conversation_id, chat_id: self.id },
            model: self.model,
            time_zone: self.time_zone,
            undo_replaced: self.undo_replaced,
            previous_text: self.previous_text,
        }))
    }

    /// The words that an edited message has, as far as the client says so.
    fn previous(&self) -> Result<Option<UserMessage>, ApiError> {
        let parsed = self.previous_text.as_deref().map(UserMessage::parse).transpose();
        parsed.map_err(|_error| {
            ApiError::invalid("previous_text", "No message has this text: 1 to 10,000 characters are one.")
        })
    }

    /// What the person said to the cards of the newest message, and the turn that asked, when the request
    /// is that and no new message. Of what else a client says that was approved nothing is read.
    fn approval_decisions(&self) -> Result<Option<(TurnId, Vec<ApprovalDecision>)>, ApiError> {
        let newest = match &self.message {
            Some(MessageField::Text(_)) => None,
            Some(MessageField::Message(message)) => Some(message),
            None => self.messages.last(),
        };
        let newest = newest.filter(|message| message.role.as_deref() == Some("assistant"));
        let mut answered = HashSet::new();
        let parts = newest.iter().flat_map(|message| &message.parts);
        let answers =
            parts.filter_map(Part::approval_decision).filter(|answer| answered.insert(answer.approval));
        // One more than may be, to see whether there are too many.
        let answers: Vec<_> = answers.take(MAX_TOOL_CALLS + 1).collect();
        if answers.is_empty() {
            return Ok(None);
        }
        if answers.len() > MAX_TOOL_CALLS {
            let error = format!("There are at most {MAX_TOOL_CALLS} cards to answer at a time.");
            return Err(ApiError::invalid("messages", error));
        }
        let id = newest.and_then(|message| message.id.as_deref());
        let turn = id.and_then(|id| Uuid::try_parse(id).ok()).map(TurnId);
        let turn = turn.ok_or_else(|| ApiError::invalid("messages", "This message is none of ours."))?;
        Ok(Some((turn, answers)))
    }
}

/// The newest message of the user, and the client's id of it.
fn newest_of_user(
    message: Option<MessageField>,
    messages: Vec<UiMessage>,
) -> Result<(String, Option<String>), ApiError> {
    let newest = match message {
        Some(MessageField::Text(text)) => return Ok((text, None)),
        Some(MessageField::Message(message)) => Some(message).filter(UiMessage::is_users),
        None => messages.into_iter().rev().find(UiMessage::is_users),
    };
    let newest = newest.ok_or_else(|| ApiError::invalid("message", "A message is missing."))?;
    Ok((newest.text(), newest.id))
}

/// A client's id of a message, as it is kept with the message; an empty one is none. One that cannot be kept
/// could not be found again: another answer, or an edit, would be that of another message.
fn checked_id(id: Option<String>) -> Result<Option<String>, ApiError> {
    let id = id.filter(|id| !id.is_empty());
    if id.as_ref().is_some_and(|id| id.len() > MAX_MESSAGE_ID_BYTES || id.contains('\0')) {
        let error =
            format!("A message's id has at most {MAX_MESSAGE_ID_BYTES} bytes, and no NUL among them.");
        return Err(ApiError::invalid("message", error));
    }
    Ok(id)
}

#[cfg(test)]
mod tests;
