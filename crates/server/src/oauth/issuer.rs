//! The addresses of this server as an OAuth authorization server and as the resource that tokens are for.

use domain::oauth;
use http::uri::Authority;
use url::{Host, Url};

use super::{
    parameters::Parameters,
    paths,
    protocol_error::{ErrorCode, ProtocolError, refused},
};
use crate::{allowed_hosts::AllowedHosts, public_url::PublicUrl};

/// The `Host` header has a name that this server does not accept.
#[derive(Debug, thiserror::Error)]
#[error("the Host header is not allowed")]
pub struct DisallowedHost;

/// The server's address, without a slash at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer(String);

impl Issuer {
    /// Returns the address under which a program asks: the one that is configured or, without one, the one
    /// that the `Host` header names, if it is one of ours. This machine and private addresses have no TLS.
    ///
    /// # Errors
    /// When it is not.
    pub fn of(
        configured: Option<&PublicUrl>,
        hosts: &AllowedHosts,
        host: Option<&str>,
    ) -> Result<Self, DisallowedHost> {
        if let Some(address) = configured {
            return Ok(Self(address.as_str().to_owned()));
        }
        let host = host.filter(|host| hosts.admits(host)).ok_or(DisallowedHost)?;
        let authority = host.parse::<Authority>().map_err(|_error| DisallowedHost)?;
        let scheme = if is_without_tls(&authority) { "http" } else { "https" };
        Ok(Self(format!("{scheme}://{}", host.to_ascii_lowercase())))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address below it with this path.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// The resource identifier that tokens are for (RFC 8707): the URL of `/mcp`.
    pub fn resource(&self) -> String {
        self.url(paths::RESOURCE)
    }

    /// Checks that a token is asked for this server's resource, or for none in particular.
    ///
    /// # Errors
    /// When it is asked for another resource.
    pub fn check_resource(&self, parameters: &Parameters) -> Result<(), ProtocolError> {
        let ours = canonical(&self.resource());
        let is_ours = |wanted: &str| ours.is_some() && canonical(wanted) == ours;
        if parameters.all("resource").all(is_ours) {
            return Ok(());
        }
        Err(refused(ErrorCode::InvalidTarget, "The resource must be the address of this server's /mcp."))
    }

    /// What a client without a valid token is told, beside the challenge there is already: where to
    /// learn how to get one, and for what to ask (RFC 9728 5.1).
    pub fn challenge(&self, so_far: &str) -> String {
        let separator = if so_far.contains('=') { "," } else { "" };
        let mut challenge =
            format!("{so_far}{separator} resource_metadata=\"{}\"", self.url(paths::RESOURCE_METADATA));
        if !so_far.contains("scope=") {
            challenge.push_str(&format!(", scope=\"{}\"", offered_scopes().join(" ")));
        }
        challenge
    }
}

/// The names of the scopes that programs may ask for.
pub fn offered_scopes() -> [&'static str; 2] {
    oauth::SCOPES.map(domain::access_token::Scope::as_str)
}

/// An address as it compares, whatever the case of its host and with or without a slash at its end.
fn canonical(address: &str) -> Option<String> {
    let url = Url::parse(address).ok().filter(|url| url.fragment().is_none())?;
    Some(url.as_str().trim_end_matches('/').to_owned())
}

fn is_without_tls(authority: &Authority) -> bool {
    match Host::parse(authority.host()) {
        Ok(Host::Domain(name)) => name == "localhost",
        Ok(Host::Ipv4(address)) => address.is_loopback() || address.is_private(),
        Ok(Host::Ipv6(address)) => address.is_loopback(),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allowed_hosts::parse_list;

    fn of(host: &str) -> Option<String> {
        let hosts = AllowedHosts::default().with_hosts(parse_list("todo.example.com, 192.168.1.5").unwrap());
        Issuer::of(None, &hosts, Some(host)).ok().map(|issuer| issuer.as_str().to_owned())
    }

    #[test]
    fn without_a_configured_address_it_is_the_one_under_which_one_asks() {
        assert_eq!(of("localhost:7860").as_deref(), Some("http://localhost:7860"));
        assert_eq!(of("127.0.0.1:1").as_deref(), Some("http://127.0.0.1:1"));
        assert_eq!(of("[::1]:80").as_deref(), Some("http://[::1]:80"));
        assert_eq!(of("192.168.1.5:8080").as_deref(), Some("http://192.168.1.5:8080"));
        assert_eq!(of("TODO.example.com").as_deref(), Some("https://todo.example.com"));
        for foreign in ["", "evil.example", "localhost.evil.example", "a@localhost"] {
            assert_eq!(of(foreign), None, "{foreign}");
        }
        let configured = PublicUrl::from_space_host("ann-todos.hf.space").unwrap();
        let issuer = Issuer::of(Some(&configured), &AllowedHosts::default(), None).unwrap();
        assert_eq!(issuer.resource(), "https://ann-todos.hf.space/mcp");
    }

    #[test]
    fn a_token_is_for_mcp_or_for_nothing() {
        let issuer = Issuer("https://todo.example.com".to_owned());
        let check = |query: &str| issuer.check_resource(&Parameters::parse(query.as_bytes())).is_ok();
        for good in ["", "https://todo.example.com/mcp", "https://TODO.example.com:443/mcp/"] {
            assert!(check(&format!("resource={good}")), "{good}");
        }
        for other in [
            "https://todo.example.com",
            "https://todo.example.com/api",
            "http://todo.example.com/mcp",
            "https://todo.example.com/mcp%23x",
            "https://todo.example.com.evil/mcp",
            "mcp",
        ] {
            assert!(!check(&format!("resource={other}")), "{other}");
        }
        assert!(!check("resource=https://todo.example.com/mcp&resource=https://evil.example/mcp"));
    }

    #[test]
    fn a_challenge_says_where_to_go() {
        let issuer = Issuer("https://a.example".to_owned());
        let place = "resource_metadata=\"https://a.example/.well-known/oauth-protected-resource/mcp\"";
        let both = "scope=\"tasks:read tasks:write\"";
        assert_eq!(issuer.challenge("Bearer"), format!("Bearer {place}, {both}"));
        let lacking = "Bearer error=\"insufficient_scope\", scope=\"tasks:write\"";
        assert_eq!(issuer.challenge(lacking), format!("{lacking}, {place}"));
    }
}
