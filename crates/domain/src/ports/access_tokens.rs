//! The store of personal access tokens.

use async_trait::async_trait;

use super::StoreError;
use crate::{
    access_token::{AccessToken, AccessTokenId, Audience, NewAccessToken},
    caller::Caller,
    session::SecretHash,
};

/// Personal access tokens.
#[async_trait]
pub trait AccessTokenStore: Send + Sync {
    /// Makes a token of the caller's and returns it. Those that have expired are deleted along the way.
    ///
    /// # Errors
    /// [`LimitReached::AccessTokens`](crate::account_limits::LimitReached::AccessTokens) when there are
    /// [`MAX_ACCESS_TOKENS`](crate::access_token::MAX_ACCESS_TOKENS) that are good.
    async fn create(&self, caller: Caller, new: &NewAccessToken) -> Result<AccessToken, StoreError>;

    /// Returns the caller's tokens, the newest first; also those that have expired.
    async fn list(&self, caller: Caller) -> Result<Vec<AccessToken>, StoreError>;

    /// Ends a token of the caller's, and returns whether there was one.
    async fn revoke(&self, caller: Caller, id: AccessTokenId) -> Result<bool, StoreError>;

    /// Returns who a secret speaks for and records, at most once a minute, that it was used; `None` when
    /// it is no secret of a good token for this audience.
    ///
    /// What is returned never changes while the token is good, so it may be kept: the stores check with
    /// each use whether the token is.
    async fn authenticate(
        &self,
        secret: &SecretHash,
        audience: Audience,
    ) -> Result<Option<Caller>, StoreError>;
}
