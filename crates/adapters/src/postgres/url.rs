//! Connection strings as Neon, libpq and SQLAlchemy write them, made into what tokio-postgres takes.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio_postgres::config::{Host, SslMode};
use url::Url;

use crate::openai::config::base_url;

/// Where the database is, and how many connections it may be asked for.
#[derive(Clone)]
pub struct DatabaseConfig {
    postgres: tokio_postgres::Config,
    pool_size: usize,
    warnings: Vec<String>,
}

/// Why a connection string cannot be used. Never holds any part of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DatabaseUrlError(pub(super) String);

/// What is said of the mistakes that come with pasting, and with a password as it is.
const HOW_IT_IS_WRITTEN: &str = "a connection string begins with postgresql://, has no quotes and no psql around it; \
                                 #, /, ? and @ in the password are written %23, %2F, %3F and %40";

/// Parameters that are passed on: those tokio-postgres knows and that make sense here.
const KNOWN: [&str; 8] = [
    "application_name",
    "channel_binding",
    "connect_timeout",
    "host",
    "options",
    "port",
    "sslmode",
    "sslnegotiation",
];

/// What asyncpg, and with it SQLAlchemy, calls `sslmode`.
const SSL: &str = "ssl";

impl DatabaseConfig {
    /// Parses `postgres://`, `postgresql://` and `postgresql+driver://` URLs. Parameters that we
    /// do not know are dropped; a [warning](Self::warnings) names each, without its value.
    ///
    /// # Errors
    /// When it is no such URL, names no host or no database, or a parameter's value is nonsense.
    pub fn parse(raw: &SecretString, pool_size: usize) -> Result<Self, DatabaseUrlError> {
        let refuse = |what: &str| DatabaseUrlError(format!("{what}: {HOW_IT_IS_WRITTEN}"));
        let mut url = Url::parse(raw.expose_secret().trim()).map_err(|_error| refuse("it is not a URL"))?;
        let scheme = url.scheme().split('+').next().unwrap_or_default();
        if !matches!(scheme, "postgres" | "postgresql") {
            return Err(refuse("it is another URL"));
        }
        // What follows a raw / in a password would be the database's name, which the log tells.
        if url.path().trim_start_matches('/').contains(['/', '@']) {
            return Err(refuse("the name of its database has a / or an @"));
        }
        if url.fragment().is_some() {
            return Err(refuse("it has a # in it"));
        }
        let (kept, warnings) = (known_parameters(&url)?, warnings(&url));
        url.query_pairs_mut().clear().extend_pairs(kept);
        // The driver's name in the scheme is SQLAlchemy's; tokio-postgres looks at the prefix only.
        let text = format!("postgresql:{}", url.as_str().split_once(':').map_or("", |(_, rest)| rest));
        let mut postgres: tokio_postgres::Config =
            text.parse().map_err(|_error| refuse("a part of it cannot be understood"))?;
        if postgres.get_hosts().is_empty() {
            return Err(refuse("it names no host"));
        }
        if postgres.get_dbname().is_none_or(str::is_empty) {
            return Err(refuse("it names no database"));
        }
        // A dead peer is noticed within a minute and not after the two hours of the kernel's default.
        postgres
            .keepalives_idle(Duration::from_secs(30))
            .keepalives_interval(Duration::from_secs(10))
            .keepalives_retries(3)
            .tcp_user_timeout(Duration::from_secs(10))
            .connect_timeout(Duration::from_secs(5));
        if postgres.get_application_name().is_none() {
            postgres.application_name("todo-ai-chatbot");
        }
        Ok(Self { postgres, pool_size, warnings })
    }

    /// How many connections a pool may hold at most.
    pub fn pool_size(&self) -> usize {
        self.pool_size
    }

    /// Adds a warning where what is sent over the connection may be read on its way.
    #[must_use]
    pub fn with_unencrypted_warning(mut self) -> Self {
        if !self.requires_tls() && !self.postgres.get_hosts().iter().all(is_local) {
            let advice = "the connection need not be encrypted, and its host is not on this machine or network: add \
                          sslmode=require";
            self.warnings.push(advice.to_owned());
        }
        self
    }

    /// What was dropped of the connection string, and what is risky about it, as sentences without values.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Host, port and database, for the log.
    pub fn location(&self) -> String {
        let host = match self.postgres.get_hosts().first() {
            Some(Host::Tcp(name)) => name.clone(),
            _ => "a local socket".to_owned(),
        };
        let port = self.postgres.get_ports().first().copied().unwrap_or(5432);
        format!("{host}:{port}/{}", self.postgres.get_dbname().unwrap_or_default())
    }

    /// Whether the connection is encrypted, and the server's certificate verified, without fail.
    pub fn requires_tls(&self) -> bool {
        self.postgres.get_ssl_mode() == SslMode::Require
    }

    pub(super) fn postgres(&self) -> &tokio_postgres::Config {
        &self.postgres
    }
}

impl std::fmt::Debug for DatabaseConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DatabaseConfig").field("pool_size", &self.pool_size).finish_non_exhaustive()
    }
}

/// The parameters to pass on.
fn known_parameters(url: &Url) -> Result<Vec<(String, String)>, DatabaseUrlError> {
    let mut kept = Vec::new();
    for (name, value) in url.query_pairs().into_owned() {
        match name.as_str() {
            "sslmode" | SSL => kept.push(("sslmode".to_owned(), ssl_mode(&value)?.to_owned())),
            known if KNOWN.contains(&known) => kept.push((name, value)),
            _ => {}
        }
    }
    Ok(kept)
}

