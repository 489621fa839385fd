//! Turns a configured base URL into the URLs that are called.

use std::str::FromStr;

use url::{Host, Url};

use super::OpenAiConfigError;

/// Where an OpenAI-compatible API is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    completions: Url,
}

impl BaseUrl {
    /// The URL for completions.
    pub(in crate::openai) fn completions(&self) -> &Url {
        &self.completions
    }

    /// The URL for the list of models.
    pub(in crate::openai) fn models(&self) -> Url {
        let mut url = self.completions.clone();
        let path = url.path().strip_suffix("/chat/completions").unwrap_or_default().to_owned();
        url.set_path(&format!("{path}/models"));
        url
    }
}

/// OpenAI's own API.
impl Default for BaseUrl {
    #[expect(clippy::expect_used, reason = "the URL is a constant")]
    fn default() -> Self {
        "https://api.openai.com/v1".parse().expect("a base URL")
    }
}

impl FromStr for BaseUrl {
    type Err = OpenAiConfigError;

    /// Parses a base URL. People write it with a slash at its end, without `/v1`, or with the path
    /// of the completions already; a query (Azure's `api-version`) is kept.
    fn from_str(base: &str) -> Result<Self, OpenAiConfigError> {
        // For text that is no URL at all the message is the same.
        let mut url = Url::parse(base).map_err(|_error| OpenAiConfigError::NotHttps)?;
        match url.scheme() {
            "https" => {}
            "http" if is_local(&url) => {}
            _ => return Err(OpenAiConfigError::NotHttps),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(OpenAiConfigError::Credentials);
        }
        let path = url.path().trim_end_matches('/');
        let path = path.strip_suffix("/chat/completions").unwrap_or(path).trim_end_matches('/');
        let path = if path.is_empty() { "/v1" } else { path };
        let completions = format!("{path}/chat/completions");
        url.set_path(&completions);
        url.set_fragment(None);
        Ok(Self { completions: url })
    }
}

impl BaseUrl {
    /// Whether the server is on this machine or a network of its owner's.
    pub fn is_local(&self) -> bool {
        is_local(&self.completions)
    }

    /// Whether a key may be sent there: encrypted, or to this machine.
    pub fn may_take_a_key(&self) -> bool {
        self.completions.scheme() == "https" || is_loopback(&self.completions)
    }
}

/// Whether a host is on this machine or a network of its owner's: a container's name, a private
/// address (RFC 1918, RFC 4193), or a name that the public DNS does not have (RFC 6762, and
/// `.internal`, which ICANN reserved).
pub(crate) fn is_local(url: &Url) -> bool {
    is_loopback(url)
        || match url.host() {
            Some(Host::Domain(name)) => {
                !name.contains('.') || name.ends_with(".local") || name.ends_with(".internal")
            }
            Some(Host::Ipv4(address)) => address.is_private(),
            Some(Host::Ipv6(address)) => address.is_unique_local(),
            None => false,
        }
}

/// Whether the address is local to this machine, so that traffic cannot be intercepted.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_base_url_leads_to_the_completions() {
        let cases = [
            ("https://api.openai.com/v1", "https://api.openai.com/v1/chat/completions"),
            ("https://api.openai.com/v1/", "https://api.openai.com/v1/chat/completions"),
            ("https://api.openai.com/v1//", "https://api.openai.com/v1/chat/completions"),
            ("https://api.openai.com", "https://api.openai.com/v1/chat/completions"),
            ("https://api.openai.com/v1/chat/completions", "https://api.openai.com/v1/chat/completions"),
            ("https://openrouter.ai/api/v1#top", "https://openrouter.ai/api/v1/chat/completions"),
            (
                "https://me.openai.azure.com/openai/deployments/mini?api-version=2024-10-21",
                "https://me.openai.azure.com/openai/deployments/mini/chat/completions?api-version=2024-10-21",
            ),
            ("http://localhost:11434", "http://localhost:11434/v1/chat/completions"),
            ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1/chat/completions"),
            ("http://[::1]:8080/v1", "http://[::1]:8080/v1/chat/completions"),
        ];
        for (base, expected) in cases {
            assert_eq!(base.parse::<BaseUrl>().unwrap().completions().as_str(), expected);
        }
    }

    #[test]
    fn a_key_is_not_sent_where_others_can_read_it() {
        for base in
            ["http://api.openai.com/v1", "http://8.8.8.8/v1", "http://localhost.evil.com/v1", "ftp://a/v1"]
        {
            let refused = base.parse::<BaseUrl>();
            assert!(matches!(refused, Err(OpenAiConfigError::NotHttps)), "{base}");
        }
        for (base, may_take_a_key) in [
            ("https://api.openai.com/v1", true),
            ("http://localhost:11434/v1", true),
            ("http://ollama:11434/v1", false),
            ("http://10.0.0.1/v1", false),
            ("http://host.docker.internal:8080/v1", false),
            ("http://nas.local/v1", false),
            ("http://[fd00::1]/v1", false),
        ] {
            assert_eq!(base.parse::<BaseUrl>().unwrap().may_take_a_key(), may_take_a_key, "{base}");
        }
        let refused = "https://user:word@api.openai.com/v1".parse::<BaseUrl>();
        assert!(matches!(refused, Err(OpenAiConfigError::Credentials)));
    }
}
