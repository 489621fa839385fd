//! The configuration: the one place that reads the environment.
//!
//! Everything is checked before anything starts, and all that is wrong is said at once, naming
//! variables and never their values.

mod config_errors;
mod database;
mod env_file;
mod identity_providers;
mod mail;
mod raw;
mod secret_rules;
mod traces;
mod value_parsers;

use std::{
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use adapters::{
    client_metadata_document::AllowedNetwork,
    identity_provider::ProviderConfig,
    mcp_stdio_bridge::{ServerAddress, StdioBridge, StdioBridgeError},
    openai::{BaseUrl, CONTEXT_TOKENS, OpenAiConfigError, ToolMode},
    postgres::DatabaseConfig,
};
use config_errors::Problems;
pub use config_errors::{ConfigError, Problem};
use domain::account_limits::{Limits, MIB};
use jsonwebtoken::Algorithm;
pub use mail::MailSettings;
pub use raw::RawConfig;
use secrecy::SecretString;
use value_parsers::{algorithm, environment, host, model_names, number};

use crate::{
    allowed_hosts::{self, AllowedHosts},
    middleware::cors::origins::{AllowedOrigins, PreviewPattern, parse_list},
    public_url::PublicUrl,
    telemetry::{self, LogFormat, LogSettings, traces::TraceSettings},
    tokens::access_jwt::JwtSettings,
};

/// The port that a Space expects.
pub const DEFAULT_PORT: u16 = 7860;
const DEFAULT_MODEL: &str = "gpt-4o-mini";
const DEFAULT_FRONTENDS: &str = "http://localhost:3000,http://localhost:5173";
const DEFAULT_TOKEN_MINUTES: u64 = 15;
const DEFAULT_POOL: usize = 8;
const DEFAULT_REGISTRATIONS: u32 = 10;
/// Each costs some 10 KiB while nothing is said over it, and up to 128 KiB while a head arrives.
const DEFAULT_CONNECTIONS: usize = 2_048;

/// The validated configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Whether people depend on this process.
    pub environment: Environment,
    /// The address to listen on.
    pub host: IpAddr,
    /// The port to listen on; 0 takes any free one.
    pub port: u16,
    /// The database; `None` in development means a private one of our own.
    pub database: Option<DatabaseConfig>,
    /// The most connections to the database.
    pub database_pool_size: usize,
    /// The model.
    pub model: ModelSettings,
    /// The tokens; `None` in development means a secret of our own making.
    pub jwt_secret: Option<SecretString>,
    /// The one algorithm of tokens.
    pub jwt_algorithm: Algorithm,
    /// How long a token is good for.
    pub jwt_lifetime: Duration,
    /// The origins whose pages may read our answers.
    pub origins: AllowedOrigins,
    /// Under which names programs ask for this server.
    pub mcp_hosts: AllowedHosts,
    /// The log.
    pub log: LogSettings,
    /// Where traces are sent, if anywhere.
    pub traces: Option<TraceSettings>,
    /// The token with which `/metrics` is read; without one there is no such route.
    pub metrics_token: Option<SecretString>,
    /// What an account may do and keep.
    pub limits: Limits,
    /// Registrations from one address in a minute.
    pub registrations_a_minute: u32,
    /// Connections at once.
    pub max_connections: usize,
    /// How mail is sent, if at all.
    pub mail: Option<MailSettings>,
    /// The providers with which people may sign in.
    pub providers: Vec<ProviderConfig>,
    /// The address of the page, if it is known.
    pub public_url: Option<PublicUrl>,
    /// That address if it does not depend on where somebody asks: it is set, or a Space's.
    pub fixed_address: Option<PublicUrl>,
    /// Where programs may keep documents about themselves.
    pub oauth_client_network: AllowedNetwork,
    /// How many proxies in front of us are ours, counted from the right of `X-Forwarded-For`.
    pub trusted_proxy_hops: u8,
}

/// Which model answers, and where.
#[derive(Debug, Clone)]
pub struct ModelSettings {
    /// The key; `None` in development means the stand-in model.
    pub api_key: Option<SecretString>,
    /// Where it is.
    pub base_url: BaseUrl,
    /// The model's name.
    pub name: String,
    /// Other models that people may choose.
    pub choices: Vec<String>,
    /// The model that takes over when the chosen one is down.
    pub fallback: Option<String>,
    /// How many tokens its context has; learnt when it is not set.
    pub context_tokens: Option<usize>,
    /// How it is asked for tools.
    pub tool_mode: ToolMode,
    /// Whether it is the stand-in model of the devkit.
    pub stand_in: bool,
}

