//! Encodes the events of a turn as chunks, in an order that every client accepts.

use std::ops::ControlFlow;

use chrono::{DateTime, Utc};
use domain::{
    approval::Question,
    message::ExecutedCall,
    ports::TurnEvent,
    turn::{FinishReason, TurnAnswer},
    turn_and_conversation_ids::{ConversationId, TurnId},
};

use super::chunk::{Chunk, Conversation, DONE, Interrupted, Turn, Usage, say_error};
use crate::{
    error::ApiError,
    response_bodies::{approval_body::ApprovalBody, turn_effects_body::Effects},
};

/// Said when the model broke off after words of it had been shown, and starts over: a stream
/// cannot take words back, but one that is opened anew shows the turn as it is.
const BROKE_OFF: &str = "The answer broke off and is being given anew. Please load the conversation again.";

/// Writes one turn as chunks.
pub(super) struct UiStreamEncoder {
    turn: TurnId,
    conversation: ConversationId,
    title: String,
    has_started: bool,
    is_in_step: bool,
    texts: usize,
    /// The id of the text that is open.
    open: Option<String>,
    /// Trailing white space, held back until something follows it.
    blank: String,
    /// Whether calls were shown whose results were not.
    awaits_results: bool,
    viewer: Viewer,
    /// Whether a call of the turn waits for the person's word.
    has_asked: bool,
}

/// Who reads a stream.
#[derive(Debug, Clone, Copy)]
pub struct Viewer {
    /// Whether the client knows the AI SDK's approval parts, which those before 6.0 refuse.
    pub knows_approvals: bool,
    /// Whether the client knows that an answer says why it ended. Those before 5.0.92 refuse one that does.
    pub knows_finish_reason: bool,
    /// Since when they read: what had expired by then asks nothing.
    pub opened_at: DateTime<Utc>,
}

impl UiStreamEncoder {
    pub(super) fn new(turn: TurnId, conversation: ConversationId, title: &str, viewer: Viewer) -> Self {
        Self {
            turn,
            conversation,
            title: title.to_owned(),
            has_started: false,
            is_in_step: false,
            texts: 0,
            open: None,
            blank: String::new(),
            awaits_results: false,
            viewer,
            has_asked: false,
        }
    }

    /// The first chunks, once.
    pub(super) fn start_once(&mut self) -> Option<String> {
        if self.has_started {
            return None;
        }
        self.has_started = true;
        let mut text = String::new();
        Chunk::Start { message_id: self.turn }.write(&mut text);
        let conversation = Conversation { id: self.conversation, title: &self.title };
        Chunk::DataConversation { data: conversation, transient: true }.write(&mut text);
        Chunk::DataTurn { data: Turn { id: self.turn }, transient: true }.write(&mut text);
        Some(text)
    }

    /// The chunks of an event; with a break, those that end a stream which cannot go on.
    pub(super) fn encode_event(&mut self, event: TurnEvent) -> ControlFlow<String, String> {
        let mut text = String::new();
        match event {
            // The SDK looks for answers in the last step of a message: the words stand in the step that asks.
            TurnEvent::StepStarted if self.has_asked && self.viewer.knows_approvals => {
                self.end_text(&mut text);
            }
            TurnEvent::StepStarted => {
                self.finish_step(&mut text);
                Chunk::StartStep.write(&mut text);
                self.is_in_step = true;
            }
            TurnEvent::TextDelta(words) => self.words(&words, &mut text),
            TurnEvent::StepDiscarded => {
                self.blank.clear();
                if self.open.is_some() {
                    self.finish_step(&mut text);
                    say_error(BROKE_OFF, &mut text);
                    return ControlFlow::Break(text);
                }
            }
            // What was shown stays on the screen; what follows it is a text of its own.
            TurnEvent::TextRetracted => self.end_text(&mut text),
            TurnEvent::ToolCallsStarted(calls) => {
                self.end_text(&mut text);
                self.awaits_results = true;
                for call in &calls {
                    Chunk::ToolInputAvailable {
                        tool_call_id: &call.id,
                        tool_name: &call.name,
                        input: &call.arguments,
                    }
                    .write(&mut text);
                }
            }
            TurnEvent::ToolCallsCommitted(results) => {
                self.awaits_results = false;
                for done in &results {
                    self.result(done, &mut text);
                }
                if !(self.has_asked && self.viewer.knows_approvals) {
                    self.finish_step(&mut text);
                }
            }
        }
        ControlFlow::Continue(text)
    }

