//! A turn that ran or runs elsewhere, read from the database step by step as it is committed.

use std::{collections::VecDeque, time::Duration};

use domain::{
    caller::Caller,
    conversation::{ConversationView, Ending, TurnView},
    id::{ConversationId, TurnId},
    ports::TurnEvent,
    turn::{EndedTurn, TurnStatus},
};
use tokio::time::{Instant, sleep};

use crate::{
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
    steps_read: usize,
    pending: VecDeque<TurnEvent>,
    is_over: bool,
    worker_timeout: Duration,
    /// Since when nobody works on it.
    orphaned_at: Option<Instant>,
}

impl RemoteTurn {
    /// Reads the last turn of `view`, a conversation of the caller's.
    ///
    /// # Errors
    /// When there is none in it.
    pub(crate) fn new(
        ports: TurnPorts,
        caller: Caller,
        view: ConversationView,
    ) -> Result<Self, TurnServiceError> {
        let found = view.turns.into_iter().next_back().ok_or(TurnServiceError::NoSuchTurn)?;
        let mut remote = Self {
            ports,
            caller,
            conversation: view.id,
            title: view.title,
            turn: found.turn,
            steps_read: 0,
            pending: VecDeque::new(),
            is_over: false,
            worker_timeout: WORKER_TIMEOUT,
            orphaned_at: None,
        };
        remote.take_in(&found);
        Ok(remote)
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

    /// Waits for what comes next. May be dropped while it waits; nothing is lost.
    ///
    /// # Errors
    /// When the turn ended without an answer, nobody works on it, or the database is unavailable.
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
            sleep(REMOTE_POLL_INTERVAL).await;
            let conversations = &self.ports.conversations;
            let view = conversations.find_turn(self.caller, self.conversation, self.turn).await?;
            let turn = view.and_then(|view| view.turns.into_iter().next());
            self.take_in(&turn.ok_or(TurnServiceError::NoSuchTurn)?);
        }
    }

    /// Takes in how the turn stands now.
    fn take_in(&mut self, view: &TurnView) {
        self.is_over = view.ending.is_over();
        let has_final_message = self.is_over && !view.steps.is_empty();
        let tool_steps = view.steps.len() - usize::from(has_final_message);
        let fresh = view.steps.iter().take(tool_steps).skip(self.steps_read);
        self.pending.extend(fresh.flat_map(|step| step_events::of_step(&step.text, &step.calls)));
        self.steps_read = self.steps_read.max(tool_steps);
        self.orphaned_at = match view.ending {
            Ending::Orphaned => self.orphaned_at.or_else(|| Some(Instant::now())),
            Ending::Running | Ending::Finished(_) | Ending::Failed => None,
        };
    }

    /// How it ended; nothing when another answer was asked for meanwhile, which then is the end.
    async fn end(&self) -> Result<Option<SubscriptionUpdate>, TurnServiceError> {
        match self.ports.reader.find(self.caller, self.turn).await? {
            Some(TurnStatus::Ended(EndedTurn::Answered(answer))) => {
                Ok(Some(SubscriptionUpdate::Answered(answer)))
            }
            Some(TurnStatus::Ended(EndedTurn::Failed(failure))) => Err(TurnServiceError::Unanswered(failure)),
            Some(TurnStatus::Running { .. }) => Ok(None),
            None => Err(TurnServiceError::NoSuchTurn),
        }
    }
}

#[cfg(test)]
mod tests;
