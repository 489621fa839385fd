//! The port that interrupts a running turn: to stop it, to hand it over, or because its lease was lost.

use async_trait::async_trait;

/// A source of interrupts for a turn.
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
    /// This process is ending: another worker is to continue it.
    HandOver,
    /// The lease was lost: another worker has the turn, or it is gone.
    LeaseLost,
}
