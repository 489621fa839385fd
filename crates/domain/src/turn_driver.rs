//! The driver of a turn: does what [`AgentRun`] decides, and nothing else.

mod select_first;
mod verified_output;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use select_first::{Either, select_first};
use verified_output::ReplyVerifier;

use crate::{
    agent_state_machine::{AgentRun, NextStep},
    answer_verification::HoldbackBuffer,
    model_selection::{AnsweringModel, Models},
    ports::{
        Clock, Interrupt, Interruption, LeaseError, ModelError, ModelReply, ModelRequest, ModelUsage,
        StoreError, TurnEvent, TurnListener, TurnStore,
    },
    prompt::{PromptFacts, system_prompt},
    text_validation,
    time_zone::LocalNow,
    turn::{FailureKind, RunningTurn, TurnAnswer, TurnFailure, Usage},
};

/// How long a turn may take in all. The platform's proxy cuts a request after 60 seconds, so the
/// answer, also a bad one, has to be out before.
pub const TURN_TIMEOUT: Duration = Duration::from_secs(55);

/// Drives turns; holds no state of theirs.
pub struct TurnDriver {
    turns: Arc<dyn TurnStore>,
    models: Models,
    clock: Arc<dyn Clock>,
}

/// Why a turn was not answered.
#[derive(Debug, thiserror::Error)]
pub enum TurnError {
    /// The model failed. With a failure on record if the turn had taken effect by then.
    #[error("the model failed: {error}")]
    Model {
        /// What was wrong with it.
        #[source]
        error: ModelError,
        /// What the turn had done.
        failure: Option<TurnFailure>,
    },
    /// Nothing more can be committed by this worker.
    #[error(transparent)]
    Lease(#[from] LeaseError),
    /// This process is ending; another worker is to continue the turn.
    #[error("the turn was handed over")]
    HandedOver,
}

/// Work on a turn that came to no answer.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct UnansweredTurn {
    /// Why.
    #[source]
    pub error: TurnError,
    /// Usage that has certainly not been recorded yet: the caller must record it.
    pub uncounted: Usage,
}

/// What came of asking the model, as often as it took.
enum Answer {
    Replied(ModelReply),
    Stopped { text_so_far: String },
}

/// What came of one call of the model.
enum CallOutcome {
    Replied(ModelReply),
    /// It claims what was not done, or denies what was.
    FalseClaim(ModelReply),
    Stopped {
        text_so_far: String,
    },
}

/// Until when the model is asked and with which summary, who is told of it, and who may interrupt it.
#[derive(Clone, Copy)]
struct CallContext<'a> {
    deadline: Instant,
    local: LocalNow,
    summary: Option<&'a str>,
    listener: &'a dyn TurnListener,
    interrupt: &'a dyn Interrupt,
}

impl TurnDriver {
    /// Makes a driver.
    pub fn new(turns: Arc<dyn TurnStore>, models: Models, clock: Arc<dyn Clock>) -> Self {
        Self { turns, models, clock }
    }

    /// Works on `turn` until it has an end. No transaction is open while the model is asked.
    ///
    /// # Errors
    /// When the model fails, the store fails, or the turn is taken over or handed over.
    pub async fn run(
        &self,
        turn: RunningTurn,
        listener: &dyn TurnListener,
        interrupt: &dyn Interrupt,
    ) -> Result<TurnAnswer, UnansweredTurn> {
        let model = self.models.select(turn.model.as_deref());
        let mut run = AgentRun::new(&turn, model.current().history_tokens());
        let driven = self.drive(&turn, &mut run, model, listener, interrupt).await;
        driven.map_err(|error| {
            let is_counted = match &error {
                TurnError::Model { .. } => true,
                // It may have been the end of the turn that was committed: nothing is counted twice. A step
                // counts nothing.
                TurnError::Lease(LeaseError::Store(StoreError::OutcomeUnknown(_))) => {
                    !matches!(run.next_step(), NextStep::RunTools(_))
                }
                TurnError::Lease(_) | TurnError::HandedOver => false,
            };
            UnansweredTurn { error, uncounted: if is_counted { Usage::default() } else { run.usage() } }
        })
    }

