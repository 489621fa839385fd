//! Records tokens that models used outside of the ends of turns.

use async_trait::async_trait;

use super::StoreError;
use crate::{account::UserId, turn::Usage};

/// Counts tokens against what an account may use on a day.
#[async_trait]
pub trait TokenUsageRecorder: Send + Sync {
    /// Counts tokens that a model used for an account, and that the end of no turn counts. Nothing when the
    /// account is gone. No caller is checked: what was used is paid for.
    async fn spend_tokens(&self, user: UserId, usage: Usage) -> Result<(), StoreError>;
}
