//! What a subscription yields.

use domain::{ports::TurnEvent, turn::TurnAnswer};

use crate::error::TurnServiceError;

/// What a subscription yields.
#[derive(Debug)]
pub enum SubscriptionUpdate {
    /// Something happened.
    Event(TurnEvent),
    /// The turn was answered; nothing comes after this.
    Answered(TurnAnswer),
    /// It was not; nothing comes after this.
    Failed(TurnServiceError),
}
