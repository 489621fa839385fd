//! Admission: decides what is done about a request for a turn, without I/O.
//!
//! A store reads the facts under the conversation's lock, asks [`begin`], [`resume_or_replay`] or
//! [`regenerate`], and carries the decision out in the same transaction. No other place knows these rules.

use std::time::Duration;

use super::{BeginOutcome, Edit, UserMessage};

/// How long a turn is its worker's without a heartbeat.
pub const LEASE_DURATION: Duration = Duration::from_secs(20);
/// How often a worker renews its leases.
pub const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(1);
/// How many attempts a turn gets before it is given up.
pub const MAX_ATTEMPTS: i16 = 3;
/// How long an idempotency key is kept at least. Clients are promised a day.
pub const KEY_RETENTION: Duration = Duration::from_secs(48 * 60 * 60);

/// How a turn stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TurnState {
    /// It has no end yet.
    Running {
        /// Whether its lease has not run out: then a worker has it.
        is_leased: bool,
    },
    /// It was answered.
    Answered,
    /// It failed after it had taken effect, or was abandoned.
    Failed,
}

/// The end that a turn had before it was reopened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EarlierEnding {
    /// It was answered, and another answer was asked for.
    Answered,
    /// It failed.
    Failed,
}

/// What the rules need to know of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TurnFacts {
    /// How it stands.
    pub state: TurnState,
    /// The number of attempts since a person asked for it; 1 for a new turn.
    pub attempt: i16,
    /// Whether a step was committed since it began or was reopened.
    pub has_new_steps: bool,
    /// The end that it had before it was reopened, if it was.
    pub earlier_ending: Option<EarlierEnding>,
    /// Whether it is the conversation's first turn.
    pub is_first: bool,
}

/// How to end a turn that will get no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndingWithoutAnswer {
    /// Delete the turn and its message.
    Remove,
    /// Delete the conversation too: the turn had opened it.
    RemoveConversation,
    /// Restore the previous ending.
    Restore,
    /// Fail it, with a final message that says what it did.
    Fail,
}

impl TurnFacts {
    /// How the turn ends if its worker gives it up, or is gone.
    #[must_use]
    pub fn ending_without_answer(&self) -> EndingWithoutAnswer {
        match self {
            Self { has_new_steps: true, .. } => EndingWithoutAnswer::Fail,
            Self { earlier_ending: Some(_), .. } => EndingWithoutAnswer::Restore,
            Self { is_first: true, .. } => EndingWithoutAnswer::RemoveConversation,
            Self { .. } => EndingWithoutAnswer::Remove,
        }
    }

    /// How the turn ends, whose worker is gone, for a request that names its conversation: that stays, for
    /// the message that comes in place of the turn's.
    fn ending_for_another_request(&self) -> EndingWithoutAnswer {
        match self.ending_without_answer() {
            EndingWithoutAnswer::RemoveConversation => EndingWithoutAnswer::Remove,
            unanswered => unanswered,
        }
    }
}

/// How a recorded turn is the one that a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoundBy {
    /// By its id: the request's own transaction was committed, and the answer to that was lost.
    Id,
    /// By its key, with the same body.
    Key,
    /// By its key, with another body.
    KeyWithOtherBody,
}

/// What the key of a request for a turn was used for, when no turn is on record under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsedKey {
    /// For something else: a change of tasks, or another answer.
    ForAnother,
    /// In a conversation that its person has deleted since.
    InDeletedConversation,
}

/// What is on record for a request that wants another answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegenerateFacts {
    /// The conversation's newest turn. Only this one can be running.
    pub newest: TurnFacts,
    /// Which turn is to be answered again.
    pub target: TargetPosition,
    /// How the request's words stand to those of the newest message.
    pub edit_freshness: EditFreshness,
}

/// How an edit relates to the stored message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditFreshness {
    /// The message keeps its words, or gets others in place of those that the client knows it to have.
    Current,
    /// It is to be replaced by the words that it has: the same edit was asked for before.
    Repeated,
    /// It has neither these words nor those that the client knows: another edit came between.
    Outdated,
}

impl EditFreshness {
    /// Compares an edit with what is on record: the words of the message, and those that it had before an
    /// edit that has no answer yet. A client need not say which words it knows.
    pub fn compare(edit: Option<Edit<'_>>, said: &str, said_before_edit: Option<&str>) -> Self {
        let Some(Edit { text, previous }) = edit else { return Self::Current };
        let is_known =
            |previous: &UserMessage| previous.as_str() == said || said_before_edit == Some(previous.as_str());
        if text.as_str() == said {
            Self::Repeated
        } else if previous.is_none_or(is_known) {
            Self::Current
        } else {
            Self::Outdated
        }
    }
}

