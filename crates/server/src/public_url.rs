//! The address under which people reach the page: where links in mails lead.

use std::str::FromStr;

use url::{Host, Url};

/// The page's address, without a slash at its end. Never taken from a request: whoever sends one could
/// have links mailed that lead to a page of theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// The address of the page on this machine.
    pub fn local(port: u16) -> Self {
        Self(format!("http://localhost:{port}"))
    }

    /// The address of a Space, from what Hugging Face says is its host.
    pub fn from_space_host(host: &str) -> Option<Self> {
        format!("https://{host}").parse().ok()
    }

    /// The address of a view of the page that takes the secret of a link. It stands behind `#`, which
    /// browsers send to no server, so that it comes into no log.
    pub fn link(&self, view: &str, secret: &str) -> String {
        format!("{}/#/{view}?token={secret}", self.0)
    }

    /// The host in the address, in lower case.
    pub fn host(&self) -> Option<String> {
        Url::parse(&self.0).ok()?.host_str().map(str::to_owned)
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wants = || {
            "must be the address of the page: https://, a host and perhaps a path, such as \
             https://todos.example.com"
                .to_owned()
        };
        let url = Url::parse(text).map_err(|_error| wants())?;
        let is_local = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback() || address.is_private(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        let is_good = url.scheme() == "https" || (url.scheme() == "http" && is_local);
        let is_bare = url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if is_good && is_bare && url.has_host() {
            Ok(Self(url.as_str().trim_end_matches('/').to_owned()))
        } else {
            Err(wants())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_the_page_and_shows_its_secret_to_no_server() {
        for text in ["https://todos.example.com", "https://todos.example.com/"] {
            let url: PublicUrl = text.parse().unwrap();
            let link = url.link("reset-password", "s3cret");
            assert_eq!(link, "https://todos.example.com/#/reset-password?token=s3cret");
        }
        let below: PublicUrl = "https://example.com/todos/".parse().unwrap();
        assert_eq!(below.link("x", "y"), "https://example.com/todos/#/x?token=y");
        assert_eq!(
            PublicUrl::from_space_host("ann-todos.hf.space").unwrap().as_str(),
            "https://ann-todos.hf.space"
        );
    }

    #[test]
    fn what_is_no_address_of_a_page_is_refused() {
        for text in [
            "",
            "todos.example.com",
            "http://todos.example.com",
            "ftp://localhost",
            "https://ann:secret@example.com",
            "https://example.com/?a=b",
            "https://example.com/#/",
        ] {
            assert!(text.parse::<PublicUrl>().is_err(), "{text}");
        }
        assert!("http://localhost:7860".parse::<PublicUrl>().is_ok());
    }
}
