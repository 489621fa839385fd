//! A language model behind any OpenAI-compatible API, by `POST {base}/chat/completions`.
//!
//! The reply is always asked for as a stream. What comes is read tolerantly: servers differ in how they
//! follow the API.

mod assemble;
pub(crate) mod config;
mod connection_fault;
mod context_window;
mod error;
pub(crate) mod http_client;
mod key_redactor;
mod lone_surrogates;
mod model_check;
mod opaque_provider_fields;
mod quoted_tool_call_detection;
mod reasoning_field_rules;
mod reply_decoder;
mod request;
mod retry;
mod sse;
mod structured_output;
mod think_tag_origin;
mod tool_calling_mode;

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use domain::{
    ports::{LanguageModel, ModelError, ModelReply, ModelRequest, TextSink},
    prompt::{PromptFacts, system_prompt},
};
use secrecy::ExposeSecret;
use serde_json::Value;
use tokio::time::{Instant, timeout, timeout_at};

pub use self::{
    config::{BaseUrl, OpenAiConfig, OpenAiConfigError, Timeouts, ToolMode},
    connection_fault::ConnectionFault,
    context_window::CONTEXT_TOKENS,
    model_check::{ModelFault, ModelLookup},
};
use self::{
    context_window::Context,
    error::ExchangeError,
    key_redactor::Redactor,
    quoted_tool_call_detection::quoted_calls_as_text,
    reply_decoder::{DecodedReply, ReplyDecoder},
    retry::ResponseHead,
    think_tag_origin::LastThinkTagOrigin,
    tool_calling_mode::{CurrentMode, RequestMode},
};

/// How long to wait for the usage once the provider has said why it stopped. Not every server
/// marks the end of its stream.
const AFTER_FINISH: Duration = Duration::from_secs(2);
/// How long to wait for the end of the body after the end of the stream: a connection whose body
/// was read to its end can be used again.
const AFTER_DONE: Duration = Duration::from_millis(50);

/// A model behind an API.
pub struct OpenAiModel {
    client: reqwest::Client,
    base_url: BaseUrl,
    model: String,
    tools: Value,
    timeouts: Timeouts,
    redactor: Redactor,
    context: Context,
    mode: CurrentMode,
    thoughts: LastThinkTagOrigin,
}

