//! The size of a model's context: configured, told by the server, or learnt from a request that was too long.

use std::{
    ops::RangeInclusive,
    sync::atomic::{AtomicUsize, Ordering},
};

use domain::prompt_history::HISTORY_TOKENS;
use serde_json::Value;

/// The sizes of a context, in tokens, that are accepted: a smaller one is too small for a conversation, and
/// no model has a larger one.
pub const CONTEXT_TOKENS: RangeInclusive<usize> = 1_024..=16 * 1_024 * 1_024;
/// Up to this size a context counts as small, like that of a model on a personal computer.
const SMALL_CONTEXT: usize = 32 * 1_024;
/// The most tokens of an answer: a long one has a few hundred.
const MAX_ANSWER_TOKENS: usize = 4_096;
/// The least tokens of conversation that are sent, even when the estimate leaves no room for them.
const MIN_HISTORY_TOKENS: usize = 256;

/// The size of a model's context. Tokens are estimated generously, because text that is not English has
/// fewer bytes per token.
#[derive(Debug)]
pub(super) struct Context {
    /// 0 while it is not known.
    tokens: AtomicUsize,
    /// How many tokens every request has besides the conversation: the prompt and the tools.
    overhead: usize,
}

impl Context {
    /// Makes one for requests that have this many bytes besides the conversation.
    pub(super) fn new(tokens: Option<usize>, overhead_bytes: usize) -> Self {
        let context = Self { tokens: AtomicUsize::new(0), overhead: overhead_bytes / 3 };
        context.learn(tokens);
        context
    }

    /// Takes a size from the configuration, the server or an error. It replaces only a larger one.
    pub(super) fn learn(&self, tokens: Option<usize>) {
        let Some(tokens) = tokens.filter(|tokens| CONTEXT_TOKENS.contains(tokens)) else { return };
        let known = self.tokens.load(Ordering::Relaxed);
        if known == 0 || tokens < known {
            self.tokens.store(tokens, Ordering::Relaxed);
            tracing::info!(context_tokens = tokens, "the size of the model's context is known");
        }
    }

    /// Whether the size is known.
    pub(super) fn is_known(&self) -> bool {
        self.tokens.load(Ordering::Relaxed) > 0
    }

    /// Learns from a request of this many bytes that was too long.
    pub(super) fn exceeded_by(&self, bytes: usize) {
        self.learn(Some((bytes / 4 * 9 / 10).max(*CONTEXT_TOKENS.start())));
    }

    /// How many tokens of conversation, as the domain estimates them, one request may hold.
    pub(super) fn history_tokens(&self) -> usize {
        let Some(answer) = self.answer_tokens() else { return HISTORY_TOKENS };
        let room = self.tokens.load(Ordering::Relaxed).saturating_sub(self.overhead + answer);
        (room / 4 * 3).clamp(MIN_HISTORY_TOKENS, HISTORY_TOKENS)
    }

    /// The `max_tokens` of a request; none unless the context is known to be small. Models with a large one
    /// may think at length, and some of them refuse the parameter.
    pub(super) fn answer_bound(&self) -> Option<usize> {
        let is_small = self.tokens.load(Ordering::Relaxed) <= SMALL_CONTEXT;
        self.answer_tokens().filter(|_| is_small)
    }

    /// The tokens that are left for an answer, once the context is known.
    fn answer_tokens(&self) -> Option<usize> {
        let tokens = self.tokens.load(Ordering::Relaxed);
        (tokens > 0).then(|| (tokens / 4).min(MAX_ANSWER_TOKENS))
    }
}

/// Whether an error says that the request was too long.
pub(super) fn is_exceeded(error: &Value) -> bool {
    let names = ["type", "code"].into_iter().filter_map(|member| error.get(member)?.as_str());
    let text = message(error);
    names.into_iter().any(|name| name.contains("context_length") || name.contains("exceed_context"))
        || ["context length", "context size", "context window", "maximum number of tokens allowed"]
            .iter()
            .any(|words| text.contains(words))
        || (text.contains("prompt is too long") && text.contains("token"))
        || exceeds_tokens_per_minute(error)
}

