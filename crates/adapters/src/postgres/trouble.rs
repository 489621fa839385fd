//! What a failure of the database means, decided in one place.
//!
//! diesel-async keeps few of Postgres' error codes, so some of them are told by their text, which
//! is English on every server that we ask for it (`lc_messages` of managed ones, and of ours).

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel_async::pooled_connection::deadpool::PoolError;
use domain::ports::StoreError;

/// Why an attempt at a transaction or a read failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// No connection was to be had.
    #[error("no connection: {0}")]
    Pool(#[from] PoolError),
    /// A statement failed; nothing is committed.
    #[error(transparent)]
    Statement(#[from] DieselError),
    /// COMMIT was sent, and no sound answer came.
    #[error("the answer to COMMIT was lost: {0}")]
    Commit(DieselError),
    /// It took too long; nothing is committed.
    #[error("the database took too long")]
    TimedOut,
    /// Another transaction came first; a second attempt will see what it did.
    #[error("another request came first")]
    Raced,
    /// The caller's account is gone or their token was revoked.
    #[error("the caller's token is no longer good")]
    UnknownCaller,
    /// The turn is somebody else's now.
    #[error("the turn was taken over")]
    Superseded,
    /// A rule of ours is broken.
    #[error("{0}")]
    Inconsistent(&'static str),
}

/// What can be done about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remedy {
    /// Nothing was sent: try until the time is up.
    Reconnect,
    /// Nothing was committed: try again, a few times.
    Repeat,
    /// It may have been committed: try again only what can tell that it was.
    Unknown,
    /// It would fail again, or waiting is not ours to do.
    GiveUp,
}

impl Failure {
    /// What can be done about it.
    pub(super) fn remedy(&self) -> Remedy {
        match self {
            Self::Pool(PoolError::Backend(error)) => remedy_of_connecting(&error.to_string()),
            // The pool is empty or connecting takes too long: others are in the same queue.
            Self::Pool(_) => Remedy::GiveUp,
            Self::Statement(error) => remedy_of(error),
            // The server said no: it did not commit. Otherwise nobody knows.
            Self::Commit(error) => match remedy_of(error) {
                Remedy::Repeat if is_rollback(error) => Remedy::Repeat,
                Remedy::GiveUp if !is_connection_lost(error) => Remedy::GiveUp,
                _ => Remedy::Unknown,
            },
            Self::Raced => Remedy::Repeat,
            Self::TimedOut | Self::UnknownCaller | Self::Superseded | Self::Inconsistent(_) => Remedy::GiveUp,
        }
    }

    /// The name of the constraint that was broken, if that is what happened.
    pub(super) fn constraint(&self) -> Option<&str> {
        match self {
            Self::Statement(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, info)) => {
                info.constraint_name()
            }
            _ => None,
        }
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::UnknownCaller => Self::UnknownCaller,
            Failure::Inconsistent(what) => Self::Inconsistent { what, source: None },
            Failure::Superseded => {
                Self::Inconsistent { what: "a lease was lost where there is none", source: None }
            }
            Failure::Statement(ref error) if is_ours(error) => Self::Inconsistent {
                what: "the database refused a statement",
                source: Some(Box::new(failure)),
            },
            Failure::Commit(_) if failure.remedy() == Remedy::Unknown => {
                Self::OutcomeUnknown(Box::new(failure))
            }
            _ => Self::Unavailable(Box::new(failure)),
        }
    }
}

/// Messages of failures that pass by themselves, and what can be done about each.
const PASSING: [(&str, Remedy); 15] = [
    // 57P01, 57P02, 57P03: the server or this connection is being ended, or is starting.
    ("terminating connection due to", Remedy::Repeat),
    ("terminating connection because of crash", Remedy::Repeat),
    ("the database system is", Remedy::Repeat),
    ("connection to server was lost", Remedy::Repeat),
    // PgBouncer's and Neon's proxy's words for the same.
    ("server conn crashed", Remedy::Repeat),
    ("server closed the connection unexpectedly", Remedy::Repeat),
    ("couldn't connect to compute node", Remedy::Repeat),
    ("query_wait_timeout", Remedy::GiveUp),
    // 40P01, 40001.
    ("deadlock detected", Remedy::Repeat),
    ("could not serialize access", Remedy::Repeat),
    // 57014, 55P03: somebody holds a lock for long; repeating would only queue up again.
    ("canceling statement due to", Remedy::GiveUp),
    // 53300, 53100, 53200: it is full.
    ("too many clients", Remedy::GiveUp),
    ("connection slots are reserved", Remedy::GiveUp),
    ("no space left on device", Remedy::GiveUp),
    ("out of memory", Remedy::GiveUp),
];

/// What the server says to a connection that it will not take, however often it is asked
/// (28P01, 28000, 3D000, 53300).
const REFUSED: [&str; 5] = [
    "password authentication failed",
    "no pg_hba.conf entry",
    "does not exist",
    "too many clients",
    "connection slots are reserved",
];

fn remedy_of_connecting(message: &str) -> Remedy {
    let is_refused = REFUSED.iter().any(|text| message.contains(text));
    if is_refused { Remedy::GiveUp } else { Remedy::Reconnect }
}

