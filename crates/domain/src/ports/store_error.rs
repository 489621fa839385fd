//! Why a store could not do what it was asked to.

use crate::account_limits::LimitReached;

/// Why a store could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store cannot be reached or is too busy; nothing was done.
    #[error("the database is unavailable")]
    Unavailable(#[source] Source),
    /// The connection broke while a change was being committed: it may have been done or not.
    #[error("whether the change was made is unknown")]
    OutcomeUnknown(#[source] Source),
    /// The account has reached a limit; nothing was done.
    #[error(transparent)]
    Limit(LimitReached),
    /// What is stored, or what was asked, breaks a rule of ours: a bug.
    #[error("{what}")]
    Inconsistent {
        /// What is wrong.
        what: &'static str,
        /// What the driver said.
        #[source]
        source: Option<Source>,
    },
    /// The account is gone, or this token was revoked.
    #[error("the caller's token is no longer good")]
    UnknownCaller,
}

/// The error below an error.
pub type Source = Box<dyn std::error::Error + Send + Sync>;
