use super::*;

fn said(kind: DatabaseErrorKind, message: &str) -> DieselError {
    DieselError::DatabaseError(kind, Box::new(message.to_owned()))
}

#[test]
fn every_error_has_its_retry_policy_and_its_name() {
    use DatabaseErrorKind::{
        ReadOnlyTransaction, SerializationFailure, UnableToSendCommand, UniqueViolation, Unknown,
    };
    let table = [
        (Unknown, "terminating connection due to administrator command", RetryPolicy::Retry, "unavailable"),
        (
            Unknown,
            "terminating connection due to idle-in-transaction timeout",
            RetryPolicy::Retry,
            "unavailable",
        ),
        (Unknown, "the database system is shutting down", RetryPolicy::Retry, "unavailable"),
        (Unknown, "the database system is starting up", RetryPolicy::Retry, "unavailable"),
        (Unknown, "Couldn't connect to compute node", RetryPolicy::Retry, "unavailable"),
        (Unknown, "server connection closed", RetryPolicy::Retry, "unavailable"),
        (
            Unknown,
            "server login has been failing, cached error: connect failed (server_login_retry)",
            RetryPolicy::Retry,
            "unavailable",
        ),
        (Unknown, "query_wait_timeout", RetryPolicy::GiveUp, "unavailable"),
        (Unknown, "prepared statement \"s0\" does not exist", RetryPolicy::Retry, "unavailable"),
        (Unknown, "deadlock detected", RetryPolicy::Retry, "unavailable"),
        (Unknown, "canceling statement due to statement timeout", RetryPolicy::GiveUp, "unavailable"),
        (Unknown, "canceling statement due to lock timeout", RetryPolicy::GiveUp, "unavailable"),
        (Unknown, "sorry, too many clients already", RetryPolicy::GiveUp, "unavailable"),
        (Unknown, "could not extend file: No space left on device", RetryPolicy::GiveUp, "unavailable"),
        (Unknown, "column \"x\" does not exist", RetryPolicy::GiveUp, "inconsistent"),
        (
            ReadOnlyTransaction,
            "cannot execute INSERT in a read-only transaction",
            RetryPolicy::GiveUp,
            "unavailable",
        ),
        (SerializationFailure, "could not serialize access", RetryPolicy::Retry, "unavailable"),
        (UnableToSendCommand, "connection closed", RetryPolicy::Retry, "unavailable"),
        (UniqueViolation, "duplicate key value", RetryPolicy::GiveUp, "inconsistent"),
    ];
    for (kind, message, policy, name) in table {
        let failure = DatabaseError::Statement(said(kind, message));
        assert_eq!(failure.retry_policy(), policy, "{message}");
        let known_as = match StoreError::from(failure) {
            StoreError::Unavailable(_) => "unavailable",
            StoreError::OutcomeUnknown(_) => "unknown",
            StoreError::Inconsistent { .. } => "inconsistent",
            StoreError::UnknownCaller => "caller",
            StoreError::Limit(_) => "limit",
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
        "FATAL: the database system is starting up",
        "prepared statement \"s0\" does not exist",
    ] {
        assert_eq!(retry_policy_of_connecting(message), RetryPolicy::Reconnect, "{message}");
    }
    for message in [
        "db error: FATAL: password authentication failed for user \"app\"",
        "db error: FATAL: database \"x\" does not exist",
        "db error: FATAL: sorry, too many clients already",
    ] {
        assert_eq!(retry_policy_of_connecting(message), RetryPolicy::GiveUp, "{message}");
    }
}

#[test]
fn a_lost_answer_to_commit_is_an_unknown_outcome_and_a_refusal_is_not() {
    use DatabaseErrorKind::{SerializationFailure, UnableToSendCommand, Unknown};
    let commit = |kind, message| DatabaseError::Commit(said(kind, message)).retry_policy();
    assert_eq!(commit(UnableToSendCommand, "connection closed"), RetryPolicy::Unknown);
    assert_eq!(commit(Unknown, "terminating connection due to administrator command"), RetryPolicy::Unknown);
    assert_eq!(commit(Unknown, "server conn crashed?"), RetryPolicy::Unknown);
    assert_eq!(commit(Unknown, "query_timeout"), RetryPolicy::Unknown);
    assert_eq!(commit(Unknown, "canceling statement due to statement timeout"), RetryPolicy::GiveUp);
    assert_eq!(commit(SerializationFailure, "could not serialize access"), RetryPolicy::Retry);
    assert_eq!(commit(Unknown, "deadlock detected"), RetryPolicy::Retry);
}
