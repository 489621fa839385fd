//! The turns' ports in memory.

use async_trait::async_trait;

use super::{
    MemoryStore, inconsistent,
    rows::{StepRow, TurnRow},
    todos::Origin,
};
use crate::{
    answer_verification,
    caller::Caller,
    calls_of_current_answer::calls_of_current_answer,
    conversation::turn_of_message,
    message::ExecutedCall,
    ports::{
        LeaseError, ModelUsage, Regeneration, Release, Renewed, StoreError, TurnLeases, TurnReader, TurnStore,
    },
    step::{Action, PlannedCall, PlannedStep, StepAdmission},
    turn::{
        BeginOutcome, EndedTurn, FailureKind, FinalMessage, Lease, NewTurn, TurnAnswer, TurnFailure,
        TurnStatus, Usage, admission::LEASE_DURATION,
    },
    turn_and_conversation_ids::{ConversationId, TurnId},
};

#[async_trait]
impl TurnStore for MemoryStore {
    async fn begin(&self, turn: &NewTurn) -> Result<BeginOutcome, StoreError> {
        self.state_for(turn.caller)?.begin(turn, self.now())
    }

    async fn regenerate(
        &self,
        caller: Caller,
        wanted: &Regeneration<'_>,
    ) -> Result<BeginOutcome, StoreError> {
        self.state_for(caller)?.regenerate(caller, wanted, self.now())
    }

    async fn commit_step(
        &self,
        lease: &Lease,
        number: i32,
        step: &PlannedStep,
    ) -> Result<Vec<ExecutedCall>, LeaseError> {
        let now = self.now();
        let mut state = self.state();
        let index = state.held(lease)?;
        let row = &state.turns[index];
        match StepAdmission::decide(number, row.step(), row.is_running) {
            StepAdmission::Commit => {}
            StepAdmission::Superseded => return Err(LeaseError::Superseded),
            StepAdmission::Gap => return Ok(inconsistent("a step before this one is missing")?),
            StepAdmission::Replay => {
                let committed = usize::try_from(number).ok().and_then(|number| row.steps.get(number));
                return Ok(committed.map(|step| step.results.clone()).unwrap_or_default());
            }
        }
        let origin = Origin::chat(&state.turns[index], now);
        let mut execute = |planned: &PlannedCall| {
            let result = match &planned.action {
                Action::Answer(result) => result.clone(),
                Action::Apply(command) => state.apply(lease.user, command, step.local, &origin),
                Action::Ask(command, why) => state.ask(lease, &planned.call, command, *why, step.local, now),
                Action::Decide(id, decision) => state.decide_in(lease.turn, *id, *decision, step.local, now),
            };
            planned.with_result(result)
        };
        let executed: Vec<_> = step.calls.iter().map(&mut execute).collect();
        state.turns[index].steps.push(StepRow { step: step.clone(), results: executed.clone(), at: now.at });
        state.touch(lease.user, lease.conversation, now.at);
        Ok(executed)
    }

    async fn finish(
        &self,
        lease: &Lease,
        final_message: &FinalMessage,
        model_usage: &ModelUsage,
    ) -> Result<TurnAnswer, LeaseError> {
        let mut state = self.state();
        let index = state.held(lease)?;
        let title = state.conversations.get(&(lease.user, lease.conversation)).map(|row| row.title.clone());
        let row = &mut state.turns[index];
        match row.ended() {
            Some(EndedTurn::Answered(answer)) => return Ok(answer.clone()),
            Some(EndedTurn::Failed(_)) => return Err(LeaseError::Superseded),
            None => {}
        }
        let done = row.done();
        let effective = calls_of_current_answer(&done, row.replaced_calls());
        let requested_change_not_made = answer_verification::requested_change_not_made(&row.said, effective);
        let answer = TurnAnswer {
            turn: lease.turn,
            conversation: lease.conversation,
            title: title.unwrap_or_default(),
            message: final_message.text.clone(),
            tool_calls: done,
            finish_reason: final_message.reason,
            model: model_usage.model.clone(),
            usage: model_usage.usage,
            requested_change_not_made,
        };
        row.end(EndedTurn::Answered(answer.clone()), self.clock.now());
        state.touch(lease.user, lease.conversation, self.clock.now());
        state.spend_tokens(lease.user, model_usage.usage);
        Ok(answer)
    }

    async fn fail(
        &self,
        lease: &Lease,
        kind: FailureKind,
        usage: Usage,
    ) -> Result<Option<TurnFailure>, LeaseError> {
        let mut state = self.state();
        let index = state.held(lease)?;
        if !state.turns[index].is_running {
            return Err(LeaseError::Superseded);
        }
        state.spend_tokens(lease.user, usage);
        Ok(state.fail(index, kind, self.now()))
    }
}

#[async_trait]
impl TurnReader for MemoryStore {
    async fn find(&self, caller: Caller, turn: TurnId) -> Result<Option<TurnStatus>, StoreError> {
        let state = self.state_for(caller)?;
        let row = state.turns.iter().find(|row| row.lease.turn == turn && row.lease.user == caller.user);
        Ok(row.map(|row| match row.ended() {
            None => TurnStatus::Running { conversation: row.lease.conversation, done: row.done() },
            Some(ended) => TurnStatus::Ended(ended.clone()),
        }))
    }

    async fn has_message(
        &self,
        caller: Caller,
        conversation: ConversationId,
        message_id: &str,
    ) -> Result<bool, StoreError> {
        let state = self.state_for(caller)?;
        Ok(state.turns.iter().filter(|row| row.is_in(caller.user, conversation)).any(|row| {
            row.client_message_id.as_deref() == Some(message_id)
                || turn_of_message(message_id) == Some(row.lease.turn)
        }))
    }

    async fn request_stop(
        &self,
        caller: Caller,
        conversation: ConversationId,
        turn: Option<TurnId>,
    ) -> Result<Option<TurnId>, StoreError> {
        let mut state = self.state_for(caller)?;
        let running = state.running_in(caller.user, conversation).map(|index| &mut state.turns[index]);
        let is_meant = |row: &&mut TurnRow| turn.is_none_or(|turn| turn == row.lease.turn);
        Ok(running.filter(is_meant).map(|row| {
            row.stop_requested = true;
            row.lease.turn
        }))
    }
}

#[async_trait]
impl TurnLeases for MemoryStore {
    async fn renew(&self, leases: &[Lease]) -> Result<Vec<Renewed>, StoreError> {
        let until = self.clock.instant() + LEASE_DURATION;
        let mut state = self.state();
        let is_held =
            |row: &TurnRow| row.is_running && row.lease_until.is_some() && leases.contains(&row.lease);
        let held = state.turns.iter_mut().filter(|row| is_held(row));
        Ok(held
            .map(|row| {
                row.lease_until = Some(until);
                Renewed { turn: row.lease.turn, stop_requested: row.stop_requested }
            })
            .collect())
    }

    async fn release(&self, lease: &Lease, why: Release) -> Result<(), StoreError> {
        let mut state = self.state();
        let held = state.held(lease).ok().map(|index| &mut state.turns[index]);
        if let Some(row) = held.filter(|row| row.is_running && row.lease_until.is_some()) {
            row.lease_until = None;
            row.attempt -= i16::from(why == Release::HandedOver);
        }
        Ok(())
    }
}
