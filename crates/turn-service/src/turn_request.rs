//! What a client asks of the turn service, and what it gets.

use domain::{
    turn::{NewTurn, TurnAnswer, UserMessage},
    undo::ReplacedEffects,
};

/// Which turn a client asks for.
#[derive(Debug, Clone)]
pub enum TurnRequest {
    /// An answer to a new message.
    Send(NewTurn),
    /// Another answer to this message, in place of the one it has.
    Regenerate(NewTurn, Replacement),
}

/// How a new answer takes the place of the present one.
#[derive(Debug, Clone)]
pub struct Replacement {
    /// Whether the changes that the present answer made stay or are undone.
    pub replaced: ReplacedEffects,
    /// The message text that the new answer is to.
    pub text: MessageText,
    /// Whether the request's idempotency key is its own; otherwise it is that of the message.
    pub has_own_key: bool,
}

/// Which text of the message a new answer is to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageText {
    /// The stored one.
    Recorded,
    /// The request's own, which replaces the stored one.
    Edited {
        /// The stored text as the client knows it, if it says so. Another edit may have come between.
        previous: Option<UserMessage>,
    },
}

/// The answer to a message.
#[derive(Debug)]
pub struct Answered {
    /// The turn's answer.
    pub answer: TurnAnswer,
    /// Whether the turn had ended before this request, which has the same key as an earlier one.
    pub is_replayed: bool,
}
