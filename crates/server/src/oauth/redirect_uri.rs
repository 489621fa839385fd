//! Redirect addresses: which ones a program may have, and when what it asks for is one of them.

use domain::oauth::MAX_ADDRESS;
use url::Url;

/// Where programs on the person's own machine listen (RFC 8252 7.3).
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Schemes that no program of its own answers to: what browsers and systems do by themselves with such an
/// address may be anything.
const NO_APP: [&str; 27] = [
    "about",
    "android-app",
    "blob",
    "chrome",
    "content",
    "data",
    "edge",
    "facetime",
    "file",
    "filesystem",
    "ftp",
    "http",
    "intent",
    "itms-services",
    "jar",
    "javascript",
    "ldap",
    "mailto",
    "mhtml",
    "resource",
    "search-ms",
    "sms",
    "tel",
    "vbscript",
    "view-source",
    "ws",
    "wss",
];

/// Printable characters that no address holds as they are (RFC 3986 2).
const NO_URI: &[u8] = b"\"<>\\^`{|}";

/// Where a person is sent back to, as shown to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectTarget {
    /// The host, or the scheme that a program on their machine answers to.
    pub host: String,
    /// Whether it is their own machine.
    pub is_local: bool,
}

/// Whether a program may have people sent back there: by HTTPS, to the loopback, or to a scheme of a
/// program's own (RFC 8252 7).
pub fn is_allowed(address: &str) -> bool {
    let is_of_uri = |byte: u8| byte.is_ascii_graphic() && !NO_URI.contains(&byte);
    let is_written_well = address.len() <= MAX_ADDRESS && address.bytes().all(is_of_uri);
    let Ok(url) = Url::parse(address) else { return false };
    if !is_written_well || address.contains('#') {
        return false;
    }
    match url.scheme() {
        "https" => url.has_host() && url.username().is_empty() && url.password().is_none(),
        "http" => loopback(address).is_some(),
        scheme => !NO_APP.contains(&scheme) && !scheme.starts_with("ms-"),
    }
}

/// Whether an address is the registered one: letter by letter, but for the port of a loopback address, which
/// a program learns when it begins to listen.
pub fn matches_registered(registered: &str, given: &str) -> bool {
    registered == given || loopback(registered).is_some_and(|known| loopback(given) == Some(known))
}

/// Where an address that may be redirected to leads.
pub fn redirect_target(address: &str) -> RedirectTarget {
    let url = Url::parse(address).ok();
    let is_local = loopback(address).is_some() || url.as_ref().is_some_and(|url| url.scheme() != "https");
    let host = match url {
        Some(url) if matches!(url.scheme(), "http" | "https") => url.host_str().map(str::to_owned),
        Some(url) => Some(format!("{}:", url.scheme())),
        None => None,
    };
    RedirectTarget { host: host.unwrap_or_default(), is_local }
}

/// Returns the host of a loopback address and what comes after its port.
fn loopback(address: &str) -> Option<(&str, &str)> {
    let rest = address.strip_prefix("http://")?;
    let (host, rest) = LOOPBACK.iter().find_map(|host| Some((*host, rest.strip_prefix(host)?)))?;
    let rest = match rest.strip_prefix(':') {
        None => rest,
        Some(port) => {
            let end = port.bytes().take_while(u8::is_ascii_digit).count();
            port[..end].parse::<u16>().ok()?;
            &port[end..]
        }
    };
    (rest.is_empty() || rest.starts_with(['/', '?'])).then_some((host, rest))
}