    async fn drive(
        &self,
        turn: &RunningTurn,
        run: &mut AgentRun,
        mut model: AnsweringModel,
        listener: &dyn TurnListener,
        interrupt: &dyn Interrupt,
    ) -> Result<TurnAnswer, TurnError> {
        let deadline = self.clock.instant() + TURN_TIMEOUT;
        let local = turn.time.local;
        let context = CallContext { deadline, local, summary: turn.summary.as_deref(), listener, interrupt };
        if matches!(run.next_step(), NextStep::RunTools(_)) {
            // The first step came from an approval of the person: its start is reported all the same.
            listener.on(TurnEvent::StepStarted);
        }
        loop {
            match run.next_step() {
                NextStep::CallModel => match self.ask(run, &mut model, context).await {
                    Ok(Answer::Replied(reply)) => run.model_replied(reply),
                    Ok(Answer::Stopped { text_so_far }) => run.stop(text_so_far),
                    Err(error) => return Err(self.give_up(turn, error, run.usage()).await?),
                },
                NextStep::RunTools(step) => {
                    listener.on(TurnEvent::ToolCallsStarted(
                        step.calls.iter().map(|planned| planned.call.clone()).collect(),
                    ));
                    let results = self.turns.commit_step(&turn.lease, run.step(), step).await?;
                    listener.on(TurnEvent::ToolCallsCommitted(results.clone()));
                    run.step_committed(results);
                }
                NextStep::Finish(final_message) => {
                    let usage = ModelUsage { model: model.current().name().to_owned(), usage: run.usage() };
                    return Ok(self.turns.finish(&turn.lease, final_message, &usage).await?);
                }
            }
        }
    }

    /// Asks the model. A reply that broke off or made no sense is discarded whole and asked for once
    /// more, as is one without a word about its results, and one that does not say what was done; a
    /// request that was too long is made shorter; a model that is down before its first word is replaced
    /// by the fallback.
    async fn ask(
        &self,
        run: &mut AgentRun,
        model: &mut AnsweringModel,
        context: CallContext<'_>,
    ) -> Result<Answer, AskError> {
        context.listener.on(TurnEvent::StepStarted);
        let mut has_discarded = false;
        loop {
            let text_so_far = Mutex::new(String::new());
            let is_sent = AtomicBool::new(false);
            let outcome = self.ask_once(run, model, context, &text_so_far, &is_sent).await;
            if is_paid_for_without_reply(&outcome, is_sent.into_inner(), &text_so_far) {
                run.record_failed_call_usage(&text_so_far.lock().unwrap_or_else(PoisonError::into_inner));
            }
            match outcome {
                Err(AskError::Model(ModelError::BadReply(reason))) if !has_discarded => {
                    tracing::warn!(%reason, "invalid model reply, retrying once");
                    context.listener.on(TurnEvent::StepDiscarded);
                    has_discarded = true;
                }
                Err(AskError::Model(ModelError::ContextExceeded { reason, .. }))
                    if run.shrink_prompt(model.current().history_tokens()) =>
                {
                    tracing::info!(%reason, "the conversation is longer than the model takes, sending less of it");
                }
                Err(AskError::Model(error)) if said_nothing(&text_so_far) && model.fall_back(&error) => {}
                Err(AskError::Model(error))
                    if let Some(replacement_answer) = run.replacement_after_failure() =>
                {
                    tracing::warn!(%error, "model failed while correcting a false answer");
                    context.listener.on(TurnEvent::TextRetracted);
                    return Ok(Answer::Replied(replacement_answer));
                }
                Ok(CallOutcome::FalseClaim(mut reply)) => {
                    let is_asked_again = run.request_correction_once(&reply);
                    tracing::warn!(is_asked_again, "the model's answer does not say what was done");
                    context.listener.on(TurnEvent::TextRetracted);
                    if !is_asked_again {
                        reply.text = run.replacement_answer(&reply.text);
                        return Ok(Answer::Replied(reply));
                    }
                }
                Ok(CallOutcome::Replied(reply)) if run.retry_empty_reply_once(&reply) => {
                    tracing::info!("model reply has no text, retrying once");
                    context.listener.on(TurnEvent::StepDiscarded);
                }
                Ok(CallOutcome::Replied(reply)) => return Ok(Answer::Replied(reply)),
                Ok(CallOutcome::Stopped { text_so_far }) => return Ok(Answer::Stopped { text_so_far }),
                Err(error) => return Err(error),
            }
        }
    }

