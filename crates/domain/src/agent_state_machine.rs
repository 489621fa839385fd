//! The turn as a state machine: it decides, the driver acts.
//!
//! [`AgentRun::next_step`] says what comes next; the driver in [`crate::turn_driver`] does it and feeds
//! back what came of it. There is no I/O and no `async` here, so every rule is a plain test.

mod regeneration_history;
mod tool_call_planning;

use crate::{
    answer_verification::{self, Evidence},
    calls_of_current_answer::calls_of_current_answer,
    message::{ExecutedCall, Message, MessageBody},
    ports::{ModelFinish, ModelReply, ToolChoice},
    prompt::{PromptFacts, system_prompt},
    prompt_history,
    step::PlannedStep,
    substitute_final_message,
    time_zone::PersonalTime,
    token_usage_estimate::estimated_usage,
    turn::{FinalMessage, FinishReason, RunningTurn, Usage},
    turn_and_conversation_ids::TurnId,
};

/// The most model calls in one turn; the last one is made without tools.
pub const MAX_MODEL_CALLS: u32 = 8;
/// The most tool calls in one turn; what goes beyond is refused to the model.
pub const MAX_TOOL_CALLS: usize = 16;

/// One turn on its way from a person's message to its final message.
#[derive(Debug)]
pub struct AgentRun {
    turn: TurnId,
    time: PersonalTime,
    /// The newest part of the conversation, this turn's committed steps included, as far as they count.
    history: Vec<Message>,
    /// What of it the model is sent.
    transcript: Vec<MessageBody>,
    budget: usize,
    /// What the summary takes of the budget.
    summary_tokens: usize,
    done: Vec<ExecutedCall>,
    /// How many of these, at the beginning, belong to replaced answers.
    replaced_calls: usize,
    /// Calls of the replaced answer; identical calls whose effect still holds reuse their results.
    replaced: Vec<ExecutedCall>,
    step: i32,
    model_calls: u32,
    usage: Usage,
    /// Whether it was asked for words after a reply without any.
    has_retried_empty_reply: bool,
    /// Whether there is more of the conversation than `history`.
    has_older: bool,
    /// Whether the caller may change tasks.
    may_change_tasks: bool,
    /// Whether the model was asked to correct a false answer.
    has_corrected: bool,
    /// That answer, and the correction request; until the next step.
    correction: Vec<MessageBody>,
    phase: Phase,
}

#[derive(Debug)]
enum Phase {
    Asking,
    Acting(PlannedStep),
    Over(FinalMessage),
}

