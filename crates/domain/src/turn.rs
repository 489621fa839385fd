//! A turn: one message of a person and everything that is done to answer it.
//!
//! A turn is a row that outlives the process working on it. Its *lease* says until when somebody
//! is at work; its *fence* counts who that is, so that a replica which was overtaken commits
//! nothing; its *step* counts what has been committed.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{
    account::{Caller, UserId},
    conversation::{ConversationId, Message},
    text::{FieldError, trimmed},
};

/// A turn's id, a UUIDv7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TurnId(pub Uuid);

impl std::fmt::Display for TurnId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What a person said: 1 to 10,000 characters, trimmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserMessage(String);

impl UserMessage {
    /// Parses a message as it came from outside.
    ///
    /// # Errors
    /// When nothing or more than 10,000 characters are left after trimming, or it holds U+0000.
    pub fn parse(raw: &str) -> Result<Self, FieldError> {
        trimmed("message", raw, 1..=10_000).map(Self)
    }

    /// The message's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A client's name for one request, so that a retry is known to be one: 1 to 255 visible ASCII.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Parses a key as it came from outside.
    ///
    /// # Errors
    /// When it is empty, longer than 255 bytes, or holds anything but visible ASCII.
    pub fn parse(raw: &str) -> Result<Self, FieldError> {
        let is_key = (1..=255).contains(&raw.len()) && raw.bytes().all(|b| b.is_ascii_graphic());
        if is_key {
            return Ok(Self(raw.to_owned()));
        }
        Err(FieldError::new(
            "Idempotency-Key",
            "The Idempotency-Key must be 1 to 255 visible ASCII characters.",
        ))
    }

    /// The key's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A key together with a SHA-256 of what was asked under it: the same key with another body is a
/// mistake of the client's and not a retry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestKey {
    /// The client's key.
    pub key: IdempotencyKey,
    /// SHA-256 of the request's meaning.
    pub body_hash: [u8; 32],
}

/// Which conversation a new turn belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A conversation that this turn opens, under this id of ours.
    New(ConversationId),
    /// A conversation that must exist.
    Existing(ConversationId),
    /// The client chose the id: continue it if it is the caller's, open it if nobody has it.
    Either(ConversationId),
}

impl Target {
    /// The conversation's id, whether it exists yet or not.
    pub fn id(self) -> ConversationId {
        match self {
            Self::New(id) | Self::Existing(id) | Self::Either(id) => id,
        }
    }
}

/// A turn that somebody wants to begin.
#[derive(Debug, Clone)]
pub struct NewTurn {
    /// Who says it.
    pub caller: Caller,
    /// The id the turn gets if it is new.
    pub id: TurnId,
    /// Where it is said.
    pub target: Target,
    /// What is said.
    pub message: UserMessage,
    /// The client's own id of the message, opaque, when it has one.
    pub client_message_id: Option<String>,
    /// The request's idempotency key, when it has one.
    pub key: Option<RequestKey>,
}

/// The right to work on a turn, until somebody else takes it over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The turn.
    pub turn: TurnId,
    /// Whose it is.
    pub user: UserId,
    /// Its conversation.
    pub conversation: ConversationId,
    /// Who works on it: a commit under an older fence is refused.
    pub fence: i32,
}

/// A turn that is ours to work on, new or taken over.
#[derive(Debug, Clone)]
pub struct RunningTurn {
    /// The right to it.
    pub lease: Lease,
    /// The conversation's title, for clients that show it.
    pub title: String,
    /// The newest part of the conversation, this turn's message and committed steps included.
    pub history: Vec<Message>,
    /// How many steps are committed.
    pub step: i32,
    /// What this turn has done so far.
    pub done: Vec<ExecutedCall>,
    /// Whether the person asked for another answer to the same message: then what was done counts
    /// as done, and calls that repeat it are answered from the record.
    pub regenerates: bool,
}

/// What came of asking for a turn.
#[derive(Debug, Clone)]
pub enum BeginOutcome {
    /// It is ours: work on it.
    Started(Box<RunningTurn>),
    /// It has an end already, found under its key.
    Ended(Box<EndedTurn>),
    /// The same key's first request is still being worked on.
    SameKeyRunning,
    /// Another turn of the conversation is running.
    ConversationBusy,
    /// The key was used for another request.
    KeyReused,
    /// There is no such conversation of the caller's.
    NoSuchConversation,
    /// The turn is not, or no more, the newest of the conversation.
    NothingToRegenerate,
}

/// A tool call as the model asked for it, with an id of ours and arguments that are an object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    /// Unique within the conversation.
    pub id: String,
    /// The tool's name as the model wrote it.
    pub name: String,
    /// Its arguments; `{}` where the model sent nothing usable.
    pub arguments: Map<String, Value>,
}

