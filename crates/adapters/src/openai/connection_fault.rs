//! Why a server cannot be reached, in a few words that say where to look.

use std::{error::Error, io};

/// Why a server cannot be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConnectionFault {
    /// The DNS does not know its name.
    #[error("no host of this name is found")]
    UnknownHost,
    /// Connection refused.
    #[error("the connection is refused")]
    Refused,
    /// Its certificate is not one to trust.
    #[error("its certificate is not trusted")]
    Certificate,
    /// It answers, but not in TLS.
    #[error("it does not speak TLS, so perhaps http:// and not https://")]
    NoTls,
    /// It says nothing.
    #[error("it took too long")]
    TimedOut,
    /// It answers with an error of its own.
    #[error("status {0}")]
    Status(u16),
    /// Whatever else ends a connection.
    #[error("the connection broke off")]
    BrokenOff,
}

impl ConnectionFault {
    /// Looks for the cause of an error of the HTTP client.
    pub(super) fn from_error(error: &reqwest::Error) -> Self {
        if error.is_timeout() { Self::TimedOut } else { Self::below(error) }
    }

    fn below(error: &(dyn Error + 'static)) -> Self {
        let mut causes = std::iter::successors(Some(error), |&error| error.source());
        causes.find_map(Self::named_by).unwrap_or(Self::BrokenOff)
    }

    fn named_by(error: &(dyn Error + 'static)) -> Option<Self> {
        // The connector's error has no type that others can name.
        if error.to_string() == "dns error" {
            return Some(Self::UnknownHost);
        }
        match error.downcast_ref() {
            Some(rustls::Error::InvalidCertificate(_)) => return Some(Self::Certificate),
            Some(rustls::Error::InvalidMessage(_)) => return Some(Self::NoTls),
            _ => {}
        }
        let error = error.downcast_ref::<io::Error>()?;
        if error.kind() == io::ErrorKind::ConnectionRefused {
            return Some(Self::Refused);
        }
        // What an I/O error wraps is not among its causes.
        Self::named_by(error.get_ref()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_that_is_not_trusted_is_told_from_a_server_without_tls() {
        let wrapped =
            |error: rustls::Error| ConnectionFault::below(&io::Error::other(io::Error::other(error)));
        let unknown_issuer = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        assert_eq!(wrapped(unknown_issuer), ConnectionFault::Certificate);
        let plain = rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType);
        assert_eq!(wrapped(plain), ConnectionFault::NoTls);
        assert_eq!(wrapped(rustls::Error::HandshakeNotComplete), ConnectionFault::BrokenOff);
    }
}
