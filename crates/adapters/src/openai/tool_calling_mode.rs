//! The two ways to ask a model for tools, and which of them is used now.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use bytes::Bytes;
use domain::ports::{ModelError, ModelReply, ModelRequest, TextSink, ToolChoice};

use super::{
    OpenAiModel,
    config::ToolMode,
    reasoning_field_rules::{NamedFields, ReasoningFieldRules},
    reply_decoder::ReplyDecoder,
    request, structured_output,
};

/// After this many calls that were written as text a model is asked for JSON objects instead.
const MAX_WRITTEN_CALLS: u32 = 2;

/// How one request is written and its reply read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RequestMode {
    /// With the tool calls of the API, and the fields that it demands beside them. A request without tools
    /// is one of these.
    Native(ReasoningFieldRules),
    /// With one JSON object under a schema ([`structured_output`]).
    Structured,
}

impl RequestMode {
    /// Returns the body of the HTTP request.
    ///
    /// # Errors
    /// When the request cannot be written as JSON.
    pub(super) fn body(self, model: &OpenAiModel, request: &ModelRequest<'_>) -> Result<Bytes, ModelError> {
        let answer_tokens = model.context.answer_bound();
        let body = match self {
            Self::Native(rules) => request::body(&model.model, &model.tools, request, rules, answer_tokens),
            Self::Structured => {
                structured_output::body(&model.model, request, answer_tokens, model.base_url.is_local())
            }
        };
        body.map(Bytes::from).map_err(|error| ModelError::Misconfigured(error.to_string()))
    }

    /// Returns the decoder of the response.
    pub(super) fn decoder(self) -> ReplyDecoder {
        match self {
            Self::Native(_) => ReplyDecoder::new(),
            Self::Structured => ReplyDecoder::for_json_object(),
        }
    }

    /// Returns where the text goes while it arrives. The pieces of a JSON object are not for people.
    pub(super) fn sink_of_pieces(self, words: TextSink<'_>) -> TextSink<'_> {
        match self {
            Self::Native(_) => words,
            Self::Structured => &|_piece| {},
        }
    }

    /// Returns the mode in which a request has no `extra_content` but what is required, if it is another.
    pub(super) fn without_extra_content(self) -> Option<Self> {
        match self {
            Self::Native(rules) if !rules.refuses_extra_content => {
                Some(Self::Native(ReasoningFieldRules { refuses_extra_content: true, ..rules }))
            }
            Self::Native(_) | Self::Structured => None,
        }
    }

    /// Returns the reply that a decoded one means, and hands out the words that did not go out in pieces.
    pub(super) fn interpret(self, reply: ModelReply, words: TextSink<'_>) -> ModelReply {
        match self {
            Self::Native(_) => reply,
            Self::Structured => structured_output::parse_object_reply(reply, words),
        }
    }
}

/// The mode that is used now. A switch lasts until the process ends and applies to all accounts. Once the
/// model has made a native call, calls written as text cause no switch: one person could provoke them for
/// all.
#[derive(Debug)]
pub(super) struct CurrentMode {
    configured: ToolMode,
    has_switched: AtomicBool,
    written_calls: AtomicU32,
    /// Whether the model has made a call that was none of text, or the server takes no schema.
    stays_native: AtomicBool,
    refuses_tools: AtomicBool,
    requires_signature: AtomicBool,
    requires_reasoning: AtomicBool,
    refuses_extra_content: AtomicBool,
}

impl CurrentMode {
    pub(super) fn new(configured: ToolMode) -> Self {
        Self {
            configured,
            has_switched: AtomicBool::new(false),
            written_calls: AtomicU32::new(0),
            stays_native: AtomicBool::new(false),
            refuses_tools: AtomicBool::new(false),
            requires_signature: AtomicBool::new(false),
            requires_reasoning: AtomicBool::new(false),
            refuses_extra_content: AtomicBool::new(false),
        }
    }

    /// Returns the mode of a request that uses tools in this way.
    pub(super) fn for_request(&self, tools: ToolChoice) -> RequestMode {
        let is_structured = match self.configured {
            ToolMode::Auto => self.has_switched.load(Ordering::Relaxed),
            ToolMode::Native => false,
            ToolMode::Structured => true,
        };
        if is_structured && tools != ToolChoice::NotListed { RequestMode::Structured } else { self.native() }
    }

