//! The store of links that are good once.

use async_trait::async_trait;

use super::StoreError;
use crate::{
    account::{Email, User},
    caller::Caller,
    one_time_token::{IssueOutcome, NewOneTimeToken},
    password::PasswordHash,
    session::SecretHash,
};

/// Links that are good once.
#[async_trait]
pub trait OneTimeTokenStore: Send + Sync {
    /// Keeps a link for the account with this address, and forgets its links that have expired.
    async fn issue(&self, email: &Email, token: &NewOneTimeToken) -> Result<IssueOutcome, StoreError>;

    /// Whether a link to another password is good; it stays so.
    async fn may_reset_password(&self, secret: &SecretHash) -> Result<bool, StoreError>;

    /// Uses a link to another password: sets it, ends all sessions and access tokens of the account,
    /// personal ones included, and all its other links; if the link was mailed, the address is
    /// confirmed, and when it was not before, the calendar is turned off: whoever had the account until
    /// now may have been somebody else. Returns the account's address; `None` when the link is not good or no
    /// longer.
    async fn reset_password(
        &self,
        secret: &SecretHash,
        password_hash: &PasswordHash,
    ) -> Result<Option<Email>, StoreError>;

    /// Uses the caller's link that confirms their address, and returns them as they are then; `None` when
    /// the link is not theirs, not good or no longer. Who is confirmed already stays so without one.
    async fn confirm_email(&self, caller: Caller, secret: &SecretHash) -> Result<Option<User>, StoreError>;
}