fn remedy_of(error: &DieselError) -> Remedy {
    match error {
        DieselError::DatabaseError(kind, info) => match kind {
            DatabaseErrorKind::UnableToSendCommand
            | DatabaseErrorKind::ClosedConnection
            | DatabaseErrorKind::SerializationFailure => Remedy::Repeat,
            DatabaseErrorKind::Unknown => passing(info.message()).unwrap_or(Remedy::GiveUp),
            _ => Remedy::GiveUp,
        },
        DieselError::BrokenTransactionManager | DieselError::RollbackTransaction => Remedy::Repeat,
        _ => Remedy::GiveUp,
    }
}

fn passing(message: &str) -> Option<Remedy> {
    let message = message.to_lowercase();
    PASSING.iter().find(|(text, _)| message.contains(text)).map(|(_, remedy)| *remedy)
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
    let kind = match error {
        DieselError::DatabaseError(kind, _) => kind,
        other => return matches!(other, DieselError::BrokenTransactionManager),
    };
    matches!(kind, DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection)
}

/// Whether the failure is a mistake of ours and no trouble of the surroundings.
fn is_ours(error: &DieselError) -> bool {
    match error {
        DieselError::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, _) => false,
        DieselError::DatabaseError(DatabaseErrorKind::Unknown, info) => passing(info.message()).is_none(),
        DieselError::DatabaseError(..) => remedy_of(error) == Remedy::GiveUp,
        DieselError::BrokenTransactionManager | DieselError::RollbackTransaction => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(kind: DatabaseErrorKind, message: &str) -> DieselError {
        DieselError::DatabaseError(kind, Box::new(message.to_owned()))
    }

    #[test]
    fn every_failure_has_its_remedy_and_its_name() {
        use DatabaseErrorKind::{
            ReadOnlyTransaction, SerializationFailure, UnableToSendCommand, UniqueViolation, Unknown,
        };
        let table = [
            (Unknown, "terminating connection due to administrator command", Remedy::Repeat, "unavailable"),
            (
                Unknown,
                "terminating connection due to idle-in-transaction timeout",
                Remedy::Repeat,
                "unavailable",
            ),
            (Unknown, "the database system is shutting down", Remedy::Repeat, "unavailable"),
            (Unknown, "the database system is starting up", Remedy::Repeat, "unavailable"),
            (Unknown, "Couldn't connect to compute node", Remedy::Repeat, "unavailable"),
            (Unknown, "deadlock detected", Remedy::Repeat, "unavailable"),
            (Unknown, "canceling statement due to statement timeout", Remedy::GiveUp, "unavailable"),
            (Unknown, "canceling statement due to lock timeout", Remedy::GiveUp, "unavailable"),
            (Unknown, "sorry, too many clients already", Remedy::GiveUp, "unavailable"),
            (Unknown, "could not extend file: No space left on device", Remedy::GiveUp, "unavailable"),
            (Unknown, "column \"x\" does not exist", Remedy::GiveUp, "inconsistent"),
            (
                ReadOnlyTransaction,
                "cannot execute INSERT in a read-only transaction",
                Remedy::GiveUp,
                "unavailable",
            ),
            (SerializationFailure, "could not serialize access", Remedy::Repeat, "unavailable"),
            (UnableToSendCommand, "connection closed", Remedy::Repeat, "unavailable"),
            (UniqueViolation, "duplicate key value", Remedy::GiveUp, "inconsistent"),
        ];
        for (kind, message, remedy, name) in table {
            let failure = Failure::Statement(said(kind, message));
            assert_eq!(failure.remedy(), remedy, "{message}");
            let known_as = match StoreError::from(failure) {
                StoreError::Unavailable(_) => "unavailable",
                StoreError::OutcomeUnknown(_) => "unknown",
                StoreError::Inconsistent { .. } => "inconsistent",
                StoreError::UnknownCaller => "caller",
            };
            assert_eq!(known_as, name, "{message}");
        }
    }

    #[test]
    fn a_refused_connection_is_tried_again_unless_it_never_will_be_taken() {
        for message in [
            "error connecting to server: Connection refused (os error 111)",
            "connection closed",
            "timed out",
        ] {
            assert_eq!(remedy_of_connecting(message), Remedy::Reconnect, "{message}");
        }
        for message in [
            "db error: FATAL: password authentication failed for user \"app\"",
            "db error: FATAL: database \"x\" does not exist",
            "db error: FATAL: sorry, too many clients already",
        ] {
            assert_eq!(remedy_of_connecting(message), Remedy::GiveUp, "{message}");
        }
    }

    #[test]
    fn a_lost_answer_to_commit_is_an_unknown_outcome_and_a_refusal_is_not() {
        use DatabaseErrorKind::{SerializationFailure, UnableToSendCommand, Unknown};
        let commit = |kind, message| Failure::Commit(said(kind, message)).remedy();
        assert_eq!(commit(UnableToSendCommand, "connection closed"), Remedy::Unknown);
        assert_eq!(commit(Unknown, "terminating connection due to administrator command"), Remedy::Unknown);
        assert_eq!(commit(SerializationFailure, "could not serialize access"), Remedy::Repeat);
        assert_eq!(commit(Unknown, "deadlock detected"), Remedy::Repeat);
    }
}
