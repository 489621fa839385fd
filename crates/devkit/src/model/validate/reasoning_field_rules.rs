//! The reasoning fields that some providers require beside calls, and others do not know, and how they refuse
//! a request.

use serde_json::{Value, json};
use stand_in_english::role;

/// Which fields the stand-in requires and refuses beside calls. None, unless a test says so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReasoningFieldRules {
    /// A signature beside the first call of each message of the newest turn, as Gemini 3 wants it.
    pub signature: bool,
    /// The reasoning of every message that calls tools, as DeepSeek wants it.
    pub reasoning: bool,
    /// No `extra_content` beside any call, as OpenAI's own models want it.
    pub refuses_extra_content: bool,
}

impl ReasoningFieldRules {
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
        let knows_call = |call: &Value| call.get("extra_content").is_none();
        let is_known =
            |message: &Value| message["tool_calls"].as_array().into_iter().flatten().all(knows_call);
        if let (true, Some(at)) = (self.refuses_extra_content, messages.iter().position(|one| !is_known(one)))
        {
            let message = format!("Unknown parameter: 'messages[{at}].tool_calls[0].extra_content'.");
            return Some(super::super::wire::error(400, &message, None));
        }
        if self.reasoning && !messages.iter().filter(calls).all(|message| has(message, "/reasoning_content"))
        {
            let message = "The `reasoning_content` in the thinking mode must be passed back to the API.";
            return Some(super::super::wire::error(400, message, None));
        }
        None
    }
}
