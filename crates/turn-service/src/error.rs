//! Why a turn was not begun, answered or followed.

use std::sync::Arc;

use crate::{keyed_semaphore::AccountBusy, turn_progress::TurnProgress};
use domain::{
    ports::{LeaseError, StoreError},
    turn::TurnFailure,
    turn_driver::TurnError,
    undo::Conflict,
};

/// Why a turn was not begun, answered or followed.
#[derive(Debug, thiserror::Error)]
pub enum TurnServiceError {
    /// The process is ending and begins nothing.
    #[error("the process is ending")]
    ShuttingDown,
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The caller has no such conversation, or no more.
    #[error("there is no such conversation")]
    NoSuchConversation,
    /// The conversation has no answer that another one could replace.
    #[error("there is nothing to regenerate")]
    NothingToRegenerate,
    /// The other answer that was asked for was interrupted too often before it did anything.
    #[error("another answer was given up")]
    Abandoned,
    /// What the answer did that another one should replace cannot be undone.
    #[error("tasks were changed since the answer")]
    ReplacedWasChanged(Vec<Conflict>),
    /// Another turn of the conversation ran for as long as a request waits.
    #[error("another turn of the conversation is running")]
    ConversationBusy,
    /// The key's first request ran for as long as another one waits.
    #[error("the first request with this key is running")]
    SameKeyRunning,
    /// The turn has ended without an answer: what it had done.
    #[error("the turn has no answer")]
    Unanswered {
        /// How it ended.
        failure: TurnFailure,
        /// Whether it had ended before this request, which has the same key as an earlier one.
        is_replayed: bool,
    },
    /// The turn runs for longer than a request waits, and goes on.
    #[error("the turn takes longer than a request waits")]
    StillRunning(TurnProgress),
    /// The work was interrupted after committed steps. A retry with the same key goes on from there; the same
    /// request under a new key would repeat the steps.
    #[error("the turn broke off: {error}")]
    Interrupted {
        /// Why; never this variant.
        #[source]
        error: Box<TurnServiceError>,
        /// What it had done.
        progress: TurnProgress,
    },
    /// The turn ended without an answer in this process.
    #[error(transparent)]
    Turn(Arc<TurnError>),
    /// No worker has the turn any more. When the request is sent again with its key it goes on, or begins
    /// anew if it had done nothing and was given up.
    #[error("nobody works on the turn")]
    WorkerLost,
    /// Too many requests of the account wait for the database.
    #[error(transparent)]
    Busy(#[from] AccountBusy),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A bug: what begins the turn, or works on it, panicked. The same request sent again with its key
    /// may go on with the turn at once.
    #[error("a turn panicked")]
    Panicked,
}

impl TurnServiceError {
    /// Whether this process lost the turn to another worker, or to its deletion.
    pub(crate) fn is_superseded(&self) -> bool {
        matches!(self, Self::Turn(error) if matches!(**error, TurnError::Lease(LeaseError::Superseded)))
    }

    /// The error with what the turn had done: [`Self::Interrupted`] if steps of the current answer were
    /// committed. The first `replaced_calls` calls are of an earlier answer.
    pub(crate) fn with_progress(self, progress: TurnProgress, replaced_calls: usize) -> Self {
        if progress.tool_calls.len() <= replaced_calls || !self.is_interruption() {
            return self;
        }
        Self::Interrupted { error: Box::new(self), progress }
    }

    /// Whether the turn is not over, and nobody works on it for now.
    fn is_interruption(&self) -> bool {
        match self {
            Self::WorkerLost | Self::Panicked => true,
            Self::Store(error) => is_outage(error),
            Self::Turn(error) => match error.as_ref() {
                TurnError::HandedOver => true,
                TurnError::Lease(LeaseError::Store(error)) => is_outage(error),
                TurnError::Lease(LeaseError::Superseded) | TurnError::Model { .. } => false,
            },
            _ => false,
        }
    }
}

fn is_outage(error: &StoreError) -> bool {
    matches!(error, StoreError::Unavailable(_) | StoreError::OutcomeUnknown(_))
}

/// Why a turn that was worked on in this process has no answer; sent to every waiter.
#[derive(Debug, Clone)]
pub(crate) enum WorkerError {
    /// The driver gave up.
    Turn(Arc<TurnError>),
    /// A bug: the worker panicked.
    Panicked,
}

impl From<TurnError> for WorkerError {
    fn from(error: TurnError) -> Self {
        Self::Turn(Arc::new(error))
    }
}

impl From<WorkerError> for TurnServiceError {
    fn from(error: WorkerError) -> Self {
        match error {
            WorkerError::Turn(error) => Self::Turn(error),
            WorkerError::Panicked => Self::Panicked,
        }
    }
}
