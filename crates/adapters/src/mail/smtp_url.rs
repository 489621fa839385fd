//! Parses `SMTP_URL`, which says where the mail server is, in the form that many programs take it.

use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

/// Ports of RFC 8314 and RFC 6409: TLS from the start, and submission.
const SUBMISSIONS: u16 = 465;
const SUBMISSION: u16 = 587;

/// Where the mail server is: `smtps://user:password@host:465` (TLS from the start) or
/// `smtp://user:password@host:587` (STARTTLS, always). `smtp://host:25?tls=none` does without, for a
/// server that nobody can listen to.
#[derive(Debug, Clone)]
pub struct SmtpUrl {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) encryption: Encryption,
    /// The user and the password, if the server wants any.
    pub(super) credentials: Option<(String, SecretString)>,
}

/// When the conversation with the mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encryption {
    FromTheStart,
    StartTls,
    None,
}

/// Why a URL cannot be used. Never quotes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SmtpUrlError {
    /// It is no URL, or its scheme is neither `smtp` nor `smtps`.
    #[error("it must be smtps://user:password@host:465 or smtp://user:password@host:587")]
    NotSmtp,
    /// Something stands behind the host that is not known.
    #[error("behind the host may stand ?tls=none and nothing else")]
    Unknown,
    /// A password would be sent for everybody to read.
    #[error("with ?tls=none there may be no password, unless the mail server is on this machine")]
    ReadablePassword,
}

impl SmtpUrl {
    /// Where the mail server is, without what is secret.
    pub fn location(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Whether the mail server is to be told who hands mail over.
    pub fn has_user(&self) -> bool {
        self.credentials.is_some()
    }

    /// Reads the URL.
    ///
    /// # Errors
    /// When it cannot be used.
    pub fn parse(text: &SecretString) -> Result<Self, SmtpUrlError> {
        let url =
            Url::parse(text.expose_secret()).map_err(|_it_may_quote_a_password| SmtpUrlError::NotSmtp)?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(SmtpUrlError::NotSmtp)?;
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(SmtpUrlError::Unknown);
        }
        let encryption = match (url.scheme(), url.query()) {
            ("smtps", None) => Encryption::FromTheStart,
            ("smtp", None) => Encryption::StartTls,
            ("smtp", Some("tls=none")) => Encryption::None,
            ("smtp" | "smtps", Some(_)) => return Err(SmtpUrlError::Unknown),
            _ => return Err(SmtpUrlError::NotSmtp),
        };
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let credentials =
            url.password().map(|password| (decoded(url.username()), SecretString::from(decoded(password))));
        if credentials.is_none() && !url.username().is_empty() {
            return Err(SmtpUrlError::NotSmtp);
        }
        if encryption == Encryption::None && credentials.is_some() && !is_loopback(host) {
            return Err(SmtpUrlError::ReadablePassword);
        }
        let default = if encryption == Encryption::FromTheStart { SUBMISSIONS } else { SUBMISSION };
        let port = url.port().unwrap_or(default);
        // An IPv6 address stands in brackets in a URL, and nowhere else.
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        Ok(Self { host, port, encryption, credentials })
    }
}

fn is_loopback(host: &str) -> bool {
    match Host::parse(host) {
        Ok(Host::Domain(name)) => name == "localhost",
        Ok(Host::Ipv4(address)) => address.is_loopback(),
        Ok(Host::Ipv6(address)) => address.is_loopback(),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<SmtpUrl, SmtpUrlError> {
        SmtpUrl::parse(&SecretString::from(text))
    }

    #[test]
    fn everything_is_encrypted_unless_it_is_said_not_to_be() {
        for (text, port, encryption) in [
            ("smtps://u:p@mail.example.com", 465, Encryption::FromTheStart),
            ("smtp://u:p@mail.example.com", 587, Encryption::StartTls),
            ("smtp://mail.example.com:2525/", 2525, Encryption::StartTls),
            ("smtp://mailpit:1025?tls=none", 1025, Encryption::None),
            ("smtp://u:p@127.0.0.1:1025?tls=none", 1025, Encryption::None),
            ("smtp://[::1]:25?tls=none", 25, Encryption::None),
        ] {
            let url = parse(text).unwrap();
            assert_eq!((url.port, url.encryption), (port, encryption), "{text}");
        }
        assert_eq!(parse("smtp://[::1]:25?tls=none").unwrap().host, "::1");
    }

    #[test]
    fn user_and_password_are_decoded_and_never_shown() {
        let url = parse("smtps://ann%40example.com:p%3A%2Fcanary@mail.example.com").unwrap();
        let (user, password) = url.credentials.clone().unwrap();
        assert_eq!((user.as_str(), password.expose_secret()), ("ann@example.com", "p:/canary"));
        assert!(!format!("{url:?}").contains("canary"));
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        for (text, error) in [
            ("", SmtpUrlError::NotSmtp),
            ("mail.example.com:587", SmtpUrlError::NotSmtp),
            ("https://mail.example.com", SmtpUrlError::NotSmtp),
            ("smtp://", SmtpUrlError::NotSmtp),
            ("smtp://user@mail.example.com", SmtpUrlError::NotSmtp),
            ("smtps://u:p@mail.example.com?tls=none", SmtpUrlError::Unknown),
            ("smtp://u:p@mail.example.com?tls=opportunistic", SmtpUrlError::Unknown),
            ("smtp://u:p@mail.example.com/path", SmtpUrlError::Unknown),
            ("smtp://u:p@mail.example.com:25?tls=none", SmtpUrlError::ReadablePassword),
        ] {
            assert_eq!(parse(text).unwrap_err(), error, "{text}");
        }
    }
}
