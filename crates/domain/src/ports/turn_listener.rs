//! The listener that is told of a turn's events while it runs.

use crate::message::{ExecutedCall, ToolCall};

/// Receives the events of a turn as it goes on. Must not block.
pub trait TurnListener: Send + Sync {
    /// Takes note of `event`.
    fn on(&self, event: TurnEvent);
}

/// What happens in a turn, in order.
#[derive(Debug, Clone, PartialEq)]
pub enum TurnEvent {
    /// The model is being asked.
    StepStarted,
    /// It says this.
    TextDelta(String),
    /// It is asked once more: what it said in this step is void.
    StepDiscarded,
    /// What it said in this step is not true, or was a thought, and is void; other words follow.
    TextRetracted,
    /// These calls are about to be made; what the model said so far stands.
    ToolCallsStarted(Vec<ToolCall>),
    /// They were made and are committed.
    ToolCallsCommitted(Vec<ExecutedCall>),
}
