//! The store of running turns on Postgres.
//!
//! Locks: whoever begins, continues or ends a turn, commits a step of it, or answers what it has
//! asked, locks the conversation's row first, so two of them never wait for one another in a circle.
//! Heartbeats, stops and releases write what is the lease's own (until when it is good, whether a stop was
//! asked for, which attempt it is): they lock rows of turns alone and wait for no other lock while they
//! hold one; a heartbeat passes over rows that are locked. A turn that begins also forgets old keys, in turns
//! of its user's that are over, whatever their conversation: it passes over rows that are locked, and waits
//! for no other lock after it.

mod admit;
mod approvals;
mod ending;
mod insert_or_take_over;
mod leases;
mod locked_conversation;
mod messages;
mod regenerate;
mod regeneration_key;
mod replace_user_message;
mod rows;
mod step;
mod stored_turn;
mod turn_reader;

use async_trait::async_trait;
use domain::{
    caller::Caller,
    message::ExecutedCall,
    ports::{LeaseError, ModelUsage, Regeneration, StoreError, TurnStore},
    step::PlannedStep,
    turn::{BeginOutcome, FailureKind, FinalMessage, Lease, NewTurn, TurnAnswer, TurnFailure, Usage},
};

pub(super) use approvals::mcp_call_approvals;
pub(super) use rows::{MessageRow, replaced_steps, turn_state};
pub(super) use stored_turn::calls_of;

use super::{Database, error::DatabaseError, transaction::AfterUnknownCommit};

#[async_trait]
impl TurnStore for Database {
    async fn begin(&self, turn: &NewTurn) -> Result<BeginOutcome, StoreError> {
        let outcome = self.transaction(AfterUnknownCommit::Retry, async |connection| {
            admit::begin(connection, turn, &self.limits).await
        });
        Ok(outcome.await?)
    }

    async fn regenerate(
        &self,
        caller: Caller,
        wanted: &Regeneration<'_>,
    ) -> Result<BeginOutcome, StoreError> {
        // Repeated after a COMMIT it would find its own lease live, and take it for another worker's.
        let outcome = self.transaction(AfterUnknownCommit::Report, async |connection| {
            regenerate::regenerate(connection, caller, wanted, &self.limits).await
        });
        match outcome.await {
            Err(DatabaseError::ReplacedWasChanged(conflicts)) => {
                Ok(BeginOutcome::ReplacedWasChanged(conflicts))
            }
            outcome => Ok(outcome?),
        }
    }

    async fn commit_step(
        &self,
        lease: &Lease,
        number: i32,
        step: &PlannedStep,
    ) -> Result<Vec<ExecutedCall>, LeaseError> {
        let results = self.transaction(AfterUnknownCommit::Retry, async |connection| {
            step::commit(connection, lease, number, step, &self.limits).await
        });
        results.await.map_err(lease_error)
    }

    async fn finish(
        &self,
        lease: &Lease,
        final_message: &FinalMessage,
        cost: &ModelUsage,
    ) -> Result<TurnAnswer, LeaseError> {
        let answer = self.transaction(AfterUnknownCommit::Retry, async |connection| {
            ending::finish(connection, lease, final_message, cost).await
        });
        answer.await.map_err(lease_error)
    }

    async fn fail(
        &self,
        lease: &Lease,
        kind: FailureKind,
        usage: Usage,
    ) -> Result<Option<TurnFailure>, LeaseError> {
        let failure = self.transaction(AfterUnknownCommit::Report, async |connection| {
            ending::fail(connection, lease, kind, usage).await
        });
        failure.await.map_err(lease_error)
    }
}

fn lease_error(error: DatabaseError) -> LeaseError {
    match error {
        DatabaseError::Superseded => LeaseError::Superseded,
        error => LeaseError::Store(error.into()),
    }
}
