//! Where a stream's events come from: a turn that runs here, live, or one that ran or runs
//! elsewhere, step by step as it is committed.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use domain::{
    account::Caller,
    conversation::{ConversationId, ConversationView, Ending, StepView, TurnView},
    ports::{ConversationStore, TurnEvent, TurnReader},
    turn::{EndedTurn, ToolCall, TurnAnswer, TurnId, TurnStatus},
};
use tokio::time::{Instant, sleep};

use crate::{
    error::{ApiError, Resource, UnavailableCause},
    turns::{News, TurnSubscription},
};

/// How often a turn that runs elsewhere is looked at.
const POLL_INTERVAL: Duration = Duration::from_millis(500);
/// How long a turn is waited for whose worker is gone. Whoever sent its message sends it again
/// within seconds, and then it goes on.
const WORKER_TIMEOUT: Duration = Duration::from_secs(3);

/// The events of one turn, from the first on.
pub enum Source {
    /// Of a turn that runs here.
    Live(TurnSubscription),
    /// Of a turn as it is in the database.
    Polled(Polled),
}

/// What a source tells.
pub(super) enum TurnUpdate {
    /// Something happened.
    Event(TurnEvent),
    /// The turn was answered; nothing comes after this.
    Answered(TurnAnswer),
    /// It was not; nothing comes after this.
    Failed(ApiError),
}

impl Source {
    pub(super) fn turn(&self) -> TurnId {
        match self {
            Self::Live(follower) => follower.active().lease().turn,
            Self::Polled(polled) => polled.turn,
        }
    }

    pub(super) fn conversation(&self) -> ConversationId {
        match self {
            Self::Live(follower) => follower.active().lease().conversation,
            Self::Polled(polled) => polled.conversation,
        }
    }

    pub(super) fn title(&self) -> &str {
        match self {
            Self::Live(follower) => follower.active().title(),
            Self::Polled(polled) => &polled.title,
        }
    }

    /// Waits for what comes next. May be dropped while it waits; nothing is lost.
    pub(super) async fn next(&mut self) -> TurnUpdate {
        match self {
            Self::Live(follower) => match follower.next().await {
                News::Event(event) => TurnUpdate::Event(event),
                News::End(outcome) => match outcome.as_ref() {
                    Ok(answer) => TurnUpdate::Answered(answer.clone()),
                    Err(error) => TurnUpdate::Failed(ApiError::from(error)),
                },
            },
            Self::Polled(polled) => polled.next().await.unwrap_or_else(TurnUpdate::Failed),
        }
    }
}

/// A turn as it is in the database.
pub struct Polled {
    conversations: Arc<dyn ConversationStore>,
    reader: Arc<dyn TurnReader>,
    caller: Caller,
    conversation: ConversationId,
    title: String,
    turn: TurnId,
    steps_told: usize,
    pending: VecDeque<TurnEvent>,
    is_over: bool,
    worker_timeout: Duration,
    /// Since when nobody works on it.
    orphaned_at: Option<Instant>,
}

impl Polled {
    /// Makes the source of a turn of the caller's, as it was found in its conversation.
    ///
    /// # Errors
    /// When it was not.
    pub fn new(
        conversations: Arc<dyn ConversationStore>,
        reader: Arc<dyn TurnReader>,
        caller: Caller,
        view: ConversationView,
    ) -> Result<Self, ApiError> {
        let found = view.turns.into_iter().next_back().ok_or(ApiError::NotFound(Resource::Turn))?;
        let mut polled = Self {
            conversations,
            reader,
            caller,
            conversation: view.id,
            title: view.title,
            turn: found.turn,
            steps_told: 0,
            pending: VecDeque::new(),
            is_over: false,
            worker_timeout: WORKER_TIMEOUT,
            orphaned_at: None,
        };
        polled.take_in(&found);
        Ok(polled)
    }

    async fn next(&mut self) -> Result<TurnUpdate, ApiError> {
        loop {
            if let Some(event) = self.pending.pop_front() {
                return Ok(TurnUpdate::Event(event));
            }
            if self.is_over
                && let Some(end) = self.end().await?
            {
                return Ok(end);
            }
            if self.orphaned_at.is_some_and(|at| at.elapsed() >= self.worker_timeout) {
                return Err(ApiError::Unavailable { what: UnavailableCause::Worker, source: None });
            }
            sleep(POLL_INTERVAL).await;
            let view = self.conversations.find_turn(self.caller, self.conversation, self.turn).await?;
            let turn = view.and_then(|view| view.turns.into_iter().next());
            self.take_in(&turn.ok_or(ApiError::NotFound(Resource::Turn))?);
        }
    }

    /// Takes in how the turn stands now.
    fn take_in(&mut self, view: &TurnView) {
        self.is_over = view.ending.is_over();
        let has_closing = self.is_over && !view.steps.is_empty();
        let tool_steps = view.steps.len() - usize::from(has_closing);
        let fresh = view.steps.iter().take(tool_steps).skip(self.steps_told);
        self.pending.extend(fresh.flat_map(events_of));
        self.steps_told = self.steps_told.max(tool_steps);
        self.orphaned_at = match view.ending {
            Ending::Orphaned => self.orphaned_at.or_else(|| Some(Instant::now())),
            Ending::Running | Ending::Finished(_) | Ending::Failed => None,
        };
    }

    /// How it ended; nothing when another answer was asked for meanwhile, which then is the end.
    async fn end(&self) -> Result<Option<TurnUpdate>, ApiError> {
        match self.reader.find(self.caller, self.turn).await? {
            Some(TurnStatus::Ended(EndedTurn::Answered(answer))) => Ok(Some(TurnUpdate::Answered(answer))),
            Some(TurnStatus::Ended(EndedTurn::Failed(failure))) => Err(ApiError::failed_turn(failure)),
            Some(TurnStatus::Running { .. }) => Ok(None),
            None => Err(ApiError::NotFound(Resource::Turn)),
        }
    }
}

/// The events that a committed step was.
fn events_of(step: &StepView) -> Vec<TurnEvent> {
    let calls = step.calls.iter().map(|done| ToolCall {
        id: done.id.clone(),
        name: done.tool.clone(),
        arguments: done.input.clone(),
    });
    let mut events = vec![TurnEvent::StepStarted];
    if !step.text.is_empty() {
        events.push(TurnEvent::TextDelta(step.text.clone()));
    }
    events.push(TurnEvent::Calling(calls.collect()));
    events.push(TurnEvent::Called(step.calls.clone()));
    events
}

#[cfg(test)]
mod tests;
