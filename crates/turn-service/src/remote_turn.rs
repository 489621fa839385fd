//! A turn that ran or runs elsewhere, read from the database step by step as it is committed.

use std::{collections::VecDeque, time::Duration};

use domain::{
    caller::Caller,
    conversation::{ConversationView, Ending, TurnView},
    message::ExecutedCall,
    ports::TurnEvent,
    turn::{EndedTurn, EndingId, TurnStatus},
    turn_and_conversation_ids::{ConversationId, TurnId},
};
use tokio::time::{Instant, sleep_until};

use crate::{
    active_turn::ActiveTurn,
    error::TurnServiceError,
    step_events,
    subscription_update::SubscriptionUpdate,
    timeouts::{REMOTE_POLL_INTERVAL, WORKER_TIMEOUT},
    turn_ports::TurnPorts,
};

/// A turn as it is in the database.
pub(crate) struct RemoteTurn {
    ports: TurnPorts,
    caller: Caller,
    conversation: ConversationId,
    title: String,
    turn: TurnId,
    /// What the subscriber knows, or has in `pending`.
    progress: Progress,
    /// What the turn has done, as far as it was read.
    done: Vec<ExecutedCall>,
    /// How many calls in `done`, the first ones, are of the answer that is being replaced.
    replaced_calls: usize,
    pending: VecDeque<TurnEvent>,
    /// The end that the turn had before it was reopened for what is followed.
    earlier_ending: Option<EndingId>,
    is_over: bool,
    /// Whether that earlier end stands again.
    is_restored: bool,
    worker_timeout: Duration,
    /// Since when it has had no worker.
    orphaned_at: Option<Instant>,
    /// When the database is asked next.
    next_poll: Instant,
}

/// How much of a turn a subscriber has received.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Progress {
    /// Steps received whole, with their results.
    steps: usize,
    /// Whether the start of the next step was received.
    has_started_next: bool,
}

impl Progress {
    /// Counts in an event that the subscriber receives.
    pub(crate) fn advance(&mut self, event: &TurnEvent) {
        match event {
            TurnEvent::StepStarted => self.has_started_next = true,
            TurnEvent::ToolCallsCommitted(_) => {
                *self = Self { steps: self.steps + 1, has_started_next: false };
            }
            TurnEvent::TextDelta(_)
            | TurnEvent::StepDiscarded
            | TurnEvent::TextRetracted
            | TurnEvent::ToolCallsStarted(_) => {}
        }
    }
}

impl RemoteTurn {
    /// Reads the last turn of `view`, a conversation of the caller's, from its first step on.
    ///
    /// # Errors
    /// When there is none in it.
    pub(crate) fn new(
        ports: TurnPorts,
        caller: Caller,
        view: ConversationView,
    ) -> Result<Self, TurnServiceError> {
        let found = view.turns.into_iter().next_back().ok_or(TurnServiceError::NoSuchConversation)?;
        let mut remote = Self {
            ports,
            caller,
            conversation: view.id,
            title: view.title,
            turn: found.turn,
            progress: Progress::default(),
            done: Vec::new(),
            replaced_calls: found.replaced_calls,
            pending: VecDeque::new(),
            earlier_ending: found.last_ending.filter(|_| !found.ending.is_over()),
            is_over: false,
            is_restored: false,
            worker_timeout: WORKER_TIMEOUT,
            orphaned_at: None,
            next_poll: Instant::now() + REMOTE_POLL_INTERVAL,
        };
        remote.take_in(&found);
        Ok(remote)
    }

    /// Reads on in a turn that this process has lost, for a subscriber who has received it up to `progress`.
    pub(crate) fn after_takeover(
        active: &ActiveTurn,
        ports: TurnPorts,
        caller: Caller,
        progress: Progress,
    ) -> Self {
        Self {
            ports,
            caller,
            conversation: active.lease().conversation,
            title: active.title().to_owned(),
            turn: active.lease().turn,
            progress,
            done: active.done(),
            replaced_calls: active.replaced_calls(),
            pending: VecDeque::new(),
            earlier_ending: active.earlier_ending(),
            is_over: false,
            is_restored: false,
            worker_timeout: WORKER_TIMEOUT,
            orphaned_at: None,
            next_poll: Instant::now(),
        }
    }

    pub(crate) fn turn(&self) -> TurnId {
        self.turn
    }

    pub(crate) fn conversation(&self) -> ConversationId {
        self.conversation
    }

