//! Idempotency keys in memory, and what each was used for: one namespace per user.

use std::collections::HashMap;

use super::State;
use crate::{
    account::UserId,
    ports::KeyUse,
    turn::{
        NewTurn, RequestKey,
        admission::{FoundBy, UsedKey},
    },
    turn_and_conversation_ids::{ConversationId, TurnId},
};

/// The name of a key among those of all users.
pub(super) fn name(user: UserId, key: &RequestKey) -> (UserId, String) {
    (user, key.key.as_str().to_owned())
}

/// What was done under keys, and with which request.
pub(super) type ByKey<T> = HashMap<(UserId, String), (RequestKey, T)>;

impl State {
    /// What the key of a request was used for; `of_kind` are the requests like it.
    pub(super) fn key_use<T: Clone>(
        &self,
        user: UserId,
        key: Option<&RequestKey>,
        of_kind: &ByKey<T>,
    ) -> KeyUse<T> {
        let Some(key) = key else { return KeyUse::Nothing };
        let (found, is_used) = (of_kind.get(&name(user, key)), self.is_key_used(user, key));
        KeyUse::new(key, found, |(past, _)| &past.body_hash, is_used).map(|(_, done)| done.clone())
    }

    /// Whether anything was done under this key.
    pub(super) fn is_key_used(&self, user: UserId, key: &RequestKey) -> bool {
        let name = name(user, key);
        let is_of = |past: &Option<RequestKey>| past.as_ref().is_some_and(|past| past.key == key.key);
        self.turns.iter().any(|row| row.lease.user == user && is_of(&row.key))
            || self.reopened_under(user, key).is_some()
            || self.is_of_deleted_conversation(user, key)
            || self.additions.contains_key(&name)
            || self.batches.contains_key(&name)
            || self.undos.contains_key(&name)
            || self.mcp_calls.contains_key(&name)
    }

    /// What this key was used for, when no turn is on record under it.
    pub(super) fn used_key(&self, user: UserId, key: &RequestKey) -> Option<UsedKey> {
        if self.is_of_deleted_conversation(user, key) {
            return Some(UsedKey::InDeletedConversation);
        }
        self.is_key_used(user, key).then_some(UsedKey::ForAnother)
    }

    /// Whether this key was used in a conversation that is deleted since.
    pub(super) fn is_of_deleted_conversation(&self, user: UserId, key: &RequestKey) -> bool {
        self.deleted_conversation_keys.contains(&name(user, key))
    }

    /// Keeps the keys of what was said in a conversation that is about to be deleted.
    pub(super) fn keep_keys_of(&mut self, user: UserId, conversation: ConversationId) {
        let turns = || self.turns.iter().filter(|row| row.is_in(user, conversation));
        let begun = turns().filter_map(|row| row.key.as_ref()).map(|key| name(user, key));
        let is_reopened = |turn: &TurnId| turns().any(|row| row.lease.turn == *turn);
        let reopened = self.regenerations.iter().filter(|(_, (_, turn))| is_reopened(turn));
        let keys: Vec<_> = begun.chain(reopened.map(|(name, _)| name.clone())).collect();
        self.deleted_conversation_keys.extend(keys);
    }

    /// The turn with the request's id or key.
    pub(super) fn recorded(&self, new: &NewTurn) -> Option<(usize, FoundBy)> {
        let by_id = self.turns.iter().position(|row| row.lease.turn == new.id);
        let by_key = || new.key.as_ref().and_then(|key| self.begun_under(new.caller.user, key));
        by_id.map(|index| (index, FoundBy::Id)).or_else(by_key)
    }

    /// The turn that was begun under this key.
    pub(super) fn begun_under(&self, user: UserId, key: &RequestKey) -> Option<(usize, FoundBy)> {
        self.turns.iter().enumerate().find_map(|(index, row)| {
            let past = row.key.as_ref().filter(|past| row.lease.user == user && past.key == key.key)?;
            Some((index, found_by(past, key)))
        })
    }

    /// The turn that was reopened under this key.
    pub(super) fn reopened_under(&self, user: UserId, key: &RequestKey) -> Option<(usize, FoundBy)> {
        let (past, turn) = self.regenerations.get(&name(user, key))?;
        Some((self.index_of(*turn)?, found_by(past, key)))
    }

    pub(super) fn index_of(&self, turn: TurnId) -> Option<usize> {
        self.turns.iter().position(|row| row.lease.turn == turn)
    }
}

fn found_by(past: &RequestKey, key: &RequestKey) -> FoundBy {
    if past == key { FoundBy::Key } else { FoundBy::KeyWithOtherBody }
}
