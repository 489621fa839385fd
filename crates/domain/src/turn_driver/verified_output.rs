//! Passes a model's words on to the listener: those that may be a false claim are held back, and a reply is
//! judged as a whole before the last of it is passed on.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{CallContext, CallOutcome};
use crate::{
    answer_verification::{self, AnswerVerification, Evidence, HoldbackBuffer},
    message::MessageBody,
    model_selection::AnsweringModel,
    ports::{ModelReply, ModelRequest, ToolChoice, TurnEvent},
    text_validation,
};

/// The words of one reply as they come.
pub(super) struct ReplyVerifier<'a> {
    pub(super) holdback: Mutex<HoldbackBuffer<'a>>,
    pub(super) context: CallContext<'a>,
    /// What the model has said, whether it was passed on or not.
    pub(super) text_so_far: &'a Mutex<String>,
}

impl<'a> ReplyVerifier<'a> {
    /// Takes the next words, and passes on what may be.
    pub(super) fn take(&self, delta: &str) {
        let delta = text_validation::replace_nul(delta.to_owned());
        self.text_so_far.lock().unwrap_or_else(PoisonError::into_inner).push_str(&delta);
        let pieces = self.holdback().push(delta);
        self.pass_on(pieces);
    }

    /// Takes words back that a whole reply does not begin with, for they turned out to be a thought, and
    /// passes on what it says instead, or what it says beyond them.
    pub(super) fn replace_void_words(&self, reply: &ModelReply, evidence: &'a Evidence<'a>) {
        let rest = {
            let mut text_so_far = self.text_so_far.lock().unwrap_or_else(PoisonError::into_inner);
            let rest = reply.text.strip_prefix(text_so_far.as_str());
            if rest.is_none() {
                text_so_far.clear();
            }
            rest
        };
        if let Some(rest) = rest {
            if !rest.is_empty() {
                self.take(rest);
            }
            return;
        }
        let void = std::mem::replace(&mut *self.holdback(), HoldbackBuffer::new(evidence));
        if !void.shown().is_empty() {
            self.context.listener.on(TurnEvent::TextRetracted);
        }
        self.take(&reply.text);
    }

    /// What was passed on.
    pub(super) fn shown(&self) -> String {
        self.holdback().shown().to_owned()
    }

    /// Judges a whole reply. Words beside calls come before the deed, so of those that claim it only what
    /// was shown is kept.
    pub(super) async fn verify_reply(
        &self,
        mut reply: ModelReply,
        model: &AnsweringModel,
        request: ModelRequest<'_>,
    ) -> CallOutcome {
        let verification = self.holdback().verification(&reply.text);
        if !reply.calls.is_empty() && request.tools == ToolChoice::Auto {
            if verification == AnswerVerification::False {
                self.holdback().shown().clone_into(&mut reply.text);
                return CallOutcome::Replied(reply);
            }
        } else if verification == AnswerVerification::False
            || (verification == AnswerVerification::Unknown
                && claims_by_its_own_words(&mut reply, model, request).await)
        {
            return CallOutcome::FalseClaim(reply);
        }
        let rest = self.holdback().rest();
        self.pass_on(rest);
        CallOutcome::Replied(reply)
    }

    fn pass_on(&self, pieces: Vec<String>) {
        for piece in pieces {
            self.context.listener.on(TurnEvent::TextDelta(piece));
        }
    }

    fn holdback(&self) -> MutexGuard<'_, HoldbackBuffer<'a>> {
        self.holdback.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks the model whether its answer claims a change, because the answer's language is not known here. An
/// unclear reply, or a model that fails, counts as a no.
async fn claims_by_its_own_words(
    reply: &mut ModelReply,
    model: &AnsweringModel,
    request: ModelRequest<'_>,
) -> bool {
    let (system, question) = answer_verification::question(&reply.text);
    let messages = [MessageBody::User(question)];
    let question = ModelRequest { system, messages: &messages, tools: ToolChoice::NotListed, ..request };
    match model.current().reply(question, &|_words| ()).await {
        Ok(answer) => {
            let bytes = reply.bytes();
            *reply.usage.get_or_insert_with(|| request.estimated_usage(bytes)) +=
                answer.usage.unwrap_or_else(|| question.estimated_usage(answer.bytes()));
            answer_verification::is_yes(&answer.text)
        }
        Err(error) => {
            tracing::info!(%error, "verification call failed; claim unchecked");
            false
        }
    }
}
