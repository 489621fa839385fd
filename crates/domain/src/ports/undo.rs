//! The store that undoes changes.

use async_trait::async_trait;

use super::{IdempotentOutcome, StoreError};
use crate::{
    caller::Caller,
    turn::RequestKey,
    undo::{UndoError, UndoRequest, Undone},
};

/// Undoes changes of todo lists: wholly or not at all.
#[async_trait]
pub trait UndoStore: Send + Sync {
    /// Undoes what [`crate::undo::decide`] finds to be undone. At most once under a key: a
    /// second time under the same one, what was done then is returned as [`IdempotentOutcome::Replayed`]. A
    /// refusal is no outcome that is kept: the same request is decided anew.
    async fn undo(
        &self,
        caller: Caller,
        key: Option<&RequestKey>,
        request: UndoRequest,
    ) -> Result<Result<IdempotentOutcome<Undone>, UndoError>, StoreError>;
}
