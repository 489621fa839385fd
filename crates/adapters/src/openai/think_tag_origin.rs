//! Whether the model or its chat template writes the opening `<think>` tag, as far as the last reply told.

use std::sync::atomic::{AtomicBool, Ordering};

use domain::{message::MessageBody, ports::ModelRequest};

/// The mark that ends a thought, also one whose beginning the template has written.
pub(super) const THOUGHT_END: &str = "</think>";

/// Who writes the mark that begins a thought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum ThinkTagOrigin {
    /// The model, if it thinks in its words at all.
    #[default]
    Model,
    /// The model, and what it was sent speaks of a thought's end: an end without a beginning is words.
    ModelButMentioned,
    /// The chat template, so that a reply begins in the middle of a thought. Its words wait for the end of
    /// that.
    ChatTemplate,
}

/// Who writes the opening tag, by the last reply that showed it. While it is the chat template, text is held
/// back and does not stream, so each reply may correct this.
#[derive(Debug, Default)]
pub(super) struct LastThinkTagOrigin {
    is_by_chat_template: AtomicBool,
}

impl LastThinkTagOrigin {
    /// Returns how thoughts begin in the reply to this request.
    pub(super) fn for_request(&self, request: &ModelRequest<'_>) -> ThinkTagOrigin {
        if self.is_by_chat_template.load(Ordering::Relaxed) {
            ThinkTagOrigin::ChatTemplate
        } else if speaks_of_an_end(request) {
            ThinkTagOrigin::ModelButMentioned
        } else {
            ThinkTagOrigin::Model
        }
    }

    /// Notes what a reply told, if it did.
    pub(super) fn note(&self, opening: Option<ThinkTagOrigin>) {
        if let Some(opening) = opening {
            self.is_by_chat_template.store(opening == ThinkTagOrigin::ChatTemplate, Ordering::Relaxed);
        }
    }
}

fn speaks_of_an_end(request: &ModelRequest<'_>) -> bool {
    let speaks = |text: &str| text.contains(THOUGHT_END);
    let speaks_message = |message: &MessageBody| match message {
        MessageBody::User(text) | MessageBody::Assistant { text, .. } => speaks(text),
        MessageBody::Tool { content, .. } => speaks(content),
    };
    request.facts.summary.is_some_and(speaks) || request.messages.iter().any(speaks_message)
}
