//! Following a turn: every event once, from the first on, then the end.

use std::sync::Arc;

use domain::{
    caller::Caller,
    turn::TurnAnswer,
    turn_and_conversation_ids::{ConversationId, TurnId},
};
use tokio::time::{Instant, timeout_at};

use crate::{
    active_turn::{ActiveTurn, Reader},
    error::TurnServiceError,
    remote_turn::{Progress, RemoteTurn},
    subscription_update::SubscriptionUpdate,
    turn_ports::TurnPorts,
    turn_progress::TurnProgress,
};

/// A subscription to a turn, wherever it runs.
pub struct TurnSubscription {
    source: Source,
    is_replayed: bool,
}

/// Where the events come from.
enum Source {
    /// A turn that runs here, event by event.
    Local(Box<LocalTurn>),
    /// A turn that ran or runs elsewhere, step by step as it is committed.
    Remote(Box<RemoteTurn>),
}

/// A turn that runs here, and what it takes to go on with it elsewhere.
struct LocalTurn {
    reader: Reader,
    progress: Progress,
    ports: TurnPorts,
    caller: Caller,
}

impl TurnSubscription {
    /// Follows a turn that runs here, and on where it is then when another worker takes it over.
    pub(crate) fn local(active: &Arc<ActiveTurn>, ports: TurnPorts, caller: Caller) -> Self {
        let local = LocalTurn { reader: active.read(), progress: Progress::default(), ports, caller };
        Self { source: Source::Local(Box::new(local)), is_replayed: false }
    }

    pub(crate) fn remote(turn: RemoteTurn) -> Self {
        Self { source: Source::Remote(Box::new(turn)), is_replayed: false }
    }

    /// Follows a turn that had ended before it was asked for.
    pub(crate) fn replayed(turn: RemoteTurn) -> Self {
        Self { is_replayed: true, ..Self::remote(turn) }
    }

    /// The id of the turn that is followed.
    pub fn turn(&self) -> TurnId {
        match &self.source {
            Source::Local(local) => local.reader.active().lease().turn,
            Source::Remote(remote) => remote.turn(),
        }
    }

    /// The id of the turn's conversation.
    pub fn conversation(&self) -> ConversationId {
        match &self.source {
            Source::Local(local) => local.reader.active().lease().conversation,
            Source::Remote(remote) => remote.conversation(),
        }
    }

    /// The conversation's title when the turn began.
    pub fn title(&self) -> &str {
        match &self.source {
            Source::Local(local) => local.reader.active().title(),
            Source::Remote(remote) => remote.title(),
        }
    }

    /// Whether the turn had ended before this request, which has the same key as an earlier one.
    pub fn is_replayed(&self) -> bool {
        self.is_replayed
    }

    /// The error of a turn that nobody works on any more, with what it has done.
    pub fn worker_lost(&self) -> TurnServiceError {
        self.with_progress(TurnServiceError::WorkerLost)
    }

    /// An error with what the turn had done, as the subscriber is told it.
    fn with_progress(&self, error: TurnServiceError) -> TurnServiceError {
        let replaced_calls = match &self.source {
            Source::Local(local) => local.reader.active().replaced_calls(),
            Source::Remote(remote) => remote.replaced_calls(),
        };
        error.with_progress(self.progress(), replaced_calls)
    }

    /// How far the turn has come.
    fn progress(&self) -> TurnProgress {
        let tool_calls = match &self.source {
            Source::Local(local) => local.reader.active().done(),
            Source::Remote(remote) => remote.done(),
        };
        TurnProgress { turn: self.turn(), conversation: self.conversation(), tool_calls }
    }

    /// Waits for what comes next. May be dropped while it waits; nothing is lost.
    pub async fn next(&mut self) -> SubscriptionUpdate {
        match self.next_update().await {
            SubscriptionUpdate::Failed(error) => SubscriptionUpdate::Failed(self.with_progress(error)),
            update => update,
        }
    }

    async fn next_update(&mut self) -> SubscriptionUpdate {
        let local = match &mut self.source {
            Source::Local(local) => local,
            Source::Remote(remote) => {
                return remote.next().await.unwrap_or_else(SubscriptionUpdate::Failed);
            }
        };
        match local.reader.next().await {
            SubscriptionUpdate::Failed(error) if error.is_superseded() => {
                let LocalTurn { reader, progress, ports, caller } = local.as_ref();
                let remote = RemoteTurn::after_takeover(reader.active(), ports.clone(), *caller, *progress);
                // Not with a turn that is gone: a client that received a part of it would ask for it again.
                if let Err(gone) = remote.check_is_there().await {
                    return SubscriptionUpdate::Failed(gone);
                }
                self.source = Source::Remote(Box::new(remote));
                SubscriptionUpdate::TakenOver
            }
            update => {
                if let SubscriptionUpdate::Event(event) = &update {
                    local.progress.advance(event);
                }
                update
            }
        }
    }

    /// Waits for the answer until `end`.
    ///
    /// # Errors
    /// When the turn ends without one, or not by then: it goes on, and what it has done so far is told.
    pub(crate) async fn wait_for_answer(mut self, end: Instant) -> Result<TurnAnswer, TurnServiceError> {
        while let Ok(update) = timeout_at(end, self.next()).await {
            match update {
                SubscriptionUpdate::Event(_) | SubscriptionUpdate::TakenOver => {}
                SubscriptionUpdate::Answered(answer) => return Ok(answer),
                SubscriptionUpdate::Failed(error) => return Err(error),
            }
        }
        Err(TurnServiceError::StillRunning(self.progress()))
    }
}

#[cfg(test)]
mod tests;
