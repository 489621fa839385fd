//! A turn: one message of a person and everything that is done to answer it.
//!
//! A turn is a row that outlives the process working on it. Its *lease* says until when somebody
//! is at work; its *fence* counts who that is, so that a replica which was overtaken commits
//! nothing; its *step* counts what has been committed.

pub mod admission;
mod ending;
mod request;

use crate::{
    account::UserId,
    approval::{Decision, Question},
    message::{ExecutedCall, Message},
    time_zone::PersonalTime,
    turn_and_conversation_ids::{ConversationId, TurnId},
    undo::Conflict,
};

pub use ending::{
    EndedTurn, EndingId, FailureKind, FinalMessage, FinishReason, TurnAnswer, TurnFailure, Usage,
};
pub use request::{Edit, IdempotencyKey, NewTurn, RequestKey, Target, UserMessage};

/// The right to commit to a turn, until another worker takes it over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The turn that may be worked on.
    pub turn: TurnId,
    /// The owner of its conversation.
    pub user: UserId,
    /// The conversation's public id.
    pub conversation: ConversationId,
    /// The attempt that holds the lease: a commit under an older fence is refused.
    pub fence: i32,
}

/// A turn that is ours to work on, new or taken over.
#[derive(Debug, Clone)]
pub struct RunningTurn {
    /// The lease under which it is committed to.
    pub lease: Lease,
    /// The conversation's title, for clients that show it.
    pub title: String,
    /// The newest part of the conversation, this turn's message and committed steps included.
    pub history: Vec<Message>,
    /// How many steps are committed.
    pub step: i32,
    /// Calls executed so far, oldest first.
    pub done: Vec<ExecutedCall>,
    /// How many of these were made for answers that this one replaces.
    pub replaced_calls: usize,
    /// Whether the person asked for another answer to the same message: then what was done counts
    /// as done, and calls that repeat it are answered from the record, unless it was undone.
    pub regenerates: bool,
    /// What was said before `history`, in short.
    pub summary: Option<String>,
    /// Whether there are messages that neither `history` nor `summary` holds.
    pub has_older: bool,
    /// Whether it is the conversation's first turn.
    pub opens_conversation: bool,
    /// The model that the person chose for the conversation.
    pub model: Option<String>,
    /// What the person's clock and calendar showed when they sent the message.
    pub time: PersonalTime,
    /// If the message is a plain yes or no: the previous turn's pending questions and the decision. Used only
    /// before the first step of the answer.
    pub answered: Option<(Vec<Question>, Decision)>,
    /// Whether the caller may change tasks. Stores set `true`; the service narrows it by scope.
    pub may_change_tasks: bool,
    /// How many steps were committed before the last edit, if any; they answered the old text.
    pub edited_after: Option<i32>,
    /// Whether the person stopped the turn while it had no worker: then nothing more is done.
    pub stop_requested: bool,
    /// The end that it had before it was reopened, if it was.
    pub earlier_ending: Option<EndingId>,
}

/// What came of asking for a turn.
#[derive(Debug, Clone)]
pub enum BeginOutcome {
    /// It is ours: work on it.
    Started(Box<RunningTurn>),
    /// It has an end already, found under its key.
    Ended(Box<EndedTurn>),
    /// The same key's first request is still being worked on.
    SameKeyRunning,
    /// Another turn of the conversation is running.
    ConversationBusy {
        /// Whether it is the conversation's first, so that the conversation goes with it when it gets no
        /// answer.
        is_first: bool,
    },
    /// The key was used for another request.
    KeyReused,
    /// There is no such conversation of the caller's.
    NoSuchConversation,
    /// The turn is not, or no more, the newest of the conversation.
    NothingToRegenerate,
    /// Too many workers of the other answer that was asked for were lost before it did anything: the answer
    /// that there was stands.
    Abandoned,
    /// What the turn did cannot be undone: these tasks were changed since.
    ReplacedWasChanged(Vec<Conflict>),
}

/// The state of a turn that is looked up by id.
#[derive(Debug, Clone, PartialEq)]
pub enum TurnStatus {
    /// A worker has it, or will when its key or its conversation is used again.
    Running {
        /// Its conversation.
        conversation: ConversationId,
        /// What it has done so far.
        done: Vec<ExecutedCall>,
    },
    /// It is over.
    Ended(EndedTurn),
}
