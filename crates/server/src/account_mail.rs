//! Mail about accounts: a link to another password, one that confirms the address, and notices.
//!
//! Nothing of it happens while a request waits: whether there is an account, and whether the mail server
//! answers, shows in no answer and in the time of none. What cannot be sent is in the log.

mod email_templates;

use std::{sync::Arc, time::Duration};

use domain::{
    account::Email,
    error_chain::with_causes,
    mail::Mail,
    one_time_token::{IssueOutcome, NewOneTimeToken, TokenPurpose},
    ports::{MailError, Mailer, OneTimeTokenStore},
};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};

use crate::{public_url::PublicUrl, tokens::secret_link_token::SecretLinkToken};

/// How many mails may wait to be sent, and how many are being sent at once.
const WAITING: u32 = 256;
const AT_ONCE: usize = 4;
/// How long to wait before a mail that the mail server did not take is tried again, and once more.
const PAUSES: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(20)];

/// Sends mail about accounts.
pub struct AccountMail {
    sender: Arc<MailSender>,
    places: Arc<Semaphore>,
    /// Where mails are sent: a worker of the web server, which takes the requests, may end before.
    runtime: Handle,
}

/// Too many mails wait to be sent.
#[derive(Debug, thiserror::Error)]
#[error("too many mails are waiting")]
pub struct TooManyMails;

/// Composes mails and hands them to the mail server.
struct MailSender {
    mailer: Arc<dyn Mailer>,
    tokens: Arc<dyn OneTimeTokenStore>,
    page: PublicUrl,
    at_once: Semaphore,
}

/// Which mail is to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MailKind {
    /// A link to another password, if there is such an account.
    ResetPassword,
    /// A link that confirms the address, unless it is confirmed.
    ConfirmEmail,
    /// That there is another password.
    PasswordChanged,
}

impl AccountMail {
    /// Makes it; nothing is sent yet. Mails are sent on the runtime in which this is called.
    pub fn new(mailer: Arc<dyn Mailer>, tokens: Arc<dyn OneTimeTokenStore>, page: PublicUrl) -> Self {
        let at_once = Semaphore::new(AT_ONCE);
        Self {
            sender: Arc::new(MailSender { mailer, tokens, page, at_once }),
            places: Arc::new(Semaphore::new(WAITING as usize)),
            runtime: Handle::current(),
        }
    }

    /// Sends a link to another password to this address, if it has an account.
    ///
    /// # Errors
    /// When too many mails are waiting.
    pub fn send_reset_link(&self, email: Email) -> Result<(), TooManyMails> {
        self.send(MailKind::ResetPassword, email)
    }

    /// Sends a link that confirms this address, if its account has not confirmed it.
    ///
    /// # Errors
    /// When too many mails are waiting.
    pub fn send_confirmation(&self, email: Email) -> Result<(), TooManyMails> {
        self.send(MailKind::ConfirmEmail, email)
    }

    /// Tells the owner of this address that their password was changed.
    pub fn send_password_changed(&self, email: Email) {
        if self.send(MailKind::PasswordChanged, email).is_err() {
            tracing::error!("too many mails are waiting: a notice of a new password is not sent");
        }
    }

    /// Waits until what was to be sent is sent, but not longer than this.
    pub async fn drain(&self, max_wait: Duration) {
        if timeout(max_wait, self.places.acquire_many(WAITING)).await.is_err() {
            let waiting = WAITING as usize - self.places.available_permits();
            tracing::error!(waiting, "server is stopping: waiting mails are dropped");
        }
    }

    fn send(&self, kind: MailKind, to: Email) -> Result<(), TooManyMails> {
        let place = self.places.clone().try_acquire_owned().map_err(|_error| TooManyMails)?;
        self.runtime.spawn(self.sender.clone().deliver(kind, to, place));
        Ok(())
    }
}

impl MailSender {
    async fn deliver(self: Arc<Self>, kind: MailKind, to: Email, _place: OwnedSemaphorePermit) {
        // It is never closed.
        let _turn = self.at_once.acquire().await;
        let Some(mail) = self.compose(kind, to).await else { return };
        let mut pauses = PAUSES.into_iter();
        loop {
            let error = match self.mailer.send(&mail).await {
                Ok(()) => return tracing::info!(?kind, "a mail was sent"),
                Err(error) => error,
            };
            match (pauses.next(), &error) {
                (Some(pause), MailError::Unavailable(_)) => {
                    tracing::warn!(?kind, "a mail is tried again: {error}");
                    sleep(pause).await;
                }
                _ => return tracing::error!(?kind, "a mail was not sent: {error}"),
            }
        }
    }

    /// The mail; `None` when none is to be sent.
    async fn compose(&self, kind: MailKind, to: Email) -> Option<Mail> {
        Some(match kind {
            MailKind::ResetPassword => {
                email_templates::reset_password(&self.link(TokenPurpose::ResetPassword, &to).await?, to)
            }
            MailKind::ConfirmEmail => {
                email_templates::confirm_email(&self.link(TokenPurpose::ConfirmEmail, &to).await?, to)
            }
            MailKind::PasswordChanged => email_templates::password_changed(&self.page, to),
        })
    }

    /// A link of this purpose for the account with this address, if one is to be sent.
    async fn link(&self, purpose: TokenPurpose, to: &Email) -> Option<String> {
        let secret = SecretLinkToken::random();
        let token = NewOneTimeToken { purpose, secret: secret.hash(), by_mail: true };
        match self.tokens.issue(to, &token).await {
            Ok(IssueOutcome::Issued) => Some(link(&self.page, purpose, &secret)),
            Ok(IssueOutcome::NotNeeded) => None,
            // Logged only for existing accounts; clients cannot observe it.
            Ok(IssueOutcome::RateLimited) => {
                tracing::info!(?purpose, "a mail is not sent: its account was sent enough of them lately");
                None
            }
            Err(error) => {
                tracing::error!(?purpose, "a mail was not sent: {}", with_causes(&error));
                None
            }
        }
    }
}

/// Where the link with this secret leads.
pub fn link(page: &PublicUrl, purpose: TokenPurpose, secret: &SecretLinkToken) -> String {
    page.link(view(purpose), secret.reveal())
}

/// The view of the page that takes such a link.
pub fn view(purpose: TokenPurpose) -> &'static str {
    match purpose {
        TokenPurpose::ResetPassword => "reset-password",
        TokenPurpose::ConfirmEmail => "confirm-email",
    }
}
