//! A language model behind any OpenAI-compatible API, by `POST {base}/chat/completions`.
//!
//! Always a stream on the wire, read with more tolerance than it was written with.

mod assemble;
pub(crate) mod base_url;
mod context_window;
mod error;
pub(crate) mod http_client;
mod key_redactor;
mod lone_surrogates;
mod model_listing;
mod opaque_provider_fields;
mod quoted_tool_call_detection;
mod request;
mod response_body_decoder;
mod retry;
mod sse;
mod structured_output;
mod tool_calling_mode;

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use domain::{
    ports::{LanguageModel, ModelError, ModelReply, ModelRequest, TextSink, ToolUse},
    prompt::{PromptFacts, system_prompt},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::time::{Instant, timeout, timeout_at};
use url::Url;

pub use self::{
    base_url::BaseUrl,
    context_window::CONTEXT_TOKENS,
    model_listing::{ModelFault, ModelListing},
    tool_calling_mode::ToolMode,
};
use self::{
    context_window::Context,
    key_redactor::Redactor,
    response_body_decoder::{DecodedReply, ResponseBodyDecoder},
    retry::Answer,
    tool_calling_mode::CurrentMode,
};

/// How long to wait for the usage once the provider has said why it stopped. Not every server
/// marks the end of its stream.
const AFTER_FINISH: Duration = Duration::from_secs(2);
/// How long to wait for the end of the body after the end of the stream: a connection whose body
/// was read to its end can be used again.
const AFTER_DONE: Duration = Duration::from_millis(50);

/// What is asked, and how.
#[derive(Clone)]
pub struct OpenAiConfig {
    /// The API's base, for example `https://api.openai.com/v1`.
    pub base_url: BaseUrl,
    /// The model's name there.
    pub model: String,
    /// The key; empty for servers that want none.
    pub api_key: SecretString,
    /// How long to wait for what.
    pub timeouts: Timeouts,
    /// How many tokens its context has. Without it the size is learnt when a request was too long.
    pub context_tokens: Option<usize>,
    /// How it is asked for tools.
    pub tool_mode: ToolMode,
}

/// How long to wait for what. The whole reply has the deadline of its request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For the first byte of an answer, the connection included.
    pub first_byte: Duration,
    /// For each following piece.
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

/// Why a model cannot be set up as configured. Names no value.
#[derive(Debug, thiserror::Error)]
pub enum OpenAiConfigError {
    /// The key would go over the wire for all to read.
    #[error(
        "the base URL must begin with https://, or with http:// for a server on this machine or, without a key, on a private network"
    )]
    NotHttps,
    /// The base URL carries a name or a password.
    #[error("the base URL must not hold a user name or a password")]
    Credentials,
    /// There is no model's name.
    #[error("the model's name must not be empty")]
    NoModel,
    /// The key cannot be a header.
    #[error("the key holds a character that no key has, perhaps a line break")]
    Key,
    /// The client cannot be made.
    #[error("the HTTP client cannot be set up")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A model behind an API.
pub struct OpenAiModel {
    client: reqwest::Client,
    completions: Url,
    models: Url,
    model: String,
    tools: Value,
    timeouts: Timeouts,
    redactor: Redactor,
    context: Context,
    mode: CurrentMode,
}

impl OpenAiModel {
    /// Makes a model; asks nobody yet.
    ///
    /// # Errors
    /// When the configuration cannot work.
    pub fn new(config: OpenAiConfig) -> Result<Self, OpenAiConfigError> {
        let OpenAiConfig { base_url, model, api_key, timeouts, context_tokens, tool_mode } = config;
        let model = model.trim().to_owned();
        if model.is_empty() {
            return Err(OpenAiConfigError::NoModel);
        }
        if !base_url.may_take_a_key() && !api_key.expose_secret().is_empty() {
            return Err(OpenAiConfigError::NotHttps);
        }
        let client = http_client::client(base_url.completions(), &api_key, &timeouts)?;
        let tools = request::tools();
        let prompt = system_prompt(PromptFacts {
            local: domain::time_zone::PersonalTime::utc(chrono::DateTime::UNIX_EPOCH).local,
            summary: None,
        });
        Ok(Self {
            client,
            completions: base_url.completions().clone(),
            models: base_url.models(),
            model,
            context: Context::new(context_tokens, prompt.len() + tools.to_string().len()),
            tools,
            mode: CurrentMode::new(tool_mode),
            timeouts,
            redactor: Redactor::new(api_key),
        })
    }

