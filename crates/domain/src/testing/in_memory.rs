//! In-memory store for tests. Limits of accounts on what they do and keep, and token counts, are not
//! enforced.
//!
//! What a transaction is to Postgres, the one mutex is here. Times come from the clock it is given,
//! so that a test lets leases run out by moving that clock.

mod access_tokens;
mod approvals;
mod calendar;
mod conversation_views;
mod idempotency_keys;
mod mcp_calls;
mod oauth;
mod regeneration;
mod rows;
mod titles_and_summaries;
mod todo_commands;
mod todos;
mod turn_transitions;
mod turns;
mod undo;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use access_tokens::TokenRow;
use approvals::ApprovalRow;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use oauth::{ClientRow, GrantRow};
use rows::{ConversationRow, TurnRow};
use serde_json::Value;
use todos::TodoList;

use super::{ManualClock, RandomIdGenerator};
use idempotency_keys::ByKey;

use crate::{
    account::UserId,
    caller::{Caller, Grant},
    ports::{Clock, IdGenerator, Outcomes, StoreError, TokenUsageRecorder},
    session::SecretHash,
    todo::Todo,
    turn::Usage,
    turn_and_conversation_ids::{ConversationId, TurnId},
    undo::Undone,
};

/// Todo lists, conversations and turns of any number of users.
pub struct MemoryStore {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    token_versions: HashMap<UserId, i32>,
    access_tokens: Vec<TokenRow>,
    oauth_clients: Vec<ClientRow>,
    oauth_grants: Vec<GrantRow>,
    lists: HashMap<UserId, TodoList>,
    spent_tokens: HashMap<UserId, i64>,
    calendars: HashMap<UserId, SecretHash>,
    additions: ByKey<Todo>,
    /// The turns that were reopened under a key.
    regenerations: ByKey<TurnId>,
    /// The keys of what was said in conversations that are deleted since.
    deleted_conversation_keys: HashSet<(UserId, String)>,
    batches: ByKey<Outcomes>,
    undos: ByKey<Undone>,
    mcp_calls: ByKey<Value>,
    /// Ids are each user's own.
    conversations: HashMap<(UserId, ConversationId), ConversationRow>,
    /// In the order in which they began.
    turns: Vec<TurnRow>,
    /// In the order in which they were asked for.
    approvals: Vec<ApprovalRow>,
}

/// The time, for people and for leases.
#[derive(Clone, Copy)]
struct Moment {
    at: DateTime<Utc>,
    instant: Instant,
}

impl MemoryStore {
    /// Makes an empty store.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, state: Mutex::default() }
    }

    /// Registers a user and returns them as a caller.
    pub fn register(&self) -> Caller {
        let caller = Caller { user: UserId(RandomIdGenerator.next()), token_version: 0, grant: None };
        self.state().token_versions.insert(caller.user, caller.token_version);
        caller
    }

    /// Revokes every token of a user, and returns the caller with a good one.
    pub fn revoke_tokens(&self, caller: Caller) -> Caller {
        let caller = Caller { token_version: caller.token_version + 1, ..caller };
        let mut state = self.state();
        state.token_versions.insert(caller.user, caller.token_version);
        state.access_tokens.retain(|row| row.user != caller.user);
        state.oauth_grants.retain(|row| !row.is_of(caller.user));
        caller
    }

    /// Checks that a caller's token is good.
    ///
    /// # Errors
    /// [`StoreError::UnknownCaller`] when it is not.
    pub fn check(&self, caller: Caller) -> Result<(), StoreError> {
        self.state_for(caller).map(drop)
    }

    /// The tokens that models have used for an account.
    pub fn spent_tokens(&self, user: UserId) -> i64 {
        self.state().spent_tokens.get(&user).copied().unwrap_or_default()
    }

    fn now(&self) -> Moment {
        Moment { at: self.clock.now(), instant: self.clock.instant() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn state_for(&self, caller: Caller) -> Result<MutexGuard<'_, State>, StoreError> {
        let state = self.state();
        let is_newest = state.token_versions.get(&caller.user) == Some(&caller.token_version);
        let is_granted = match caller.grant {
            Some(Grant::AccessToken(id, _)) => {
                let now = self.clock.now();
                state.access_tokens.iter().any(|row| row.is(caller.user, id) && row.is_good_at(now))
            }
            Some(Grant::Session(_)) | None => true,
        };
        if is_newest && is_granted { Ok(state) } else { Err(StoreError::UnknownCaller) }
    }
}

impl State {
    fn spend_tokens(&mut self, user: UserId, usage: Usage) {
        if self.token_versions.contains_key(&user) {
            *self.spent_tokens.entry(user).or_default() += usage.total();
        }
    }
}

#[async_trait]
impl TokenUsageRecorder for MemoryStore {
    async fn spend_tokens(&self, user: UserId, usage: Usage) -> Result<(), StoreError> {
        self.state().spend_tokens(user, usage);
        Ok(())
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new(Arc::new(ManualClock::default()))
    }
}

fn inconsistent<T>(what: &'static str) -> Result<T, StoreError> {
    Err(StoreError::Inconsistent { what, source: None })
}

#[cfg(test)]
mod tests;
