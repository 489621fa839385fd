//! Sessions: what keeps a person signed in on one device, longer than an access token lives.
//!
//! A session hands out one refresh token at a time, each made from the one before. Presenting the
//! newest one rotates it. Presenting the one before it, shortly after, is a lost answer or a second
//! tab, and gets the same newest one again. Presenting anything older is theft: the session ends.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A session's id, a UUIDv7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionId(pub Uuid);

/// A SHA-256 of the secret of a refresh token, an access token or a calendar: all that is stored of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SecretHash(pub [u8; 32]);

/// How long a session lasts without being used.
pub const SESSION_DAYS: i32 = 30;

/// Maximum number of sessions of an account, so that repeated sign-ins cannot fill the database.
pub const MAX_SESSIONS: i32 = 100;

/// How long the token before the newest one is taken for the sign of a lost answer: longer than the page
/// tries again (60 s) when nobody answers.
pub const ROTATION_GRACE_SECONDS: i32 = 90;

/// A refresh token that a client presents, and its successor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    /// The session it belongs to.
    pub session: SessionId,
    /// The hash of what was presented.
    pub presented: SecretHash,
    /// The hash of what follows it.
    pub next: SecretHash,
}

/// A session that is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    /// Its id.
    pub id: SessionId,
    /// The hash of its first secret.
    pub secret: SecretHash,
    /// What the person signs in with, if it says.
    pub user_agent: Option<UserAgent>,
}

/// A session as its owner sees it: a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// What the person signed in with, if it said.
    pub user_agent: Option<UserAgent>,
    /// When the person signed in.
    pub created_at: DateTime<Utc>,
    /// When it was last given an access token.
    pub last_used_at: DateTime<Utc>,
}

/// What a client calls itself: 1 to 200 characters that can be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserAgent(String);

impl UserAgent {
    /// The most characters that are kept.
    pub const MAX_CHARACTERS: usize = 200;

    /// Reads what a client says of itself: the beginning of it, without control characters. `None` when
    /// nothing is left.
    pub fn read(said: &str) -> Option<Self> {
        let seen: String =
            said.trim().chars().filter(|c| !c.is_control()).take(Self::MAX_CHARACTERS).collect();
        (!seen.is_empty()).then_some(Self(seen))
    }

    /// What it calls itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_says_of_itself_is_kept_short_and_can_be_seen() {
        let read = |said: &str| UserAgent::read(said).map(|seen| seen.as_str().to_owned());
        assert_eq!(read(" Firefox\u{0} on\ta phone\n").as_deref(), Some("Firefox ona phone"));
        assert_eq!(read(&"\u{fc}".repeat(201)), Some("\u{fc}".repeat(200)));
        assert_eq!((read(""), read(" \n"), read("\u{0}")), (None, None, None));
    }
}
