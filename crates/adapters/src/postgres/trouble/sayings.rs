//! What PostgreSQL and the poolers in front of it say of troubles that pass by themselves.

use super::Remedy;

/// Parts of messages of the server's own, in lower case, and what can be done.
const PASSING: &[(&str, Remedy)] = &[
    // PostgreSQL. 57P01, 57P02, 57P03: the server or this connection is being ended, or is starting.
    ("terminating connection due to", Remedy::Repeat),
    ("terminating connection because of crash", Remedy::Repeat),
    ("the database system is", Remedy::Repeat),
    ("connection to server was lost", Remedy::Repeat),
    // 40P01, 40001.
    ("deadlock detected", Remedy::Repeat),
    ("could not serialize access", Remedy::Repeat),
    // 26000, 42P05: a pooler that keeps no prepared statements gave us another server. That is how
    // it is set up; none of it is done, and now and then it is the same server again.
    ("prepared statement", Remedy::Repeat),
    // 57014, 55P03: somebody holds a lock for long; repeating would only queue up again.
    ("canceling statement due to", Remedy::GiveUp),
    // 53300, 53100, 53200: it is full.
    ("too many clients", Remedy::GiveUp),
    ("connection slots are reserved", Remedy::GiveUp),
    ("no space left on device", Remedy::GiveUp),
    ("out of memory", Remedy::GiveUp),
    // Neon's proxy: its compute is asleep, or moves.
    ("couldn't connect to compute node", Remedy::Repeat),
];

/// The same of PgBouncer (1.24): the reasons with which it parts a client from its server, all of
/// them 08P01. What the server did meanwhile is not known.
const PARTED: &[(&str, Remedy)] = &[
    // The server went away, or is not to be reached just now.
    ("server conn crashed", Remedy::Repeat),
    ("server connection closed", Remedy::Repeat),
    ("server closed the connection", Remedy::Repeat),
    ("server login has been failing", Remedy::Repeat),
    ("server login failed", Remedy::Repeat),
    ("server dns lookup failed", Remedy::Repeat),
    ("cannot connect", Remedy::Repeat),
    ("connect failed", Remedy::Repeat),
    ("connect timeout", Remedy::Repeat),
    ("unexpected eof", Remedy::Repeat),
    // It ends, is paused or is set up anew.
    ("server shutting down", Remedy::Repeat),
    ("server lifetime over", Remedy::Repeat),
    ("server idle timeout", Remedy::Repeat),
    ("server got dirty", Remedy::Repeat),
    ("obsolete connection", Remedy::Repeat),
    ("database configuration changed", Remedy::Repeat),
    ("connect string changed", Remedy::Repeat),
    ("pause mode", Remedy::Repeat),
    ("evicted", Remedy::Repeat),
    ("close_needed", Remedy::Repeat),
    ("suspend_timeout", Remedy::Repeat),
    ("client_idle_timeout", Remedy::Repeat),
    ("client_login_timeout", Remedy::Repeat),
    // Somebody waited or worked too long, or there are too many.
    ("query_wait_timeout", Remedy::GiveUp),
    ("query_timeout", Remedy::GiveUp),
    ("query timeout", Remedy::GiveUp),
    ("idle transaction timeout", Remedy::GiveUp),
    ("client connections exceeded", Remedy::GiveUp),
    ("no more connections allowed", Remedy::GiveUp),
    ("bouncer resources exhaustion", Remedy::GiveUp),
];

/// What the server says to a connection that it will not take, however often it is asked
/// (28P01, 28000, 3D000).
const REFUSED: [&str; 3] = ["password authentication failed", "no pg_hba.conf entry", "does not exist"];

/// What can be done about a failure of which only the message is known; nothing when it is none
/// that passes.
pub(super) fn passing(message: &str) -> Option<Remedy> {
    find(PASSING, message).or_else(|| find(PARTED, message))
}

/// Whether a pooler has parted us from the server, so that nobody knows what became of the last
/// statement.
pub(super) fn is_parted(message: &str) -> bool {
    find(PASSING, message).is_none() && find(PARTED, message).is_some()
}

fn find(sayings: &[(&str, Remedy)], message: &str) -> Option<Remedy> {
    let message = message.to_lowercase();
    sayings.iter().find(|(text, _)| message.contains(text)).map(|(_, remedy)| *remedy)
}

/// What can be done about a connection that could not be opened.
pub(super) fn remedy_of_connecting(message: &str) -> Remedy {
    let is_refused = || REFUSED.iter().any(|text| message.contains(text));
    match passing(message) {
        Some(Remedy::GiveUp) => Remedy::GiveUp,
        None if is_refused() => Remedy::GiveUp,
        _ => Remedy::Reconnect,
    }
}
