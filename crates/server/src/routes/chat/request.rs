//! What a streaming client sends: our own body, or the AI SDK's request in both of its forms.

use domain::{
    access_token::Scope,
    account::UserId,
    approval::{ApprovalId, Decision},
    caller::Caller,
    id::{ConversationId, TurnId},
    ports::IdGenerator,
    time_zone::TimeZone,
    turn::{IdempotencyKey, NewTurn, Target, UserMessage},
    undo::ReplacedEffects,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use turn_service::{MessageText, Replacement};
use utoipa::ToSchema;
use uuid::Uuid;

use super::with_model;
use crate::{
    error::ApiError, extract::idempotency_key::KeyHeader, middleware::authentication::require,
    state::ModelInfo,
};

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

/// What a person said to a card of the AI SDK's.
#[derive(Debug, PartialEq)]
pub(super) struct CardAnswer {
    pub(super) call_id: String,
    pub(super) approval: ApprovalId,
    pub(super) decision: Decision,
    /// The arguments that the card showed.
    pub(super) shown: Map<String, Value>,
}

impl Part {
    fn card_answer(&self) -> Option<CardAnswer> {
        if self.state.as_deref() != Some("approval-responded") {
            return None;
        }
        let approval = self.approval.as_ref()?;
        Some(CardAnswer {
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
    /// Whether the client wants another answer to the message, in place of the one it has.
    fn regenerates(&self) -> bool {
        self.trigger.as_deref() == Some("regenerate-message")
    }

    /// Whether the newest message of the user may be one that they have sent before, in other words: the
    /// client names it as the one that is replaced.
    fn edits(&self) -> bool {
        let named = self.message_id.as_deref();
        named.is_some() && !self.regenerates() && self.newest().is_ok_and(|(_, id)| id.as_deref() == named)
    }

    /// How an answer takes the place of the one before, when the client wants that.
    ///
    /// # Errors
    /// When it asks for what it may not do, or for what cannot be.
    pub(super) fn replacement(
        &self,
        caller: Caller,
        key: &KeyHeader,
    ) -> Result<Option<Replacement>, ApiError> {
        let previous = self.previous()?;
        let text = match (self.edits(), self.regenerates()) {
            (true, _) => MessageText::Edited { previous },
            (false, true) => MessageText::Recorded,
            (false, false) => return Ok(None),
        };
        let replaced = self.replaced(caller)?;
        Ok(Some(Replacement { replaced, text, has_own_key: self.has_own_key(key) }))
    }

    /// Whether a request for another answer has a key of its own. A key that is the message's id names the
    /// message, which may be answered again and again.
    fn has_own_key(&self, KeyHeader(key): &KeyHeader) -> bool {
        let id = self.newest().ok().and_then(|(_, id)| id);
        key.as_ref().is_some_and(|key| id.as_deref() != Some(key.as_str()))
    }

    /// The words that an edited message has, as far as the client says so.
    ///
    /// # Errors
    /// When no message can have them.
    fn previous(&self) -> Result<Option<UserMessage>, ApiError> {
        let parsed = self.previous_text.as_deref().map(UserMessage::parse).transpose();
        parsed.map_err(|_error| {
            ApiError::invalid("previous_text", "No message has this text: 1 to 10,000 characters are one.")
        })
    }

    /// What becomes of what the replaced answer did. Who may not change tasks takes nothing back.
    ///
    /// # Errors
    /// When they ask for that.
    fn replaced(&self, caller: Caller) -> Result<ReplacedEffects, ApiError> {
        match self.undo_replaced {
            None if !caller.may(Scope::TasksWrite) => Ok(ReplacedEffects::Stays),
            None => Ok(ReplacedEffects::IsTakenBackIfUnchanged),
            Some(true) => require(caller, Scope::TasksWrite).map(|()| ReplacedEffects::IsTakenBack),
            Some(false) => Ok(ReplacedEffects::Stays),
        }
    }

    /// What the person said to the cards of the newest message, and the turn that asked, when the request
    /// is that and no new message. Of what else a client says that was approved nothing is read.
    ///
    /// # Errors
    /// When the answers name no turn.
    pub(super) fn card_answers(&self) -> Result<Option<(TurnId, Vec<CardAnswer>)>, ApiError> {
        let newest = match &self.message {
            Some(MessageField::Text(_)) => None,
            Some(MessageField::Message(message)) => Some(message),
            None => self.messages.last(),
        };
        let newest = newest.filter(|message| message.role.as_deref() == Some("assistant"));
        let answers: Vec<_> =
            newest.iter().flat_map(|message| &message.parts).filter_map(Part::card_answer).collect();
        if answers.is_empty() || self.regenerates() {
            return Ok(None);
        }
        let id = newest.and_then(|message| message.id.as_deref());
        let turn = id.and_then(|id| Uuid::try_parse(id).ok()).map(TurnId);
        let turn = turn.ok_or_else(|| ApiError::invalid("messages", "This message is none of ours."))?;
        Ok(Some((turn, answers)))
    }

    /// Reads the request as a new turn.
    pub(super) fn turn(
        self,
        caller: Caller,
        key: KeyHeader,
        models: &ModelInfo,
        ids: &dyn IdGenerator,
    ) -> Result<NewTurn, ApiError> {
        let time_zone = self.time_zone.as_deref().map(TimeZone::parse).transpose()?;
        let model = models.choose(self.model.clone())?;
        let target = self.target(caller.user, ids)?;
        let (text, message_id) = self.newest()?;
        let message = UserMessage::parse(&text)?;
        let meaning = if self.has_own_key(&key) && (self.regenerates() || self.edits()) {
            let kind = if self.edits() { "edit" } else { "regenerate" };
            let replaced = (self.undo_replaced, &self.previous_text);
            json!([kind, message.as_str(), self.conversation_id, self.id, message_id, replaced])
        } else {
            json!(["stream", message.as_str(), self.conversation_id, self.id])
        };
        let meaning = with_model(meaning, model.as_deref());
        let key = match (&key.0, &message_id) {
            (None, Some(id)) => KeyHeader(Some(self.key_of(id)?)),
            _ => key,
        };
        Ok(NewTurn {
            caller,
            id: TurnId(ids.next()),
            target,
            message,
            model,
            time_zone,
            client_message_id: message_id.filter(|id| (1..=255).contains(&id.len()) && !id.contains('\0')),
            key: key.with_meaning(&meaning),
        })
    }

    /// The newest message of the user, and the client's id of it.
    fn newest(&self) -> Result<(String, Option<String>), ApiError> {
        let message = match &self.message {
            Some(MessageField::Text(text)) => return Ok((text.clone(), None)),
            Some(MessageField::Message(message)) => Some(message).filter(|message| message.is_users()),
            None => self.messages.iter().rev().find(|message| message.is_users()),
        };
        let message = message.ok_or_else(|| ApiError::invalid("message", "A message is missing."))?;
        Ok((message.text(), message.id.clone()))
    }

    /// A message's id as the key of the request that sends it. Ids are opaque, and clients that
    /// count their messages begin anew in every chat: the key is a digest of both.
    fn key_of(&self, message_id: &str) -> Result<IdempotencyKey, ApiError> {
        let chat = json!([self.conversation_id, self.id, message_id]).to_string();
        let digest = Sha256::digest(chat.as_bytes());
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(IdempotencyKey::parse(&format!("message:{hex}"))?)
    }

    fn target(&self, user: UserId, ids: &dyn IdGenerator) -> Result<Target, ApiError> {
        Ok(match (self.conversation_id, self.id.as_deref()) {
            (Some(id), _) => Target::Existing(ConversationId(id)),
            (None, Some(chat)) => Target::Either(conversation_of(chat, user)),
            (None, None) => Target::New(ConversationId(ids.next())),
        })
    }
}

/// The conversation that a client's chat id stands for: itself when it is a UUID; of any other
/// text a UUID (version 8, RFC 9562) that is always the same for this user and nobody else's.
pub(super) fn conversation_of(chat: &str, user: UserId) -> ConversationId {
    if let Ok(id) = Uuid::try_parse(chat) {
        return ConversationId(id);
    }
    let digest = Sha256::new().chain_update(user.0.as_bytes()).chain_update(chat.as_bytes()).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    ConversationId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

#[cfg(test)]
mod tests;