/// A warning for each parameter that is dropped.
fn warnings(url: &Url) -> Vec<String> {
    let names = url.query_pairs().map(|(name, _)| name);
    let dropped = names.filter(|name| *name != SSL && !KNOWN.contains(&&**name));
    dropped.map(|name| format!("the parameter {name:?} is not known and was dropped")).collect()
}

/// libpq knows six modes, asyncpg two more words, and tokio-postgres three. Ours verifies whenever it
/// encrypts.
fn ssl_mode(value: &str) -> Result<&'static str, DatabaseUrlError> {
    match value {
        "disable" | "false" => Ok("disable"),
        "allow" | "prefer" => Ok("prefer"),
        "require" | "true" | "verify-ca" | "verify-full" => Ok("require"),
        _ => Err(DatabaseUrlError(
            "its sslmode (or ssl) must be disable, allow, prefer, require, verify-ca or verify-full"
                .to_owned(),
        )),
    }
}

/// Whether a host is on this machine or a network of its owner's.
fn is_local(host: &Host) -> bool {
    let Host::Tcp(name) = host else { return true };
    let name = if name.contains(':') { format!("[{name}]") } else { name.clone() };
    Url::parse(&format!("http://{name}")).is_ok_and(|url| base_url::is_local(&url))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<DatabaseConfig, DatabaseUrlError> {
        DatabaseConfig::parse(&SecretString::from(url), 4)
    }

    #[test]
    fn every_spelling_that_providers_hand_out_is_understood() {
        let neon = "ep-cool-dawn-123456.us-east-2.aws.neon.tech";
        for url in [
            format!("postgres://u:p@{neon}/db?sslmode=require"),
            format!("postgresql://u:p@{neon}/db?sslmode=require&channel_binding=require"),
            format!("postgresql+psycopg://u:p@{neon}/db?sslmode=verify-full"),
            format!("postgresql+asyncpg://u:p@{neon}/db?ssl=require"),
            format!("postgresql+asyncpg://u:p@{neon}/db?ssl=true"),
            format!("postgresql+asyncpg://u:p@{neon}/db?ssl=verify-full"),
            "postgresql://u:p@ep-x-pooler.us-east-2.aws.neon.tech/db?sslmode=require&options=endpoint%3Dep-x"
                .to_owned(),
        ] {
            let config = parse(&url).unwrap();
            assert!(config.requires_tls() && config.warnings().is_empty(), "{url}: {config:?}");
        }
    }

    proptest::proptest! {
        /// Whatever is pasted: it is understood or refused, and neither tells the password.
        #[test]
        fn no_part_of_a_url_is_told(
            scheme in proptest::sample::select(vec!["postgres", "postgresql+asyncpg", "http", "mysql"]),
            host in "[a-z0-9.:\\[\\]-]{0,12}",
            rest in "\\PC{0,16}",
        ) {
            let password = "s3cr3t-canary";
            let told = match parse(&format!("{scheme}://user:{password}@{host}/{rest}")) {
                Ok(config) => format!("{config:?} {:?} {}", config.warnings(), config.location()),
                Err(error) => format!("{error} {error:?}"),
            };
            proptest::prop_assert!(!told.contains(password), "{}", told);
        }
    }

    #[test]
    fn unknown_parameters_are_dropped_and_named_without_their_value() {
        let config = parse("postgres://u:p@h/db?pgbouncer=true&sslrootcert=secret").unwrap();
        let warnings = config.warnings();
        assert_eq!(warnings.len(), 2);
        assert!(warnings[0].contains("pgbouncer") && !warnings.concat().contains("secret"));
    }

    #[test]
    fn a_password_with_odd_characters_survives() {
        let config = parse("postgresql+psycopg2://u:p%40ss%2Fw%3Fx@h:6543/db").unwrap();
        assert_eq!(config.postgres().get_password(), Some(b"p@ss/w?x".as_slice()));
        assert_eq!(config.location(), "h:6543/db");
    }

    #[test]
    fn what_is_pasted_wrong_is_told_with_what_to_do() {
        for (url, words) in [
            ("psql 'postgresql://u:hunter2@h/db'", HOW_IT_IS_WRITTEN),
            ("\"postgresql://u:hunter2@h/db\"", HOW_IT_IS_WRITTEN),
            ("'postgresql://u:hunter2@h/db'", HOW_IT_IS_WRITTEN),
            ("jdbc:postgresql://h/db?user=u&password=hunter2", HOW_IT_IS_WRITTEN),
            ("postgresql://u:#hunter2@h/db", HOW_IT_IS_WRITTEN),
            ("postgresql://u:hunter2#1@h/db", HOW_IT_IS_WRITTEN),
            ("postgresql://u:12/hunter2@h/db", HOW_IT_IS_WRITTEN),
            ("postgresql://u:12#hunter2@h/db", HOW_IT_IS_WRITTEN),
            ("postgresql://u:12?hunter2@h/db", HOW_IT_IS_WRITTEN),
            ("postgresql://u:hunter2@h/db?sslmode=hunter2", "sslmode"),
            ("postgresql://u:hunter2@h/db?ssl=hunter2", "ssl"),
        ] {
            let error = parse(url).expect_err(url).to_string();
            assert!(error.contains(words) && !error.contains("hunter2"), "{url}: {error}");
        }
    }

    #[test]
    fn what_cannot_be_used_is_refused_without_showing_the_password() {
        for url in [
            "",
            "hunter2",
            "mysql://u:hunter2@h/db",
            "postgres://u:hunter2@h",
            "postgres://u:hunter2@h/db?sslmode=maybe",
        ] {
            let error = parse(url).unwrap_err();
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
        let config = parse("postgres://u:hunter2@h/db").unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