    /// Goes on with a step as another worker takes it; with a break, the chunks that end a stream which has
    /// shown words or calls of that step. They cannot be withdrawn: the client is told to ask again, and
    /// then reads the turn from its start.
    pub(super) fn encode_takeover(
        &mut self,
        worker_lost: impl FnOnce() -> ApiError,
    ) -> ControlFlow<String, String> {
        self.blank.clear();
        if self.open.is_some() || self.awaits_results {
            return ControlFlow::Break(self.encode_failure(&worker_lost()));
        }
        ControlFlow::Continue(String::new())
    }

    /// The chunks that end an answered turn. The final message is said here when the model had
    /// no words of its own.
    pub(super) fn encode_answer(&mut self, answer: &TurnAnswer) -> String {
        let mut text = String::new();
        if self.open.is_none() {
            self.blank.clear();
            if !self.is_in_step {
                Chunk::StartStep.write(&mut text);
                self.is_in_step = true;
            }
            self.words(&answer.message, &mut text);
        }
        self.finish_step(&mut text);
        let effects = Effects::of(&answer.tool_calls, answer.requested_change_not_made);
        Chunk::DataEffects { data: &effects, transient: true }.write(&mut text);
        let usage = Usage {
            prompt_tokens: answer.usage.prompt_tokens,
            completion_tokens: answer.usage.completion_tokens,
            total_tokens: answer.usage.total(),
            model: &answer.model,
            finish_reason: answer.finish_reason.as_str(),
        };
        Chunk::DataUsage { data: usage, transient: true }.write(&mut text);
        let finish_reason = self.viewer.knows_finish_reason.then(|| sdk_reason(answer.finish_reason));
        Chunk::Finish { finish_reason }.write(&mut text);
        text.push_str(DONE);
        text
    }

    /// The chunks that end a turn without an answer.
    pub(super) fn encode_failure(&mut self, error: &ApiError) -> String {
        let mut text = String::new();
        self.finish_step(&mut text);
        text.push_str(&Self::encode_refusal(error));
        text
    }

    /// The chunks of a stream that has no turn.
    pub(super) fn encode_refusal(error: &ApiError) -> String {
        let mut text = String::new();
        if let Some(wait) = error.resume_after() {
            let data = Interrupted { retry_after: wait.as_secs(), code: error.code() };
            Chunk::DataInterrupted { data, transient: true }.write(&mut text);
        }
        say_error(&error.sentence(), &mut text);
        text
    }

    /// The result of a call, or the question that stands in its place.
    fn result(&mut self, done: &ExecutedCall, text: &mut String) {
        let at = self.viewer.opened_at;
        let Some(question) = Question::waiting_in(std::slice::from_ref(done), at).next() else {
            Chunk::ToolOutputAvailable { tool_call_id: &done.id, output: &done.result }.write(text);
            return;
        };
        self.has_asked = true;
        let approval_id = question.id;
        if self.viewer.knows_approvals {
            Chunk::ToolApprovalRequest { approval_id, tool_call_id: &done.id }.write(text);
        } else {
            Chunk::ToolOutputAvailable { tool_call_id: &done.id, output: &done.result }.write(text);
        }
        let body = ApprovalBody::new(question, Some((self.turn, self.conversation)), at);
        Chunk::DataApproval { data: &body, transient: true }.write(text);
    }

    fn words(&mut self, words: &str, text: &mut String) {
        self.blank.push_str(words);
        if self.blank.trim().is_empty() && self.open.is_none() {
            return;
        }
        let said = std::mem::take(&mut self.blank);
        let id = self.open.get_or_insert_with(|| {
            self.texts += 1;
            let id = format!("text-{}", self.texts);
            Chunk::TextStart { id: &id }.write(text);
            id
        });
        Chunk::TextDelta { id, delta: &said }.write(text);
    }

    fn end_text(&mut self, text: &mut String) {
        self.blank.clear();
        if let Some(id) = self.open.take() {
            Chunk::TextEnd { id: &id }.write(text);
        }
    }

    fn finish_step(&mut self, text: &mut String) {
        self.end_text(text);
        if std::mem::take(&mut self.is_in_step) {
            Chunk::FinishStep.write(text);
        }
    }
}

/// The reason in the SDK's words, of which there are fewer.
fn sdk_reason(reason: FinishReason) -> &'static str {
    match reason {
        FinishReason::Stop => "stop",
        FinishReason::Length => "length",
        FinishReason::ContentFilter => "content-filter",
        FinishReason::StepLimit | FinishReason::Cancelled => "other",
    }
}

#[cfg(test)]
mod tests;