/// What a driver has to do next.
#[derive(Debug)]
pub enum NextStep<'a> {
    /// Ask the model ([`AgentRun::request`]) and feed its reply to [`AgentRun::model_replied`].
    CallModel,
    /// Commit this step and feed the results to [`AgentRun::step_committed`].
    RunTools(&'a PlannedStep),
    /// Commit the final message; the turn is over.
    Finish(&'a FinalMessage),
}

impl AgentRun {
    /// Begins or goes on with `turn` from its last committed step. The model is sent at most `budget`
    /// tokens of conversation.
    pub fn new(turn: &RunningTurn, budget: usize) -> Self {
        let replaced = if turn.regenerates { turn.done.clone() } else { Vec::new() };
        let mut run = Self {
            turn: turn.lease.turn,
            time: turn.time,
            history: regeneration_history::history(turn),
            transcript: Vec::new(),
            budget: 0,
            summary_tokens: turn
                .summary
                .as_ref()
                .map_or(0, |summary| prompt_history::tokens_of_bytes(summary.len())),
            done: turn.done.clone(),
            replaced_calls: turn.replaced_calls,
            replaced,
            step: turn.step,
            model_calls: regeneration_history::own_steps(turn),
            usage: Usage::default(),
            has_retried_empty_reply: false,
            has_older: turn.has_older || turn.summary.is_some(),
            may_change_tasks: turn.may_change_tasks,
            has_corrected: false,
            correction: Vec::new(),
            phase: Phase::Asking,
        };
        run.fit_into(budget);
        if turn.stop_requested {
            run.stop(String::new());
        } else if let Some(step) = run.answered_questions(turn) {
            run.phase = Phase::Acting(step);
        }
        run
    }

    /// What comes next.
    pub fn next_step(&self) -> NextStep<'_> {
        match &self.phase {
            Phase::Asking => NextStep::CallModel,
            Phase::Acting(step) => NextStep::RunTools(step),
            Phase::Over(final_message) => NextStep::Finish(final_message),
        }
    }

    /// The conversation as the model is sent it, and whether it may call tools.
    pub fn request(&self) -> (&[MessageBody], ToolChoice) {
        (&self.transcript, self.tool_choice())
    }

    /// Sends the model no more than `budget` tokens of conversation.
    fn fit_into(&mut self, budget: usize) {
        self.budget = budget;
        let others = self.summary_tokens + prompt_history::tokens(&self.correction);
        self.transcript = prompt_history::request(&self.history, budget.saturating_sub(others));
        if !self.correction.is_empty() {
            // The note is sent as a user message, so for the provider a new turn begins there.
            self.transcript.iter_mut().for_each(prompt_history::drop_reasoning);
        }
        self.transcript.extend(self.correction.iter().cloned());
    }

    /// What is on record, to judge an answer by.
    pub fn evidence(&self) -> Evidence<'_> {
        Evidence::new(self.turn, &self.history, self.calls_of_current_answer(), self.has_older)
    }

    /// What counts of what the turn has done.
    fn calls_of_current_answer(&self) -> Vec<&ExecutedCall> {
        calls_of_current_answer(&self.done, self.replaced_calls)
    }

    /// Takes an answer that is not true. Returns whether the model is to be told so and asked again, once
    /// in a turn.
    pub fn request_correction_once(&mut self, reply: &ModelReply) -> bool {
        if self.has_corrected || self.is_at_last_call() {
            return false;
        }
        self.model_calls += 1;
        self.usage += self.usage_of(reply);
        self.has_corrected = true;
        let note = answer_verification::correction(&self.evidence());
        let said = MessageBody::Assistant { text: reply.text.clone(), calls: Vec::new() };
        self.correction = vec![said, MessageBody::User(note)];
        self.fit_into(self.budget);
        true
    }

    /// Text shown instead of a false answer.
    pub fn replacement_answer(&self, answer: &str) -> String {
        answer_verification::replacement_answer(answer, &self.evidence())
    }

    /// Text shown when the model fails while correcting a false answer.
    pub fn replacement_after_failure(&self) -> Option<ModelReply> {
        let MessageBody::Assistant { text, .. } = self.correction.first()? else { return None };
        let text = self.replacement_answer(text);
        Some(ModelReply { text, calls: Vec::new(), finish: ModelFinish::Stop, usage: Some(Usage::default()) })
    }

    /// Sends the model less than before, at most `budget` tokens. Returns whether that is possible.
    pub fn shrink_prompt(&mut self, budget: usize) -> bool {
        let before = prompt_history::tokens(&self.transcript);
        self.fit_into(budget.min(before * 2 / 3));
        prompt_history::tokens(&self.transcript) < before
    }

    /// Whether a reply is to be asked for once more: it says nothing about the results that it was
    /// sent. Tools are withheld then, so that the request is another one.
    pub fn retry_empty_reply_once(&mut self, reply: &ModelReply) -> bool {
        let is_empty = reply.text.trim().is_empty() && reply.calls.is_empty();
        let is_after_results = matches!(self.transcript.last(), Some(MessageBody::Tool { .. }));
        let is_worth_it = is_empty && is_after_results && reply.finish == ModelFinish::Stop;
        if !is_worth_it || self.has_retried_empty_reply || self.tool_choice() == ToolChoice::Forbidden {
            return false;
        }
        self.has_retried_empty_reply = true;
        self.model_calls += 1;
        self.usage += self.usage_of(reply);
        true
    }

    /// How many steps are committed: the number that the next one is committed under.
    pub fn step(&self) -> i32 {
        self.step
    }

    /// What the model calls of this run have used.
    pub fn usage(&self) -> Usage {
        self.usage
    }

    /// Everything the turn has done.
    pub fn done(&self) -> &[ExecutedCall] {
        &self.done
    }

    /// Takes the model's reply and decides what it means. Whether there are tool calls is decided
    /// by their presence: providers say `stop` with calls and `tool_calls` without.
    pub fn model_replied(&mut self, reply: ModelReply) {
        let (withheld, is_last) = (self.tool_choice() == ToolChoice::Forbidden, self.is_at_last_call());
        self.model_calls += 1;
        self.usage += self.usage_of(&reply);
        if reply.calls.is_empty() || withheld {
            self.phase = Phase::Over(self.final_message(reply, is_last));
        } else {
            self.phase = Phase::Acting(self.plan(reply));
        }
    }

    /// Takes the results of a committed step, in the order of its calls.
    pub fn step_committed(&mut self, results: Vec<ExecutedCall>) {
        let Phase::Acting(step) = std::mem::replace(&mut self.phase, Phase::Asking) else {
            return;
        };
        let turn = self.turn;
        self.correction.clear();
        self.history.extend(step.messages(&results).into_iter().map(|body| Message { turn, body }));
        self.fit_into(self.budget);
        self.done.extend(results);
        self.step += 1;
    }

    /// Counts a call of the model that ended after these words and without a reply: what was sent is paid
    /// for.
    pub fn record_failed_call_usage(&mut self, words: &str) {
        self.usage += self.estimated_usage(words.len());
    }

    /// Ends the turn because the person stopped it after these words.
    pub fn stop(&mut self, words: String) {
        let text = if words.trim().is_empty() { substitute_final_message::STOPPED.to_owned() } else { words };
        self.phase = Phase::Over(FinalMessage { text, reason: FinishReason::Cancelled });
    }

    fn tool_choice(&self) -> ToolChoice {
        if self.has_retried_empty_reply || self.is_at_last_call() {
            ToolChoice::Forbidden
        } else {
            ToolChoice::Auto
        }
    }

    fn is_at_last_call(&self) -> bool {
        self.model_calls + 1 >= MAX_MODEL_CALLS
    }

    fn final_message(&self, reply: ModelReply, is_last: bool) -> FinalMessage {
        let reason = match reply.finish {
            ModelFinish::Length => FinishReason::Length,
            ModelFinish::ContentFilter => FinishReason::ContentFilter,
            ModelFinish::Stop if is_last => FinishReason::StepLimit,
            ModelFinish::Stop => FinishReason::Stop,
        };
        let text = if reply.text.trim().is_empty() {
            substitute_final_message::text_for(self.calls_of_current_answer(), reason)
        } else {
            reply.text
        };
        FinalMessage { text, reason }
    }

    fn usage_of(&self, reply: &ModelReply) -> Usage {
        reply.usage.unwrap_or_else(|| self.estimated_usage(reply.bytes()))
    }

    /// What a call has used that was answered with so many bytes.
    fn estimated_usage(&self, bytes: usize) -> Usage {
        let system = system_prompt(PromptFacts { local: self.time.local, summary: None });
        let mut usage = estimated_usage(&system, &self.transcript, self.tool_choice(), bytes);
        usage.prompt_tokens += i32::try_from(self.summary_tokens).unwrap_or_default();
        usage
    }
}

#[cfg(test)]
mod tests;
