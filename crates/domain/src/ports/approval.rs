//! The store of approvals: calls that wait for the person's decision.

use async_trait::async_trait;
use serde_json::{Map, Value};

use super::StoreError;
use crate::{
    approval::{Approval, ApprovalError, ApprovalId, Decision},
    caller::Caller,
};

/// What waits for a person's word, asked by the steps of turns and by programs, and answered here or in a
/// turn.
#[async_trait]
pub trait ApprovalStore: Send + Sync {
    /// Returns the approvals of the caller's that wait, the oldest first.
    async fn waiting(&self, caller: Caller) -> Result<Vec<Approval>, StoreError>;

    /// Returns those of these approvals that are the caller's, each once.
    async fn find_all(&self, caller: Caller, ids: &[ApprovalId]) -> Result<Vec<Approval>, StoreError>;

    /// Answers an approval of the caller's: the call is made once, as a change of the turn or the program
    /// that asked, or not at all. A program answers nothing that a program's own call asks. With `shown` only
    /// when those are its arguments. Said again, the same answer returns what came of it the first time.
    /// `None` when there is no such approval.
    async fn decide(
        &self,
        caller: Caller,
        id: ApprovalId,
        decision: Decision,
        shown: Option<&Map<String, Value>>,
    ) -> Result<Option<Result<Approval, ApprovalError>>, StoreError>;
}
