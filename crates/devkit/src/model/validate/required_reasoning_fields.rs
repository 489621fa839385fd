//! The reasoning fields that some providers demand beside calls, and how they refuse a request that lacks
//! them.

use serde_json::{Value, json};
use stand_in_english::role;

/// The fields that the stand-in demands beside calls. Nothing, unless a test says so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RequiredReasoningFields {
    /// A signature beside the first call of each message of the newest turn, as Gemini 3 wants it.
    pub signature: bool,
    /// The reasoning of every message that calls tools, as DeepSeek wants it.
    pub reasoning: bool,
}

impl RequiredReasoningFields {
    /// Returns the body of the refusal of a request that lacks a field.
    pub(crate) fn refusal(self, body: &Value) -> Option<String> {
        let messages = body.get("messages").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let newest = messages.iter().rposition(|message| role(message) == "user").unwrap_or_default();
        let has = |message: &Value, pointer: &str| {
            message.pointer(pointer).and_then(Value::as_str).is_some_and(|text| !text.is_empty())
        };
        let calls = |message: &&Value| message.get("tool_calls").is_some();
        let signature = "/tool_calls/0/extra_content/google/thought_signature";
        if self.signature && !messages[newest..].iter().filter(calls).all(|message| has(message, signature)) {
            let message = "Function call is missing a thought_signature in functionCall parts. This is required \
                           for tools to work correctly.";
            let error = json!({"code": 400, "message": message, "status": "INVALID_ARGUMENT"});
            return Some(json!([{"error": error}]).to_string());
        }
        if self.reasoning && !messages.iter().filter(calls).all(|message| has(message, "/reasoning_content"))
        {
            let message = "The `reasoning_content` in the thinking mode must be passed back to the API.";
            return Some(super::super::wire::error(400, message, None));
        }
        None
    }
}
