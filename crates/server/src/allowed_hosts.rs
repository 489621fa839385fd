//! The host names that requests may name. They guard against DNS rebinding: a page that points its own name
//! at this server is refused.

use http::uri::Authority;

/// The host names of a server on one's own machine.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// The hosts in `MCP_ALLOWED_HOSTS`, and those that need no configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedHosts(Vec<String>);

impl Default for AllowedHosts {
    /// This machine alone.
    fn default() -> Self {
        Self(LOOPBACK.map(str::to_owned).to_vec())
    }
}

impl AllowedHosts {
    /// Adds hosts, as [`parse_list`] returns them.
    #[must_use]
    pub fn with_hosts(mut self, hosts: impl IntoIterator<Item = String>) -> Self {
        self.0.extend(hosts);
        self
    }

    /// Whether a `Host` header names one of them, on whatever port.
    pub fn admits(&self, header: &str) -> bool {
        let host = header.parse::<Authority>().map(|authority| authority.host().to_ascii_lowercase());
        host.is_ok_and(|host| !header.contains('@') && self.0.contains(&host))
    }

    /// Whether an `Origin` header names a page of one of them.
    pub fn admits_origin(&self, origin: &str) -> bool {
        let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        host.is_some_and(|host| self.admits(host))
    }
}

/// Parses a comma-separated list of host names and addresses.
///
/// # Errors
/// When an entry is none. The message quotes nothing.
pub fn parse_list(list: &str) -> Result<Vec<String>, String> {
    let entries = list.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    entries.map(parse_host).collect()
}

fn parse_host(entry: &str) -> Result<String, String> {
    let refuse = || {
        "must be a comma-separated list of hosts such as todo.example.com or 192.168.1.5: no scheme, no port, no \
         path, no wildcard"
            .to_owned()
    };
    let authority: Authority = entry.parse().map_err(|_error| refuse())?;
    let is_bare = authority.host() == entry && !entry.contains(['*', '@']);
    if is_bare { Ok(entry.to_ascii_lowercase()) } else { Err(refuse()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_known_by_its_name_on_any_port() {
        let hosts = AllowedHosts::default().with_hosts(parse_list("Todo.example.com, 192.168.1.5").unwrap());
        for known in [
            "localhost:7860",
            "127.0.0.1",
            "[::1]:80",
            "todo.example.com",
            "TODO.example.com:443",
            "192.168.1.5:1",
        ] {
            assert!(hosts.admits(known), "{known}");
            assert!(hosts.admits_origin(&format!("https://{known}")), "{known}");
        }
        for foreign in [
            "",
            "evil.example",
            "localhost.evil.example",
            "todo.example.com.evil",
            "me@localhost",
            "localhost/a",
            "::1",
        ] {
            assert!(!hosts.admits(foreign), "{foreign}");
            assert!(!hosts.admits_origin(&format!("http://{foreign}")), "{foreign}");
        }
        for origin in ["null", "", "localhost", "ftp://localhost", "file://"] {
            assert!(!hosts.admits_origin(origin), "{origin}");
        }
    }

    #[test]
    fn a_list_holds_hosts_and_nothing_else() {
        assert_eq!(parse_list(" a.example ,,[::1] "), Ok(vec!["a.example".to_owned(), "[::1]".to_owned()]));
        for wrong in
            ["https://a.example", "a.example:80", "a.example/mcp", "*.example", "*", "a b", "me@a.example"]
        {
            assert!(parse_list(wrong).is_err(), "{wrong}");
        }
    }
}
