//! The store of conversations, as a person sees them.

use async_trait::async_trait;

use super::StoreError;
use crate::{
    caller::Caller,
    conversation::{ConversationSummary, ConversationTitle, ConversationView},
    turn_and_conversation_ids::{ConversationId, TurnId},
};

/// Conversations as a person sees them.
#[async_trait]
pub trait ConversationStore: Send + Sync {
    /// Lists conversations, the one with the newest activity first, and counts all that match.
    async fn list(
        &self,
        caller: Caller,
        page: &ConversationPage,
    ) -> Result<(Vec<ConversationSummary>, i64), StoreError>;

    /// Returns a conversation with its newest turns, or with those before a turn.
    async fn find(
        &self,
        caller: Caller,
        id: ConversationId,
        page: TurnPage,
    ) -> Result<Option<ConversationView>, StoreError>;

    /// Returns a conversation with just this turn, or with none when it is not in it.
    async fn find_turn(
        &self,
        caller: Caller,
        id: ConversationId,
        turn: TurnId,
    ) -> Result<Option<ConversationView>, StoreError>;

    /// Gives a conversation another title.
    async fn rename(
        &self,
        caller: Caller,
        id: ConversationId,
        title: &ConversationTitle,
    ) -> Result<Option<ConversationSummary>, StoreError>;

    /// Deletes a conversation with its messages and returns whether there was one. Tasks stay.
    async fn delete(&self, caller: Caller, id: ConversationId) -> Result<bool, StoreError>;
}

/// A page of a list of conversations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationPage {
    /// The most to return.
    pub limit: i64,
    /// How many to pass over.
    pub offset: i64,
    /// A literal substring of the title, in any case, or words of a message: each the beginning of one.
    pub search: Option<String>,
}

/// A page of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TurnPage {
    /// The most turns to return.
    pub limit: i64,
    /// Only turns before this one.
    pub before: Option<TurnId>,
}