    pub(crate) fn title(&self) -> &str {
        &self.title
    }

    /// What it has done, as far as it was read.
    pub(crate) fn done(&self) -> Vec<ExecutedCall> {
        self.done.clone()
    }

    /// How many calls of that, the first ones, are of another answer than the one that is followed: of the
    /// one that it replaces or, when that one stands again, all.
    pub(crate) fn replaced_calls(&self) -> usize {
        if self.is_restored { self.done.len() } else { self.replaced_calls }
    }

    /// Waits for what comes next. May be dropped while it waits; nothing is lost.
    ///
    /// # Errors
    /// When the turn ended without an answer, it has no worker, it is gone, or the database is
    /// unavailable.
    pub(crate) async fn next(&mut self) -> Result<SubscriptionUpdate, TurnServiceError> {
        loop {
            if let Some(event) = self.pending.pop_front() {
                return Ok(SubscriptionUpdate::Event(event));
            }
            if self.is_over
                && let Some(end) = self.end().await?
            {
                return Ok(end);
            }
            if self.orphaned_at.is_some_and(|at| at.elapsed() >= self.worker_timeout) {
                return Err(TurnServiceError::WorkerLost);
            }
            sleep_until(self.next_poll).await;
            self.next_poll = Instant::now() + REMOTE_POLL_INTERVAL;
            let conversations = &self.ports.conversations;
            let view = conversations.find_turn(self.caller, self.conversation, self.turn).await?;
            let turn = view.and_then(|view| view.turns.into_iter().next());
            self.take_in(&turn.ok_or_else(|| self.gone())?);
        }
    }

    /// Takes in how the turn stands now.
    fn take_in(&mut self, view: &TurnView) {
        self.is_over = view.ending.is_over();
        self.replaced_calls = view.replaced_calls;
        self.is_restored =
            self.is_over && view.last_ending.is_some() && view.last_ending == self.earlier_ending;
        let has_final_message = self.is_over && !view.steps.is_empty();
        let tool_steps = view.steps.len() - usize::from(has_final_message);
        for step in view.steps.iter().take(tool_steps).skip(self.progress.steps) {
            self.done.extend(step.calls.iter().cloned());
            let was_told_of_start = self.progress.has_started_next;
            for event in step_events::step_events(&step.text, &step.calls) {
                self.progress.advance(&event);
                if event != TurnEvent::StepStarted || !was_told_of_start {
                    self.pending.push_back(event);
                }
            }
        }
        self.orphaned_at = match view.ending {
            Ending::Orphaned => self.orphaned_at.or_else(|| Some(Instant::now())),
            Ending::Running | Ending::Finished(_) | Ending::Failed => None,
        };
    }

    /// How it ended; nothing when another answer was asked for meanwhile, which then is the end. An answer
    /// that stands again is not the one that is followed: of that one nothing is left.
    async fn end(&self) -> Result<Option<SubscriptionUpdate>, TurnServiceError> {
        match self.ports.reader.find(self.caller, self.turn).await? {
            Some(TurnStatus::Ended(EndedTurn::Answered(_))) if self.is_restored => {
                Err(TurnServiceError::WorkerLost)
            }
            Some(TurnStatus::Ended(EndedTurn::Answered(answer))) => {
                Ok(Some(SubscriptionUpdate::Answered(answer)))
            }
            Some(TurnStatus::Ended(EndedTurn::Failed(failure))) => {
                Err(TurnServiceError::Unanswered { failure, is_replayed: false })
            }
            Some(TurnStatus::Running { .. }) => Ok(None),
            None => Err(self.gone()),
        }
    }

    /// Looks whether the turn is still on record.
    ///
    /// # Errors
    /// When it is not, or the database is unavailable.
    pub(crate) async fn check_is_there(&self) -> Result<(), TurnServiceError> {
        let status = self.ports.reader.find(self.caller, self.turn).await?;
        status.map(drop).ok_or_else(|| self.gone())
    }

    /// What it means that the turn is not on record any more. One that had done nothing was given up, as if
    /// it had not begun: its message is as good as new. One that had done something goes only with its
    /// conversation: sent again, the message would do it once more.
    fn gone(&self) -> TurnServiceError {
        match self.progress.steps {
            0 => TurnServiceError::WorkerLost,
            1.. => TurnServiceError::NoSuchConversation,
        }
    }
}

#[cfg(test)]
mod tests;
