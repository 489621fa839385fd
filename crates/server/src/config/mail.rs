//! Mail, and the address of the page to which its links lead.

use adapters::mail::{Sender, SmtpUrl};

use super::{DEFAULT_PORT, RawConfig, config_errors::Problems, value_parsers::number};
use crate::public_url::PublicUrl;

/// Where mail is handed over, and who it is from.
#[derive(Debug, Clone)]
pub struct MailSettings {
    /// The mail server.
    pub server: SmtpUrl,
    /// Who the mail is from.
    pub sender: Sender,
}

/// Returns how mail is sent, if at all.
pub(super) fn settings(found: &mut Problems, raw: &RawConfig) -> Option<MailSettings> {
    let server = found.parse_secret("SMTP_URL", raw.smtp_url.as_ref(), None, |url| {
        SmtpUrl::parse(url).map_err(|error| format!("cannot be used: {error}"))
    });
    let wants = "must be an address that mail may come from, such as Todos <todos@example.com>";
    let sender = found.parse("MAIL_FROM", raw.mail_from.as_deref(), None, |text| {
        Sender::parse(text).map(Some).ok_or_else(|| wants.to_owned())
    });
    if server.is_some() && raw.mail_from.is_none() {
        found.note("MAIL_FROM", "is missing, which SMTP_URL needs: the address that mail comes from");
    }
    Some(MailSettings { server: server?, sender: sender? })
}

/// Returns the address of the page if it is set, or this is a Space.
pub(super) fn fixed_address(found: &mut Problems, raw: &RawConfig) -> Option<PublicUrl> {
    let from_space_host = raw.space_host.as_deref().and_then(PublicUrl::from_space_host);
    found.parse("PUBLIC_URL", raw.public_url.as_deref(), from_space_host, |text| text.parse().map(Some))
}

/// Returns the address of the page, if it is known: in a Space and in development it need not be said.
pub(super) fn public_url(
    found: &mut Problems,
    raw: &RawConfig,
    fixed: Option<&PublicUrl>,
    is_development: bool,
) -> Option<PublicUrl> {
    let port = raw.port.as_deref().and_then(|text| number(0, u16::MAX, "a port")(text).ok());
    let local = is_development.then(|| PublicUrl::local(port.unwrap_or(DEFAULT_PORT)));
    let known = fixed.cloned().or(local);
    if raw.smtp_url.is_some() && known.is_none() && raw.public_url.is_none() {
        found.note(
            "PUBLIC_URL",
            "is missing, which SMTP_URL needs: the address of the page, such as https://todos.example.com",
        );
    }
    known
}
