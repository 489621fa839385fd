//! The rows of conversations and turns in memory.

use std::time::Instant;

use chrono::{DateTime, Utc};

use crate::{
    account::UserId,
    calls_of_current_answer::calls_of_current_answer,
    message::{ExecutedCall, Message, MessageBody},
    ports::Summary,
    step::PlannedStep,
    substitute_final_message,
    time_zone::PersonalTime,
    turn::{
        EndedTurn, EndingId, FailureKind, FinishReason, Lease, RequestKey, TurnFailure,
        admission::EarlierEnding,
    },
    turn_and_conversation_ids::ConversationId,
};

pub(super) struct ConversationRow {
    pub(super) title: String,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
    /// Rises with everything that is said, in any conversation: the order when times are equal.
    pub(super) activity: u64,
    /// Whether the title is one of a person's or a model's.
    pub(super) has_own_title: bool,
    pub(super) summary: Option<Summary>,
    pub(super) model: Option<String>,
}

/// A committed step.
pub(super) struct StepRow {
    pub(super) step: PlannedStep,
    pub(super) results: Vec<ExecutedCall>,
    pub(super) at: DateTime<Utc>,
}

pub(super) struct TurnRow {
    pub(super) lease: Lease,
    /// `None` once it was given back.
    pub(super) lease_until: Option<Instant>,
    pub(super) key: Option<RequestKey>,
    pub(super) client_message_id: Option<String>,
    /// Name of the access token that the turn was requested with.
    pub(super) program: Option<String>,
    pub(super) said: String,
    /// What was said before it was edited, until the turn has an end that goes with the edit.
    pub(super) said_before_edit: Option<String>,
    /// How many steps there were when the message was edited last.
    pub(super) edited_after: Option<i32>,
    /// The same of the edit before, which counts again when the last one gets no answer.
    pub(super) edited_after_before_edit: Option<i32>,
    /// The keys under which the answer was asked for that it was reopened for, until it has an end.
    pub(super) regeneration_keys: Vec<RequestKey>,
    pub(super) sent_at: DateTime<Utc>,
    pub(super) steps: Vec<StepRow>,
    pub(super) is_running: bool,
    /// How it ended last. A turn that was reopened keeps this until a new ending replaces it.
    pub(super) ending: Option<(EndedTurn, DateTime<Utc>)>,
    /// How many ends it has had.
    pub(super) endings: i32,
    /// The steps that were committed before it was reopened.
    pub(super) base_step: usize,
    /// How many of these were replaced already when it was reopened.
    pub(super) replaced_before: usize,
    pub(super) attempt: i16,
    pub(super) regenerates: bool,
    pub(super) stop_requested: bool,
    pub(super) time: PersonalTime,
}

impl TurnRow {
    /// Whether this user's conversation with this id is the turn's.
    pub(super) fn is_in(&self, user: UserId, id: ConversationId) -> bool {
        self.lease.user == user && self.lease.conversation == id
    }

    pub(super) fn done(&self) -> Vec<ExecutedCall> {
        self.steps.iter().flat_map(|row| &row.results).cloned().collect()
    }

    /// How many of the calls were made for answers that another one replaced.
    pub(super) fn replaced_calls(&self) -> usize {
        self.steps.iter().take(self.replaced_steps()).map(|row| row.results.len()).sum()
    }

    /// How many of the steps were made for answers that another one replaced.
    pub(super) fn replaced_steps(&self) -> usize {
        if self.regenerates { self.base_step } else { 0 }
    }

    /// The words that stand for the answer when the turn failed.
    pub(super) fn text_after_failure(&self, failure: &TurnFailure) -> String {
        substitute_final_message::text_after_failure(calls_of_current_answer(
            &failure.tool_calls,
            self.replaced_calls(),
        ))
    }

    /// How many steps are committed.
    pub(super) fn step(&self) -> i32 {
        i32::try_from(self.steps.len()).unwrap_or(i32::MAX)
    }

    pub(super) fn is_held(&self, now: Instant) -> bool {
        self.is_running && self.lease_until.is_some_and(|until| now < until)
    }

    /// The end that it had, also before it was reopened.
    pub(super) fn earlier_ending(&self) -> Option<EarlierEnding> {
        self.ending.as_ref().map(|(ending, _)| match ending {
            EndedTurn::Answered(_) => EarlierEnding::Answered,
            EndedTurn::Failed(_) => EarlierEnding::Failed,
        })
    }

    /// Which of its ends that is.
    pub(super) fn last_ending(&self) -> Option<EndingId> {
        self.ending.as_ref().map(|_| EndingId(self.endings))
    }

    pub(super) fn ended(&self) -> Option<&EndedTurn> {
        self.ending.as_ref().map(|(ending, _)| ending).filter(|_| !self.is_running)
    }

    pub(super) fn end(&mut self, ending: EndedTurn, at: DateTime<Utc>) {
        self.is_running = false;
        self.said_before_edit = None;
        self.regeneration_keys.clear();
        self.ending = Some((ending, at));
        self.endings += 1;
    }

    /// Makes the end stand again that it had before it was reopened. Whoever worked on it is overtaken.
    pub(super) fn restore(&mut self) {
        self.is_running = false;
        self.lease.fence += 1;
        self.base_step = self.replaced_before;
    }

    /// Ends the turn with words that say what it did and no more.
    pub(super) fn end_as_failed(&mut self, kind: FailureKind, at: DateTime<Utc>) -> TurnFailure {
        let Lease { turn, conversation, .. } = self.lease;
        let failure = TurnFailure { turn, conversation, kind, tool_calls: self.done() };
        self.end(EndedTurn::Failed(failure.clone()), at);
        failure
    }

    pub(super) fn messages(&self) -> impl Iterator<Item = Message> {
        let steps = self.steps.iter().flat_map(|row| row.step.messages(&row.results));
        let final_message = self.ended().map(|ended| {
            let text = match ended {
                EndedTurn::Failed(failure) => self.text_after_failure(failure),
                EndedTurn::Answered(answer) if answer.finish_reason == FinishReason::Cancelled => {
                    substitute_final_message::marked_as_stopped(&answer.message)
                }
                EndedTurn::Answered(answer) => answer.message.clone(),
            };
            MessageBody::Assistant { text, calls: Vec::new() }
        });
        let bodies = std::iter::once(MessageBody::User(self.said.clone())).chain(steps).chain(final_message);
        bodies.map(|body| Message { turn: self.lease.turn, body })
    }
}
