//! Who writes the mark that begins a model's thoughts, as far as its last reply told.

use std::sync::atomic::{AtomicBool, Ordering};

/// Who writes the mark that begins a thought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum ThoughtOpening {
    /// The model, if it thinks in its words at all.
    #[default]
    InReply,
    /// The chat template, so that a reply begins in the middle of a thought. Its words wait for the end of
    /// that.
    InPrompt,
}

/// What is known of a model, until another reply shows the contrary: words that wait are no stream.
#[derive(Debug, Default)]
pub(super) struct LastThoughtOpening {
    is_in_prompt: AtomicBool,
}

impl LastThoughtOpening {
    pub(super) fn get(&self) -> ThoughtOpening {
        match self.is_in_prompt.load(Ordering::Relaxed) {
            true => ThoughtOpening::InPrompt,
            false => ThoughtOpening::InReply,
        }
    }

    /// Notes what a reply told, if it did.
    pub(super) fn note(&self, opening: Option<ThoughtOpening>) {
        if let Some(opening) = opening {
            self.is_in_prompt.store(opening == ThoughtOpening::InPrompt, Ordering::Relaxed);
        }
    }
}
