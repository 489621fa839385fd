//! Fields that a provider demands beside every call, also beside calls that its model did not make: those
//! that the server made itself, those of another model, and those whose thoughts took too much room.
//!
//! Gemini 3 refuses a request when the first call of a step in the newest turn has no signature, and takes
//! a word of its documentation for one (<https://ai.google.dev/gemini-api/docs/thought-signatures>).
//! DeepSeek, Kimi and MiMo refuse one when a message that calls tools has no `reasoning_content`, also in an
//! older turn (<https://api-docs.deepseek.com/guides/thinking_mode>).
//!
//! What is demanded is learnt from the refusal, after which the request is repeated: a model's name tells
//! little behind a gateway, and other servers refuse members that they do not know.

use std::sync::LazyLock;

use serde_json::{Value, json};

/// The signature that stands for none.
static NO_SIGNATURE: LazyLock<Value> =
    LazyLock::new(|| json!({"google": {"thought_signature": "skip_thought_signature_validator"}}));
/// The thought that stands for none. Some providers take no empty one.
static NO_THOUGHT: LazyLock<Value> = LazyLock::new(|| json!("(not on record)"));

/// Which fields a provider demands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct DemandedFields {
    pub(super) signature: bool,
    pub(super) reasoning: bool,
}

impl DemandedFields {
    /// Returns the fields that a request lacks, by its refusal.
    pub(super) fn missing_fields_in(error: &Value) -> Self {
        Self::said_by(error, is_missed)
    }

    /// Returns the fields that a server does not take, by its refusal.
    pub(super) fn refused_fields_in(error: &Value) -> Self {
        Self::said_by(error, is_refused)
    }

    fn said_by(error: &Value, is_said_of: fn(&str) -> bool) -> Self {
        // A gateway passes on the provider's words in some member of its own.
        let text: String =
            error.to_string().chars().filter(char::is_ascii).collect::<String>().to_lowercase();
        let is_said = |names: &[&str]| names.iter().any(|name| near_each(&text, name).any(is_said_of));
        Self {
            signature: is_said(&["thought_signature", "thoughtsignature", "thought signature"]),
            reasoning: is_said(&["reasoning_content"]),
        }
    }

    /// Returns the `extra_content` of a message's first call in the newest turn.
    pub(super) fn signed(self, extra_content: Option<&Value>) -> Option<&Value> {
        let is_signed = |value: &&Value| value.pointer("/google/thought_signature").is_some();
        match extra_content.filter(is_signed) {
            None if self.signature => Some(&NO_SIGNATURE),
            _ => extra_content,
        }
    }

    /// Returns the `reasoning_content` of a message that calls tools and has none.
    pub(super) fn thought(self) -> Option<(&'static str, &'static Value)> {
        self.reasoning.then(|| ("reasoning_content", &*NO_THOUGHT))
    }
}

/// What stands near each place where `text`, of ASCII alone, names `name`: what is said of it.
fn near_each<'a>(text: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    /// How far from the name the words stand that say so.
    const NEAR: usize = 60;
    text.match_indices(name)
        .map(|(begin, found)| &text[begin.saturating_sub(NEAR)..(begin + found.len() + NEAR).min(text.len())])
}

/// Whether these words say that something is missing. That a field is not known is said of it too.
fn is_missed(words: &str) -> bool {
    let phrases = ["missing", "must be passed back", "required", "must be provided"];
    phrases.iter().any(|phrase| words.contains(phrase)) && !is_refused(words)
}

/// Whether these words say that something may not be there.
fn is_refused(words: &str) -> bool {
    let phrases = ["extra_forbidden", "not permitted", "unsupported", "unexpected", "not allowed"];
    phrases.iter().any(|phrase| words.contains(phrase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_field_is_told_from_one_that_is_not_known() {
        let missing = |message: &str| DemandedFields::missing_fields_in(&json!({"message": message}));
        let signature = DemandedFields { signature: true, reasoning: false };
        let reasoning = DemandedFields { signature: false, reasoning: true };
        for (message, expected) in [
            (
                "Function call is missing a thought_signature in functionCall parts. This is required for tools to \
                 work correctly.",
                signature,
            ),
            ("The `reasoning_content` in the thinking mode must be passed back to the API.", reasoning),
            ("Missing `reasoning_content` field in the assistant message at message index 2.", reasoning),
            (
                "thinking is enabled but reasoning_content is missing in assistant tool call message at index 13",
                reasoning,
            ),
            ("property 'reasoning_content' is unsupported", DemandedFields::default()),
            ("Extra inputs are not permitted: reasoning_content", DemandedFields::default()),
            ("The model `m` is missing.", DemandedFields::default()),
        ] {
            assert_eq!(missing(message), expected, "{message}");
        }
        let of_vllm = json!({"detail": [
            {"loc": ["body", "messages", 2, "content"], "type": "missing"},
            {"loc": ["body", "messages", 2, "reasoning_content"], "type": "extra_forbidden"},
        ]});
        assert_eq!(DemandedFields::missing_fields_in(&of_vllm), DemandedFields::default());
        assert_eq!(DemandedFields::refused_fields_in(&of_vllm), reasoning);
        let needed = json!({"message": "The `reasoning_content` must be passed back to the API."});
        assert_eq!(DemandedFields::refused_fields_in(&needed), DemandedFields::default());
        let raw = r#"{"error":{"message":"thinking is enabled but reasoning_content is missing"}}"#;
        let of_a_gateway = json!({"message": "Provider returned error", "metadata": {"raw": raw}});
        assert_eq!(DemandedFields::missing_fields_in(&of_a_gateway), reasoning);
    }

    #[test]
    fn a_signature_of_the_provider_s_own_stays() {
        let own = json!({"google": {"thought_signature": "SIG"}});
        let demanded = DemandedFields { signature: true, reasoning: false };
        assert_eq!(demanded.signed(Some(&own)), Some(&own));
        assert_eq!(demanded.signed(Some(&json!({"google": {}}))), Some(&*NO_SIGNATURE));
        assert_eq!(demanded.signed(None), Some(&*NO_SIGNATURE));
        assert_eq!(DemandedFields::default().signed(None), None);
    }
}