    /// Returns the mode in which to repeat a request that a server refused in this one, if there is any.
    pub(super) fn after_refusal(&self, refused: RequestMode, tools: ToolChoice) -> Option<RequestMode> {
        let may_go_back = self.configured == ToolMode::Auto && !self.refuses_tools.load(Ordering::Relaxed);
        let mode = match refused {
            RequestMode::Structured if may_go_back => self.native(),
            _ => self.for_request(tools),
        };
        // What was left out of this request stays out.
        let mode = match refused {
            RequestMode::Native(rules) if rules.refuses_extra_content => {
                mode.without_extra_content().unwrap_or(mode)
            }
            _ => mode,
        };
        (mode != refused).then_some(mode)
    }

    fn native(&self) -> RequestMode {
        RequestMode::Native(ReasoningFieldRules {
            requires_signature: self.requires_signature.load(Ordering::Relaxed),
            requires_reasoning: self.requires_reasoning.load(Ordering::Relaxed),
            refuses_extra_content: self.refuses_extra_content.load(Ordering::Relaxed),
        })
    }

    /// Notes that a model made a call.
    pub(super) fn record_native_tool_call(&self) {
        self.stays_native.store(true, Ordering::Relaxed);
    }

    /// Notes that a model wrote a call as text.
    pub(super) fn record_text_tool_call(&self) {
        let count = self.written_calls.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        if count >= MAX_WRITTEN_CALLS && !self.stays_native.load(Ordering::Relaxed) {
            self.switch("the model writes its calls as text");
        }
    }

    /// Notes that a server takes no tools.
    pub(super) fn record_refused_tools(&self) {
        self.refuses_tools.store(true, Ordering::Relaxed);
        self.switch("the server takes no tools for this model");
    }

    /// Notes that a server refused a request for an object, and took the same one with tools: it is asked for
    /// tool calls again.
    pub(super) fn record_refused_objects(&self) {
        if self.has_switched.swap(false, Ordering::Relaxed) {
            self.stays_native.store(true, Ordering::Relaxed);
            tracing::warn!(
                "the server refuses a request for a JSON object: it is asked for tool calls again"
            );
        }
    }

    /// Notes that a provider misses these fields beside calls.
    pub(super) fn record_missing_fields(&self, fields: NamedFields) {
        let is_new = |known: &AtomicBool, missed: bool| missed && !known.swap(true, Ordering::Relaxed);
        if is_new(&self.requires_signature, fields.signature) {
            tracing::info!(
                "the provider requires a signature beside calls: where there is none, it gets a stand-in"
            );
        }
        if is_new(&self.requires_reasoning, fields.reasoning) {
            tracing::info!(
                "the provider requires the reasoning beside calls: where there is none, it gets a stand-in"
            );
        }
    }

    /// Notes that a server does not take these fields: what came with calls is another model's, or it was
    /// misread that they are required.
    pub(super) fn record_refused_fields(&self, fields: NamedFields) {
        let forget = |known: &AtomicBool, refused: bool| {
            if refused && known.swap(false, Ordering::Relaxed) {
                tracing::info!("the provider refuses a stand-in that it seemed to require: it gets none");
            }
        };
        forget(&self.requires_signature, fields.signature);
        forget(&self.requires_reasoning, fields.reasoning);
        if fields.signature && !self.refuses_extra_content.swap(true, Ordering::Relaxed) {
            tracing::info!("the provider refuses what came with calls: they are sent without it");
        }
    }

    fn switch(&self, why: &str) {
        if self.configured == ToolMode::Auto && !self.has_switched.swap(true, Ordering::Relaxed) {
            tracing::warn!("{why}: it is asked for JSON objects from now on (OPENAI_TOOL_MODE=structured)");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_forgotten_once_the_field_is_refused() {
        let mode = CurrentMode::new(ToolMode::Auto);
        let none = ReasoningFieldRules::default();
        let both = ReasoningFieldRules { requires_signature: true, requires_reasoning: true, ..none };
        mode.record_missing_fields(NamedFields { signature: true, reasoning: true });
        assert_eq!(mode.for_request(ToolChoice::Auto), RequestMode::Native(both));
        mode.record_refused_fields(NamedFields::default());
        assert_eq!(mode.for_request(ToolChoice::Auto), RequestMode::Native(both));
        mode.record_refused_fields(NamedFields { reasoning: true, signature: false });
        assert_eq!(
            mode.for_request(ToolChoice::Auto),
            RequestMode::Native(ReasoningFieldRules { requires_signature: true, ..none })
        );
        mode.record_refused_fields(NamedFields { reasoning: false, signature: true });
        let without = ReasoningFieldRules { refuses_extra_content: true, ..none };
        assert_eq!(mode.for_request(ToolChoice::Auto), RequestMode::Native(without));
        mode.record_missing_fields(NamedFields { reasoning: false, signature: true });
        assert_eq!(
            mode.for_request(ToolChoice::Auto),
            RequestMode::Native(ReasoningFieldRules { requires_signature: true, ..without })
        );
    }
}
