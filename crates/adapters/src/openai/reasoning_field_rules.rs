//! Fields that a provider requires beside every call, also beside calls that its model did not make: those
//! that the server made itself, those of another model, and those whose thoughts took too much room. Another
//! provider refuses the same fields, also where they came with calls of its own gateway.
//!
//! Gemini 3 refuses a request when the first call of a step in the newest turn has no signature, and takes
//! a word of its documentation for one (<https://ai.google.dev/gemini-api/docs/thought-signatures>).
//! DeepSeek, Kimi and MiMo refuse one when a message that calls tools has no `reasoning_content`, also in an
//! older turn (<https://api-docs.deepseek.com/guides/thinking_mode>).
//!
//! What is required or refused is learnt from the refusal, after which the request is repeated: a model's
//! name tells little behind a gateway, and other servers refuse members that they do not know.

use std::sync::LazyLock;

use serde_json::{Value, json};

/// Sent for calls that have no signature.
static PLACEHOLDER_SIGNATURE: LazyLock<Value> =
    LazyLock::new(|| json!({"google": {"thought_signature": "skip_thought_signature_validator"}}));
/// Sent for messages that have no reasoning. Some providers refuse an empty one.
static PLACEHOLDER_REASONING: LazyLock<Value> = LazyLock::new(|| json!("(not on record)"));

/// What a provider wants to find beside calls, as far as its refusals have told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ReasoningFieldRules {
    /// Whether the first call of a step in the newest turn must have a signature.
    pub(super) requires_signature: bool,
    /// Whether a message that calls tools must have a `reasoning_content`.
    pub(super) requires_reasoning: bool,
    /// Whether it does not take the `extra_content` that calls came with, which may have come from another
    /// model.
    pub(super) refuses_extra_content: bool,
}

/// The fields that a refusal is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct NamedFields {
    pub(super) signature: bool,
    pub(super) reasoning: bool,
}

impl NamedFields {
    /// Returns the fields that a request lacks, by its refusal.
    pub(super) fn missing_fields_in(error: &Value) -> Self {
        Self::said_by(error, is_reported_missing)
    }

    /// Returns the fields that a server does not take, by its refusal.
    pub(super) fn refused_fields_in(error: &Value) -> Self {
        Self::said_by(error, is_reported_refused)
    }

    fn said_by(error: &Value, is_said_of: fn(&str) -> bool) -> Self {
        // A gateway passes on the provider's words in some member of its own.
        let text: String =
            error.to_string().chars().filter(char::is_ascii).collect::<String>().to_lowercase();
        let is_said = |names: &[&str]| names.iter().any(|name| near_each(&text, name).any(is_said_of));
        Self {
            signature: is_said(&[
                "thought_signature",
                "thoughtsignature",
                "thought signature",
                "extra_content",
            ]),
            reasoning: is_said(&["reasoning_content"]),
        }
    }
}

impl ReasoningFieldRules {
    /// The rules for a message of an older turn: there no signature is required.
    pub(super) fn for_older_turn(self) -> Self {
        Self { requires_signature: false, ..self }
    }

    /// Returns what is sent as `extra_content` of a call that came with this one.
    pub(super) fn extra_content(self, own: Option<&Value>) -> Option<&Value> {
        own.filter(|_| !self.refuses_extra_content)
    }

    /// Returns what is sent as `extra_content` of a message's first call.
    pub(super) fn extra_content_with_signature(self, own: Option<&Value>) -> Option<&Value> {
        let own = self.extra_content(own);
        let is_signed = |value: &&Value| value.pointer("/google/thought_signature").is_some();
        match own.filter(is_signed) {
            None if self.requires_signature => Some(&PLACEHOLDER_SIGNATURE),
            _ => own,
        }
    }

    /// Returns the `reasoning_content` of a message that calls tools and has none.
    pub(super) fn placeholder_reasoning(self) -> Option<(&'static str, &'static Value)> {
        self.requires_reasoning.then(|| ("reasoning_content", &*PLACEHOLDER_REASONING))
    }
}

