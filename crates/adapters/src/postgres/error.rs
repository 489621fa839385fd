//! Classifies errors of the database, in one place.
//!
//! diesel-async keeps few of Postgres' error codes, so some of them are told by their text, which
//! has to be English. `lc_messages` looks whether it is.

mod transient;

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel_async::pooled_connection::deadpool::PoolError;
use domain::{account_limits::LimitReached, ports::StoreError, undo::Conflict};

pub(super) use transient::is_lock_conflict;
use transient::{is_cancelled, is_pooler_disconnect, retry_policy_of_connecting, retry_policy_of_message};

/// Why an attempt at a transaction or a read failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum DatabaseError {
    /// No connection was to be had.
    #[error("no connection: {0}")]
    Pool(#[from] PoolError),
    /// A statement failed; nothing is committed.
    #[error(transparent)]
    Statement(#[from] DieselError),
    /// COMMIT was sent, and no sound answer came.
    #[error("the answer to COMMIT was lost: {0}")]
    Commit(DieselError),
    /// An earlier attempt may have been committed, and a second one would do more.
    #[error("an earlier attempt may have been committed")]
    MayBeCommitted,
    /// It took too long; nothing is committed.
    #[error("the database took too long")]
    TimedOut,
    /// Another transaction came first; a second attempt will see what it did.
    #[error("another request came first")]
    Conflict,
    /// The caller's account is gone or their token was revoked.
    #[error("the caller's token is no longer good")]
    UnknownCaller,
    /// The account has reached a limit.
    #[error(transparent)]
    Limit(LimitReached),
    /// What a turn did cannot be undone for another answer: these tasks were changed since.
    #[error("what is to be replaced was changed since")]
    ReplacedWasChanged(Vec<Conflict>),
    /// Another worker has the turn now.
    #[error("the turn was taken over")]
    Superseded,
    /// A rule of ours is broken.
    #[error("{0}")]
    Inconsistent(&'static str),
}

/// What can be done about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RetryPolicy {
    /// Nothing was sent: try until the time is up.
    Reconnect,
    /// Nothing was committed: try again, a few times.
    Retry,
    /// No answer in time, from a connection that may have been dead for long: try again on another one.
    RetryOnce,
    /// It may have been committed: try again only what can tell that it was.
    Unknown,
    /// It would fail again, or waiting is not ours to do.
    GiveUp,
}

impl DatabaseError {
    /// What can be done about it.
    pub(super) fn retry_policy(&self) -> RetryPolicy {
        match self {
            Self::Pool(PoolError::Backend(error)) => retry_policy_of_connecting(&error.to_string()),
            // The pool is empty or connecting takes too long: others are in the same queue.
            Self::Pool(_) => RetryPolicy::GiveUp,
            Self::Statement(error) => retry_policy_of(error),
            // The server refused: it did not commit. Otherwise the outcome is unknown.
            Self::Commit(error) => match retry_policy_of(error) {
                RetryPolicy::Retry if is_rollback(error) => RetryPolicy::Retry,
                RetryPolicy::GiveUp if !is_connection_lost(error) => RetryPolicy::GiveUp,
                _ => RetryPolicy::Unknown,
            },
            Self::Conflict => RetryPolicy::Retry,
            Self::TimedOut => RetryPolicy::RetryOnce,
            Self::MayBeCommitted
            | Self::UnknownCaller
            | Self::Limit(_)
            | Self::ReplacedWasChanged(_)
            | Self::Superseded
            | Self::Inconsistent(_) => RetryPolicy::GiveUp,
        }
    }

    /// Whether the connection can be used again after a rollback: the error is the server's answer
    /// to a statement, or ours. After anything else it is unknown what is still in flight.
    pub(super) fn leaves_the_connection_usable(&self) -> bool {
        match self {
            Self::Conflict
            | Self::MayBeCommitted
            | Self::UnknownCaller
            | Self::Limit(_)
            | Self::ReplacedWasChanged(_)
            | Self::Superseded
            | Self::Inconsistent(_) => true,
            Self::Statement(DieselError::NotFound) => true,
            Self::Statement(error @ DieselError::DatabaseError(kind, info)) => match kind {
                DatabaseErrorKind::Unknown => is_rollback(error) || is_cancelled(info.message()),
                DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection => false,
                _ => true,
            },
            Self::Statement(_) | Self::Pool(_) | Self::Commit(_) | Self::TimedOut => false,
        }
    }

    /// Whether it only says that the database could not be asked, or not in time.
    pub(super) fn is_outage(&self) -> bool {
        match self {
            Self::Pool(_) | Self::Commit(_) | Self::TimedOut | Self::Conflict => true,
            Self::Statement(error) => !is_ours(error) && !self.constraint().is_some_and(is_of_user),
            Self::MayBeCommitted
            | Self::UnknownCaller
            | Self::Limit(_)
            | Self::ReplacedWasChanged(_)
            | Self::Superseded
            | Self::Inconsistent(_) => false,
        }
    }

    /// The name of the constraint that was broken, if that is what happened.
    pub(super) fn constraint(&self) -> Option<&str> {
        match self {
            Self::Statement(DieselError::DatabaseError(
                DatabaseErrorKind::UniqueViolation | DatabaseErrorKind::ForeignKeyViolation,
                info,
            )) => info.constraint_name(),
            _ => None,
        }
    }
}

impl From<DatabaseError> for StoreError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::UnknownCaller => Self::UnknownCaller,
            DatabaseError::Limit(limit) => Self::Limit(limit),
            DatabaseError::Inconsistent(what) => Self::Inconsistent { what, source: None },
            DatabaseError::Superseded => {
                Self::Inconsistent { what: "a lease was lost where there is none", source: None }
            }
            DatabaseError::ReplacedWasChanged(_) => {
                Self::Inconsistent { what: "an answer was replaced where none is", source: None }
            }
            DatabaseError::Commit(_) if error.retry_policy() == RetryPolicy::Unknown => {
                Self::OutcomeUnknown(Box::new(error))
            }
            DatabaseError::MayBeCommitted => Self::OutcomeUnknown(Box::new(error)),
            _ if error.is_outage() => Self::Unavailable(Box::new(error)),
            // The account was deleted after its token was looked at.
            _ if error.constraint().is_some_and(is_of_user) => Self::UnknownCaller,
            _ => {
                Self::Inconsistent { what: "the database refused a statement", source: Some(Box::new(error)) }
            }
        }
    }
}

