//! What a process tells of a turn that ended here: one line in the log, and a number for operators.

use std::time::Duration;

use domain::{
    id::{ConversationId, TurnId},
    ports::LeaseError,
    turn::{FailureKind, Lease, TurnAnswer},
    turn_driver::TurnError,
};

/// A turn that came to its end in this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TurnTelemetry {
    /// How it ended: a finish reason of an answer, a kind of failure, or `taken_over`, `handed_over`,
    /// `store_failed`.
    pub ending: &'static str,
    /// How long it was worked on here.
    pub took: Duration,
}

/// Who is told of turns that end.
pub type TurnObserver = Box<dyn Fn(TurnTelemetry) + Send + Sync>;

/// Writes a turn's line and returns its report.
pub(crate) fn report(
    lease: &Lease,
    outcome: &Result<TurnAnswer, TurnError>,
    took: Duration,
) -> TurnTelemetry {
    let ending = ending(outcome);
    let Lease { turn, conversation, .. } = *lease;
    let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    match outcome {
        Ok(answer) => log_answer(turn, conversation, answer, duration_ms),
        Err(error) => log_error(turn, conversation, error, duration_ms),
    }
    TurnTelemetry { ending, took }
}

fn ending(outcome: &Result<TurnAnswer, TurnError>) -> &'static str {
    match outcome {
        Ok(answer) => answer.finish_reason.as_str(),
        Err(TurnError::Model { error, .. }) => FailureKind::from(error).as_str(),
        Err(TurnError::HandedOver) => "handed_over",
        Err(TurnError::Lease(LeaseError::Superseded)) => "taken_over",
        Err(TurnError::Lease(LeaseError::Store(_))) => "store_failed",
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
