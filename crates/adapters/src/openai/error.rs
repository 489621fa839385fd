//! Classifies a provider's error by its status, or by the code in its body.
//!
//! Its own words are not kept, because they may repeat what a person said: see [`error_log_summary`].

mod error_log_summary;

use std::time::Duration;

use chrono::DateTime;
use domain::ports::ModelError;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use serde_json::Value;

use super::{context_window, reasoning_field_rules::NamedFields};

/// Looks for an error in an answer or a chunk of status 200.
///
/// # Errors
/// That error.
pub(super) fn check(part: &Value) -> Result<(), ModelError> {
    match part.get("error") {
        None | Some(Value::Null | Value::Bool(false)) => Ok(()),
        Some(Value::Object(members)) if members.is_empty() => Ok(()),
        Some(Value::String(text)) if text.is_empty() => Ok(()),
        Some(error) => Err(classify_error(error)),
    }
}

/// Returns what an error object means that came with status 200.
pub(super) fn classify_error(error: &Value) -> ModelError {
    let text = error_log_summary::log_summary(error);
    if is_about_money(error) {
        return out_of_money(text);
    }
    if is_content_filter(error) {
        return ModelError::BadReply(text);
    }
    if context_window::is_exceeded(error) {
        return ModelError::ContextExceeded {
            reason: text,
            context_tokens: context_window::parse_context_size(error),
        };
    }
    match status_of(error) {
        Some(status) if is_loading(status, error) => ModelError::Loading { retry_after: None },
        Some(status) => of_status(status, text, None),
        None => ModelError::BadReply(text),
    }
}

/// Why a request has no reply.
#[derive(Debug)]
pub(super) struct ExchangeError {
    pub(super) error: ModelError,
    /// Whether a content filter refused it: that is about the prompt, and not about how it is asked.
    pub(super) is_content_filter: bool,
    /// Whether it may be about how the request is written, whatever it says.
    pub(super) is_bad_request: bool,
}

impl From<ModelError> for ExchangeError {
    fn from(error: ModelError) -> Self {
        Self { error, is_content_filter: false, is_bad_request: false }
    }
}

/// Why an attempt at a request failed, and what follows for the next one.
#[derive(Debug)]
pub(super) struct RequestFailure {
    pub(super) error: ModelError,
    /// Whether the same request may succeed later.
    pub(super) may_retry: bool,
    /// How long the provider asks us to wait before that.
    pub(super) retry_after: Option<Duration>,
    /// Whether the provider says that this model cannot be given tools.
    pub(super) refuses_tools: bool,
    /// Whether a content filter refused the prompt.
    pub(super) is_content_filter: bool,
    /// Whether it may be about how the request is written.
    pub(super) is_bad_request: bool,
    /// The fields that the provider misses in the request.
    pub(super) missed: NamedFields,
    /// The fields that it does not take.
    pub(super) refused: NamedFields,
}

impl RequestFailure {
    /// Reads a response whose status is no success.
    pub(super) fn from_response(status: u16, headers: &HeaderMap, body: &[u8]) -> Self {
        let body = json_or_text(body);
        let error = error_in(&body);
        let id =
            error_log_summary::request_id(headers).map(|id| format!(", request id {id}")).unwrap_or_default();
        let text = format!("status {status}{id}: {}", error_log_summary::log_summary(error));
        let retry_after = retry_after(headers);
        let refuses_tools = refuses_tools(error);
        let is_content_filter = is_content_filter(error);
        let (error, may_retry) = if is_about_money(error) {
            (out_of_money(text), false)
        } else if is_loading(status, error) {
            (ModelError::Loading { retry_after: retry_after.or_else(|| loading_time(&body)) }, false)
        } else if context_window::is_exceeded(error)
            && (status != 429 || context_window::exceeds_tokens_per_minute(error))
        {
            let context_tokens = context_window::parse_context_size(error);
            (ModelError::ContextExceeded { reason: text, context_tokens }, false)
        } else if refuses_tools {
            // llama.cpp says so with 500, and would say it again.
            (ModelError::Misconfigured(text), false)
        } else {
            (of_status(status, text, retry_after), matches!(status, 408 | 409 | 429 | 500..))
        };
        let is_bad_request = matches!(status, 400 | 422) && !is_content_filter && !refuses_tools;
        let (missed, refused) = match status {
            400..=499 => (NamedFields::missing_fields_in(&body), NamedFields::refused_fields_in(&body)),
            _ => Default::default(),
        };
        Self {
            error,
            may_retry,
            retry_after,
            refuses_tools,
            is_content_filter,
            is_bad_request,
            missed,
            refused,
        }
    }
}

