//! Checks a request as the strictest provider would, so that every test that
//! talks to the stand-in guards the protocol for nothing.

mod conversation;
mod reasoning_field_rules;
mod tools;

use serde_json::{Map, Value};

pub use reasoning_field_rules::ReasoningFieldRules;

/// One broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    /// A sentence as OpenAI would write it.
    pub(crate) message: String,
    /// The member that breaks the rule, for example `messages.[2].role`.
    pub(crate) param: String,
}

impl Violation {
    fn new(param: impl Into<String>, message: impl Into<String>) -> Self {
        Self { message: message.into(), param: param.into() }
    }
}

impl std::fmt::Display for Violation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {}", self.param, self.message)
    }
}

/// What every provider takes; anything else is refused by some of them.
/// `max_tokens` is refused by the newest of OpenAI, and taken by everybody who tells a small context;
/// `response_format` is only for models without tools.
const PARAMETERS: &[&str] = &[
    "model",
    "messages",
    "tools",
    "tool_choice",
    "stream",
    "stream_options",
    "max_tokens",
    "response_format",
];

/// Returns every rule that this request body breaks, when the provider demands these fields.
pub(crate) fn check(body: &Value, demands: ReasoningFieldRules) -> Vec<Violation> {
    let Some(body) = body.as_object() else {
        return vec![Violation::new("body", "We expected a JSON object.")];
    };
    let mut found = parameters(body);
    found.extend(tools::check(body));
    match body.get("messages").and_then(Value::as_array) {
        Some(messages) => found.extend(conversation::check(messages, demands)),
        None => found.push(Violation::new("messages", "Missing required parameter: 'messages'.")),
    }
    if holds_nul(&Value::Object(body.clone())) {
        found.push(Violation::new("body", "\\u0000 cannot be stored by some providers."));
    }
    found
}

fn parameters(body: &Map<String, Value>) -> Vec<Violation> {
    let mut found = Vec::new();
    // Servers that constrain what a model may write take a temperature too.
    let is_constrained = body.contains_key("response_format");
    let is_known = |name: &str| PARAMETERS.contains(&name) || (is_constrained && name == "temperature");
    for name in body.keys().filter(|name| !is_known(name)) {
        let message = format!("Unsupported parameter: '{name}' is not supported with this model.");
        found.push(Violation::new(name, message));
    }
    if body.contains_key("response_format") && body.contains_key("tools") {
        found.push(Violation::new("response_format", "Tools and a response format exclude each other."));
    }
    if body.get("model").and_then(Value::as_str).is_none_or(str::is_empty) {
        found.push(Violation::new("model", "you must provide a model parameter"));
    }
    let stream = body.get("stream");
    if stream.is_some_and(|stream| !stream.is_boolean()) {
        found.push(Violation::new("stream", "Invalid type for 'stream': expected a boolean."));
    }
    if body.contains_key("stream_options") && stream != Some(&Value::Bool(true)) {
        let message = "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
        found.push(Violation::new("stream_options", message));
    }
    found
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(members) => members.iter().any(|(name, value)| name.contains('\0') || holds_nul(value)),
        _ => false,
    }
}

/// `^[a-zA-Z0-9_-]{1,max}$`
fn is_name(text: &str, max: usize) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    (1..=max).contains(&text.len()) && text.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    pub(super) fn check(body: &Value) -> Vec<Violation> {
        super::check(body, ReasoningFieldRules::default())
    }

    /// A request in which everything occurs and nothing is wrong.
    pub(super) fn good() -> Value {
        json!({
            "model": "m", "stream": true, "stream_options": {"include_usage": true}, "tool_choice": "auto",
            "tools": [{"type": "function", "function": {"name": "add_task", "description": "Adds.",
                "parameters": {"type": "object", "properties": {"title": {"type": "string"}}}}}],
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "Add two"},
                {"role": "assistant", "content": null, "tool_calls": [
                    {"id": "a", "type": "function", "function": {"name": "add_task", "arguments": "{\"title\":\"x\"}"}},
                    {"id": "b", "type": "function", "function": {"name": "add_task", "arguments": "{}"}}]},
                {"role": "tool", "tool_call_id": "b", "content": "{}"},
                {"role": "tool", "tool_call_id": "a", "content": "{}"},
                {"role": "assistant", "content": "Done."},
                {"role": "user", "content": "Thanks"},
            ],
        })
    }

    /// Changes the good request at one place and returns what is complained about.
    pub(super) fn violations_with(pointer: &str, value: Value) -> Vec<String> {
        let mut body = good();
        match pointer.rsplit_once('/') {
            Some((parent, member)) if body.pointer(pointer).is_none() => {
                body.pointer_mut(parent).unwrap()[member] = value;
            }
            _ => *body.pointer_mut(pointer).unwrap() = value,
        }
        check(&body).iter().map(Violation::to_string).collect()
    }

    #[test]
    fn the_good_request_is_good() {
        assert_eq!(check(&good()), []);
    }

    #[test]
    fn required_members_are_required() {
        assert!(!check(&json!([])).is_empty());
        for member in ["model", "messages"] {
            let mut body = good();
            body.as_object_mut().unwrap().remove(member);
            assert_eq!(check(&body).len(), 1, "{member}");
        }
        assert_eq!(violations_with("/model", json!("")).len(), 1);
    }

    #[test]
    fn parameters_that_some_models_refuse_are_refused() {
        for name in ["temperature", "max_completion_tokens", "top_p", "user", "parallel_tool_calls"] {
            assert_eq!(violations_with(&format!("/{name}"), json!(1)).len(), 1, "{name}");
        }
        assert!(
            violations_with("/temperature", json!(0.5))[0].contains("Unsupported parameter: 'temperature'")
        );
    }

    #[test]
    fn stream_options_need_a_stream() {
        assert_eq!(violations_with("/stream", json!(false)).len(), 1);
        assert_eq!(violations_with("/stream", json!("yes")).len(), 2);
    }

    #[test]
    fn a_nul_character_is_found_anywhere() {
        assert_eq!(violations_with("/messages/3/content", json!("a\0b")).len(), 1);
        assert_eq!(violations_with("/messages/0/content", json!("\0")).len(), 1);
    }
}