impl ModelSettings {
    /// Whether neither a key nor another API is set: in development the stand-in model answers then. A
    /// server of one's own often wants no key.
    pub fn is_absent(&self) -> bool {
        self.api_key.is_none() && self.base_url == BaseUrl::default()
    }

    /// The names of all models that may be asked, the default one first.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.name).chain(&self.choices).chain(&self.fallback)
    }
}

/// Whether people depend on this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// They do: nothing is made up.
    Production,
    /// They do not: what is missing is made up.
    Development,
}

impl Config {
    /// Reads and checks the environment and, in development, the file `.env`.
    ///
    /// # Errors
    /// With everything that is wrong.
    pub fn from_environment() -> Result<Self, ConfigError> {
        Self::from_raw(&RawConfig::read()?)
    }

    /// Checks what was read.
    ///
    /// # Errors
    /// With everything that is wrong.
    pub fn from_raw(raw: &RawConfig) -> Result<Self, ConfigError> {
        let mut found = Problems::default();
        // A misspelt APP_ENV is checked as production.
        let otherwise = raw.app_env.as_ref().map_or(Environment::Development, |_| Environment::Production);
        let environment = found.parse("APP_ENV", raw.app_env.as_deref(), otherwise, environment);
        let uses_devkit = environment == Environment::Development && cfg!(feature = "devkit");
        let database_pool_size = found.parse(
            "DATABASE_POOL_SIZE",
            raw.database_pool_size.as_deref(),
            DEFAULT_POOL,
            number(1, 200, "a number of connections"),
        );
        let is_development = environment == Environment::Development;
        let fixed_address = mail::fixed_address(&mut found, raw);
        let public_url = mail::public_url(&mut found, raw, fixed_address.as_ref(), is_development);
        let config = Self {
            environment,
            host: found.parse("HOST", raw.host.as_deref(), IpAddr::V4(Ipv4Addr::UNSPECIFIED), host),
            port: found.parse("PORT", raw.port.as_deref(), DEFAULT_PORT, number(0, u16::MAX, "a TCP port")),
            database: database::settings(&mut found, raw, environment, database_pool_size),
            database_pool_size,
            model: model(&mut found, raw, uses_devkit),
            jwt_secret: jwt_secret(&mut found, raw, uses_devkit),
            jwt_algorithm: found.parse(
                "JWT_ALGORITHM",
                raw.jwt_algorithm.as_deref(),
                Algorithm::HS256,
                algorithm,
            ),
            jwt_lifetime: lifetime(&mut found, raw),
            origins: origins(&mut found, raw, environment),
            mcp_hosts: mcp_hosts(&mut found, raw, fixed_address.as_ref()),
            oauth_client_network: oauth_client_network(&mut found, raw, is_development),
            log: log(&mut found, raw),
            traces: traces::settings(&mut found, raw),
            metrics_token: found.parse_secret(
                "METRICS_TOKEN",
                raw.metrics_token.as_ref(),
                None,
                secret_rules::metrics_secret,
            ),
            limits: limits(&mut found, raw),
            mail: mail::settings(&mut found, raw),
            providers: identity_providers::settings(&mut found, raw, public_url.as_ref()),
            public_url,
            fixed_address,
            registrations_a_minute: registrations(&mut found, raw),
            max_connections: found.parse(
                "MAX_CONNECTIONS",
                raw.max_connections.as_deref(),
                DEFAULT_CONNECTIONS,
                number(1, 1_000_000, "a number of connections"),
            ),
            trusted_proxy_hops: trusted_proxy_hops(&mut found, raw),
        };
        found.into_result(config)
    }

    /// Returns the settings of access tokens, once there is a secret.
    pub fn jwt_settings(&self) -> Option<JwtSettings> {
        let secret = self.jwt_secret.clone()?;
        Some(JwtSettings { secret, algorithm: self.jwt_algorithm, lifetime: self.jwt_lifetime })
    }
}