/// Whether an error says that the request has more tokens than a minute may have (Groq with 413, OpenAI with
/// 429): waiting does not help, a shorter one does.
pub(super) fn exceeds_tokens_per_minute(error: &Value) -> bool {
    let text = message(error);
    text.contains("request too large") && text.contains("tokens per min")
}

/// The size of the context, when such an error tells it: as a member (llama.cpp) or in words (OpenAI,
/// vLLM, Google, Anthropic, Groq).
pub(super) fn parse_context_size(error: &Value) -> Option<usize> {
    let member = error.get("n_ctx").and_then(Value::as_u64).and_then(|tokens| usize::try_from(tokens).ok());
    let text = message(error);
    let after = |words: &str| {
        let (_, rest) = text.split_once(words)?;
        let digits: String =
            rest.trim_start().chars().filter(|c| *c != ',').take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    };
    let words = ["maximum context length is", "context length of", "tokens allowed (", "tokens >"];
    let of_a_minute = || if exceeds_tokens_per_minute(error) { after("limit ") } else { None };
    member.or_else(|| words.into_iter().find_map(after)).or_else(of_a_minute)
}

fn message(error: &Value) -> String {
    let message = error.get("message").unwrap_or(error);
    message.as_str().unwrap_or_default().to_lowercase()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn overflows_are_known_and_their_sizes_read() {
        for (error, size) in [
            (
                json!({"type": "exceed_context_size_error", "message": "the request exceeds the available context size", "n_ctx": 2048}),
                Some(2048),
            ),
            (
                json!({"code": "context_length_exceeded", "message": "This model's maximum context length is 8,192 tokens. However, your messages resulted in 9000 tokens."}),
                Some(8192),
            ),
            (
                json!({"message": "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."}),
                Some(1_048_576),
            ),
            (json!({"message": "prompt is too long: 210000 tokens > 200000 maximum"}), Some(200_000)),
            (
                json!({"code": "context_length_exceeded", "message": "Please reduce the length of the messages."}),
                None,
            ),
            (json!("input exceeds the context window of this model"), None),
        ] {
            assert!(is_exceeded(&error), "{error}");
            assert_eq!(parse_context_size(&error), size, "{error}");
        }
        for error in
            [json!({"message": "too many requests", "code": "rate_limit_exceeded"}), json!("no"), json!({})]
        {
            assert!(!is_exceeded(&error), "{error}");
        }
    }

    #[test]
    fn what_is_sent_and_what_comes_fit_into_the_context() {
        for tokens in [2_048, 4_096, 8_192, 32_768] {
            let context = Context::new(Some(tokens), 2_300);
            let answer = context.answer_tokens().unwrap();
            assert!(context.history_tokens() + 2_300 / 3 + answer <= tokens, "{tokens}");
            assert!(context.history_tokens() >= MIN_HISTORY_TOKENS && answer >= 256);
        }
        assert_eq!(Context::new(None, 2_300).history_tokens(), HISTORY_TOKENS);
    }

    #[test]
    fn only_a_small_context_bounds_the_answer() {
        let bound = |tokens| Context::new(tokens, 2_300).answer_bound();
        assert_eq!((bound(None), bound(Some(2_048)), bound(Some(131_072))), (None, Some(512), None));
    }

    #[test]
    fn a_size_is_learnt_and_does_not_grow() {
        let context = Context::new(None, 2_300);
        context.learn(Some(10));
        assert_eq!(context.answer_tokens(), None, "nobody has that few");
        context.exceeded_by(40_000);
        assert_eq!(context.answer_tokens(), Some(2_250));
        context.learn(Some(2_048));
        context.exceeded_by(40_000);
        assert_eq!(context.answer_tokens(), Some(512));
    }
}
