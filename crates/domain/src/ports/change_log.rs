//! The log of changes as its owner reads it.

use async_trait::async_trait;

use super::StoreError;
use crate::{
    caller::Caller,
    change_log::{ChangeFilter, ChangePage},
};

/// What was changed in todo lists. Old changes are forgotten: see
/// [`CHANGE_RETENTION`](crate::account_limits::CHANGE_RETENTION) and
/// [`changes_kept`](crate::account_limits::Limits::changes_kept).
#[async_trait]
pub trait ChangeLog: Send + Sync {
    /// Returns a page of the changes of the caller's list, newest first.
    async fn changes(&self, caller: Caller, filter: &ChangeFilter) -> Result<ChangePage, StoreError>;
}
