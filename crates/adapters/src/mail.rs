//! Mail over SMTP (RFC 5321), through lettre. Where the mail server is, `SMTP_URL` says.

mod smtp_url;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use domain::{
    account::Email,
    mail::Mail,
    ports::{IdGenerator, MailError, Mailer},
};
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox,
        header::{ContentType, Header, HeaderName, HeaderValue},
    },
    transport::smtp::{
        self,
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
    },
};
use secrecy::ExposeSecret;
use smtp_url::Encryption;
pub use smtp_url::{SmtpUrl, SmtpUrlError};

/// How long the mail server may take for a step of the conversation.
const STEP_TIMEOUT: Duration = Duration::from_secs(15);

/// Who the mail is from, such as `Todos <todos@example.com>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender(Mailbox);

impl Sender {
    /// Reads an address, with a name in front of it or without one; `None` when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

/// Sends mail through one server, over a new connection each time: mail is rare.
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    sender: Mailbox,
    ids: Arc<dyn IdGenerator>,
}

/// TLS cannot be set up for the mail server: its name is no valid host name.
#[derive(Debug, thiserror::Error)]
#[error("TLS cannot be set up for the mail server")]
pub struct SmtpTlsError(#[source] smtp::Error);

impl SmtpMailer {
    /// Makes a mailer; does not connect yet.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(url: &SmtpUrl, sender: Sender, ids: Arc<dyn IdGenerator>) -> Result<Self, SmtpTlsError> {
        let tls = match url.encryption {
            Encryption::FromTheStart => Tls::Wrapper(tls(&url.host)?),
            Encryption::StartTls => Tls::Required(tls(&url.host)?),
            Encryption::None => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&url.host);
        builder = builder.port(url.port).tls(tls).timeout(Some(STEP_TIMEOUT));
        if let Some((user, password)) = &url.credentials {
            builder =
                builder.credentials(Credentials::new(user.clone(), password.expose_secret().to_owned()));
        }
        Ok(Self { transport: builder.build(), sender: sender.0, ids })
    }

    /// Says hello to the mail server, and signs in where there is a user, as before a mail. Sends none.
    ///
    /// # Errors
    /// When it does not answer, or refuses the user.
    pub async fn check_reachable(&self) -> Result<(), MailError> {
        match self.transport.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(MailError::Unavailable("the mail server does not go on".to_owned())),
            Err(error) => Err(mail_error(&error)),
        }
    }

    fn message(&self, mail: &Mail) -> Result<Message, MailError> {
        let id = format!("<{}@{}>", self.ids.next(), self.sender.email.domain());
        Message::builder()
            .from(self.sender.clone())
            .to(Mailbox::new(None, address(&mail.to)?))
            .subject(mail.subject)
            .message_id(Some(id))
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text.clone())
            .map_err(|_it_may_quote_the_address| MailError::Refused("it cannot be written".to_owned()))
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let message = self.message(mail)?;
        self.transport.send(message).await.map(drop).map_err(|error| mail_error(&error))
    }
}

/// An address as SMTP knows it: its parts are checked by lettre once more, so that none of them can
/// end a line or begin another command.
fn address(email: &Email) -> Result<Address, MailError> {
    let refused = || MailError::Refused("its address is none that mail can be sent to".to_owned());
    let (local, domain) = email.as_str().rsplit_once('@').ok_or_else(refused)?;
    Address::new(local, domain).map_err(|_it_may_quote_the_address| refused())
}

/// TLS by the roots of the web, which need nothing installed, and those of this machine.
fn tls(host: &str) -> Result<TlsParameters, SmtpTlsError> {
    let mut builder = TlsParameters::builder(host.to_owned());
    for certificate in rustls_native_certs::load_native_certs().certs {
        if let Ok(certificate) = Certificate::from_der(certificate.to_vec()) {
            builder = builder.add_root_certificate(certificate);
        }
    }
    builder.build().map_err(SmtpTlsError)
}

/// What went wrong, without the words of the mail server, which often quote the address.
fn mail_error(error: &smtp::Error) -> MailError {
    if let Some(code) = error.status() {
        let words = format!("the mail server answered with the code {code}");
        return if error.is_permanent() { MailError::Refused(words) } else { MailError::Unavailable(words) };
    }
    let words = if error.is_timeout() {
        "the mail server took too long"
    } else if error.is_tls() {
        "TLS with the mail server failed"
    } else if error.is_client() {
        "the mail server cannot do what the mail or SMTP_URL needs"
    } else if error.is_response() {
        "the mail server does not speak SMTP"
    } else {
        "the connection to the mail server failed"
    };
    MailError::Unavailable(words.to_owned())
}

/// Marks the mail as automatic (RFC 3834 5), to avoid out-of-office replies.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::*;
    use crate::clock_and_ids::UuidV7;

    fn mailer() -> SmtpMailer {
        let url = SmtpUrl::parse(&SecretString::from("smtp://localhost:25?tls=none")).unwrap();
        let sender = Sender::parse("Todos <todos@example.com>").unwrap();
        SmtpMailer::new(&url, sender, Arc::new(UuidV7)).unwrap()
    }

    fn headers(to: &str) -> Result<String, MailError> {
        let mail = Mail { to: Email::from_stored(to.to_owned()), subject: "Hello", text: "Text".to_owned() };
        let text = String::from_utf8(mailer().message(&mail)?.formatted()).unwrap();
        Ok(text.split("\r\n\r\n").next().unwrap().to_owned())
    }

    #[test]
    fn a_mail_says_who_it_is_from_and_that_nobody_wrote_it_by_hand() {
        let headers = headers("ann@example.com").unwrap();
        for line in [
            "From: Todos <todos@example.com>",
            "To: ann@example.com",
            "Subject: Hello",
            "Auto-Submitted: auto-generated",
        ] {
            assert!(headers.split("\r\n").any(|found| found == line), "{line}: {headers}");
        }
        assert!(headers.contains("Message-ID: <") && headers.contains("@example.com>"), "{headers}");
        assert!(headers.contains("Date: "), "{headers}");
    }

    #[test]
    fn no_address_adds_a_header_or_another_recipient() {
        for hostile in [
            "ann@example.com\r\nBcc: eve@example.com",
            "ann\r\nBcc: eve@example.com",
            "ann@example.com>\r\nRCPT TO:<eve@example.com",
            "ann,eve@example.com",
            "ann<eve@example.com>@example.com",
            "ann;eve@example.com",
            "\"ann\r\nBcc: eve\"@example.com",
        ] {
            assert!(matches!(headers(hostile), Err(MailError::Refused(_))), "{hostile:?}");
        }
    }

    #[test]
    fn a_sender_is_an_address_perhaps_with_a_name() {
        assert!(Sender::parse("todos@example.com").is_some());
        for bad in ["", "todos", "a@example.com, b@example.com", "a@example.com\r\nBcc: b@example.com"] {
            assert!(Sender::parse(bad).is_none(), "{bad:?}");
        }
    }
}
