//! Summarises a provider's error for the log, without anything that may be private.
//!
//! Providers repeat what they were sent: a message, a prompt, arguments, a header. So of all they
//! write only words of one fixed list are kept, the jargon of model APIs; everything else becomes
//! an ellipsis, however it is quoted, escaped or cut.

use reqwest::header::HeaderMap;
use serde_json::Value;

/// The most characters of a message that are looked at.
const MAX_CHARACTERS: usize = 2_000;

/// The words that are kept. None that an everyday sentence could be made of.
const JARGON: &str = "\
    access account api apikey argument arguments auth authentication authorization authorized bad balance \
    billing capacity chat code completion completions connection content context credentials credit credits \
    decommissioned denied deployment deprecated disabled endpoint engine entity error exceed exceeded exceeds \
    exception exhausted expired failed failure field filter forbidden format found function functions gateway \
    header id incorrect input insufficient internal invalid json key length limit limits loading malformed max \
    maximum message messages method missing model models not null object operation options organization output \
    overloaded param parameter parameters parse payload permission policy precondition prompt property provided \
    provider quota rate reached request requests required resource response role schema server service size \
    status stream streaming support supported supports template temporarily timeout token tokens tool tools type \
    unauthorized unavailable unexpected unknown unprocessable unrecognized unsupported upstream url usage value \
    version window";

/// Returns the names and the message of an error object, without anything that may be private.
pub(super) fn log_summary(error: &Value) -> String {
    let message = match error.get("message").unwrap_or(error) {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let names = ["type", "code", "param"].into_iter().filter_map(|member| error.get(member)?.as_str());
    let mut parts: Vec<String> = names.map(jargon_of).filter(|name| name != "…").collect();
    parts.dedup();
    parts.push(format!("{} ({} bytes)", jargon_of(&message), message.len()));
    parts.join(", ")
}

/// Returns the provider's id of the request, by which it finds it in its own log. Only what has the
/// form of an id: 16 to 64 hexadecimal digits and dashes, or letters and digits after `req_`.
pub(super) fn request_id(headers: &HeaderMap) -> Option<&str> {
    let names = ["x-request-id", "request-id", "apim-request-id"];
    let id = names.into_iter().find_map(|name| headers.get(name)?.to_str().ok())?;
    let is_id = match id.strip_prefix("req_") {
        Some(rest) => rest.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        None => id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-'),
    };
    (is_id && (16..=64).contains(&id.len())).then_some(id)
}

/// Returns `text` with an ellipsis for each run of words that are not jargon.
fn jargon_of(text: &str) -> String {
    let text: String = text.chars().take(MAX_CHARACTERS).collect();
    let (mut kept, mut between) = (String::new(), String::new());
    for (word, is_word) in words(&text) {
        if !is_word {
            between = plain(word);
        } else if is_jargon(word) {
            kept.push_str(&between);
            kept.push_str(word);
        } else if !kept.ends_with('…') {
            kept.push_str(&between);
            kept.push('…');
        }
    }
    if kept.is_empty() { "…".to_owned() } else { kept.trim_start().to_owned() }
}

/// What stands between two words, as it is when it is plain punctuation, or else a space.
fn plain(between: &str) -> String {
    let is_plain = between.len() <= 2 && between.chars().all(|c| " _-.,:'/".contains(c));
    if is_plain { between.to_owned() } else { " ".to_owned() }
}

fn is_jargon(word: &str) -> bool {
    JARGON.split_ascii_whitespace().any(|known| word.eq_ignore_ascii_case(known))
}

/// Splits text into words and what is between them; `DeploymentNotFound` is three words.
fn words(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let is_word = rest.chars().next()?.is_alphanumeric();
        let mut is_after_small = false;
        let end = rest.find(|c: char| {
            let is_next = is_after_small && c.is_uppercase();
            is_after_small = c.is_lowercase();
            c.is_alphanumeric() != is_word || is_next
        });
        let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        Some((word, is_word))
    })
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};
    use serde_json::json;

    use super::*;

    #[test]
    fn the_jargon_of_an_error_is_kept_and_nothing_else() {
        let cases = [
            (
                json!({"message": "Incorrect API key provided: sk-7. You can find it at https://x.", "type": "invalid_request_error", "param": null, "code": "invalid_api_key"}),
                "invalid_request_error, invalid_api_key, Incorrect API key provided: …",
            ),
            (
                json!({"message": "This model's maximum context length is 8192 tokens.", "code": "context_length_exceeded", "param": "messages[3].content"}),
                "context_length_exceeded, messages … content, … model'… maximum context length … tokens",
            ),
            (
                json!({"message": "model \"qwen\" not found, try pulling it first", "type": "api_error"}),
                "api_error, model … not found, …",
            ),
            (
                json!({"code": "DeploymentNotFound", "message": "The API deployment does not exist."}),
                "DeploymentNotFound, … API deployment … not …",
            ),
            (json!({"code": "hunter2", "message": "hunter2 keeps the key\u{301}s"}), "… key …"),
            (json!({"code": 400, "message": ["K\u{e4}se"]}), "…"),
            (json!("status: overloaded"), "status: overloaded"),
            (json!(""), "…"),
        ];
        for (error, expected) in cases {
            let summary = log_summary(&error);
            let (text, length) = summary.rsplit_once(" (").unwrap();
            assert_eq!(text, expected, "{error}");
            assert!(length.ends_with(" bytes)"), "{summary}");
        }
    }

    #[test]
    fn only_what_has_the_form_of_an_id_is_one() {
        let long = "a".repeat(65);
        let cases = [
            ("x-request-id", "req_0123456789abcdefXYZ", true),
            ("x-request-id", "0123456789abcdef0123456789abcdef", true),
            ("apim-request-id", "7f3c9a52-9c1e-4b7e-8a44-f1f2f3f4f5f6", true),
            ("x-request-id", "req_buy milk and bread", false),
            ("x-request-id", "remember-the-party-at-noon", false),
            ("x-request-id", "4711", false),
            ("x-request-id", &long, false),
            ("x-other", "0123456789abcdef", false),
        ];
        for (name, value, expected) in cases {
            let header = (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
            assert_eq!(request_id(&HeaderMap::from_iter([header])).is_some(), expected, "{value}");
        }
    }
}
