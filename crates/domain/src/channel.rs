//! The ways on which a list is changed.

use crate::id::TurnId;

/// The way on which a change came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// A REST request.
    Rest,
    /// A tool call of this turn.
    Chat(TurnId),
}

impl Channel {
    /// The turn.
    pub fn turn(self) -> Option<TurnId> {
        match self {
            Self::Rest => None,
            Self::Chat(turn) => Some(turn),
        }
    }
}
