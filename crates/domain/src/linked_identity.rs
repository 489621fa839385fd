//! A user's identity at a provider with which they sign in.

use chrono::{DateTime, Utc};

pub use crate::sign_in_provider::Provider;
use crate::{
    account::{Email, UserName},
    session::SecretHash,
};

/// How many minutes a person has to come back from the provider.
pub const SIGN_IN_MINUTES: i32 = 10;

/// How many minutes after signing in an account without a password may be deleted, or given one: a
/// password would be asked for otherwise.
pub const REAUTH_WINDOW_MINUTES: i64 = 10;

/// What a provider says of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Their stable, unique id at the provider: 1 to 255 characters.
    pub subject: String,
    /// Their address, if the provider has seen that mail to it reaches them, and it is no other mailbox in
    /// the form that it has here ([`Email::parse_mailbox`]).
    pub verified_email: Option<Email>,
    /// Display name at the provider, when it gives one.
    pub name: Option<UserName>,
    /// Where their picture is: an `https` address of at most 500 characters.
    pub avatar_url: Option<String>,
}

/// A provider linked to an account for signing in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// The provider.
    pub provider: Provider,
    /// When the account was linked.
    pub linked_at: DateTime<Utc>,
}

/// A sign-in that begins.
#[derive(Clone, PartialEq, Eq)]
pub struct NewSignIn {
    /// The provider to sign in with.
    pub provider: Provider,
    /// The hash of what the person's browser has to bring back.
    pub state: SecretHash,
    /// The secret that goes with the code (RFC 7636): the browser never has it.
    pub pkce_verifier: String,
}
