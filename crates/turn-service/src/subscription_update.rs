//! The updates that a subscription to a turn yields.

use domain::{ports::TurnEvent, turn::TurnAnswer};

use crate::error::TurnServiceError;

/// What a subscription yields, one after the other.
#[derive(Debug)]
pub enum SubscriptionUpdate {
    /// Something happened in the turn.
    Event(TurnEvent),
    /// Another worker goes on with the turn. What was said and called in the step that has started is void;
    /// what comes next is that step as the other worker takes it.
    TakenOver,
    /// The turn was answered; nothing comes after this.
    Answered(TurnAnswer),
    /// It was not; nothing comes after this.
    Failed(TurnServiceError),
}
