//! Who follows a turn as it goes on, and who interrupts it.

use async_trait::async_trait;

use crate::message::{ExecutedCall, ToolCall};

/// Somebody who follows a turn as it goes on. Must not block.
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
    /// What it said in this step is not true and void; other words follow.
    WordsWithdrawn,
    /// These calls are about to be made; what the model said so far stands.
    Calling(Vec<ToolCall>),
    /// They were made and are committed.
    Called(Vec<ExecutedCall>),
}

/// Somebody who may interrupt a turn.
#[async_trait]
pub trait Interrupt: Send + Sync {
    /// Waits until the turn is to be interrupted; perhaps for ever.
    async fn raised(&self) -> Interruption;
}

/// Why a turn is interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interruption {
    /// The person wants no more of it.
    Stop,
    /// Somebody else goes on with it: this process is ending, or lost the lease.
    HandOver,
}
