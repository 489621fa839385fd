//! Transitions of conversations and turns in memory: facts are read, and decisions carried out.

use chrono::{DateTime, Utc};

use super::{
    Moment, State,
    idempotency_keys::name,
    inconsistent,
    rows::{ConversationRow, TurnRow},
};
use crate::{
    account::UserId,
    compaction::PositionedMessage,
    conversation::ConversationTitle,
    ports::{LeaseError, StoreError},
    time_zone::{LocalNow, PersonalTime, TimeZone, WeekStart},
    turn::{
        BeginOutcome, EndedTurn, FailureKind, Lease, NewTurn, RunningTurn, Target, TurnFailure,
        admission::{
            self, Admission, AdmissionDecision, Continuation, EndingWithoutAnswer, FoundBy, LEASE_DURATION,
            Rejection, TurnFacts, TurnState,
        },
    },
    turn_and_conversation_ids::ConversationId,
};

impl State {
    pub(super) fn begin(&mut self, new: &NewTurn, now: Moment) -> Result<BeginOutcome, StoreError> {
        let (user, id) = (new.caller.user, new.target.id());
        if let Some((index, found_by)) = self.recorded(new) {
            return Ok(self.resume_recorded(index, found_by, now));
        }
        if let Some(used) = new.key.as_ref().and_then(|key| self.used_key(user, key)) {
            return Ok(admission::reject_used_key(used).into());
        }
        match new.target {
            Target::New(_) if self.conversations.keys().any(|(_, taken)| *taken == id) => {
                return inconsistent("the new conversation's id is taken");
            }
            Target::Existing(_) if !self.conversations.contains_key(&(user, id)) => {
                return Ok(Rejection::NoSuchConversation.into());
            }
            Target::New(_) | Target::Existing(_) | Target::Either(_) => {}
        }
        let running = self.running_in(user, id).map(|index| self.facts(index, now));
        match admission::begin(running) {
            Ok(None) => {}
            Ok(Some(how)) => self.close_dead(user, id, how, now),
            Err(rejection) => return Ok(rejection.into()),
        }
        self.retitle(new, now.at);
        Ok(self.insert(new, now))
    }

    /// Answers a request whose turn is on record.
    pub(super) fn resume_recorded(&mut self, index: usize, found_by: FoundBy, now: Moment) -> BeginOutcome {
        let lease = self.turns[index].lease;
        let is_newest = self.newest_of(lease.user, lease.conversation) == Some(index);
        let decision = admission::resume_or_replay(self.facts(index, now), found_by, is_newest);
        self.carry_out(decision, Some(index), now)
    }

    pub(super) fn facts(&self, index: usize, now: Moment) -> TurnFacts {
        let row = &self.turns[index];
        let Lease { user, conversation, .. } = row.lease;
        let first = self.turns.iter().position(|other| other.is_in(user, conversation));
        TurnFacts {
            state: match row.ended() {
                None => TurnState::Running { is_leased: row.is_held(now.instant) },
                Some(EndedTurn::Answered(_)) => TurnState::Answered,
                Some(EndedTurn::Failed(_)) => TurnState::Failed,
            },
            attempt: row.attempt,
            has_new_steps: row.steps.len() > row.base_step,
            earlier_ending: row.earlier_ending(),
            is_first: first == Some(index),
        }
    }

    /// Does what was decided about a turn that is on record, or rejects the request.
    pub(super) fn carry_out(
        &mut self,
        decision: AdmissionDecision,
        recorded: Option<usize>,
        now: Moment,
    ) -> BeginOutcome {
        if let (Some(how), Some(index)) = (decision.close_first, recorded) {
            self.end_unanswered(index, how, FailureKind::Abandoned, now.at);
        }
        match (decision.then, recorded) {
            (Admission::Reject(rejection), _) => rejection.into(),
            (Admission::Continue(why), Some(index)) => self.work_on(index, why, now),
            (Admission::Replay, Some(index)) => match self.turns[index].ended() {
                Some(ended) => BeginOutcome::Ended(Box::new(ended.clone())),
                None => panic!("a turn that runs is not replayed"),
            },
            (admission, recorded) => panic!("{admission:?} of {recorded:?}"),
        }
    }

