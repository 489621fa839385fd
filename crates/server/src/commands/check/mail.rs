//! The mail server: whether it answers and, where there is a user, takes the password. No mail is sent.

use domain::ports::MailError;
use tokio::time::timeout;

use super::{CHECK_TIMEOUT, Finding};
use crate::{config::MailSettings, service_clients};

/// Says hello to the mail server, as before a mail.
pub(super) async fn check(settings: &MailSettings) -> Finding {
    let location = settings.server.location();
    let mailer = match service_clients::mailer(settings) {
        Ok(mailer) => mailer,
        Err(error) => return Finding::Bad(format!("SMTP_URL cannot be used: {error}")),
    };
    let greeted = timeout(CHECK_TIMEOUT, mailer.check_reachable()).await;
    match greeted.unwrap_or_else(|_elapsed| Err(MailError::Unavailable("it took too long".to_owned()))) {
        Ok(()) => {
            let signed_in = if settings.server.has_user() { " and takes the user and password" } else { "" };
            Finding::Good(format!(
                "{location} answers{signed_in}; whether it takes mail from MAIL_FROM shows with the first one"
            ))
        }
        Err(error @ MailError::Refused(_)) => Finding::Bad(format!(
            "{location}: {error}. What to do: look whether the user and password in SMTP_URL are right, %-encoded where \
             they have signs of their own"
        )),
        Err(error) => Finding::Bad(format!(
            "{location}: {error}. What to do: look whether the host, the port and smtp:// or smtps:// in SMTP_URL are \
             right; from a Space only ports 443, 80 and 8080 are sure to be reached"
        )),
    }
}
