//! Transient errors of PostgreSQL and poolers, recognised by message.

use super::RetryPolicy;

/// Parts of messages of the server's own, in lower case, and what can be done.
const PASSING: &[(&str, RetryPolicy)] = &[
    // PostgreSQL. 57P01, 57P02, 57P03: the server or this connection is being ended, or is starting.
    ("terminating connection due to", RetryPolicy::Retry),
    ("terminating connection because of crash", RetryPolicy::Retry),
    ("the database system is", RetryPolicy::Retry),
    ("connection to server was lost", RetryPolicy::Retry),
    // 40P01, 40001.
    ("deadlock detected", RetryPolicy::Retry),
    ("could not serialize access", RetryPolicy::Retry),
    // 26000, 42P05: a pooler that keeps no prepared statements gave us another server. That is how
    // it is set up; none of it is done, and now and then it is the same server again.
    ("prepared statement", RetryPolicy::Retry),
    // 57014, 55P03: another session holds a lock for long; repeating would only queue up again.
    ("canceling statement due to", RetryPolicy::GiveUp),
    // 53300, 53100, 53200: it is full.
    ("too many clients", RetryPolicy::GiveUp),
    ("connection slots are reserved", RetryPolicy::GiveUp),
    ("no space left on device", RetryPolicy::GiveUp),
    ("out of memory", RetryPolicy::GiveUp),
    // Neon's proxy: its compute is asleep, or moves.
    ("couldn't connect to compute node", RetryPolicy::Retry),
];

/// The same of PgBouncer (1.24): the reasons with which it parts a client from its server, all of
/// them 08P01. What the server did meanwhile is not known.
const PARTED: &[(&str, RetryPolicy)] = &[
    // The server went away, or is not to be reached just now.
    ("server conn crashed", RetryPolicy::Retry),
    ("server connection closed", RetryPolicy::Retry),
    ("server closed the connection", RetryPolicy::Retry),
    ("server login has been failing", RetryPolicy::Retry),
    ("server login failed", RetryPolicy::Retry),
    ("server dns lookup failed", RetryPolicy::Retry),
    ("cannot connect", RetryPolicy::Retry),
    ("connect failed", RetryPolicy::Retry),
    ("connect timeout", RetryPolicy::Retry),
    ("unexpected eof", RetryPolicy::Retry),
    // It ends, is paused or is set up anew.
    ("server shutting down", RetryPolicy::Retry),
    ("server lifetime over", RetryPolicy::Retry),
    ("server idle timeout", RetryPolicy::Retry),
    ("server got dirty", RetryPolicy::Retry),
    ("obsolete connection", RetryPolicy::Retry),
    ("database configuration changed", RetryPolicy::Retry),
    ("connect string changed", RetryPolicy::Retry),
    ("pause mode", RetryPolicy::Retry),
    ("evicted", RetryPolicy::Retry),
    ("close_needed", RetryPolicy::Retry),
    ("suspend_timeout", RetryPolicy::Retry),
    ("client_idle_timeout", RetryPolicy::Retry),
    ("client_login_timeout", RetryPolicy::Retry),
    // A timeout, or too many connections.
    ("query_wait_timeout", RetryPolicy::GiveUp),
    ("query_timeout", RetryPolicy::GiveUp),
    ("query timeout", RetryPolicy::GiveUp),
    ("idle transaction timeout", RetryPolicy::GiveUp),
    ("client connections exceeded", RetryPolicy::GiveUp),
    ("no more connections allowed", RetryPolicy::GiveUp),
    ("bouncer resources exhaustion", RetryPolicy::GiveUp),
];

/// What the server says to a connection that it will not take, however often it is asked
/// (28P01, 28000, 3D000).
const REFUSED: [&str; 3] = ["password authentication failed", "no pg_hba.conf entry", "does not exist"];

/// What can be done about a failure of which only the message is known; nothing when it is none
/// that passes.
pub(super) fn retry_policy_of_message(message: &str) -> Option<RetryPolicy> {
    find(PASSING, message).or_else(|| find(PARTED, message))
}

/// Whether a pooler has parted us from the server, so that it is unknown what became of the last
/// statement.
pub(super) fn is_pooler_disconnect(message: &str) -> bool {
    find(PASSING, message).is_none() && find(PARTED, message).is_some()
}

/// Whether the server ended a statement for taking too long (57014, 55P03), and nothing else.
pub(super) fn is_cancelled(message: &str) -> bool {
    message.to_lowercase().contains("canceling statement due to")
}

/// Whether another session's lock blocked a statement (55P03, 40P01).
pub(in crate::postgres) fn is_lock_conflict(message: &str) -> bool {
    let message = message.to_lowercase();
    message.contains("canceling statement due to lock timeout") || message.contains("deadlock detected")
}

fn find(transient: &[(&str, RetryPolicy)], message: &str) -> Option<RetryPolicy> {
    let message = message.to_lowercase();
    transient.iter().find(|(text, _)| message.contains(text)).map(|(_, policy)| *policy)
}

/// What can be done about a connection that could not be opened.
pub(super) fn retry_policy_of_connecting(message: &str) -> RetryPolicy {
    let is_refused = || REFUSED.iter().any(|text| message.contains(text));
    match retry_policy_of_message(message) {
        Some(RetryPolicy::GiveUp) => RetryPolicy::GiveUp,
        None if is_refused() => RetryPolicy::GiveUp,
        _ => RetryPolicy::Reconnect,
    }
}