    async fn ask(
        &self,
        mut decoder: ResponseBodyDecoder,
        body: Vec<u8>,
        deadline: Instant,
        words: TextSink<'_>,
    ) -> Result<DecodedReply, ModelError> {
        let Answer { mut response, first_byte } = self.send(body, deadline).await?;
        let mut next = first_byte;
        while !decoder.is_done() {
            match timeout_at(next, response.chunk()).await {
                Ok(Ok(Some(bytes))) => decoder.push(&bytes, words)?,
                Ok(Ok(None)) => break,
                // All that counts is there.
                _ if decoder.has_finished() => break,
                Ok(Err(error)) => return Err(ModelError::BadReply(http_client::text_of(error))),
                Err(_elapsed) => return Err(ModelError::TimedOut),
            }
            let max_wait = if decoder.has_finished() { AFTER_FINISH } else { self.timeouts.idle };
            next = Instant::now() + max_wait.min(self.timeouts.idle);
        }
        if decoder.is_done() {
            drop(timeout(AFTER_DONE, response.chunk()).await);
        }
        decoder.finish(words)
    }
}

#[async_trait]
impl LanguageModel for OpenAiModel {
    fn name(&self) -> &str {
        &self.model
    }

    fn history_tokens(&self) -> usize {
        self.context.history_tokens()
    }

    async fn reply(&self, request: ModelRequest<'_>, words: TextSink<'_>) -> Result<ModelReply, ModelError> {
        let was_structured = self.mode.is_structured() && request.tools != ToolUse::Absent;
        let outcome = self.reply_in_mode(request, words, was_structured).await;
        match outcome {
            // The server takes no tools: it is asked in the other way at once.
            Err(ModelError::Misconfigured(_))
                if !was_structured && self.mode.is_structured() && request.tools != ToolUse::Absent =>
            {
                self.reply_in_mode(request, words, true).await
            }
            outcome => outcome,
        }
    }
}

impl OpenAiModel {
    async fn reply_in_mode(
        &self,
        request: ModelRequest<'_>,
        words: TextSink<'_>,
        is_structured: bool,
    ) -> Result<ModelReply, ModelError> {
        let deadline = Instant::from_std(request.deadline);
        let answer_tokens = self.context.answer_bound();
        let body = if is_structured {
            structured_output::body(
                &self.model,
                &request,
                answer_tokens,
                base_url::is_local(&self.completions),
            )
        } else {
            request::body(&self.model, &self.tools, &request, answer_tokens)
        };
        let body = body.map_err(|error| ModelError::Misconfigured(error.to_string()))?;
        let bytes = body.len();
        let redactor = Mutex::new(self.redactor.stream());
        let hand_out = |clean: String| {
            if !clean.is_empty() {
                words(&clean);
            }
        };
        let redacted = |piece: &str| hand_out(lock(&redactor).push(piece));
        // An object is no words before it is whole.
        let unheard = |_: &str| {};
        let sink: TextSink<'_> = if is_structured { &unheard } else { &redacted };
        let decoder =
            if is_structured { ResponseBodyDecoder::of_objects() } else { ResponseBodyDecoder::new() };
        let reply = timeout_at(deadline, self.ask(decoder, body, deadline, sink)).await;
        let reply = reply.unwrap_or(Err(ModelError::TimedOut)).map_err(|error| {
            if let ModelError::ContextExceeded { context_tokens, .. } = &error {
                self.context.learn(*context_tokens);
                if context_tokens.is_none() {
                    self.context.exceeded_by(bytes);
                }
            }
            self.redactor.error(error)
        })?;
        let mut reply = reply;
        if reply.wrote_calls {
            reply.reply =
                quoted_tool_call_detection::quoted_calls_as_text(reply.reply, request.messages, sink);
            if !reply.reply.calls.is_empty() {
                self.mode.call_written();
            }
        }
        let reply =
            if is_structured { structured_output::interpreted(reply.reply, &redacted) } else { reply.reply };
        hand_out(lock(&redactor).finish());
        Ok(self.redactor.reply(reply))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Says which model it is, and nothing of how it is asked.
impl std::fmt::Debug for OpenAiModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenAiModel").field("model", &self.model).finish_non_exhaustive()
    }
}
