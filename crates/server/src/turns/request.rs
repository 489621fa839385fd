//! From a question to the turn that answers it: begun, joined, or found to have an end.

use std::{sync::Arc, time::Duration};

use domain::{
    account::Caller,
    chat::TurnError,
    conversation::ConversationId,
    ports::LeaseError,
    turn::{BeginOutcome, EndedTurn, FailureKind, Lease, NewTurn, TurnFailure, TurnId, TurnStatus},
};
use tokio::time::{Instant, sleep, timeout};

use super::{ActiveTurn, TurnRunner};
use crate::error::{ApiError, Conflict, Resource, UnavailableCause};

/// How long a request waits for another turn of its conversation, or for the first request of its
/// key, before it is told to come back.
const BEGIN_TIMEOUT: Duration = Duration::from_secs(30);
/// How often it looks. Each look is one short transaction.
const POLL_INTERVAL: Duration = Duration::from_millis(250);

/// What a client asks for.
#[derive(Debug, Clone)]
pub enum TurnRequest {
    /// An answer to a new message.
    Send(NewTurn),
    /// Another answer to the newest message of a conversation, which is this turn's.
    Regenerate(Caller, ConversationId, TurnId),
}

/// The turn that answers.
pub enum TurnHandle {
    /// It runs here.
    Active(Arc<ActiveTurn>),
    /// It had come to its end before.
    Ended(EndedTurn),
}

impl TurnRunner {
    /// Begins the turn that answers `question`, or finds it. Waits while another turn of the
    /// conversation, or the key's first request, is still at work on any replica.
    ///
    /// This goes on when the caller goes away: between the commit that begins a turn and the task
    /// that works on it nothing may be dropped.
    ///
    /// # Errors
    /// When there is nothing to begin, it waited too long, or the database is unavailable.
    pub async fn ask(self: &Arc<Self>, question: TurnRequest) -> Result<TurnHandle, ApiError> {
        let runner = Arc::clone(self);
        let asked = self.runtime.spawn(async move { runner.begin(&question).await });
        asked.await.unwrap_or_else(|_panicked| Err(ApiError::internal("beginning a turn panicked")))
    }

    async fn begin(self: &Arc<Self>, question: &TurnRequest) -> Result<TurnHandle, ApiError> {
        let end = Instant::now() + BEGIN_TIMEOUT;
        loop {
            if self.is_draining() {
                return Err(ApiError::Unavailable { what: UnavailableCause::Process, source: None });
            }
            let begun = match question {
                TurnRequest::Send(new) => self.store.begin(new).await?,
                TurnRequest::Regenerate(caller, conversation, turn) => {
                    self.store.regenerate(*caller, *conversation, *turn).await?
                }
            };
            let obstacle = match begun {
                BeginOutcome::Started(turn) => return Ok(TurnHandle::Active(self.run(*turn))),
                BeginOutcome::Ended(ended) => return Ok(TurnHandle::Ended(*ended)),
                BeginOutcome::KeyReused => return Err(ApiError::KeyReused),
                BeginOutcome::NoSuchConversation => return Err(ApiError::NotFound(Resource::Conversation)),
                BeginOutcome::NothingToRegenerate => {
                    return Err(ApiError::Conflict(Conflict::NothingToRegenerate));
                }
                BeginOutcome::SameKeyRunning => Conflict::SameKeyRunning,
                BeginOutcome::ConversationBusy => Conflict::TurnRunning,
            };
            if Instant::now() + POLL_INTERVAL > end {
                return Err(ApiError::Conflict(obstacle));
            }
            sleep(POLL_INTERVAL).await;
        }
    }

    /// Waits for the end of a turn that runs here, on until `end`. A turn that was taken over is
    /// waited for where it is now.
    ///
    /// # Errors
    /// When it ended without an answer, or not in time: then it goes on, and can be asked for.
    pub async fn answer(
        &self,
        caller: Caller,
        active: &ActiveTurn,
        end: Instant,
    ) -> Result<EndedTurn, ApiError> {
        let turn = active.lease().turn;
        let left = end.saturating_duration_since(Instant::now());
        let Ok(outcome) = timeout(left, active.outcome()).await else {
            return Err(still_running(active));
        };
        match outcome.as_ref() {
            Ok(answer) => Ok(EndedTurn::Answered(answer.clone())),
            Err(error) if self.runs_elsewhere(error) => self.elsewhere(caller, turn, end).await,
            Err(error) => Err(ApiError::from(error)),
        }
    }

    /// Waits for the end of a turn that runs on another replica.
    async fn elsewhere(&self, caller: Caller, turn: TurnId, end: Instant) -> Result<EndedTurn, ApiError> {
        while Instant::now() < end {
            match self.reader.find(caller, turn).await? {
                Some(TurnStatus::Ended(ended)) => return Ok(ended),
                Some(TurnStatus::Running { .. }) => sleep(POLL_INTERVAL).await,
                None => break,
            }
        }
        Err(ApiError::Unavailable { what: UnavailableCause::Worker, source: None })
    }

    /// Whether the turn was lost to another replica, as opposed to given up because this process
    /// ends: then the client had better ask again than wait here.
    fn runs_elsewhere(&self, error: &TurnError) -> bool {
        match error {
            TurnError::Lease(LeaseError::Superseded) => true,
            TurnError::HandedOver => !self.is_draining(),
            TurnError::Model { .. } | TurnError::Lease(LeaseError::Store(_)) => false,
        }
    }
}

/// The answer to a request that cannot wait any longer: what was done so far, and where to ask.
fn still_running(active: &ActiveTurn) -> ApiError {
    let Lease { turn, conversation, .. } = *active.lease();
    ApiError::failed_turn(TurnFailure {
        turn,
        conversation,
        kind: FailureKind::ModelTimeout,
        tool_calls: active.done(),
    })
}
