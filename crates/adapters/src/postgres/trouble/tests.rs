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
        (Unknown, "terminating connection due to idle-in-transaction timeout", Remedy::Repeat, "unavailable"),
        (Unknown, "the database system is shutting down", Remedy::Repeat, "unavailable"),
        (Unknown, "the database system is starting up", Remedy::Repeat, "unavailable"),
        (Unknown, "Couldn't connect to compute node", Remedy::Repeat, "unavailable"),
        (Unknown, "server connection closed", Remedy::Repeat, "unavailable"),
        (
            Unknown,
            "server login has been failing, cached error: connect failed (server_login_retry)",
            Remedy::Repeat,
            "unavailable",
        ),
        (Unknown, "query_wait_timeout", Remedy::GiveUp, "unavailable"),
        (Unknown, "prepared statement \"s0\" does not exist", Remedy::Repeat, "unavailable"),
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
        "FATAL: the database system is starting up",
        "prepared statement \"s0\" does not exist",
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
    assert_eq!(commit(Unknown, "server conn crashed?"), Remedy::Unknown);
    assert_eq!(commit(Unknown, "query_timeout"), Remedy::Unknown);
    assert_eq!(commit(Unknown, "canceling statement due to statement timeout"), Remedy::GiveUp);
    assert_eq!(commit(SerializationFailure, "could not serialize access"), Remedy::Repeat);
    assert_eq!(commit(Unknown, "deadlock detected"), Remedy::Repeat);
}
