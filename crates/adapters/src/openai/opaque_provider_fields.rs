//! Fields that providers add to calls and messages and want back unchanged in the next request.
//!
//! Gemini refuses to go on without the thought signature in a call's `extra_content`
//! (<https://ai.google.dev/gemini-api/docs/openai>), DeepSeek without the `reasoning_content` of a
//! message that calls tools (<https://api-docs.deepseek.com/guides/thinking_mode>), and OpenRouter
//! asks for `reasoning_details` (<https://openrouter.ai/docs/use-cases/reasoning-tokens>).

use domain::message::{MessageBody, ProviderData, REASONING_FIELDS};
use serde_json::{Map, Value};

use super::lone_surrogates;

/// The member of a call. Those of a message, its [`REASONING_FIELDS`], a stream sends in pieces.
const OF_CALL: &str = "extra_content";

/// The most bytes that are kept of a call's data or of a message's reasoning. A reasoning that is
/// longer is left out whole: half of one is worse than none.
const MAX_BYTES: usize = 64 * 1024;

/// Returns the data of a call that came with `value`.
pub(super) fn read_call(value: &Value) -> Option<Value> {
    value.get(OF_CALL).filter(|data| data.is_object() && data.to_string().len() <= MAX_BYTES).cloned()
}

/// Returns what is sent back with a call.
pub(super) fn of_call(data: &ProviderData) -> Option<&Value> {
    data.0.get(OF_CALL)
}

/// Whether one of the calls has something that is sent back with it.
pub(super) fn has_provider_call_data(messages: &[MessageBody]) -> bool {
    messages.iter().any(|message| match message {
        MessageBody::Assistant { calls, .. } => {
            calls.iter().any(|call| of_call(&call.provider_data).is_some())
        }
        MessageBody::User(_) | MessageBody::Tool { .. } => false,
    })
}

/// Returns what is sent back with a message, from the data of its calls.
pub(super) fn reasoning(data: &ProviderData) -> impl Iterator<Item = (&'static str, &Value)> {
    REASONING_FIELDS.into_iter().filter_map(|member| Some((member, data.0.get(member)?)))
}

/// Adds the data that came with a call. What came first stays: more of it belongs to a call that a server
/// has glued to this one.
pub(super) fn insert_call(data: &mut ProviderData, of_call: Option<Value>) {
    if let Some(value) = of_call {
        data.0.entry(OF_CALL).or_insert(value);
    }
}

/// The reasoning of a message that is still arriving.
#[derive(Debug, Default)]
pub(super) struct Reasoning {
    members: Map<String, Value>,
    bytes: usize,
}

impl Reasoning {
    /// Takes the pieces in a part of a message.
    pub(super) fn push(&mut self, part: &Value) {
        for member in REASONING_FIELDS {
            let Some(piece) = part.get(member).filter(|piece| !piece.is_null()) else { continue };
            self.bytes += piece.to_string().len();
            if self.bytes > MAX_BYTES {
                self.members.clear();
                return;
            }
            match (self.members.get_mut(member), piece) {
                (Some(Value::String(text)), Value::String(more)) => text.push_str(more),
                (Some(Value::Array(items)), Value::Array(more)) => items.extend(more.iter().cloned()),
                (Some(_), _) => {}
                (None, _) => drop(self.members.insert(member.to_owned(), piece.clone())),
            }
        }
    }

    /// Adds the reasoning to the data of a message's first call.
    pub(super) fn insert(self, data: &mut ProviderData) {
        data.0.extend(self.members.into_iter().map(|(member, value)| (member, without_halves(value))));
    }
}

/// A value without halves of characters, which pieces of it may have brought.
fn without_halves(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(lone_surrogates::decode_to_text(text)),
        Value::Array(items) => items.into_iter().map(without_halves).collect(),
        Value::Object(members) => {
            members.into_iter().map(|(member, value)| (member, without_halves(value))).collect()
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pieces_come_together_and_what_is_too_long_is_left_out() {
        let mut reasoning = Reasoning::default();
        for part in [
            json!({"reasoning_content": "plan "}),
            json!({"reasoning_content": null, "reasoning_details": [{"text": "a"}]}),
            json!({"reasoning_content": "7", "reasoning_details": [{"text": "b"}]}),
        ] {
            reasoning.push(&part);
        }
        let mut data = ProviderData::default();
        reasoning.insert(&mut data);
        assert_eq!(
            Value::Object(data.0),
            json!({"reasoning_content": "plan 7", "reasoning_details": [{"text": "a"}, {"text": "b"}]})
        );

        let mut reasoning = Reasoning::default();
        for json in [r#"{"reasoning_content": "x\ud83d"}"#, r#"{"reasoning_content": "\ude00\ud83d"}"#] {
            reasoning.push(&serde_json::from_str(&lone_surrogates::encode_lone_surrogates(json)).unwrap());
        }
        let mut data = ProviderData::default();
        reasoning.insert(&mut data);
        assert_eq!(data.0["reasoning_content"], "x😀\u{FFFD}");

        let mut reasoning = Reasoning::default();
        for _ in 0..3 {
            reasoning.push(&json!({"reasoning_content": "x".repeat(30 * 1024)}));
        }
        let mut data = ProviderData::default();
        reasoning.insert(&mut data);
        assert!(data.is_empty());
        let long = json!({"extra_content": {"google": {"thought_signature": "x".repeat(MAX_BYTES)}}});
        assert_eq!(read_call(&long), None);
    }
}
