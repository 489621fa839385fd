//! Links that are good once: to set another password without the old one, and to confirm an address.
//!
//! A link is mailed to the account's address, or handed over by the operator. What is kept
//! of the secret in it is its hash.

use crate::session::SecretHash;

/// How many minutes a link to another password is good for.
pub const RESET_MINUTES: i32 = 30;

/// How many minutes a link that confirms an address is good for.
pub const CONFIRM_MINUTES: i32 = 24 * 60;

/// How many mails of one purpose an account is sent within [`MAIL_WINDOW_MINUTES`]. Who asks for more
/// has these: so nobody fills somebody's mailbox, and nobody keeps them from their link either.
pub const MAX_MAILS: i64 = 3;

/// The time in which [`MAX_MAILS`] are counted.
pub const MAIL_WINDOW_MINUTES: i32 = 15;

/// What a link is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenPurpose {
    /// To set another password.
    ResetPassword,
    /// To show that mail to the account's address reaches its owner.
    ConfirmEmail,
}

impl TokenPurpose {
    /// The name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ResetPassword => "reset_password",
            Self::ConfirmEmail => "confirm_email",
        }
    }

    /// How many minutes such a link is good for.
    pub fn minutes(self) -> i32 {
        match self {
            Self::ResetPassword => RESET_MINUTES,
            Self::ConfirmEmail => CONFIRM_MINUTES,
        }
    }
}

/// A link that is about to be handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOneTimeToken {
    /// What it is good for.
    pub purpose: TokenPurpose,
    /// SHA-256 of the secret in the link.
    pub secret: SecretHash,
    /// Whether it goes to the account's address, so that whoever has it reads the mail that arrives
    /// there. Only such links are counted against [`MAX_MAILS`].
    pub by_mail: bool,
}

/// What became of the wish for a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssueOutcome {
    /// It is kept, and may be handed out.
    Issued,
    /// No account has the address, or its address is confirmed already.
    NotNeeded,
    /// The account was sent as many as it may be, lately.
    RateLimited,
}
