//! Another answer in memory: facts are read, and decisions carried out.

use super::{Moment, State, idempotency_keys::name, rows::StepRow};
use crate::{
    caller::Caller,
    ports::{Regeneration, StoreError},
    step::PlannedStep,
    time_zone::LocalNow,
    turn::{
        BeginOutcome, Lease,
        admission::{
            self, Admission, AdmissionDecision, Continuation, EditFreshness, KeyLifetime, RegenerateFacts,
            TargetPosition,
        },
    },
    turn_and_conversation_ids::TurnId,
    undo::{ReplacementObstacle, Undone},
};

impl State {
    pub(super) fn regenerate(
        &mut self,
        caller: Caller,
        wanted: &Regeneration<'_>,
        now: Moment,
    ) -> Result<BeginOutcome, StoreError> {
        let user = caller.user;
        if let Some(key) = wanted.key {
            let recorded = self.begun_under(user, key).or_else(|| self.reopened_under(user, key));
            if let Some((index, found_by)) = recorded {
                return Ok(self.resume_recorded(index, found_by, now));
            }
            if let Some(used) = self.used_key(user, key) {
                return Ok(admission::reject_used_key(used).into());
            }
        }
        match wanted.turn {
            Some(turn) => self.reopen(caller, turn, wanted, now),
            None => Ok(BeginOutcome::NothingToRegenerate),
        }
    }

    /// Reopens a turn for another answer, if it is the newest.
    fn reopen(
        &mut self,
        caller: Caller,
        turn: TurnId,
        wanted: &Regeneration<'_>,
        now: Moment,
    ) -> Result<BeginOutcome, StoreError> {
        let user = caller.user;
        let Regeneration { conversation: id, model, replaced, edited, key, time_zone, .. } = *wanted;
        let facts = self.newest_of(user, id).map(|newest| {
            let target = self.target_of(newest, turn);
            let row = &self.turns[newest];
            let edit_freshness = EditFreshness::compare(edited, &row.said, row.said_before_edit.as_deref());
            RegenerateFacts { newest: self.facts(newest, now), target, edit_freshness }
        });
        let decision = admission::regenerate(facts);
        let reopens = decision.then == Admission::Continue(Continuation::ReopenForAnotherAnswer);
        let begins = matches!(decision.then, Admission::Continue(why) if why.is_new_request());
        // First of all: nothing is written when it stands against another answer.
        let undone = match reopens && replaced.are_undone() {
            true => match replaced.after(self.take_back(caller, turn, now)) {
                Ok(undone) => undone,
                Err(ReplacementObstacle::Changed(conflicts)) => {
                    return Ok(BeginOutcome::ReplacedWasChanged(conflicts));
                }
                Err(ReplacementObstacle::Limit(limit)) => return Err(StoreError::Limit(limit)),
            },
            false => None,
        };
        if let Some(how) = decision.close_first {
            self.close_dead(user, id, how, now);
        }
        let target = self.index_of(turn);
        if let Some(index) = target.filter(|_| begins) {
            self.turns[index].program = self.program_of(caller);
            let local = &mut self.turns[index].time.local;
            *local = LocalNow { zone: time_zone.unwrap_or(local.zone), now: now.at };
            self.void_questions_of(turn);
            self.choose_model(user, id, model);
        }
        if let (Some(record), Some(key), Some(index)) = (decision.then.key_lifetime(), key, target) {
            self.regenerations.insert(name(user, key), (key.clone(), turn));
            self.turns[index]
                .regeneration_keys
                .extend((record == KeyLifetime::UntilRestored).then(|| key.clone()));
        }
        let mut outcome = self.carry_out(AdmissionDecision { close_first: None, ..decision }, target, now);
        if let (true, Some(edited), Some(index)) = (begins, edited, target) {
            let before = self.replace_message(index, edited.text.as_str().to_owned());
            let steps = self.turns[index].step();
            let row = &mut self.turns[index];
            row.edited_after_before_edit = row.edited_after;
            (row.said_before_edit, row.edited_after) = (Some(before), Some(steps));
            outcome = self.started(index, now.at);
        }
        Ok(match (undone, target) {
            (Some(undone), Some(index)) => self.with_undo_step(index, &undone, now),
            _ => outcome,
        })
    }

    /// Which of the newest turns one is.
    fn target_of(&self, newest: usize, turn: TurnId) -> TargetPosition {
        let Lease { user, conversation, .. } = self.turns[newest].lease;
        let before = self.turns[..newest].iter().rfind(|row| row.is_in(user, conversation));
        if self.turns[newest].lease.turn == turn {
            TargetPosition::Newest
        } else if before.is_some_and(|row| row.lease.turn == turn) {
            TargetPosition::BeforeNewest
        } else {
            TargetPosition::Elsewhere
        }
    }

    /// Adds the step that says what was undone to a turn that was just reopened.
    fn with_undo_step(&mut self, index: usize, undone: &Undone, now: Moment) -> BeginOutcome {
        let row = &mut self.turns[index];
        let (step, call) = PlannedStep::undo_step(&row.lease, row.step(), undone, row.time.local);
        row.steps.push(StepRow { step, results: vec![call], at: now.at });
        self.started(index, now.at)
    }
}
