//! From a question to the turn that answers it: begun, joined, or found to have an end.

use std::{sync::Arc, time::Duration};

use domain::{
    account::Caller,
    chat::TurnError,
    conversation::ConversationId,
    ports::LeaseError,
    turn::{Begun, EndedTurn, FailureKind, Lease, NewTurn, TurnFailure, TurnId, TurnStatus},
};
use tokio::time::{Instant, sleep, timeout};

use super::{LiveTurn, TurnRunner};
use crate::error::{ApiError, Conflict, Missed, Missing};

/// How long a request waits for another turn of its conversation, or for the first request of its
/// key, before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it looks. Each look is one short transaction.
const LOOK: Duration = Duration::from_millis(250);

/// What a client asks for.
#[derive(Debug, Clone)]
pub enum Question {
    /// An answer to a new message.
    Say(NewTurn),
    /// Another answer to the newest message of a conversation, which is this turn's.
    SayAgain(Caller, ConversationId, TurnId),
}

/// The turn that answers.
pub enum Asked {
    /// It runs here.
    Live(Arc<LiveTurn>),
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
    pub async fn ask(self: &Arc<Self>, question: Question) -> Result<Asked, ApiError> {
        let runner = Arc::clone(self);
        let asked = self.runtime.spawn(async move { runner.begin(&question).await });
        asked.await.unwrap_or_else(|_panicked| Err(ApiError::internal("beginning a turn panicked")))
    }

    async fn begin(self: &Arc<Self>, question: &Question) -> Result<Asked, ApiError> {
        let end = Instant::now() + PATIENCE;
        loop {
            if self.is_draining() {
                return Err(ApiError::Unavailable { what: Missed::Process, source: None });
            }
            let begun = match question {
                Question::Say(new) => self.store.begin(new).await?,
                Question::SayAgain(caller, conversation, turn) => {
                    self.store.begin_again(*caller, *conversation, *turn).await?
                }
            };
            let obstacle = match begun {
                Begun::Started(turn) => return Ok(Asked::Live(self.run(*turn))),
                Begun::Ended(ended) => return Ok(Asked::Ended(*ended)),
                Begun::KeyReused => return Err(ApiError::KeyReused),
                Begun::NoSuchConversation => return Err(ApiError::NotFound(Missing::Conversation)),
                Begun::NothingToRegenerate => return Err(ApiError::Conflict(Conflict::NothingToRegenerate)),
                Begun::SameKeyRunning => Conflict::SameKeyRunning,
                Begun::ConversationBusy => Conflict::TurnRunning,
            };
            if Instant::now() + LOOK > end {
                return Err(ApiError::Conflict(obstacle));
            }
            sleep(LOOK).await;
        }
    }

    /// Waits for the end of a turn that runs here, on until `end`. A turn that was taken over is
    /// waited for where it is now.
    ///
    /// # Errors
    /// When it ended without an answer, or not in time: then it goes on, and can be asked for.
    pub async fn answer(&self, caller: Caller, live: &LiveTurn, end: Instant) -> Result<EndedTurn, ApiError> {
        let turn = live.lease().turn;
        let left = end.saturating_duration_since(Instant::now());
        let Ok(outcome) = timeout(left, live.outcome()).await else {
            return Err(still_running(live));
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
            match self.desk.find(caller, turn).await? {
                Some(TurnStatus::Ended(ended)) => return Ok(ended),
                Some(TurnStatus::Running { .. }) => sleep(LOOK).await,
                None => break,
            }
        }
        Err(ApiError::Unavailable { what: Missed::Worker, source: None })
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
fn still_running(live: &LiveTurn) -> ApiError {
    let Lease { turn, conversation, .. } = *live.lease();
    ApiError::failed_turn(TurnFailure {
        turn,
        conversation,
        kind: FailureKind::ModelTimeout,
        tool_calls: live.done(),
    })
}
