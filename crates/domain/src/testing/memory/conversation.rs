//! What may happen to conversations and turns in memory.

use chrono::{DateTime, Utc};

use super::{
    LEASE, MAX_ATTEMPTS, Moment, State, inconsistent,
    rows::{ConversationRow, TurnRow},
};
use crate::{
    account::UserId,
    conversation::{ConversationId, ConversationTitle},
    ports::{LeaseError, StoreError},
    turn::{
        BeginOutcome, EndedTurn, FailureKind, Lease, NewTurn, RequestKey, RunningTurn, Target, TurnFailure,
        TurnId,
    },
};

impl State {
    pub(super) fn begin(&mut self, new: &NewTurn, now: Moment) -> Result<BeginOutcome, StoreError> {
        let (user, id) = (new.caller.user, new.target.id());
        if let Some(key) = &new.key {
            let has_key = |row: &TurnRow| {
                row.lease.user == user && row.key.as_ref().is_some_and(|past| past.key == key.key)
            };
            if let Some(index) = self.turns.iter().position(has_key) {
                return Ok(self.begin_under_key(index, key, now));
            }
        }
        match (new.target, self.conversations.get(&id).map(|row| row.owner)) {
            (Target::New(_), Some(_)) => return inconsistent("the new conversation's id is taken"),
            (Target::Existing(_), None) => return Ok(BeginOutcome::NoSuchConversation),
            (_, Some(owner)) if owner != user => return Ok(BeginOutcome::NoSuchConversation),
            (_, Some(_)) if !self.close_dead(id, now) => return Ok(BeginOutcome::ConversationBusy),
            (_, _) => {}
        }
        let title = ConversationTitle::from_first_message(new.message.as_str()).as_str().to_owned();
        if self.newest_of(id).is_none() {
            let (created_at, updated_at, activity) = (now.at, now.at, 0);
            let row = ConversationRow { owner: user, title, created_at, updated_at, activity };
            self.conversations.insert(id, row);
        }
        self.touch(id, now.at);
        self.turns.push(TurnRow {
            lease: Lease { turn: new.id, user, conversation: id, fence: 1 },
            lease_until: now.instant + LEASE,
            key: new.key.clone(),
            client_message_id: new.client_message_id.clone(),
            said: new.message.as_str().to_owned(),
            said_at: now.at,
            steps: Vec::new(),
            is_running: true,
            ending: None,
            base_step: 0,
            attempt: 1,
            regenerates: false,
            stop_requested: false,
        });
        Ok(self.started(self.turns.len() - 1))
    }

    fn begin_under_key(&mut self, index: usize, key: &RequestKey, now: Moment) -> BeginOutcome {
        let row = &self.turns[index];
        if row.key.as_ref().is_some_and(|first| first.body_hash != key.body_hash) {
            return BeginOutcome::KeyReused;
        }
        let is_newest = self.newest_of(row.lease.conversation) == Some(index);
        let may_go_on = row.attempt < MAX_ATTEMPTS;
        match row.ended() {
            Some(EndedTurn::Failed(_)) if may_go_on && is_newest => self.reopen(index, now),
            Some(ended) => BeginOutcome::Ended(Box::new(ended.clone())),
            None if row.is_held(now.instant) => BeginOutcome::SameKeyRunning,
            None if may_go_on => self.take_over(index, now),
            None => {
                let failure = self.turns[index].end_as_failed(FailureKind::Abandoned, now.at);
                BeginOutcome::Ended(Box::new(EndedTurn::Failed(failure)))
            }
        }
    }

    pub(super) fn regenerate(
        &mut self,
        user: UserId,
        id: ConversationId,
        turn: TurnId,
        now: Moment,
    ) -> BeginOutcome {
        if self.conversations.get(&id).is_none_or(|row| row.owner != user) {
            return BeginOutcome::NoSuchConversation;
        }
        if !self.close_dead(id, now) {
            return BeginOutcome::ConversationBusy;
        }
        let newest = self.newest_of(id).filter(|index| self.turns[*index].lease.turn == turn);
        let Some(index) = newest else {
            return BeginOutcome::NothingToRegenerate;
        };
        self.turns[index].attempt = 0;
        self.turns[index].regenerates = true;
        self.reopen(index, now)
    }

    /// Makes a turn that is over somebody's to work on.
    fn reopen(&mut self, index: usize, now: Moment) -> BeginOutcome {
        let row = &mut self.turns[index];
        row.is_running = true;
        row.base_step = row.steps.len();
        row.stop_requested = false;
        self.take_over(index, now)
    }

    fn take_over(&mut self, index: usize, now: Moment) -> BeginOutcome {
        let row = &mut self.turns[index];
        row.attempt += 1;
        row.lease.fence += 1;
        row.lease_until = now.instant + LEASE;
        self.started(index)
    }

    fn started(&self, index: usize) -> BeginOutcome {
        let row = &self.turns[index];
        let id = row.lease.conversation;
        let earlier = self.turns.iter().filter(|other| other.lease.conversation == id);
        BeginOutcome::Started(Box::new(RunningTurn {
            lease: row.lease,
            title: self.conversations.get(&id).map(|row| row.title.clone()).unwrap_or_default(),
            history: earlier.flat_map(TurnRow::messages).collect(),
            step: i32::try_from(row.steps.len()).unwrap_or(i32::MAX),
            done: row.done(),
            regenerates: row.regenerates,
        }))
    }

    /// Ends a turn that cannot go on: with a final message or, when nothing was committed, as if
    /// it had not begun or had not been reopened.
    pub(super) fn end_without_answer(
        &mut self,
        index: usize,
        kind: FailureKind,
        at: DateTime<Utc>,
    ) -> Option<TurnFailure> {
        let row = &mut self.turns[index];
        if row.steps.len() > row.base_step {
            return Some(row.end_as_failed(kind, at));
        }
        row.is_running = false;
        if row.ending.is_none() {
            self.turns.remove(index);
        }
        None
    }

    /// Closes the turn of a worker that died; false when a live one is at work.
    fn close_dead(&mut self, id: ConversationId, now: Moment) -> bool {
        let Some(index) = self.running_in(id) else {
            return true;
        };
        if self.turns[index].is_held(now.instant) {
            return false;
        }
        self.end_without_answer(index, FailureKind::Abandoned, now.at);
        true
    }

    /// Notes that something was said.
    pub(super) fn touch(&mut self, id: ConversationId, at: DateTime<Utc>) {
        let newest = self.conversations.values().map(|row| row.activity).max().unwrap_or_default();
        if let Some(row) = self.conversations.get_mut(&id) {
            row.updated_at = at;
            row.activity = newest + 1;
        }
    }

    pub(super) fn running_in(&self, id: ConversationId) -> Option<usize> {
        self.turns.iter().position(|row| row.lease.conversation == id && row.is_running)
    }

    pub(super) fn newest_of(&self, id: ConversationId) -> Option<usize> {
        self.turns.iter().rposition(|row| row.lease.conversation == id)
    }

    /// The turn of a lease that nobody took over.
    pub(super) fn held(&self, lease: &Lease) -> Result<usize, LeaseError> {
        self.turns.iter().position(|row| row.lease == *lease).ok_or(LeaseError::Superseded)
    }
}