    fn work_on(&mut self, index: usize, why: Continuation, now: Moment) -> BeginOutcome {
        if why == Continuation::ReopenAfterFailure {
            self.forget_set_aside(self.turns[index].lease.turn);
        }
        let row = &mut self.turns[index];
        if why != Continuation::Resume {
            row.attempt = why.attempt_after(row.attempt);
            row.lease.fence += 1;
            row.lease_until = Some(now.instant + LEASE_DURATION);
            row.is_running = true;
        }
        if why.ends_earlier_work() {
            row.replaced_before = row.replaced_steps();
            row.base_step = row.steps.len();
            row.stop_requested = false;
        }
        row.regenerates |= why == Continuation::ReopenForAnotherAnswer;
        self.started(index, now.at)
    }

    /// Opens the conversation of a new turn if there is none, or gives it a new title when its
    /// first message was discarded.
    fn retitle(&mut self, new: &NewTurn, at: DateTime<Utc>) {
        let said = new.message.as_str();
        let name = (new.caller.user, new.target.id());
        let has_messages = self.newest_of(name.0, name.1).is_some();
        let conversation = self.conversations.entry(name).or_insert_with(|| ConversationRow {
            title: ConversationTitle::from_first_message(said).as_str().to_owned(),
            created_at: at,
            updated_at: at,
            activity: 0,
            has_own_title: false,
            summary: None,
            model: None,
        });
        let has_own_title = conversation.has_own_title;
        if let Some(title) = ConversationTitle::with_next_message(has_messages, has_own_title, said) {
            conversation.title = title.as_str().to_owned();
        }
    }

    /// Replaces the message of a turn, and the title that the conversation has of it. Returns what was
    /// said before.
    pub(super) fn replace_message(&mut self, index: usize, said: String) -> String {
        let row = &mut self.turns[index];
        let before = std::mem::replace(&mut row.said, said);
        let (name, said) = ((row.lease.user, row.lease.conversation), row.said.clone());
        let is_first = self.turns.iter().position(|other| other.is_in(name.0, name.1)) == Some(index);
        if let Some(conversation) = self.conversations.get_mut(&name).filter(|_| is_first)
            && let Some(title) = ConversationTitle::after_edit(&conversation.title, &before, &said)
        {
            conversation.title = title.as_str().to_owned();
        }
        before
    }

    fn insert(&mut self, new: &NewTurn, now: Moment) -> BeginOutcome {
        let (user, conversation) = (new.caller.user, new.target.id());
        self.touch(user, conversation, now.at);
        self.choose_model(user, conversation, new.model.as_deref());
        let program = self.program_of(new.caller);
        self.turns.push(TurnRow {
            program,
            lease: Lease { turn: new.id, user, conversation, fence: 1 },
            lease_until: Some(now.instant + LEASE_DURATION),
            key: new.key.clone(),
            client_message_id: new.client_message_id.clone(),
            said: new.message.as_str().to_owned(),
            said_before_edit: None,
            edited_after: None,
            edited_after_before_edit: None,
            regeneration_keys: Vec::new(),
            sent_at: now.at,
            steps: Vec::new(),
            is_running: true,
            ending: None,
            endings: 0,
            base_step: 0,
            replaced_before: 0,
            attempt: 1,
            regenerates: false,
            stop_requested: false,
            time: PersonalTime {
                local: LocalNow { zone: new.time_zone.unwrap_or(TimeZone::UTC), now: now.at },
                week_start: WeekStart::Monday,
            },
        });
        self.started(self.turns.len() - 1, now.at)
    }