/// Whether a constraint says that the account of a row is there. These have the names that Postgres gives.
fn is_of_user(constraint: &str) -> bool {
    constraint.ends_with("_user_id_fkey")
}

fn retry_policy_of(error: &DieselError) -> RetryPolicy {
    match error {
        DieselError::DatabaseError(kind, info) => match kind {
            DatabaseErrorKind::UnableToSendCommand
            | DatabaseErrorKind::ClosedConnection
            | DatabaseErrorKind::SerializationFailure => RetryPolicy::Retry,
            DatabaseErrorKind::Unknown => {
                retry_policy_of_message(info.message()).unwrap_or(RetryPolicy::GiveUp)
            }
            _ => RetryPolicy::GiveUp,
        },
        DieselError::BrokenTransactionManager | DieselError::RollbackTransaction => RetryPolicy::Retry,
        _ => RetryPolicy::GiveUp,
    }
}

/// Whether it is certain that the server rolled back.
fn is_rollback(error: &DieselError) -> bool {
    match error {
        DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => true,
        DieselError::DatabaseError(DatabaseErrorKind::Unknown, info) => {
            info.message().contains("deadlock detected")
        }
        _ => false,
    }
}

fn is_connection_lost(error: &DieselError) -> bool {
    match error {
        DieselError::DatabaseError(kind, info) => match kind {
            DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection => true,
            DatabaseErrorKind::Unknown => is_pooler_disconnect(info.message()),
            _ => false,
        },
        other => matches!(other, DieselError::BrokenTransactionManager),
    }
}

/// Whether this is a bug of ours and not a failure of the environment.
fn is_ours(error: &DieselError) -> bool {
    match error {
        DieselError::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, _) => false,
        DieselError::DatabaseError(DatabaseErrorKind::Unknown, info) => {
            retry_policy_of_message(info.message()).is_none()
        }
        DieselError::DatabaseError(..) => retry_policy_of(error) == RetryPolicy::GiveUp,
        DieselError::BrokenTransactionManager | DieselError::RollbackTransaction => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests;
