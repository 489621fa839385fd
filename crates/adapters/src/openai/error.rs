//! What a provider's error means for us, by its status or by the code in its body.
//!
//! Its own words are not kept, because they may repeat what a person said: see [`summary`].

mod summary;

use std::time::Duration;

use chrono::DateTime;
use domain::ports::ModelError;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use serde_json::Value;

use super::{context_window, tool_calling_mode};

/// Looks for an error in an answer or a chunk of status 200.
///
/// # Errors
/// That error.
pub(super) fn check(part: &Value) -> Result<(), ModelError> {
    match part.get("error") {
        None | Some(Value::Null | Value::Bool(false)) => Ok(()),
        Some(Value::Object(members)) if members.is_empty() => Ok(()),
        Some(Value::String(text)) if text.is_empty() => Ok(()),
        Some(error) => Err(of_error(error)),
    }
}

/// Returns what an error object means that came with status 200.
pub(super) fn of_error(error: &Value) -> ModelError {
    let text = summary::of(error);
    if is_about_money(error) {
        return out_of_money(text);
    }
    if context_window::is_exceeded(error) {
        return ModelError::ContextExceeded { reason: text, context_tokens: context_window::told_by(error) };
    }
    match status_of(error) {
        Some(status) if is_loading(status, error) => ModelError::Loading { retry_after: None },
        Some(status) => of_status(status, text, None),
        None => ModelError::BadReply(text),
    }
}

/// Returns what a status that is no success means, and whether asking again may help.
pub(super) fn of_response(status: u16, headers: &HeaderMap, body: &[u8]) -> (ModelError, bool) {
    let error = &error_in(body);
    let id = summary::request_id(headers).map(|id| format!(", request id {id}")).unwrap_or_default();
    let text = format!("status {status}{id}: {}", summary::of(error));
    if is_about_money(error) {
        return (out_of_money(text), false);
    }
    if is_loading(status, error) {
        return (ModelError::Loading { retry_after: loading_time(headers, body) }, false);
    }
    if status != 429 && context_window::is_exceeded(error) {
        let context_tokens = context_window::told_by(error);
        return (ModelError::ContextExceeded { reason: text, context_tokens }, false);
    }
    let may_pass = matches!(status, 408 | 409 | 429 | 500..);
    (of_status(status, text, retry_after(headers)), may_pass)
}

/// Whether a server says that it is still loading the model: llama.cpp, Hugging Face, TGI.
fn is_loading(status: u16, error: &Value) -> bool {
    let message = error.get("message").unwrap_or(error).as_str().unwrap_or_default().to_lowercase();
    let phrases = ["loading model", "loading the model", "currently loading", "is loading", "still loading"];
    status == 503 && phrases.iter().any(|phrase| message.contains(phrase))
}

/// How long loading may still take: Hugging Face says `estimated_time`, in seconds.
fn loading_time(headers: &HeaderMap, body: &[u8]) -> Option<Duration> {
    let estimated = || {
        let body: Value = serde_json::from_slice(body).ok()?;
        Duration::try_from_secs_f64(body.get("estimated_time")?.as_f64()?.ceil()).ok()
    };
    retry_after(headers).or_else(estimated)
}

/// Whether an answer that is no success says that tools cannot be used.
pub(super) fn refuses_tools(body: &[u8]) -> bool {
    tool_calling_mode::refuses_tools(&error_in(body))
}

/// The error in a body, which may be no JSON.
fn error_in(body: &[u8]) -> Value {
    let body = serde_json::from_slice::<Value>(body)
        .unwrap_or_else(|_not_json| Value::String(String::from_utf8_lossy(body).into_owned()));
    // Google wraps its errors in an array.
    let body = body.get(0).cloned().unwrap_or(body);
    body.get("error").cloned().unwrap_or(body)
}

/// Returns how long a provider wants us to wait.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
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
    tracing::error!("the model's quota is used up: it answers nobody until somebody has paid");
    ModelError::Unavailable(text)
}

#[cfg(test)]
mod tests;