    pub(super) fn started(&self, index: usize, at: DateTime<Utc>) -> BeginOutcome {
        let row = &self.turns[index];
        let (user, id) = (row.lease.user, row.lease.conversation);
        let conversation = self.conversations.get(&(user, id));
        let summary = conversation.and_then(|row| row.summary.clone());
        let through = summary.as_ref().map_or(0, |summary| summary.through);
        let history = self.numbered(user, id).filter(|(seq, _)| *seq > through);
        BeginOutcome::Started(Box::new(RunningTurn {
            lease: row.lease,
            title: conversation.map(|row| row.title.clone()).unwrap_or_default(),
            history: history.map(|(_, message)| message).collect(),
            step: row.step(),
            done: row.done(),
            replaced_calls: row.replaced_calls(),
            regenerates: row.regenerates,
            summary: summary.map(|summary| summary.text),
            has_older: false,
            opens_conversation: self.turns.iter().position(|other| other.is_in(user, id)) == Some(index),
            model: conversation.and_then(|row| row.model.clone()),
            time: row.time,
            answered: self.pending_answer(index, at),
            may_change_tasks: true,
            edited_after: row.edited_after,
            stop_requested: row.stop_requested,
            earlier_ending: row.last_ending(),
        }))
    }

    /// The messages of a conversation with their numbers.
    pub(super) fn numbered(
        &self,
        user: UserId,
        id: ConversationId,
    ) -> impl Iterator<Item = PositionedMessage> {
        let turns = self.turns.iter().filter(move |row| row.is_in(user, id));
        (1..).zip(turns.flat_map(TurnRow::messages))
    }

    pub(super) fn choose_model(&mut self, user: UserId, id: ConversationId, model: Option<&str>) {
        if let (Some(row), Some(model)) = (self.conversations.get_mut(&(user, id)), model) {
            row.model = Some(model.to_owned());
        }
    }

    /// Ends a turn whose worker gives it up.
    pub(super) fn fail(&mut self, index: usize, kind: FailureKind, now: Moment) -> Option<TurnFailure> {
        let how = self.facts(index, now).ending_without_answer();
        self.end_unanswered(index, how, kind, now.at)
    }

    /// Ends the running turn of a conversation, whose worker is gone.
    pub(super) fn close_dead(
        &mut self,
        user: UserId,
        id: ConversationId,
        how: EndingWithoutAnswer,
        now: Moment,
    ) {
        if let Some(index) = self.running_in(user, id) {
            self.end_unanswered(index, how, FailureKind::Abandoned, now.at);
        }
    }

    fn end_unanswered(
        &mut self,
        index: usize,
        how: EndingWithoutAnswer,
        kind: FailureKind,
        at: DateTime<Utc>,
    ) -> Option<TurnFailure> {
        match how {
            EndingWithoutAnswer::Fail => return Some(self.turns[index].end_as_failed(kind, at)),
            EndingWithoutAnswer::Restore => {
                self.turns[index].restore();
                self.ask_again(self.turns[index].lease.turn);
                for key in std::mem::take(&mut self.turns[index].regeneration_keys) {
                    self.regenerations.remove(&name(self.turns[index].lease.user, &key));
                }
                if let Some(before) = self.turns[index].said_before_edit.take() {
                    self.turns[index].edited_after = self.turns[index].edited_after_before_edit;
                    self.replace_message(index, before);
                }
                if let Some(EndedTurn::Failed(failure)) = self.turns[index].ended() {
                    return Some(failure.clone());
                }
            }
            EndingWithoutAnswer::Remove => drop(self.turns.remove(index)),
            EndingWithoutAnswer::RemoveConversation => {
                let removed = self.turns.remove(index);
                self.conversations.remove(&(removed.lease.user, removed.lease.conversation));
            }
        }
        None
    }

    /// Notes that something was said.
    pub(super) fn touch(&mut self, user: UserId, id: ConversationId, at: DateTime<Utc>) {
        let newest = self.conversations.values().map(|row| row.activity).max().unwrap_or_default();
        if let Some(row) = self.conversations.get_mut(&(user, id)) {
            row.updated_at = at;
            row.activity = newest + 1;
        }
    }

    pub(super) fn running_in(&self, user: UserId, id: ConversationId) -> Option<usize> {
        self.turns.iter().position(|row| row.is_in(user, id) && row.is_running)
    }

    pub(super) fn newest_of(&self, user: UserId, id: ConversationId) -> Option<usize> {
        self.turns.iter().rposition(|row| row.is_in(user, id))
    }

    /// The turn of a lease that still holds.
    pub(super) fn held(&self, lease: &Lease) -> Result<usize, LeaseError> {
        self.turns.iter().position(|row| row.lease == *lease).ok_or(LeaseError::Superseded)
    }
}
