//! Conversations and the messages in them.

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    text::{FieldError, shortened, trimmed},
    turn::{ExecutedCall, FinishReason, ToolCall, TurnId},
};

/// A conversation's id: a UUIDv7 of ours, or a UUID that the client chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ConversationId(pub Uuid);

impl std::fmt::Display for ConversationId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A title of 1 to 255 characters, trimmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationTitle(String);

impl ConversationTitle {
    /// Parses a title as it came from outside.
    ///
    /// # Errors
    /// When nothing or more than 255 characters are left after trimming, or it holds U+0000.
    pub fn parse(raw: &str) -> Result<Self, FieldError> {
        trimmed("title", raw, 1..=255).map(Self)
    }

    /// The title a conversation has until somebody gives it another: its first words, in one line.
    pub fn from_first_message(message: &str) -> Self {
        let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
        Self(shortened(&line, 60))
    }

    /// The title's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a list of conversations shows of each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConversationSummary {
    /// Its id.
    pub id: ConversationId,
    /// Its title.
    pub title: String,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When something was last said in it.
    pub updated_at: DateTime<Utc>,
    /// How many messages the person saw.
    pub message_count: i64,
}

/// A stored message, as the model needs it: one row of the conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Its turn; a turn's messages follow one another.
    pub turn: TurnId,
    /// What it says, and who.
    pub body: MessageBody,
}

/// What a message says, and who says it.
#[derive(Debug, Clone, PartialEq)]
pub enum MessageBody {
    /// The person.
    User(String),
    /// The model, with the tools it calls.
    Assistant {
        /// What it says; may be empty beside calls.
        text: String,
        /// The calls, each answered by a `Tool` message right after.
        calls: Vec<ToolCall>,
    },
    /// A call's result.
    Tool {
        /// The call's id.
        call_id: String,
        /// The result, as JSON text.
        content: String,
    },
}

/// What a person sees of a turn: their message and the answer to it.
#[derive(Debug, Clone, PartialEq)]
pub struct TurnView {
    /// The turn.
    pub turn: TurnId,
    /// The client's own id of the user's message, when it had one.
    pub client_message_id: Option<String>,
    /// What the person said.
    pub said: String,
    /// When they said it.
    pub said_at: DateTime<Utc>,
    /// What the model said and did, in order; empty while nothing is committed.
    pub steps: Vec<StepView>,
    /// How the turn stands.
    pub ending: Ending,
}

/// One committed step of a turn, as a person sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct StepView {
    /// The words of the step; may be empty beside calls.
    pub text: String,
    /// What it did.
    pub calls: Vec<ExecutedCall>,
    /// When it was committed.
    pub at: DateTime<Utc>,
}

/// How a turn stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Somebody works on it.
    Running,
    /// Its worker is gone. It goes on when its message is sent again with its key, and is closed by
    /// whatever else is said.
    Orphaned,
    /// It was answered.
    Finished(FinishReason),
    /// It failed after it had taken effect.
    Failed,
}

impl Ending {
    /// Whether nothing more comes of the turn by itself or by its key.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Self::Finished(_) | Self::Failed)
    }
}

/// A conversation with a page of its turns, oldest first.
#[derive(Debug, Clone, PartialEq)]
pub struct ConversationView {
    /// Its id.
    pub id: ConversationId,
    /// Its title.
    pub title: String,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When something was last said in it.
    pub updated_at: DateTime<Utc>,
    /// The turn in it that is not over, if there is one.
    pub running_turn: Option<TurnId>,
    /// The turns of this page.
    pub turns: Vec<TurnView>,
    /// Whether older turns come before this page.
    pub more: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_words_are_the_first_title() {
        assert_eq!(ConversationTitle::from_first_message("add\n  milk").as_str(), "add milk");
        let long = ConversationTitle::from_first_message(&"milk ".repeat(100));
        assert!(long.as_str().chars().count() <= 60 && long.as_str().ends_with('…'));
    }
}
