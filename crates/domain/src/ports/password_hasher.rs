//! The hasher of passwords.

use async_trait::async_trait;

use super::Source;
use crate::{
    client_network::ClientNetwork,
    password::{NewPassword, PasswordHash},
};

/// Passwords: hashed slowly, on a pool of their own, in which sources take turns.
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// Hashes a password.
    async fn hash(&self, password: NewPassword, source: ClientNetwork) -> Result<PasswordHash, HasherError>;

    /// Compares `candidate` with the password of `hash`. Without a hash the same time is spent and the
    /// answer is [`Wrong`](PasswordCheck::Wrong), so that nobody can tell which addresses have an account.
    async fn verify(
        &self,
        candidate: String,
        hash: Option<PasswordHash>,
        source: ClientNetwork,
    ) -> Result<PasswordCheck, HasherError>;
}

/// What came of comparing a password with a hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasswordCheck {
    /// It is another one.
    Wrong,
    /// It is the one.
    Right {
        /// A new hash of it, when the given one took less work than new ones take.
        rehashed: Option<PasswordHash>,
    },
}

/// Why a password could not be hashed.
#[derive(Debug, thiserror::Error)]
pub enum HasherError {
    /// Too many are waiting.
    #[error("too many passwords are waiting to be hashed")]
    Busy,
    /// The hash in the store cannot be read, or the hasher failed: a bug.
    #[error("the password hasher failed")]
    Broken(#[source] Source),
}
