//! Telemetry of turns that ended in this process: one line in the log, and metrics.

use std::time::Duration;

use domain::{
    ports::LeaseError,
    turn::{FailureKind, Lease, TurnAnswer},
    turn_and_conversation_ids::{ConversationId, TurnId},
    turn_driver::TurnError,
};

use crate::{active_turn::Outcome, error::WorkerError};

/// A turn that came to its end in this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TurnTelemetry {
    /// How it ended: a finish reason of an answer, a kind of failure, or `taken_over`, `handed_over`,
    /// `store_failed`, `panicked`.
    pub ending: &'static str,
    /// How long it was worked on here.
    pub took: Duration,
}

/// Called once for each turn whose work ends here. Must not block.
pub type TurnObserver = Box<dyn Fn(TurnTelemetry) + Send + Sync>;

/// Logs how the work on a turn ended and returns the numbers for the observer.
pub(crate) fn report(lease: &Lease, outcome: &Outcome, took: Duration) -> TurnTelemetry {
    let ending = ending(outcome);
    let Lease { turn, conversation, .. } = *lease;
    let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    match outcome {
        Ok(answer) => log_answer(turn, conversation, answer, duration_ms),
        Err(WorkerError::Turn(error)) => log_error(turn, conversation, error, duration_ms),
        // Where and why is in the line of the panic itself.
        Err(WorkerError::Panicked) => {
            tracing::error!(turn.id = %turn, conversation.id = %conversation, duration_ms, "a turn panicked");
        }
    }
    TurnTelemetry { ending, took }
}

fn ending(outcome: &Outcome) -> &'static str {
    match outcome {
        Ok(answer) => answer.finish_reason.as_str(),
        Err(WorkerError::Turn(error)) => match error.as_ref() {
            TurnError::Model { error, .. } => FailureKind::from(error).as_str(),
            TurnError::HandedOver => "handed_over",
            TurnError::Lease(LeaseError::Superseded) => "taken_over",
            TurnError::Lease(LeaseError::Store(_)) => "store_failed",
        },
        Err(WorkerError::Panicked) => "panicked",
    }
}

fn log_answer(turn: TurnId, conversation: ConversationId, answer: &TurnAnswer, duration_ms: u64) {
    tracing::info!(
        turn.id = %turn,
        conversation.id = %conversation,
        ending = answer.finish_reason.as_str(),
        model = answer.model,
        tool_calls = answer.tool_calls.len(),
        prompt_tokens = answer.usage.prompt_tokens,
        completion_tokens = answer.usage.completion_tokens,
        duration_ms,
        "a turn was answered"
    );
}

fn log_error(turn: TurnId, conversation: ConversationId, error: &TurnError, duration_ms: u64) {
    match error {
        TurnError::HandedOver => {
            tracing::info!(turn.id = %turn, conversation.id = %conversation, duration_ms, "a turn was handed over");
        }
        TurnError::Lease(LeaseError::Superseded) => {
            tracing::warn!(turn.id = %turn, conversation.id = %conversation, duration_ms, "a turn was taken over");
        }
        _ => tracing::error!(
            turn.id = %turn,
            conversation.id = %conversation,
            duration_ms,
            cause = domain::error_chain::with_causes(error),
            "a turn failed"
        ),
    }
}