/// Where the turn is that is to be answered again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetPosition {
    /// It is the newest turn.
    Newest,
    /// It is the turn right before the newest.
    BeforeNewest,
    /// It is an older one, or not in the conversation.
    Elsewhere,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AdmissionDecision {
    /// End the conversation's running turn in this way. Its lease has run out.
    pub close_first: Option<EndingWithoutAnswer>,
    /// What is done then.
    pub then: Admission,
}

/// What is done about the turn that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// The recorded turn is worked on.
    Continue(Continuation),
    /// The recorded turn's end is the answer.
    Replay,
    /// Nothing is started.
    Reject(Rejection),
}

/// How long a regeneration's key is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyLifetime {
    /// As long as any idempotency key.
    Standard,
    /// Until the previous ending is restored: then the request may be tried again under the key.
    UntilRestored,
}

impl Admission {
    /// How the key of a request for another answer is put on record. A request that is rejected leaves none.
    #[must_use]
    pub fn key_lifetime(self) -> Option<KeyLifetime> {
        match self {
            Self::Reject(_) => None,
            Self::Replay | Self::Continue(Continuation::ReopenAfterFailure | Continuation::BeginAnew) => {
                Some(KeyLifetime::Standard)
            }
            Self::Continue(
                Continuation::Resume | Continuation::TakeOver | Continuation::ReopenForAnotherAnswer,
            ) => Some(KeyLifetime::UntilRestored),
        }
    }
}

/// Why a recorded turn is worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Continuation {
    /// The request has just begun it itself.
    Resume,
    /// Its worker is gone.
    TakeOver,
    /// It failed, and the person tries once more.
    ReopenAfterFailure,
    /// The person wants another answer.
    ReopenForAnotherAnswer,
    /// Its worker is gone and did nothing, and the person asks for an answer once more. It keeps its
    /// message's key: who does not know of that sends the message again.
    BeginAnew,
}

impl Continuation {
    /// The number of the attempt that follows attempt number `attempt`.
    #[must_use]
    pub fn attempt_after(self, attempt: i16) -> i16 {
        match self {
            Self::Resume => attempt,
            Self::TakeOver | Self::ReopenAfterFailure => attempt.saturating_add(1),
            Self::ReopenForAnotherAnswer | Self::BeginAnew => 1,
        }
    }

    /// Whether the work before is over. Then the steps until now are no more new ones, and a stop that
    /// was asked for was meant for that work.
    #[must_use]
    pub fn ends_earlier_work(self) -> bool {
        matches!(self, Self::ReopenAfterFailure | Self::ReopenForAnotherAnswer | Self::BeginAnew)
    }

    /// Whether a person asks for it, and no retry: it is paid for as a new turn is, and is of the time and
    /// place where it is asked for.
    #[must_use]
    pub fn is_new_request(self) -> bool {
        matches!(self, Self::ReopenForAnotherAnswer | Self::BeginAnew)
    }
}

/// Why nothing is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// The same key's first request is still being worked on.
    SameKeyRunning,
    /// Another turn of the conversation is running.
    ConversationBusy {
        /// Whether that is the first of the conversation.
        is_first: bool,
    },
    /// The key was used for another request.
    KeyReused,
    /// There is no such conversation of the caller's.
    NoSuchConversation,
    /// The turn is not, or no more, the newest of the conversation.
    NothingToRegenerate,
    /// Too many workers of the other answer were lost before it did anything.
    Abandoned,
}

impl From<Rejection> for BeginOutcome {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::SameKeyRunning => Self::SameKeyRunning,
            Rejection::ConversationBusy { is_first } => Self::ConversationBusy { is_first },
            Rejection::KeyReused => Self::KeyReused,
            Rejection::NoSuchConversation => Self::NoSuchConversation,
            Rejection::NothingToRegenerate => Self::NothingToRegenerate,
            Rejection::Abandoned => Self::Abandoned,
        }
    }
}

/// Decides about a request whose key was used, and is that of no turn on record.
#[must_use]
pub fn reject_used_key(used: UsedKey) -> Rejection {
    match used {
        UsedKey::ForAnother => Rejection::KeyReused,
        UsedKey::InDeletedConversation => Rejection::NoSuchConversation,
    }
}

