//! An account as a whole: read page by page, and written at once.

use async_trait::async_trait;

use super::StoreError;
use crate::{
    account_archive::{AccountArchive, ArchivedConversation, ConversationRow, SequencedMessage},
    caller::Caller,
    todo::TaskNumber,
};

/// Reads what other ports do not show of an account, and writes a whole one. Each page is read at a
/// moment of its own, and has a bounded size.
#[async_trait]
pub trait AccountArchives: Send + Sync {
    /// Returns the highest number that a task of the caller's has had; 0 when there was none.
    async fn last_number(&self, caller: Caller) -> Result<TaskNumber, StoreError>;

    /// Returns the caller's next conversations behind this one, in the order of their rows. None when
    /// there are no more.
    async fn conversations(
        &self,
        caller: Caller,
        after: Option<ConversationRow>,
    ) -> Result<Vec<ArchivedConversation>, StoreError>;

    /// Returns the next messages of a conversation of the caller's behind a place. None when there are
    /// no more, or the conversation is gone.
    async fn messages(
        &self,
        caller: Caller,
        conversation: ConversationRow,
        after: i32,
    ) -> Result<Vec<SequencedMessage>, StoreError>;

    /// Writes a whole account into the caller's, all of it or nothing, and returns whether it was
    /// empty: one that has or had a task, or has a conversation, stays as it is.
    async fn restore(&self, caller: Caller, archive: &AccountArchive) -> Result<bool, StoreError>;
}
