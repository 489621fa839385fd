//! The store of a conversation's title, and of its summary for the model.

use async_trait::async_trait;

use super::{StoreError, TokenUsageRecorder};
use crate::{
    compaction::PositionedMessage, conversation::ConversationTitle, turn_and_conversation_ids::TurnId,
};

/// What is kept of a conversation beside its messages. Conversations are named by one of their turns.
/// No caller is checked: a process does this for itself, after it has answered.
#[async_trait]
pub trait TitleAndSummaryStore: TokenUsageRecorder {
    /// Gives the conversation a title in place of the one made from its first message. Returns whether
    /// it had still that one.
    async fn set_generated_title(&self, turn: TurnId, title: &ConversationTitle) -> Result<bool, StoreError>;

    /// Returns the oldest messages that the summary does not hold yet, at most `limit`; `None` when
    /// there is no such turn any more.
    async fn unsummarized(&self, turn: TurnId, limit: usize) -> Result<Option<Unsummarized>, StoreError>;

    /// Puts a summary in the place of the one that holds the messages up to number `from`. Returns
    /// whether that was still there.
    async fn replace_summary(&self, turn: TurnId, from: i32, summary: &Summary) -> Result<bool, StoreError>;
}

/// The messages that a summary does not hold yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Unsummarized {
    /// The summary, if there is one.
    pub summary: Option<String>,
    /// The number of the last message that it holds; 0 when it holds none.
    pub from: i32,
    /// The oldest messages after that.
    pub messages: Vec<PositionedMessage>,
    /// Whether there are newer ones.
    pub more: bool,
}

/// A summary of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Never empty.
    pub text: String,
    /// The number of the last message that it holds.
    pub through: i32,
}
