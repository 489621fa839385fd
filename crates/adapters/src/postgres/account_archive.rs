//! Reads and writes whole accounts on Postgres: see [`AccountArchives`].

mod import_rows;
mod pages;
mod restore;

use std::time::Duration;

use async_trait::async_trait;
use domain::{
    account_archive::{AccountArchive, ArchivedConversation, ConversationRow, SequencedMessage},
    caller::Caller,
    ports::{AccountArchives, StoreError},
    todo::TaskNumber,
};

use super::{Database, transaction::AfterUnknownCommit};

/// How long an account may take to be written: the largest file is tens of thousands of rows.
const RESTORED_WITHIN: Duration = Duration::from_secs(30);

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
    ) -> Result<Vec<SequencedMessage>, StoreError> {
        self.read(async |connection| pages::messages(connection, caller, conversation, after).await).await
    }

    async fn restore(&self, caller: Caller, archive: &AccountArchive) -> Result<bool, StoreError> {
        // A second time it would find an account that is not empty.
        let after = AfterUnknownCommit::Report;
        let restored = self.transaction_within(RESTORED_WITHIN, after, async |connection| {
            restore::restore(connection, caller, archive, &self.limits).await
        });
        Ok(restored.await?)
    }
}
