//! Turns on their way. The conversation's row is the lock: whoever changes a turn holds it first,
//! so two transactions never wait for one another in a circle.

mod begin;
mod ending;
mod messages;
mod record;
mod rows;
mod step;

use async_trait::async_trait;
use domain::{
    account::Caller,
    agent::PlannedStep,
    conversation::ConversationId,
    ports::{Cost, LeaseError, StoreError, TurnStore},
    turn::{
        BeginOutcome, ExecutedCall, FailureKind, FinalMessage, Lease, NewTurn, TurnAnswer, TurnFailure,
        TurnId,
    },
};

use messages::Said;
pub(super) use record::{Record, RecordRow, calls_of, select_record};
pub(super) use rows::{MessageColumns, MessageRow, select_turn};

use super::{Database, error::DatabaseError, transaction::AfterUnknownCommit};

#[async_trait]
impl TurnStore for Database {
    async fn begin(&self, turn: &NewTurn) -> Result<BeginOutcome, StoreError> {
        let begun = self.transaction(AfterUnknownCommit::Retry, |link| async move {
            let begun = begin::begin(&link, turn).await?;
            Ok((link, begun))
        });
        Ok(begun.await?)
    }

    async fn regenerate(
        &self,
        caller: Caller,
        conversation: ConversationId,
        turn: TurnId,
    ) -> Result<BeginOutcome, StoreError> {
        // Repeated after a COMMIT it would find its own lease live, and take it for somebody else's.
        let begun = self.transaction(AfterUnknownCommit::Report, |link| async move {
            let begun = begin::regenerate(&link, caller, conversation, turn).await?;
            Ok((link, begun))
        });
        Ok(begun.await?)
    }

    async fn commit_step(
        &self,
        lease: &Lease,
        number: i32,
        step: &PlannedStep,
    ) -> Result<Vec<ExecutedCall>, LeaseError> {
        let results = self.transaction(AfterUnknownCommit::Retry, |link| async move {
            let results = step::commit(&link, lease, number, step).await?;
            Ok((link, results))
        });
        results.await.map_err(lease_error)
    }

    async fn finish(
        &self,
        lease: &Lease,
        final_message: &FinalMessage,
        cost: &Cost,
    ) -> Result<TurnAnswer, LeaseError> {
        let answer = self.transaction(AfterUnknownCommit::Retry, |link| async move {
            let answer = ending::finish(&link, lease, final_message, cost).await?;
            Ok((link, answer))
        });
        answer.await.map_err(lease_error)
    }

    async fn fail(&self, lease: &Lease, kind: FailureKind) -> Result<Option<TurnFailure>, LeaseError> {
        let failure = self.transaction(AfterUnknownCommit::Report, |link| async move {
            let failure = ending::fail(&link, lease, kind).await?;
            Ok((link, failure))
        });
        failure.await.map_err(lease_error)
    }
}

fn lease_error(failure: DatabaseError) -> LeaseError {
    match failure {
        DatabaseError::Superseded => LeaseError::Superseded,
        failure => LeaseError::Store(failure.into()),
    }
}
