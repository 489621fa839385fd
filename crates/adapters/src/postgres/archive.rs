//! Accounts as a whole: see [`AccountArchives`].

mod pages;

use async_trait::async_trait;
use domain::{
    account::Caller,
    archive::{ArchivedConversation, ConversationRow, PlacedMessage},
    ports::{AccountArchives, StoreError},
    todo::TaskNumber,
};

use super::Database;

#[async_trait]
impl AccountArchives for Database {
    async fn last_number(&self, caller: Caller) -> Result<TaskNumber, StoreError> {
        self.read(async |connection| pages::last_number(connection, caller).await).await
    }

    async fn conversations(
        &self,
        caller: Caller,
        after: Option<ConversationRow>,
    ) -> Result<Vec<ArchivedConversation>, StoreError> {
        self.read(async |connection| pages::conversations(connection, caller, after).await).await
    }

    async fn messages(
        &self,
        caller: Caller,
        conversation: ConversationRow,
        after: i32,
    ) -> Result<Vec<PlacedMessage>, StoreError> {
        self.read(async |connection| pages::messages(connection, caller, conversation, after).await).await
    }
}
