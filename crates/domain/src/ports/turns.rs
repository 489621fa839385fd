//! The stores of turns: of running ones, of their leases, and for whoever reads them.

use async_trait::async_trait;

use super::{StoreError, TokenUsageRecorder};
use crate::{
    caller::Caller,
    message::ExecutedCall,
    step::PlannedStep,
    time_zone::TimeZone,
    turn::{
        BeginOutcome, Edit, FailureKind, FinalMessage, Lease, NewTurn, RequestKey, TurnAnswer, TurnFailure,
        TurnStatus, Usage,
    },
    turn_and_conversation_ids::{ConversationId, TurnId},
    undo::ReplacedEffects,
};

/// Turns on their way. [`TurnStore::begin`] and [`TurnStore::regenerate`] give out the lease of a turn; what
/// takes a lease is for the turn's worker alone, and refused under an older fence than the turn has.
#[async_trait]
pub trait TurnStore: TokenUsageRecorder {
    /// Begins a turn, finds it under its key, or takes it over when its lease ran out.
    async fn begin(&self, turn: &NewTurn) -> Result<BeginOutcome, StoreError>;

    /// Reopens the newest turn of a conversation for another answer, perhaps of another model. Drops its
    /// final message, undoes its changes if requested, and records the undo as a step, so that the model
    /// knows of it. A turn whose worker died is closed first, or deleted if it had done nothing. When the
    /// turn is not the newest, nothing is reopened.
    ///
    /// With other words its message is replaced as well, and comes back when the new answer fails before
    /// it did anything. The same edit asked for again finds the turn, and so does any request with the same
    /// key, as [`TurnStore::begin`] does.
    async fn regenerate(&self, caller: Caller, wanted: &Regeneration<'_>)
    -> Result<BeginOutcome, StoreError>;

    /// Commits step number `number` whole: the model's message, every effect, every result. Asked a second
    /// time for any step of the running turn, it returns the results of the first. What becomes of other
    /// numbers is told by [`StepAdmission`](crate::step::StepAdmission).
    async fn commit_step(
        &self,
        lease: &Lease,
        number: i32,
        step: &PlannedStep,
    ) -> Result<Vec<ExecutedCall>, LeaseError>;

    /// Commits the final message and ends the turn, and counts the tokens that its model calls have used.
    /// Asked a second time, it returns the same.
    async fn finish(
        &self,
        lease: &Lease,
        final_message: &FinalMessage,
        model_usage: &ModelUsage,
    ) -> Result<TurnAnswer, LeaseError>;

    /// Ends a turn that cannot go on. With a step committed since it began or was reopened, a final
    /// message says what was done. Without one it is as if the turn had not begun or had not been
    /// reopened. Returns the failure that is on record then, if there is one.
    /// The tokens that its model calls have used are counted in either case.
    async fn fail(
        &self,
        lease: &Lease,
        kind: FailureKind,
        usage: Usage,
    ) -> Result<Option<TurnFailure>, LeaseError>;
}

/// A request for another answer.
#[derive(Debug, Clone, Copy)]
pub struct Regeneration<'a> {
    /// The conversation whose newest answer is asked for again.
    pub conversation: ConversationId,
    /// The turn whose answer is replaced. `None` when there is none to replace: then only a request with
    /// the same key is found.
    pub turn: Option<TurnId>,
    /// Another model.
    pub model: Option<&'a str>,
    /// Where the person is now; `None` for where the turn was.
    pub time_zone: Option<TimeZone>,
    /// What becomes of what the answer did.
    pub replaced: ReplacedEffects,
    /// What the person says instead of their message.
    pub edited: Option<Edit<'a>>,
    /// The request's own idempotency key, if any.
    pub key: Option<&'a RequestKey>,
}

impl<'a> Regeneration<'a> {
    /// Another answer, perhaps of another model; what the first one did stays done.
    pub fn keep_effects(conversation: ConversationId, turn: TurnId, model: Option<&'a str>) -> Self {
        Self {
            conversation,
            turn: Some(turn),
            model,
            time_zone: None,
            replaced: ReplacedEffects::Keep,
            edited: None,
            key: None,
        }
    }
}

/// The tokens that a turn's model calls have used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelUsage {
    /// The model.
    pub model: String,
    /// Its tokens.
    pub usage: Usage,
}

/// Why a worker's commit was refused.
#[derive(Debug, thiserror::Error)]
pub enum LeaseError {
    /// Another worker took the turn over, or it is gone with its conversation or its user.
    #[error("the turn was taken over")]
    Superseded,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Turns as everybody but their worker sees them.
#[async_trait]
pub trait TurnReader: Send + Sync {
    /// Returns how a turn of the caller's stands.
    async fn find(&self, caller: Caller, turn: TurnId) -> Result<Option<TurnStatus>, StoreError>;

    /// Whether one of the turns of a conversation of the caller's answers the message with this id:
    /// its client's own, or one that is made from the turn's.
    async fn has_message(
        &self,
        caller: Caller,
        conversation: ConversationId,
        message_id: &str,
    ) -> Result<bool, StoreError>;

    /// Asks the worker of the conversation's running turn to stop, if it is `turn` or none is named; returns
    /// that turn. When its lease ran out, that is the next worker: a stop in between is not lost.
    async fn request_stop(
        &self,
        caller: Caller,
        conversation: ConversationId,
        turn: Option<TurnId>,
    ) -> Result<Option<TurnId>, StoreError>;
}

/// The leases of running turns.
#[async_trait]
pub trait TurnLeases: Send + Sync {
    /// Extends these leases and tells of each what its worker must know. One that is missing in
    /// the answer was lost.
    async fn renew(&self, leases: &[Lease]) -> Result<Vec<Renewed>, StoreError>;

    /// Releases a lease, so that another worker may continue at once. A second time, or when it ran
    /// out or was lost, nothing happens.
    async fn release(&self, lease: &Lease, why: Release) -> Result<(), StoreError>;
}

/// Why a lease is given back before its turn has an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// The process is ending. That says nothing about the turn: it does not count as an attempt.
    HandedOver,
    /// The worker could not go on.
    GivenUp,
}

/// A lease that was extended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Renewed {
    /// The turn.
    pub turn: TurnId,
    /// Whether the person asked for it to stop.
    pub stop_requested: bool,
}