impl OpenAiModel {
    /// Makes a model. No request is sent yet.
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
        let client = http_client::build_client(base_url.completions(), &api_key, &timeouts)?;
        let tools = request::tools();
        let prompt = system_prompt(PromptFacts {
            local: domain::time_zone::PersonalTime::utc(chrono::DateTime::UNIX_EPOCH).local,
            summary: None,
        });
        Ok(Self {
            client,
            base_url,
            model,
            context: Context::new(context_tokens, prompt.len() + tools.to_string().len()),
            tools,
            mode: CurrentMode::new(tool_mode),
            thoughts: LastThinkTagOrigin::default(),
            timeouts,
            redactor: Redactor::new(api_key),
        })
    }

    async fn reply_in_mode(
        &self,
        mode: RequestMode,
        request: ModelRequest<'_>,
        words: TextSink<'_>,
    ) -> Result<ModelReply, ExchangeError> {
        let body = mode.body(self, &request)?;
        let body_bytes = body.len();
        let redacted = self.redactor.redacting_sink(words);
        let words = |piece: &str| redacted.push(piece);
        let pieces = mode.sink_of_pieces(&words);

        let decoder = mode.decoder().with_thoughts(self.thoughts.for_request(&request));
        let deadline = Instant::from_std(request.deadline);
        let exchange = self.exchange(body, decoder, deadline, pieces);
        let decoded =
            timeout_at(deadline, exchange).await.unwrap_or_else(|_elapsed| Err(ModelError::TimedOut.into()));
        let decoded = decoded
            .map_err(|failed| ExchangeError { error: self.noted(failed.error, body_bytes), ..failed })?;

        self.thoughts.note(decoded.opening);
        let reply = self.without_quoted_calls(decoded, &request, pieces);
        let reply = mode.interpret(reply, &words);
        redacted.finish();
        Ok(self.redactor.redact_reply(reply))
    }

    /// Sends the request and reads the response to its end.
    async fn exchange(
        &self,
        body: Bytes,
        mut decoder: ReplyDecoder,
        deadline: Instant,
        words: TextSink<'_>,
    ) -> Result<DecodedReply, ExchangeError> {
        let ResponseHead { mut response, first_byte } = self.send(body, deadline).await?;
        let mut next = first_byte;
        while !decoder.is_done() {
            match timeout_at(next, response.chunk()).await {
                Ok(Ok(Some(bytes))) => decoder.push(&bytes, words)?,
                Ok(Ok(None)) => break,
                // Only the usage is missing, and a reply is good without it.
                _ if decoder.has_finished() => break,
                Ok(Err(error)) => return Err(ModelError::BadReply(http_client::error_text(error)).into()),
                Err(_elapsed) => return Err(ModelError::TimedOut.into()),
            }
            let max_wait = if decoder.has_finished() { AFTER_FINISH } else { self.timeouts.idle };
            next = Instant::now() + max_wait.min(self.timeouts.idle);
        }
        if decoder.is_done() {
            drop(timeout(AFTER_DONE, response.chunk()).await);
        }
        Ok(decoder.finish(words)?)
    }

    /// Learns the size of the context from an error, and returns the error fit for the log.
    fn noted(&self, error: ModelError, body_bytes: usize) -> ModelError {
        match &error {
            ModelError::ContextExceeded { context_tokens: None, .. } => self.context.exceeded_by(body_bytes),
            ModelError::ContextExceeded { context_tokens, .. } => self.context.learn(*context_tokens),
            _ => {}
        }
        self.redactor.redact_error(error)
    }

    /// Turns calls that only repeat what was sent back into text, and notes the other calls: those that the
    /// model wrote as text, and those that it made.
    fn without_quoted_calls(
        &self,
        decoded: DecodedReply,
        request: &ModelRequest<'_>,
        words: TextSink<'_>,
    ) -> ModelReply {
        let Some(written) = decoded.written_calls else {
            if !decoded.reply.calls.is_empty() {
                self.mode.record_native_tool_call();
            }
            return decoded.reply;
        };
        let reply = quoted_calls_as_text(decoded.reply, &written, request, words);
        if !reply.calls.is_empty() {
            self.mode.record_text_tool_call();
        }
        reply
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
        let mut mode = self.mode.for_request(request.tools);
        let (mut tried, mut are_objects_refused) = (Vec::new(), false);
        loop {
            let failed = match self.reply_in_mode(mode, request, words).await {
                Ok(reply) => {
                    if are_objects_refused {
                        self.mode.record_refused_objects();
                    }
                    return Ok(reply);
                }
                Err(failed) => failed,
            };
            if !matches!(failed.error, ModelError::Misconfigured(_)) {
                return Err(failed.error);
            }
            // If both modes are refused, JSON objects are not the cause. A content filter says nothing about
            // them either: filters are not deterministic.
            are_objects_refused |= mode == RequestMode::Structured && !failed.is_content_filter;
            tried.push(mode);
            // The server takes no tools, or no schema, or other fields beside calls: the request is repeated
            // as it may take it.
            let other = self.mode.after_refusal(mode, request.tools).filter(|other| !tried.contains(other));
            // Not every server says what it does not know, and a signature may not be good any more. A
            // conversation must not fail for good for that; nothing is learnt of it for others.
            let may_be_extra_content =
                failed.is_bad_request && opaque_provider_fields::has_provider_call_data(request.messages);
            let other = other.or_else(|| {
                mode.without_extra_content().filter(|other| may_be_extra_content && !tried.contains(other))
            });
            mode = match other {
                Some(other) => other,
                None => return Err(failed.error),
            };
        }
    }
}

/// Shows the model's name only: the rest is internal, or secret.
impl std::fmt::Debug for OpenAiModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenAiModel").field("model", &self.model).finish_non_exhaustive()
    }
}