/// Decides about a request that begins a turn which is not on record, in a conversation of the caller's that
/// may have been opened just now, and in which this turn is running. Returns in which way that is ended
/// first: its lease has run out.
///
/// # Errors
/// When no turn begins.
pub fn begin(running: Option<TurnFacts>) -> Result<Option<EndingWithoutAnswer>, Rejection> {
    match running {
        Some(TurnFacts { state: TurnState::Running { is_leased: true }, is_first, .. }) => {
            Err(Rejection::ConversationBusy { is_first })
        }
        Some(dead) => Ok(Some(dead.ending_for_another_request())),
        None => Ok(None),
    }
}

/// Decides about a request whose turn is on record. `is_newest` says that no later turn is in its
/// conversation.
#[must_use]
pub fn resume_or_replay(turn: TurnFacts, found_by: FoundBy, is_newest: bool) -> AdmissionDecision {
    match found_by {
        FoundBy::KeyWithOtherBody => reject(Rejection::KeyReused),
        FoundBy::Id | FoundBy::Key => continue_or_replay(turn, found_by, is_newest),
    }
}

fn continue_or_replay(turn: TurnFacts, found_by: FoundBy, is_newest: bool) -> AdmissionDecision {
    let may_try_again = turn.attempt < MAX_ATTEMPTS;
    match turn.state {
        TurnState::Running { .. } if found_by == FoundBy::Id => {
            admit(Admission::Continue(Continuation::Resume))
        }
        TurnState::Running { is_leased: true } => reject(Rejection::SameKeyRunning),
        TurnState::Running { is_leased: false } if may_try_again => {
            admit(Admission::Continue(Continuation::TakeOver))
        }
        // A regeneration that did nothing: keep the previous answer and report `Abandoned`.
        TurnState::Running { is_leased: false }
            if !turn.has_new_steps && turn.earlier_ending == Some(EarlierEnding::Answered) =>
        {
            after(EndingWithoutAnswer::Restore, Admission::Reject(Rejection::Abandoned))
        }
        TurnState::Running { is_leased: false } => after(EndingWithoutAnswer::Fail, Admission::Replay),
        // Later messages know it as failed: it stays so.
        TurnState::Failed if may_try_again && is_newest => {
            admit(Admission::Continue(Continuation::ReopenAfterFailure))
        }
        TurnState::Failed | TurnState::Answered => admit(Admission::Replay),
    }
}

/// Decides about a request for another answer. `None` when the caller has no such conversation.
#[must_use]
pub fn regenerate(facts: Option<RegenerateFacts>) -> AdmissionDecision {
    let Some(RegenerateFacts { newest, target, edit_freshness }) = facts else {
        return reject(Rejection::NoSuchConversation);
    };
    match edit_freshness {
        EditFreshness::Repeated if target == TargetPosition::Newest => {
            return continue_or_replay(newest, FoundBy::Key, true);
        }
        EditFreshness::Outdated if target == TargetPosition::Newest => {
            return reject(Rejection::NothingToRegenerate);
        }
        EditFreshness::Current | EditFreshness::Repeated | EditFreshness::Outdated => {}
    }
    let close_first = match newest.state {
        TurnState::Running { is_leased: true } => {
            return reject(Rejection::ConversationBusy { is_first: newest.is_first });
        }
        TurnState::Running { is_leased: false } => Some(newest.ending_for_another_request()),
        TurnState::Answered | TurnState::Failed => None,
    };
    if target == TargetPosition::Newest && close_first == Some(EndingWithoutAnswer::Remove) {
        return admit(Admission::Continue(Continuation::BeginAnew));
    }
    let newest_that_remains = match close_first {
        Some(EndingWithoutAnswer::Remove | EndingWithoutAnswer::RemoveConversation) => {
            TargetPosition::BeforeNewest
        }
        Some(EndingWithoutAnswer::Restore | EndingWithoutAnswer::Fail) | None => TargetPosition::Newest,
    };
    let then = if target == newest_that_remains {
        Admission::Continue(Continuation::ReopenForAnotherAnswer)
    } else {
        Admission::Reject(Rejection::NothingToRegenerate)
    };
    AdmissionDecision { close_first, then }
}

fn admit(then: Admission) -> AdmissionDecision {
    AdmissionDecision { close_first: None, then }
}

fn after(close_first: EndingWithoutAnswer, then: Admission) -> AdmissionDecision {
    AdmissionDecision { close_first: Some(close_first), then }
}

fn reject(rejection: Rejection) -> AdmissionDecision {
    admit(Admission::Reject(rejection))
}

#[cfg(test)]
mod tests;