    async fn ask_once(
        &self,
        run: &AgentRun,
        model: &AnsweringModel,
        context: CallContext<'_>,
        text_so_far: &Mutex<String>,
        is_sent: &AtomicBool,
    ) -> Result<CallOutcome, AskError> {
        let CallContext { deadline, local, summary, interrupt, .. } = context;
        let (messages, tools) = run.request();
        let evidence = run.evidence();
        let verifier =
            ReplyVerifier { holdback: Mutex::new(HoldbackBuffer::new(&evidence)), context, text_so_far };
        let text_sink = |delta: &str| verifier.take(delta);
        let facts = PromptFacts { local, summary };
        let deadline = model.deadline(self.clock.instant(), deadline);
        let request = ModelRequest { system: &system_prompt(facts), facts, messages, tools, deadline };
        let asked = async {
            is_sent.store(true, Ordering::Relaxed);
            let mut reply = model.current().reply(request, &text_sink).await?;
            reply.text = text_validation::replace_nul(reply.text);
            verifier.replace_void_words(&reply, &evidence);
            Ok(verifier.verify_reply(reply, model, request).await)
        };
        match select_first(interrupt.raised(), asked).await {
            Either::First(Interruption::HandOver) => Err(AskError::HandedOver),
            Either::First(Interruption::LeaseLost) => Err(AskError::LeaseLost),
            Either::First(Interruption::Stop) => Ok(CallOutcome::Stopped { text_so_far: verifier.shown() }),
            Either::Second(outcome) => outcome,
        }
    }

    async fn give_up(
        &self,
        turn: &RunningTurn,
        error: AskError,
        usage: Usage,
    ) -> Result<TurnError, LeaseError> {
        let error = match error {
            AskError::Model(error) => error,
            AskError::HandedOver => return Ok(TurnError::HandedOver),
            AskError::LeaseLost => return Err(LeaseError::Superseded),
        };
        let failure = self.turns.fail(&turn.lease, FailureKind::from(&error), usage).await?;
        Ok(TurnError::Model { error, failure })
    }
}

/// Whether a call that came to no reply is paid for all the same.
fn is_paid_for_without_reply(
    outcome: &Result<CallOutcome, AskError>,
    is_sent: bool,
    text_so_far: &Mutex<String>,
) -> bool {
    match outcome {
        Err(
            AskError::Model(ModelError::BadReply(_) | ModelError::TimedOut)
            | AskError::HandedOver
            | AskError::LeaseLost,
        )
        | Ok(CallOutcome::Stopped { .. }) => is_sent,
        // What is refused costs nothing, and what fails after its first words was not refused.
        Err(AskError::Model(_)) => !said_nothing(text_so_far),
        Ok(CallOutcome::Replied(_) | CallOutcome::FalseClaim(_)) => false,
    }
}

fn said_nothing(text_so_far: &Mutex<String>) -> bool {
    text_so_far.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
}

#[derive(Debug, thiserror::Error)]
enum AskError {
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error("the turn was handed over")]
    HandedOver,
    #[error("the lease was lost")]
    LeaseLost,
}

impl From<&ModelError> for FailureKind {
    fn from(error: &ModelError) -> Self {
        match error {
            ModelError::BadReply(_) => Self::ModelBadReply,
            ModelError::Misconfigured(_) | ModelError::ContextExceeded { .. } => Self::ModelMisconfigured,
            ModelError::Unavailable(_) => Self::ModelUnavailable,
            ModelError::Busy { .. } => Self::ModelBusy,
            ModelError::Loading { .. } => Self::ModelLoading,
            ModelError::TimedOut => Self::ModelTimeout,
        }
    }
}

#[cfg(test)]
mod tests;
