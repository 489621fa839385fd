//! A provider with which people sign in.

use async_trait::async_trait;

use crate::linked_identity::Profile;

/// A provider, as a client of it sees it (RFC 6749 with RFC 7636).
#[async_trait]
pub trait IdentityProvider: Send + Sync {
    /// Begins a sign-in; sends no request yet.
    fn begin(&self) -> PendingSignIn;

    /// Asks who brought this code back.
    async fn profile(&self, code: &str, pkce_verifier: &str) -> Result<Profile, ProviderError>;
}

/// A sign-in that begins. The page with the address shows itself to the person.
pub struct PendingSignIn {
    /// Where the person's browser is to go.
    pub address: String,
    /// What it has to bring back, which is in the address.
    pub state: String,
    /// What goes with the code that it brings back.
    pub pkce_verifier: String,
}

/// Why a provider did not say who it was, in words for the log: without codes, tokens and addresses.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// It does not know the code, or no longer.
    #[error("the provider refuses the code")]
    CodeRefused,
    /// It was not reached, or has no time.
    #[error("the provider cannot be used just now: {0}")]
    Unavailable(String),
    /// It does not know us, or what it says makes no sense.
    #[error("the provider's answer is of no use: {0}")]
    BadAnswer(String),
}