/// Whether a server says that it is still loading the model: llama.cpp, Hugging Face, TGI.
fn is_loading(status: u16, error: &Value) -> bool {
    let message = lowercase_message(error);
    let phrases = ["loading model", "loading the model", "currently loading", "is loading", "still loading"];
    status == 503 && phrases.iter().any(|phrase| message.contains(phrase))
}

/// How long loading may still take: Hugging Face says `estimated_time`, in seconds.
fn loading_time(body: &Value) -> Option<Duration> {
    Duration::try_from_secs_f64(body.get("estimated_time")?.as_f64()?.ceil()).ok()
}

/// Whether an error says that tools cannot be used: Ollama's "does not support tools", llama.cpp's
/// "tools param requires --jinja flag", vLLM's "requires --enable-auto-tool-choice".
fn refuses_tools(error: &Value) -> bool {
    let message = lowercase_message(error);
    let phrases = [
        "not support tool",
        "tools are not supported",
        "tool use is not supported",
        "requires --jinja",
        "enable-auto-tool-choice",
    ];
    phrases.iter().any(|phrase| message.contains(phrase))
}

/// Whether an error is a content filter's: OpenAI's `content_filter`, Azure's `ResponsibleAIPolicyViolation`
/// in an inner error, and the sentence that proxies of theirs pass on alone.
fn is_content_filter(error: &Value) -> bool {
    let text = error.to_string().to_lowercase();
    let names = ["content_filter", "responsibleaipolicyviolation", "content management policy"];
    names.iter().any(|name| text.contains(name))
}

fn lowercase_message(error: &Value) -> String {
    error.get("message").unwrap_or(error).as_str().unwrap_or_default().to_lowercase()
}

/// A body as JSON; one that is not JSON as a string.
fn json_or_text(body: &[u8]) -> Value {
    serde_json::from_slice(body)
        .unwrap_or_else(|_not_json| Value::String(String::from_utf8_lossy(body).into_owned()))
}

/// The error in a body.
fn error_in(body: &Value) -> &Value {
    // Google wraps its errors in an array.
    let body = body.get(0).unwrap_or(body);
    body.get("error").unwrap_or(body)
}

/// Returns how long a provider wants us to wait.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let number = |text: &str, unit: f64| {
        let seconds = text.parse::<f64>().ok()? * unit;
        Duration::try_from_secs_f64(seconds.max(0.0)).ok()
    };
    let milliseconds = text("retry-after-ms").and_then(|text| number(text, 0.001));
    milliseconds.or_else(|| {
        let after = text(RETRY_AFTER.as_str())?;
        number(after, 1.0).or_else(|| {
            // A date counts from the provider's own clock, so that ours may be wrong.
            let at = |text| DateTime::parse_from_rfc2822(text).ok();
            let wait = at(after)?.signed_duration_since(at(text(DATE.as_str())?)?);
            Some(wait.to_std().unwrap_or_default())
        })
    })
}

fn of_status(status: u16, text: String, retry_after: Option<Duration>) -> ModelError {
    match status {
        408 => ModelError::TimedOut,
        429 => ModelError::Busy { retry_after },
        409 | 500.. => ModelError::Unavailable(text),
        _ => ModelError::Misconfigured(text),
    }
}

/// The error's code as a status: providers write a number, a number in quotes, or a name.
fn status_of(error: &Value) -> Option<u16> {
    let members = ["code", "status", "type"].map(|member| error.get(member));
    members.into_iter().flatten().find_map(|code| match code {
        Value::Number(number) => number.as_u64().and_then(|number| u16::try_from(number).ok()),
        Value::String(name) => name.parse().ok().or_else(|| status_named(name)),
        _ => None,
    })
}

fn status_named(name: &str) -> Option<u16> {
    Some(match name {
        "rate_limit_exceeded" | "rate_limit_error" | "RESOURCE_EXHAUSTED" => 429,
        "overloaded_error" | "UNAVAILABLE" | "service_unavailable" => 503,
        "server_error" | "internal_server_error" | "internal_error" | "api_error" | "INTERNAL" => 500,
        "timeout" | "timeout_error" => 408,
        "invalid_api_key" | "authentication_error" => 401,
        "model_not_found" => 404,
        "invalid_request_error" | "context_length_exceeded" => 400,
        _ => return None,
    })
}

fn is_about_money(error: &Value) -> bool {
    ["code", "type"].into_iter().any(|member| {
        let name = error.get(member).and_then(Value::as_str).unwrap_or_default();
        name == "insufficient_quota" || name.contains("billing")
    })
}

fn out_of_money(text: String) -> ModelError {
    tracing::error!("provider quota exhausted; requests fail until billing is fixed");
    ModelError::Unavailable(text)
}

#[cfg(test)]
mod tests;
