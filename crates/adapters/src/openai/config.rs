//! The settings of a model, and what can be wrong with them.

pub(crate) mod base_url;

use std::{str::FromStr, time::Duration};

use secrecy::SecretString;

pub use self::base_url::BaseUrl;

/// Where a model is, and how it is asked.
#[derive(Clone)]
pub struct OpenAiConfig {
    /// The API's base, for example `https://api.openai.com/v1`.
    pub base_url: BaseUrl,
    /// The name of the model in that API.
    pub model: String,
    /// The key; empty for servers that want none.
    pub api_key: SecretString,
    /// How long to wait.
    pub timeouts: Timeouts,
    /// How many tokens its context has. When it is not set, it is learnt from a request that was too long.
    pub context_tokens: Option<usize>,
    /// How it is asked for tools.
    pub tool_mode: ToolMode,
}

/// How long to wait at each stage. The whole reply has the deadline of its request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For the first byte of an answer, the connection included.
    pub first_byte: Duration,
    /// For each further chunk of the body.
    pub idle: Duration,
    /// Before the first retry, when the provider names no time; twice that before the second.
    pub backoff: Duration,
}

impl Timeouts {
    /// For a server on this machine, which may have to load its model first (Ollama answers nothing
    /// until it has) and reads a long prompt slowly.
    pub fn local() -> Self {
        Self { first_byte: Duration::from_secs(50), idle: Duration::from_secs(30), ..Self::default() }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            first_byte: Duration::from_secs(20),
            idle: Duration::from_secs(15),
            backoff: Duration::from_millis(500),
        }
    }
}

/// How a model is asked for tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ToolMode {
    /// With tool calls, until it turns out that the model or its server cannot make them.
    #[default]
    Auto,
    /// With tool calls.
    Native,
    /// With one JSON object under a schema.
    Structured,
}

impl FromStr for ToolMode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "native" => Ok(Self::Native),
            "structured" => Ok(Self::Structured),
            _ => Err("must be auto, native or structured".to_owned()),
        }
    }
}

/// Why a model cannot be set up as configured. The texts show no configured value.
#[derive(Debug, thiserror::Error)]
pub enum OpenAiConfigError {
    /// The key would be sent unencrypted.
    #[error(
        "the base URL must begin with https://, or with http:// for a server on this machine or, without a key, on a private network"
    )]
    NotHttps,
    /// The base URL carries a name or a password.
    #[error("the base URL must not hold a user name or a password")]
    Credentials,
    /// The model's name is empty.
    #[error("the model's name must not be empty")]
    NoModel,
    /// The key cannot be sent in a header.
    #[error("the key holds a character that no key has, perhaps a line break")]
    Key,
    /// The HTTP client cannot be set up.
    #[error("the HTTP client cannot be set up")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
}