/// A tool call and what came of it, as the contract shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExecutedCall {
    /// The call's id, for listeners that stream it.
    #[serde(skip)]
    pub id: String,
    /// The tool's name.
    pub tool: String,
    /// Its arguments.
    pub input: Map<String, Value>,
    /// `{"success":true,…}` or `{"success":false,"error":…,"code":…}`.
    pub result: Value,
}

/// Why a turn ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    /// The model had said everything.
    Stop,
    /// The model ran into its own length limit.
    Length,
    /// The provider's content filter cut the answer.
    ContentFilter,
    /// The model still wanted tools after the last step it may take.
    StepLimit,
    /// The person stopped it.
    Cancelled,
}

impl FinishReason {
    /// The reason's name on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ContentFilter => "content_filter",
            Self::StepLimit => "step_limit",
            Self::Cancelled => "cancelled",
        }
    }

    /// The reason with this name, if it is one.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Stop, Self::Length, Self::ContentFilter, Self::StepLimit, Self::Cancelled]
            .into_iter()
            .find(|reason| reason.as_str() == name)
    }
}

/// Tokens that a turn's model calls used, counted by the provider or else estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Tokens of the requests.
    pub prompt_tokens: i32,
    /// Tokens of the answers.
    pub completion_tokens: i32,
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.prompt_tokens = self.prompt_tokens.saturating_add(other.prompt_tokens);
        self.completion_tokens = self.completion_tokens.saturating_add(other.completion_tokens);
    }
}

/// The last words of a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinalMessage {
    /// Never empty.
    pub text: String,
    /// Why it is over.
    pub reason: FinishReason,
}

/// A turn that was answered.
#[derive(Debug, Clone, PartialEq)]
pub struct TurnAnswer {
    /// The turn.
    pub turn: TurnId,
    /// Its conversation.
    pub conversation: ConversationId,
    /// The conversation's title.
    pub title: String,
    /// The final message.
    pub message: String,
    /// Everything the turn did, in order.
    pub tool_calls: Vec<ExecutedCall>,
    /// Why it ended.
    pub finish_reason: FinishReason,
    /// The model that answered.
    pub model: String,
    /// What it cost.
    pub usage: Usage,
}

/// Why a turn that had already taken effect could not be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// The model answered nonsense, twice.
    ModelBadReply,
    /// The model refused our key or our request.
    ModelMisconfigured,
    /// The model could not be reached or is out of order.
    ModelUnavailable,
    /// The model has too much to do.
    ModelBusy,
    /// The model took too long.
    ModelTimeout,
    /// The processes working on it died, three times.
    Abandoned,
}

impl FailureKind {
    const ALL: [Self; 6] = [
        Self::ModelBadReply,
        Self::ModelMisconfigured,
        Self::ModelUnavailable,
        Self::ModelBusy,
        Self::ModelTimeout,
        Self::Abandoned,
    ];

    /// The kind's name: the contract's `code`, and what the database keeps.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ModelBadReply => "model_bad_reply",
            Self::ModelMisconfigured => "model_misconfigured",
            Self::ModelUnavailable => "model_unavailable",
            Self::ModelBusy => "model_busy",
            Self::ModelTimeout => "model_timeout",
            Self::Abandoned => "turn_abandoned",
        }
    }

    /// The kind with this name, if it is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A turn that could not be answered after it had taken effect.
#[derive(Debug, Clone, PartialEq)]
pub struct TurnFailure {
    /// The turn.
    pub turn: TurnId,
    /// Its conversation.
    pub conversation: ConversationId,
    /// What went wrong.
    pub kind: FailureKind,
    /// What had been done by then.
    pub tool_calls: Vec<ExecutedCall>,
}

/// How a turn ended.
#[derive(Debug, Clone, PartialEq)]
pub enum EndedTurn {
    /// With an answer.
    Answered(TurnAnswer),
    /// Without one, after it had taken effect.
    Failed(TurnFailure),
}

/// What is known of a turn when somebody asks for it by id.
#[derive(Debug, Clone, PartialEq)]
pub enum TurnStatus {
    /// Somebody works on it, or will when its key or its conversation is asked for again.
    Running {
        /// Its conversation.
        conversation: ConversationId,
        /// What it has done so far.
        done: Vec<ExecutedCall>,
    },
    /// It is over.
    Ended(EndedTurn),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_visible_ascii_of_bounded_length() {
        assert!(IdempotencyKey::parse("a-1").is_ok());
        for raw in ["", "with space", "ümlaut", "line\nbreak", &"k".repeat(256)] {
            assert!(IdempotencyKey::parse(raw).is_err(), "{raw:?}");
        }
    }

    #[test]
    fn every_name_leads_back_to_its_value() {
        for kind in FailureKind::ALL {
            assert_eq!(FailureKind::from_name(kind.as_str()), Some(kind));
        }
        assert_eq!(FinishReason::from_name("cancelled"), Some(FinishReason::Cancelled));
        assert_eq!(FinishReason::from_name("tired"), None);
    }
}