/// The text around each occurrence of `name` in `text`, which is ASCII.
fn near_each<'a>(text: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    /// Bytes on either side.
    const NEAR: usize = 60;
    text.match_indices(name)
        .map(|(begin, found)| &text[begin.saturating_sub(NEAR)..(begin + found.len() + NEAR).min(text.len())])
}

/// Whether these words say that something is missing. That a field is not known is said of it too.
fn is_reported_missing(words: &str) -> bool {
    let phrases = ["missing", "must be passed back", "required", "must be provided"];
    phrases.iter().any(|phrase| words.contains(phrase)) && !is_reported_refused(words)
}

/// Whether these words say that something may not be there.
fn is_reported_refused(words: &str) -> bool {
    let phrases = [
        "extra_forbidden",
        "not permitted",
        "not supported",
        "unsupported",
        "unexpected",
        "unknown parameter",
        "unknown field",
        "unknown name",
        "unrecognized",
        "not allowed",
    ];
    phrases.iter().any(|phrase| words.contains(phrase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_field_is_told_from_one_that_is_not_known() {
        let missing = |message: &str| NamedFields::missing_fields_in(&json!({"message": message}));
        let signature = NamedFields { signature: true, reasoning: false };
        let reasoning = NamedFields { signature: false, reasoning: true };
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
            ("property 'reasoning_content' is unsupported", NamedFields::default()),
            ("Extra inputs are not permitted: reasoning_content", NamedFields::default()),
            ("The model `m` is missing.", NamedFields::default()),
        ] {
            assert_eq!(missing(message), expected, "{message}");
        }
        let of_vllm = json!({"detail": [
            {"loc": ["body", "messages", 2, "content"], "type": "missing"},
            {"loc": ["body", "messages", 2, "reasoning_content"], "type": "extra_forbidden"},
        ]});
        assert_eq!(NamedFields::missing_fields_in(&of_vllm), NamedFields::default());
        assert_eq!(NamedFields::refused_fields_in(&of_vllm), reasoning);
        let needed = json!({"message": "The `reasoning_content` must be passed back to the API."});
        assert_eq!(NamedFields::refused_fields_in(&needed), NamedFields::default());
        let raw = r#"{"error":{"message":"thinking is enabled but reasoning_content is missing"}}"#;
        let of_a_gateway = json!({"message": "Provider returned error", "metadata": {"raw": raw}});
        assert_eq!(NamedFields::missing_fields_in(&of_a_gateway), reasoning);
    }

    #[test]
    fn what_is_not_known_is_refused() {
        let signature = NamedFields { signature: true, reasoning: false };
        for message in [
            "Unknown parameter: 'messages[2].tool_calls[0].extra_content'.",
            "Unrecognized request argument supplied: extra_content",
        ] {
            assert_eq!(NamedFields::refused_fields_in(&json!({"message": message})), signature, "{message}");
        }
        // That is said of one conversation's signature, and not of signatures.
        let of_one = json!({"message": "Corrupted thought signature.", "status": "INVALID_ARGUMENT"});
        assert_eq!(NamedFields::refused_fields_in(&of_one), NamedFields::default());
    }

    #[test]
    fn a_signature_of_the_provider_s_own_stays_until_it_is_refused() {
        let own = json!({"google": {"thought_signature": "SIG"}});
        let requires = ReasoningFieldRules { requires_signature: true, ..ReasoningFieldRules::default() };
        assert_eq!(requires.extra_content_with_signature(Some(&own)), Some(&own));
        assert_eq!(
            requires.extra_content_with_signature(Some(&json!({"google": {}}))),
            Some(&*PLACEHOLDER_SIGNATURE)
        );
        assert_eq!(requires.extra_content_with_signature(None), Some(&*PLACEHOLDER_SIGNATURE));
        assert_eq!(requires.for_older_turn().extra_content_with_signature(None), None);
        assert_eq!(ReasoningFieldRules::default().extra_content_with_signature(None), None);
        let refuses = ReasoningFieldRules { refuses_extra_content: true, ..requires };
        assert_eq!(
            (refuses.extra_content_with_signature(Some(&own)), refuses.extra_content(Some(&own))),
            (Some(&*PLACEHOLDER_SIGNATURE), None)
        );
        assert_eq!(refuses.for_older_turn().extra_content_with_signature(Some(&own)), None);
    }
}