/// Reads what `todo-ai-chatbot mcp` needs: where a server is, and a token for it.
///
/// # Errors
/// With everything that is wrong.
pub fn mcp_stdio_bridge_from_environment() -> Result<StdioBridge, ConfigError> {
    let raw = RawConfig::read()?;
    let mut found = Problems::default();
    let server =
        found.parse("TODO_SERVER", raw.todo_server.as_deref(), ServerAddress::default(), |address| {
            address.parse().map_err(|error: StdioBridgeError| error.to_string())
        });
    let missing = "is missing: a personal access token of yours (tdo_pat_…), which the page makes";
    let bridge = found.parse_secret("TODO_TOKEN", raw.todo_token.as_ref(), Some(missing), |token| {
        StdioBridge::new(server, token).map_err(|error| format!("cannot be used: {error}"))
    });
    found.into_result(bridge)?.ok_or_else(|| ConfigError(Vec::new()))
}

fn jwt_secret(found: &mut Problems, raw: &RawConfig, uses_devkit: bool) -> Option<SecretString> {
    let wants = "is missing: a random secret of 32 bytes or more, such as `openssl rand -hex 32` prints";
    found.parse_secret(
        "JWT_SECRET_KEY",
        raw.jwt_secret_key.as_ref(),
        (!uses_devkit).then_some(wants),
        secret_rules::signing_secret,
    )
}

fn model(found: &mut Problems, raw: &RawConfig, uses_devkit: bool) -> ModelSettings {
    let wants = "is missing: the key of your account at OpenAI, or at whoever OPENAI_BASE_URL names";
    let given = raw.openai_base_url.as_deref();
    let base_url = found.parse("OPENAI_BASE_URL", given, BaseUrl::default(), |url| {
        url.parse().map_err(|error: OpenAiConfigError| format!("cannot be used: {error}"))
    });
    // A server of one's own often wants no key.
    let wants_key = !uses_devkit && !base_url.is_local();
    let key = raw.openai_api_key.as_ref();
    let api_key =
        found.parse_secret("OPENAI_API_KEY", key, wants_key.then_some(wants), secret_rules::header_secret);
    if api_key.is_some() && !base_url.may_take_a_key() {
        found.note(
            "OPENAI_BASE_URL",
            "must begin with https:// when there is an OPENAI_API_KEY: others could read it",
        );
    }
    let choices = found.parse("OPENAI_MODELS", raw.openai_models.as_deref(), Vec::new(), model_names);
    let default = || choices.first().cloned().unwrap_or_else(|| DEFAULT_MODEL.to_owned());
    let name = raw.openai_model.clone().unwrap_or_else(default);
    let choices = choices.into_iter().filter(|choice| *choice != name).collect();
    let fallback = raw.openai_fallback_model.clone();
    let context = raw.openai_context_tokens.as_deref();
    let context_tokens = found.parse("OPENAI_CONTEXT_TOKENS", context, None, |text| {
        number(*CONTEXT_TOKENS.start(), *CONTEXT_TOKENS.end(), "a number of tokens")(text).map(Some)
    });
    let tool_mode =
        found.parse("OPENAI_TOOL_MODE", raw.openai_tool_mode.as_deref(), ToolMode::Auto, str::parse);
    ModelSettings { api_key, base_url, name, choices, fallback, context_tokens, tool_mode, stand_in: false }
}

fn limits(found: &mut Problems, raw: &RawConfig) -> Limits {
    const MAX_VALUE: i32 = 1_000_000;
    let default = Limits::default();
    let mut bound = |name, text: &Option<String>, least, default: i32| {
        found.parse(name, text.as_deref(), default, number(least, MAX_VALUE, "a number"))
    };
    let turns_at_once = bound("TURNS_AT_ONCE", &raw.turns_at_once, 1, default.turns_at_once);
    let turns_in_window = bound("TURNS_PER_5_MINUTES", &raw.turns_per_5_minutes, 1, default.turns_in_window);
    let changes_a_minute = bound("CHANGES_PER_MINUTE", &raw.changes_per_minute, 0, default.changes_a_minute);
    let mut bound = |name, text: &Option<String>, least, default: i64| {
        found.parse(name, text.as_deref(), default, number(least, 1_000_000_000, "a number"))
    };
    Limits {
        turns_at_once,
        turns_in_window,
        changes_a_minute,
        tokens_a_day: bound("DAILY_TOKEN_BUDGET", &raw.daily_token_budget, 0, default.tokens_a_day),
        tasks: bound("MAX_TASKS", &raw.max_tasks, 1, default.tasks),
        conversations: bound("MAX_CONVERSATIONS", &raw.max_conversations, 1, default.conversations),
        changes_kept: bound("CHANGES_KEPT", &raw.changes_kept, 1, default.changes_kept),
        stored_bytes: bound("MAX_STORED_MIB", &raw.max_stored_mib, 0, default.stored_bytes / MIB) * MIB,
    }
}

