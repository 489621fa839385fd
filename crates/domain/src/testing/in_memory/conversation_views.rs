//! Conversations in memory, as a person sees them.

use std::time::Instant;

use async_trait::async_trait;

use super::{
    MemoryStore, State,
    rows::{ConversationRow, TurnRow},
};
use crate::{
    account::UserId,
    caller::Caller,
    conversation::{
        ConversationSummary, ConversationTitle, ConversationView, Ending, StepView, TurnView, has_words,
    },
    message::MessageBody,
    ports::{ConversationPage, ConversationStore, StoreError, TurnPage},
    turn::EndedTurn,
    turn_and_conversation_ids::{ConversationId, TurnId},
};

impl TurnRow {
    fn view(&self, now: Instant) -> TurnView {
        let steps = self.steps.iter().map(|row| StepView {
            text: row.step.text.clone(),
            calls: row.results.clone(),
            at: row.at,
        });
        let (ending, text) = match self.ended() {
            None if self.is_held(now) => (Ending::Running, None),
            None => (Ending::Orphaned, None),
            Some(EndedTurn::Answered(answer)) => {
                (Ending::Finished(answer.finish_reason), Some(answer.message.clone()))
            }
            Some(EndedTurn::Failed(failure)) => (Ending::Failed, Some(self.text_after_failure(failure))),
        };
        let at = self.ending.as_ref().map_or(self.sent_at, |(_, at)| *at);
        let final_message = text.map(|text| StepView { text, calls: Vec::new(), at });
        TurnView {
            turn: self.lease.turn,
            client_message_id: self.client_message_id.clone(),
            said: self.said.clone(),
            sent_at: self.sent_at,
            steps: steps.chain(final_message).collect(),
            replaced_calls: self.replaced_calls(),
            ending,
            last_ending: self.last_ending(),
        }
    }
}

impl State {
    fn turns_in(&self, user: UserId, id: ConversationId) -> impl DoubleEndedIterator<Item = &TurnRow> {
        self.turns.iter().filter(move |row| row.is_in(user, id))
    }

    fn view(
        &self,
        caller: Caller,
        id: ConversationId,
        turns: &[&TurnRow],
        now: Instant,
    ) -> Option<ConversationView> {
        let row = self.conversations.get(&(caller.user, id))?;
        Some(ConversationView {
            id,
            title: row.title.clone(),
            created_at: row.created_at,
            updated_at: row.updated_at,
            running_turn: self.running_in(caller.user, id).map(|index| self.turns[index].lease.turn),
            model: row.model.clone(),
            turns: turns.iter().map(|turn| turn.view(now)).collect(),
            more: false,
        })
    }

    fn summary(&self, user: UserId, id: ConversationId, row: &ConversationRow) -> ConversationSummary {
        let messages = self.turns_in(user, id).map(|turn| 1 + i64::from(turn.ending.is_some()));
        ConversationSummary {
            id,
            title: row.title.clone(),
            created_at: row.created_at,
            updated_at: row.updated_at,
            message_count: messages.sum(),
        }
    }
}

#[async_trait]
impl ConversationStore for MemoryStore {
    async fn list(
        &self,
        caller: Caller,
        page: &ConversationPage,
    ) -> Result<(Vec<ConversationSummary>, i64), StoreError> {
        let state = self.state_for(caller)?;
        let search = page.search.as_ref().map(|search| search.to_lowercase()).unwrap_or_default();
        let is_said = |user: UserId, id: ConversationId| {
            state.numbered(user, id).any(|(_, message)| match &message.body {
                MessageBody::User(text) | MessageBody::Assistant { text, .. } => has_words(text, &search),
                MessageBody::Tool { .. } => false,
            })
        };
        let is_listed = |user: UserId, id: ConversationId, row: &ConversationRow| {
            user == caller.user && (row.title.to_lowercase().contains(&search) || is_said(user, id))
        };
        let mut rows: Vec<_> =
            state.conversations.iter().filter(|((user, id), row)| is_listed(*user, *id, row)).collect();
        rows.sort_by_key(|(_, row)| std::cmp::Reverse(row.activity));
        let count = |number: i64| usize::try_from(number).unwrap_or_default();
        let listed = rows.iter().skip(count(page.offset)).take(count(page.limit));
        let listed = listed.map(|((user, id), row)| state.summary(*user, *id, row)).collect();
        Ok((listed, i64::try_from(rows.len()).unwrap_or(i64::MAX)))
    }

    async fn find(
        &self,
        caller: Caller,
        id: ConversationId,
        page: TurnPage,
    ) -> Result<Option<ConversationView>, StoreError> {
        let state = self.state_for(caller)?;
        let is_earlier = |turn: &&TurnRow| page.before.is_none_or(|before| turn.lease.turn != before);
        let is_known = page
            .before
            .is_none_or(|before| state.turns_in(caller.user, id).any(|row| row.lease.turn == before));
        let earlier: Vec<_> =
            state.turns_in(caller.user, id).take_while(is_earlier).filter(|_| is_known).collect();
        let first = earlier.len().saturating_sub(usize::try_from(page.limit).unwrap_or_default());
        let view = state.view(caller, id, &earlier[first..], self.clock.instant());
        Ok(view.map(|view| ConversationView { more: first > 0, ..view }))
    }

    async fn find_turn(
        &self,
        caller: Caller,
        id: ConversationId,
        turn: TurnId,
    ) -> Result<Option<ConversationView>, StoreError> {
        let state = self.state_for(caller)?;
        let just_this: Vec<_> =
            state.turns_in(caller.user, id).filter(|row| row.lease.turn == turn).collect();
        Ok(state.view(caller, id, &just_this, self.clock.instant()))
    }

    async fn rename(
        &self,
        caller: Caller,
        id: ConversationId,
        title: &ConversationTitle,
    ) -> Result<Option<ConversationSummary>, StoreError> {
        let mut state = self.state_for(caller)?;
        if let Some(row) = state.conversations.get_mut(&(caller.user, id)) {
            row.title = title.as_str().to_owned();
            row.has_own_title = true;
        }
        let renamed = state.conversations.get(&(caller.user, id));
        Ok(renamed.map(|row| state.summary(caller.user, id, row)))
    }

    async fn delete(&self, caller: Caller, id: ConversationId) -> Result<bool, StoreError> {
        let mut state = self.state_for(caller)?;
        state.keep_keys_of(caller.user, id);
        state.lists.entry(caller.user).or_default().forget_conversation(id);
        let removed = state.conversations.remove(&(caller.user, id));
        state.turns.retain(|row| !row.is_in(caller.user, id));
        state.approvals.retain(|row| !row.is_in(caller.user, id));
        Ok(removed.is_some())
    }
}
