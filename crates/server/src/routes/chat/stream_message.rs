//! A message of a streaming client, and the turn that it asks for.

use domain::{
    access_token::Scope,
    account::UserId,
    caller::Caller,
    ports::IdGenerator,
    time_zone::TimeZone,
    turn::{IdempotencyKey, NewTurn, Target, UserMessage},
    turn_and_conversation_ids::{ConversationId, TurnId},
    undo::ReplacedEffects,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use turn_service::{MessageText, Replacement, TurnRequest};
use uuid::Uuid;

use super::with_model;
use crate::{
    error::ApiError, extract::idempotency_key::KeyHeader, middleware::authentication::require,
    state::ModelInfo,
};

/// A message, and how it is to be answered.
pub(super) struct MessageRequest {
    pub(super) kind: MessageKind,
    pub(super) message: UserMessage,
    /// The client's id of the message.
    pub(super) message_id: Option<String>,
    pub(super) chat: Chat,
    pub(super) model: Option<String>,
    pub(super) time_zone: Option<String>,
    pub(super) undo_replaced: Option<bool>,
    /// As it was sent: what was asked under a key is compared by it.
    pub(super) previous_text: Option<String>,
}

/// Whether a message is a new one or has an answer already.
pub(super) enum MessageKind {
    New,
    /// The message has been sent before with other words: these, as far as the client says so.
    Edit {
        previous: Option<UserMessage>,
    },
    /// The client wants another answer to the message, in place of the one it has.
    Regenerate,
}

/// Where the message is said, as the client names it: by the conversation's id, or by an id of its own.
pub(super) struct Chat {
    pub(super) conversation_id: Option<Uuid>,
    pub(super) chat_id: Option<String>,
}

/// Who sends a request, under which key, and where they are.
pub(super) struct Sender {
    pub(super) caller: Caller,
    pub(super) key: KeyHeader,
    pub(super) time_zone: Option<TimeZone>,
}

impl MessageRequest {
    /// Reads the request as one for a turn.
    ///
    /// # Errors
    /// When the sender asks for what they may not do, or for what there is not.
    pub(super) fn into_turn_request(
        self,
        sender: Sender,
        models: &ModelInfo,
        ids: &dyn IdGenerator,
    ) -> Result<TurnRequest, ApiError> {
        let Sender { caller, key, time_zone } = sender;
        let replaced = match self.kind {
            MessageKind::New => None,
            MessageKind::Edit { .. } | MessageKind::Regenerate => Some(self.replaced_effects(caller)?),
        };
        let has_own_key = self.has_own_key(&key);
        let model = models.choose(self.model.clone())?;
        let key = match (key, &self.message_id) {
            (KeyHeader(None), Some(id)) => KeyHeader(Some(self.chat.key_of(id)?)),
            (key, _) => key,
        };
        let key = key.with_meaning(&with_model(self.meaning(has_own_key), model.as_deref()));
        let turn = NewTurn {
            caller,
            id: TurnId(ids.next()),
            target: self.chat.target(caller.user, ids),
            message: self.message,
            model,
            time_zone,
            client_message_id: self.message_id,
            key,
        };
        let text = match self.kind {
            MessageKind::Edit { previous } => MessageText::Edited { previous },
            MessageKind::New | MessageKind::Regenerate => MessageText::Recorded,
        };
        Ok(match replaced {
            Some(replaced) => TurnRequest::Regenerate(turn, Replacement { replaced, text, has_own_key }),
            None => TurnRequest::Send(turn),
        })
    }

    /// Whether a request for another answer has a key of its own. A key that is the message's id names the
    /// message, which may be answered again and again.
    fn has_own_key(&self, KeyHeader(key): &KeyHeader) -> bool {
        key.as_ref().is_some_and(|key| self.message_id.as_deref() != Some(key.as_str()))
    }

    /// What becomes of what the replaced answer did. Who may not change tasks takes nothing back.
    fn replaced_effects(&self, caller: Caller) -> Result<ReplacedEffects, ApiError> {
        match self.undo_replaced {
            None if !caller.may(Scope::TasksWrite) => Ok(ReplacedEffects::Keep),
            None => Ok(ReplacedEffects::UndoIfUnchanged),
            Some(true) => require(caller, Scope::TasksWrite).map(|()| ReplacedEffects::Undo),
            Some(false) => Ok(ReplacedEffects::Keep),
        }
    }

    /// What is asked for, as it is compared when the same key comes again.
    fn meaning(&self, has_own_key: bool) -> Value {
        let kind = match self.kind {
            MessageKind::Edit { .. } if has_own_key => "edit",
            MessageKind::Regenerate if has_own_key => "regenerate",
            _ => {
                return json!([
                    "stream",
                    self.message.as_str(),
                    self.chat.conversation_id,
                    self.chat.chat_id
                ]);
            }
        };
        let replaced = (self.undo_replaced, &self.previous_text);
        let Chat { conversation_id, chat_id } = &self.chat;
        json!([kind, self.message.as_str(), conversation_id, chat_id, self.message_id, replaced])
    }
}

impl Chat {
    /// A message's id as the key of the request that sends it. Ids are opaque, and clients that
    /// count their messages begin anew in every chat: the key is a digest of both.
    fn key_of(&self, message_id: &str) -> Result<IdempotencyKey, ApiError> {
        let chat = json!([self.conversation_id, self.chat_id, message_id]).to_string();
        let digest = Sha256::digest(chat.as_bytes());
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(IdempotencyKey::parse(&format!("message:{hex}"))?)
    }

    fn target(&self, user: UserId, ids: &dyn IdGenerator) -> Target {
        match (self.conversation_id, self.chat_id.as_deref()) {
            (Some(id), _) => Target::Existing(ConversationId(id)),
            (None, Some(chat)) => Target::Either(conversation_of(chat, user)),
            (None, None) => Target::New(ConversationId(ids.next())),
        }
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