fn registrations(found: &mut Problems, raw: &RawConfig) -> u32 {
    let given = raw.registrations_per_minute.as_deref();
    let bound = number(1, 1_000_000, "a number of registrations");
    found.parse("REGISTRATIONS_PER_MINUTE", given, DEFAULT_REGISTRATIONS, bound)
}

fn trusted_proxy_hops(found: &mut Problems, raw: &RawConfig) -> u8 {
    // A Space is behind one proxy of Hugging Face's.
    let default = u8::from(raw.space_id.is_some());
    let given = raw.trusted_proxy_hops.as_deref();
    found.parse("TRUSTED_PROXY_HOPS", given, default, number(0, 10, "a number of proxies"))
}

fn lifetime(found: &mut Problems, raw: &RawConfig) -> Duration {
    let given = raw.jwt_expire_minutes.as_deref();
    let minutes = found.parse(
        "JWT_EXPIRE_MINUTES",
        given,
        DEFAULT_TOKEN_MINUTES,
        number(1, 1440, "a number of minutes"),
    );
    Duration::from_secs(minutes * 60)
}

fn origins(found: &mut Problems, raw: &RawConfig, environment: Environment) -> AllowedOrigins {
    let list = raw.frontend_url.as_deref();
    if list.is_none() && environment == Environment::Production {
        found.note(
            "FRONTEND_URL",
            "is missing: the origin of your frontend, such as https://my-app.vercel.app; several with commas",
        );
    }
    let exact = found.parse("FRONTEND_URL", list.or(Some(DEFAULT_FRONTENDS)), Vec::new(), parse_list);
    let pattern = raw.frontend_preview_pattern.as_deref();
    let previews = found
        .parse("FRONTEND_PREVIEW_PATTERN", pattern, None, |pattern| PreviewPattern::parse(pattern).map(Some));
    AllowedOrigins::new(exact, previews)
}

/// Programs that are being written keep their documents on the machine where they are.
fn oauth_client_network(found: &mut Problems, raw: &RawConfig, is_development: bool) -> AllowedNetwork {
    let given = raw.oauth_loopback_clients.as_deref();
    let is_wide = found.parse("OAUTH_LOOPBACK_CLIENTS", given, is_development, |text| {
        text.parse().map_err(|_error| "must be true or false".to_owned())
    });
    if is_wide { AllowedNetwork::PublicAndLoopback } else { AllowedNetwork::Public }
}

/// The host names accepted for `/mcp`: this machine's, the Space's, and those that the configuration names.
fn mcp_hosts(found: &mut Problems, raw: &RawConfig, own: Option<&PublicUrl>) -> AllowedHosts {
    let named = found.parse(
        "MCP_ALLOWED_HOSTS",
        raw.mcp_allowed_hosts.as_deref(),
        Vec::new(),
        allowed_hosts::parse_list,
    );
    let space = raw.space_host.as_deref().and_then(|hosts| allowed_hosts::parse_list(hosts).ok());
    let own = own.and_then(PublicUrl::host);
    AllowedHosts::default().with_hosts(space.unwrap_or_default()).with_hosts(own).with_hosts(named)
}

fn log(found: &mut Problems, raw: &RawConfig) -> LogSettings {
    let format = found.parse("LOG_FORMAT", raw.log_format.as_deref(), LogFormat::Text, |text| match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("must be text or json".to_owned()),
    });
    let default = telemetry::DEFAULT_FILTER.to_owned();
    let filter = found.parse("RUST_LOG", raw.rust_log.as_deref(), default, |text| {
        telemetry::check_filter(text).map(|()| text.to_owned())
    });
    LogSettings { format, filter }
}

#[cfg(test)]
mod tests;
