//! Where a stream's events come from: a turn that runs here, live, or one that ran or runs
//! elsewhere, step by step as it is committed.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use domain::{
    account::Caller,
    conversation::{ConversationId, Ending, StepView, TurnView},
    ports::{ConversationStore, TurnDesk, TurnEvent, TurnPage},
    turn::{EndedTurn, ToolCall, TurnAnswer, TurnId, TurnStatus},
};
use tokio::time::{Instant, sleep};

use crate::{
    error::{ApiError, Missed, Missing},
    turns::{Follower, News},
};

/// How often a turn that runs elsewhere is looked at.
const LOOK: Duration = Duration::from_millis(500);
/// How long a turn is waited for whose worker is gone. Whoever sent its message sends it again
/// within seconds, and then it goes on.
const PATIENCE: Duration = Duration::from_secs(3);

/// The events of one turn, from the first on.
pub enum Source {
    /// Of a turn that runs here.
    Live(Follower),
    /// Of a turn as it is in the database.
    Polled(Polled),
}

/// What a source tells.
pub(super) enum Told {
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
            Self::Live(follower) => follower.live().lease().turn,
            Self::Polled(polled) => polled.turn,
        }
    }

    pub(super) fn conversation(&self) -> ConversationId {
        match self {
            Self::Live(follower) => follower.live().lease().conversation,
            Self::Polled(polled) => polled.conversation,
        }
    }

    pub(super) fn title(&self) -> &str {
        match self {
            Self::Live(follower) => follower.live().title(),
            Self::Polled(polled) => &polled.title,
        }
    }

    /// Waits for what comes next. May be dropped while it waits; nothing is lost.
    pub(super) async fn next(&mut self) -> Told {
        match self {
            Self::Live(follower) => match follower.next().await {
                News::Event(event) => Told::Event(event),
                News::End(outcome) => match outcome.as_ref() {
                    Ok(answer) => Told::Answered(answer.clone()),
                    Err(error) => Told::Failed(ApiError::from(error)),
                },
            },
            Self::Polled(polled) => polled.next().await.unwrap_or_else(Told::Failed),
        }
    }
}

/// A turn as it is in the database.
pub struct Polled {
    conversations: Arc<dyn ConversationStore>,
    desk: Arc<dyn TurnDesk>,
    caller: Caller,
    conversation: ConversationId,
    turn: TurnId,
    title: String,
    steps_told: usize,
    pending: VecDeque<TurnEvent>,
    has_looked: bool,
    patience: Duration,
    /// Since when nobody works on it.
    orphaned_at: Option<Instant>,
}

impl Polled {
    /// Makes the source of a turn of the caller's.
    ///
    /// # Errors
    /// When the conversation is not there, or the database is unavailable.
    pub async fn open(
        conversations: Arc<dyn ConversationStore>,
        desk: Arc<dyn TurnDesk>,
        caller: Caller,
        (conversation, turn): (ConversationId, TurnId),
    ) -> Result<Self, ApiError> {
        let page = TurnPage { limit: 1, before: None };
        let view = conversations.find(caller, conversation, page).await?;
        let title = view.ok_or(ApiError::NotFound(Missing::Conversation))?.title;
        Ok(Self {
            conversations,
            desk,
            caller,
            conversation,
            turn,
            title,
            steps_told: 0,
            pending: VecDeque::new(),
            has_looked: false,
            patience: PATIENCE,
            orphaned_at: None,
        })
    }

    async fn next(&mut self) -> Result<Told, ApiError> {
        loop {
            if let Some(event) = self.pending.pop_front() {
                return Ok(Told::Event(event));
            }
            if self.has_looked {
                if self.orphaned_at.is_some_and(|at| at.elapsed() >= self.patience) {
                    return Err(ApiError::Unavailable { what: Missed::Worker, source: None });
                }
                sleep(LOOK).await;
            }
            let view = self.look().await?;
            self.has_looked = true;
            self.orphaned_at = match view.ending {
                Ending::Orphaned => self.orphaned_at.or_else(|| Some(Instant::now())),
                Ending::Running | Ending::Finished(_) | Ending::Failed => None,
            };
            let has_closing = view.ending.is_over();
            let tool_steps = view.steps.len() - usize::from(has_closing && !view.steps.is_empty());
            let fresh = view.steps.iter().take(tool_steps).skip(self.steps_told);
            self.pending.extend(fresh.flat_map(events_of));
            self.steps_told = self.steps_told.max(tool_steps);
            if has_closing && self.pending.is_empty() {
                return self.end().await;
            }
        }
    }

    async fn look(&self) -> Result<TurnView, ApiError> {
        // The turn is the newest one, or was when somebody began to follow it.
        let page = TurnPage { limit: 5, before: None };
        let view = self.conversations.find(self.caller, self.conversation, page).await?;
        let turns = view.map(|view| view.turns).unwrap_or_default();
        turns.into_iter().find(|view| view.turn == self.turn).ok_or(ApiError::NotFound(Missing::Turn))
    }

    async fn end(&self) -> Result<Told, ApiError> {
        match self.desk.find(self.caller, self.turn).await? {
            Some(TurnStatus::Ended(EndedTurn::Answered(answer))) => Ok(Told::Answered(answer)),
            Some(TurnStatus::Ended(EndedTurn::Failed(failure))) => Err(ApiError::failed_turn(failure)),
            Some(TurnStatus::Running { .. }) | None => Err(ApiError::NotFound(Missing::Turn)),
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
        events.push(TurnEvent::Words(step.text.clone()));
    }
    events.push(TurnEvent::Calling(calls.collect()));
    events.push(TurnEvent::Called(step.calls.clone()));
    events
}

#[cfg(test)]
mod tests;
