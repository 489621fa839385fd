//! The environment as it is: every variable optional, every value text.

use std::{collections::BTreeMap, path::Path};

use secrecy::SecretString;
use serde::Deserialize;

use super::{ConfigError, Problem, env_file};

/// The variables this program knows. Names are those of the environment in lower case.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct RawConfig {
    /// `production` or `development`.
    pub app_env: Option<String>,
    /// Connection string of PostgreSQL, `postgres://…`.
    pub database_url: Option<SecretString>,
    /// Maximum number of database connections.
    pub database_pool_size: Option<String>,
    /// API key of the model provider.
    pub openai_api_key: Option<SecretString>,
    /// Base URL of an OpenAI-compatible API.
    pub openai_base_url: Option<String>,
    /// Name of the default model.
    pub openai_model: Option<String>,
    /// The models that people may choose from, separated by commas.
    pub openai_models: Option<String>,
    /// The model that takes over when the chosen one is down.
    pub openai_fallback_model: Option<String>,
    /// Size of the model's context, in tokens.
    pub openai_context_tokens: Option<String>,
    /// How tools are offered to the model: natively or as JSON objects.
    pub openai_tool_mode: Option<String>,
    /// Secret that signs access tokens.
    pub jwt_secret_key: Option<SecretString>,
    /// Signature algorithm of access tokens.
    pub jwt_algorithm: Option<String>,
    /// Lifetime of an access token, in minutes.
    pub jwt_expire_minutes: Option<String>,
    /// Origins that CORS allows, separated by commas.
    pub frontend_url: Option<String>,
    /// Pattern of origins of preview deployments that CORS allows as well.
    pub frontend_preview_pattern: Option<String>,
    /// TCP port to listen on.
    pub port: Option<String>,
    /// IP address to listen on.
    pub host: Option<String>,
    /// `text` or `json`.
    pub log_format: Option<String>,
    /// Log filter, as of `tracing_subscriber::EnvFilter`.
    pub rust_log: Option<String>,
    /// URL of the OpenTelemetry collector.
    pub otel_exporter_otlp_endpoint: Option<String>,
    /// Headers sent to the collector, `name=value` separated by commas.
    pub otel_exporter_otlp_headers: Option<SecretString>,
    /// Fraction of traces that are sent, 0 to 1.
    pub otel_traces_sampler_arg: Option<String>,
    /// Bearer token for `/metrics`.
    pub metrics_token: Option<SecretString>,
    /// Turns of an account at the same time.
    pub turns_at_once: Option<String>,
    /// Turns of an account in five minutes.
    pub turns_per_5_minutes: Option<String>,
    /// Tokens of an account on a day.
    pub daily_token_budget: Option<String>,
    /// Changes of an account's list in a minute.
    pub changes_per_minute: Option<String>,
    /// Tasks of an account.
    pub max_tasks: Option<String>,
    /// Conversations of an account.
    pub max_conversations: Option<String>,
    /// Records of changes that are kept of an account.
    pub changes_kept: Option<String>,
    /// Mebibytes of what is kept of an account.
    pub max_stored_mib: Option<String>,
    /// Registrations from one address in a minute.
    pub registrations_per_minute: Option<String>,
    /// Connections of clients at once.
    pub max_connections: Option<String>,
    /// Set by Hugging Face in a Space.
    pub space_id: Option<String>,
    /// Set by Hugging Face in a Space: the name under which browsers ask for it.
    pub space_host: Option<String>,
    /// The names under which programs ask for this server.
    pub mcp_allowed_hosts: Option<String>,
    /// Whether documents about programs may be on this machine.
    pub oauth_loopback_clients: Option<String>,
    /// The address of the page.
    pub public_url: Option<String>,
    /// The mail server.
    pub smtp_url: Option<SecretString>,
    /// Who mail is from.
    pub mail_from: Option<String>,
    /// The id that Google has given this server.
    pub google_client_id: Option<String>,
    /// The secret that goes with it.
    pub google_client_secret: Option<SecretString>,
    /// The page to which Google sends people back.
    pub google_redirect_uri: Option<String>,
    /// Where Google is, if not at its own address.
    pub google_url: Option<String>,
    /// The id that GitHub has given this server.
    pub github_client_id: Option<String>,
    /// The secret that goes with it.
    pub github_client_secret: Option<SecretString>,
    /// The page to which GitHub sends people back.
    pub github_redirect_uri: Option<String>,
    /// Where GitHub is, if not at its own address.
    pub github_url: Option<String>,
    /// Where a server runs, for `todo-ai-chatbot mcp`.
    pub todo_server: Option<String>,
    /// The token for it.
    pub todo_token: Option<SecretString>,
    /// How many proxies are ours.
    pub trusted_proxy_hops: Option<String>,
}

impl RawConfig {
    /// Reads the environment and, unless that says `production`, the file `.env` below it.
    pub(super) fn read() -> Result<Self, ConfigError> {
        // `vars_os`, because `vars` panics over a variable of somebody else's that is not UTF-8.
        let process = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        let process: Vec<_> = process.collect();
        let is_production =
            process.iter().any(|(name, value)| name == "APP_ENV" && value.trim() == "production");
        let mut variables = if is_production { Vec::new() } else { env_file::read(Path::new(".env"))? };
        variables.extend(process);
        Self::from_variables(variables)
    }

    /// Makes it of pairs of which the last of a name counts. A blank value is none, and spaces
    /// around one, which come with copying, are dropped.
    ///
    /// # Errors
    /// When the variables cannot be read at all.
    pub fn from_variables(
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let trimmed = variables.into_iter().map(|(name, value)| (name, value.trim().to_owned()));
        let last: BTreeMap<String, String> = trimmed.filter(|(_, value)| !value.is_empty()).collect();
        // Whatever envy would say might quote a value.
        envy::from_iter(last).map_err(|_error| unreadable())
    }
}

fn unreadable() -> ConfigError {
    let wants = "must hold lines of the form NAME=value".to_owned();
    ConfigError(vec![Problem { variable: "the environment", wants }])
}
