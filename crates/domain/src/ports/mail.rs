//! The port that sends mail.

use async_trait::async_trait;

use crate::mail::Mail;

/// Sends mail.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Hands a mail to the server that delivers it.
    async fn send(&self, mail: &Mail) -> Result<(), MailError>;
}

/// Why a mail was not taken, in words for the log: never with an address, and never with what the
/// mail server wrote, which may quote one.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The server was not reached or has no time: later it may take the mail.
    #[error("the mail server cannot be used just now: {0}")]
    Unavailable(String),
    /// It will never be taken as it is.
    #[error("the mail is refused: {0}")]
    Refused(String),
}
