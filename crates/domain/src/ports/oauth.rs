//! Programs that people connect by OAuth: the store of their grants, and documents about them.

use async_trait::async_trait;
use uuid::Uuid;

use super::StoreError;
use crate::{
    caller::Caller,
    oauth::{
        Client, CodeExchange, ConnectedClient, GrantId, NewClient, NewGrant, Refresh, Revocation,
        TokenOutcome,
    },
};

/// Programs, and what people let them do.
#[async_trait]
pub trait OAuthStore: Send + Sync {
    /// Remembers a program. Those that nobody let in for long, or that are too many, are forgotten on the
    /// way.
    async fn register(&self, client: &NewClient) -> Result<(), StoreError>;

    /// Returns a program that has registered.
    async fn client(&self, id: Uuid) -> Result<Option<Client>, StoreError>;

    /// Lets a program in for the caller, who signed in. Grants that are over are deleted along the way.
    async fn grant(&self, caller: Caller, new: &NewGrant) -> Result<(), StoreError>;

    /// Takes a code and gives tokens for it, once. A code that is presented a second time, or by who does
    /// not know what it was asked for with, ends its grant.
    async fn exchange(&self, exchange: &CodeExchange) -> Result<TokenOutcome, StoreError>;

    /// Takes a refresh token and gives another access token. The newest one rotates; the one before it
    /// counts for [`ROTATION_GRACE_SECONDS`](crate::session::ROTATION_GRACE_SECONDS) as the sign of a lost
    /// answer; any older one ends the grant.
    async fn refresh(&self, refresh: &Refresh) -> Result<TokenOutcome, StoreError>;

    /// Ends the token that a program revokes. What is not its own stays.
    async fn revoke_token(&self, client_id: &str, token: &Revocation) -> Result<(), StoreError>;

    /// Returns the caller's grants whose codes were used, the newest first.
    async fn connected(&self, caller: Caller) -> Result<Vec<ConnectedClient>, StoreError>;

    /// Ends a grant of the caller's with all of its tokens, and returns whether there was one.
    async fn disconnect(&self, caller: Caller, id: GrantId) -> Result<bool, StoreError>;
}

/// Where programs keep documents about themselves (OAuth Client ID Metadata Documents).
#[async_trait]
pub trait ClientDocuments: Send + Sync {
    /// Returns what is at an address that somebody made up: whatever it is, nothing is reached by it but the
    /// public network, and what comes is bounded.
    async fn fetch(&self, address: &str) -> Result<Vec<u8>, DocumentError>;
}

/// Why there is no document, in words for the log.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The address is not a public one.
    #[error("the address is not public")]
    NotPublic,
    /// Nothing comes from there, or nothing that could be a document.
    #[error("{0}")]
    Unusable(&'static str),
}
