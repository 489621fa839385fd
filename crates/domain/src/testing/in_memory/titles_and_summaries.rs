//! Titles and summaries in memory.

use async_trait::async_trait;

use super::{MemoryStore, State, rows::ConversationRow};
use crate::{
    account::UserId,
    conversation::ConversationTitle,
    ports::{StoreError, Summary, TitleAndSummaryStore, Unsummarized},
    turn_and_conversation_ids::{ConversationId, TurnId},
};

impl State {
    fn conversation_of(&self, turn: TurnId) -> Option<(UserId, ConversationId)> {
        let row = self.turns.iter().find(|row| row.lease.turn == turn)?;
        Some((row.lease.user, row.lease.conversation))
    }

    fn row_of(&mut self, turn: TurnId) -> Option<&mut ConversationRow> {
        let name = self.conversation_of(turn)?;
        self.conversations.get_mut(&name)
    }
}

#[async_trait]
impl TitleAndSummaryStore for MemoryStore {
    async fn set_generated_title(&self, turn: TurnId, title: &ConversationTitle) -> Result<bool, StoreError> {
        let mut state = self.state();
        let row = state.row_of(turn).filter(|row| !row.has_own_title);
        Ok(row.is_some_and(|row| {
            row.title = title.as_str().to_owned();
            row.has_own_title = true;
            true
        }))
    }

    async fn unsummarized(&self, turn: TurnId, limit: usize) -> Result<Option<Unsummarized>, StoreError> {
        let state = self.state();
        let Some((user, id)) = state.conversation_of(turn) else { return Ok(None) };
        let summary = state.conversations.get(&(user, id)).and_then(|row| row.summary.clone());
        let from = summary.as_ref().map_or(0, |summary| summary.through);
        let mut messages: Vec<_> = state.numbered(user, id).filter(|(seq, _)| *seq > from).collect();
        let more = messages.len() > limit;
        messages.truncate(limit);
        Ok(Some(Unsummarized { summary: summary.map(|summary| summary.text), from, messages, more }))
    }

    async fn replace_summary(&self, turn: TurnId, from: i32, summary: &Summary) -> Result<bool, StoreError> {
        let mut state = self.state();
        let through = |row: &ConversationRow| row.summary.as_ref().map_or(0, |summary| summary.through);
        let row = state.row_of(turn).filter(|row| through(row) == from);
        Ok(row.map(|row| row.summary = Some(summary.clone())).is_some())
    }
}