/// An address with parameters added to its query, and nothing else of it changed (RFC 6749 4.1.2).
pub fn with_parameters<'a>(
    address: &str,
    parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(parameters);
    let separator = match address.split_once('?') {
        None => "?",
        Some((_, before)) if before.is_empty() || before.ends_with('&') => "",
        Some(_) => "&",
    };
    format!("{address}{separator}{}", query.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_sent_by_https_to_their_own_machine_or_to_an_app() {
        for good in [
            "https://claude.ai/api/mcp/auth_callback",
            "https://a.example/cb?x=1",
            "http://localhost:33418/",
            "http://127.0.0.1/callback",
            "http://[::1]:1/callback",
            "cursor://anysphere.cursor-retrieval/oauth/callback",
            "com.example.app:/oauth",
            "vscode://vscode.microsoft-authentication",
        ] {
            assert!(is_allowed(good), "{good}");
        }
        let long = format!("https://a.example/{}", "x".repeat(MAX_ADDRESS));
        for bad in [
            "",
            "/callback",
            "http://a.example/cb",
            "http://localhost.evil.example/cb",
            "http://localhost:80@evil.example/",
            "http://localhost@evil.example/",
            "http://127.0.0.1.evil.example/",
            "http://localhost:99999/",
            "https://user@a.example/cb",
            "https://a.example/cb#part",
            "https://a.example/c b",
            "https://a.example/\"",
            "https://a.example/<b>",
            "https:\\\\a.example\\cb",
            "https://\u{e4}.example/cb",
            "javascript:alert(1)//",
            "JavaScript://a.example/%0aalert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "ms-msdt:/id",
            "blob:https://a.example/x",
            "wss://a.example/",
            &long,
        ] {
            assert!(!is_allowed(bad), "{bad}");
        }
    }

    #[test]
    fn an_address_is_the_registered_one_letter_by_letter_but_for_a_port_of_the_loopback() {
        let same = [
            ("https://a.example/cb", "https://a.example/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:4711/cb"),
            ("http://localhost:1/cb?x=1", "http://localhost:2/cb?x=1"),
            ("http://[::1]:1", "http://[::1]:2"),
        ];
        for (registered, given) in same {
            assert!(matches_registered(registered, given), "{given}");
        }
        let other = [
            ("https://a.example/cb", "https://a.example/cb/"),
            ("https://a.example/cb", "https://a.example/cb?x=1"),
            ("https://a.example/cb", "https://a.example:443/cb"),
            ("https://a.example/cb", "https://A.example/cb"),
            ("https://a.example/cb", "https://a.example/x/../cb"),
            ("https://a.example/cb", "https://a.example.evil/cb"),
            ("http://localhost/cb", "http://127.0.0.1/cb"),
            ("http://localhost/cb", "http://localhost:1/other"),
            ("http://localhost/cb", "https://localhost:1/cb"),
            ("http://localhost/cb", "http://localhost:1@evil.example/cb"),
            ("http://localhost/cb", "http://localhost:/cb"),
            ("http://localhost", "http://localhost.evil.example"),
        ];
        for (registered, given) in other {
            assert!(!matches_registered(registered, given), "{given}");
        }
    }

    #[test]
    fn a_person_is_told_where_they_are_sent() {
        let told = |address: &str| {
            let RedirectTarget { host, is_local } = redirect_target(address);
            (host, is_local)
        };
        assert_eq!(told("https://claude.ai/cb"), ("claude.ai".to_owned(), false));
        assert_eq!(told("http://127.0.0.1:1/cb"), ("127.0.0.1".to_owned(), true));
        assert_eq!(told("cursor://x/cb"), ("cursor:".to_owned(), true));
    }

    #[test]
    fn an_answer_is_added_to_the_query_that_is_there() {
        let with = |address: &str| with_parameters(address, [("code", "a b"), ("iss", "https://x")]);
        assert_eq!(with("https://a.example"), "https://a.example?code=a+b&iss=https%3A%2F%2Fx");
        assert_eq!(with("app:/cb?x=1"), "app:/cb?x=1&code=a+b&iss=https%3A%2F%2Fx");
        assert_eq!(with("app:/cb?"), "app:/cb?code=a+b&iss=https%3A%2F%2Fx");
    }
}
