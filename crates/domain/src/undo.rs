//! Undo, decided without I/O.
//!
//! A store reads the facts under the account's lock, asks [`decide`], and carries the plan out in the
//! same transaction. What is undone is again a change of the log, with the changes that it
//! undoes, so that it can be undone itself. Versions are not restored: they go on.

mod plan;
mod undone_changes;

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    account_limits::LimitReached,
    change_log::{ChangeId, LoggedChange},
    todo::{TaskNumber, Todo},
    turn_and_conversation_ids::TurnId,
};

pub use plan::decide;
pub use undone_changes::find_undone;

/// What to undo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UndoTarget {
    /// Everything that a turn has changed.
    Turn(TurnId),
    /// One change.
    Change(ChangeId),
    /// The turn, or the one change outside of turns, that did something last and is not taken back.
    Last,
}

/// A request to take something back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UndoRequest {
    /// What to undo.
    pub target: UndoTarget,
    /// Whether tasks that were changed since are left out. Otherwise they block the undo.
    pub skip_conflicts: bool,
}

impl UndoRequest {
    /// What was done last, all or nothing.
    pub const LAST: Self = Self::all_or_nothing(UndoTarget::Last);

    /// All of it or nothing.
    pub const fn all_or_nothing(target: UndoTarget) -> Self {
        Self { target, skip_conflicts: false }
    }
}

/// What to do with a replaced answer's changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReplacedEffects {
    /// It stays done.
    Keep,
    /// It is undone when nothing of it was changed since, and stays done otherwise.
    #[default]
    UndoIfUnchanged,
    /// It is undone; when something of it was changed since, there is no other answer.
    Undo,
}

/// Why there is no other answer, when what the replaced one did must be undone and cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReplacementObstacle {
    /// These tasks were changed since.
    Changed(Vec<Conflict>),
    /// The account would go beyond a limit.
    Limit(LimitReached),
}

impl ReplacedEffects {
    /// Whether it is tried to take it back.
    pub fn are_undone(self) -> bool {
        self != Self::Keep
    }

    /// What came of undoing it, as far as another answer goes on with that: what was undone, or
    /// nothing where it stays done.
    ///
    /// # Errors
    /// When there is no other answer: then nothing must have been written.
    pub fn after(self, outcome: Result<Undone, UndoError>) -> Result<Option<Undone>, ReplacementObstacle> {
        match outcome {
            Err(UndoError::Conflict(conflicts)) if self == Self::Undo => {
                Err(ReplacementObstacle::Changed(conflicts))
            }
            Err(UndoError::Limit(limit)) if self == Self::Undo => Err(ReplacementObstacle::Limit(limit)),
            outcome => Ok(outcome.ok()),
        }
    }
}

/// The input of [`decide`], read under the account's lock.
#[derive(Debug, Clone, Default)]
pub struct UndoFacts {
    /// The changes that are to be undone, oldest first.
    pub asked: Vec<LoggedChange>,
    /// All that is on record of their tasks, oldest first.
    pub log: Vec<LogEntry>,
    /// Those of their tasks that are there now.
    pub present: BTreeMap<TaskNumber, Todo>,
}

/// The part of a logged change that the decision needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Id of the change in the log.
    pub id: ChangeId,
    /// The task that it changed.
    pub number: TaskNumber,
    /// The task's revision after it or, when it deleted the task, before.
    pub revision: i64,
    /// Whether it deleted the task.
    pub deletes: bool,
    /// The changes that it undid.
    pub undoes: Vec<ChangeId>,
}

impl From<&LoggedChange> for LogEntry {
    fn from(change: &LoggedChange) -> Self {
        let todo = change.after.as_ref().or(change.before.as_ref());
        Self {
            id: change.id,
            number: change.number,
            revision: todo.map_or(0, |todo| todo.revision),
            deletes: change.after.is_none(),
            undoes: change.undoes.clone(),
        }
    }
}

/// What is to be written, and what is left out.
#[derive(Debug, Clone, PartialEq)]
pub struct UndoPlan {
    /// One for each task, in the order of their numbers. Never empty.
    pub writes: Vec<InverseWrite>,
    /// The tasks that stay as they are.
    pub left_out: Vec<Conflict<ChangeId>>,
}

/// A task that becomes what it was before the changes that are undone.
#[derive(Debug, Clone, PartialEq)]
pub struct InverseWrite {
    /// The task to write.
    pub number: TaskNumber,
    /// What it becomes, with the revision that follows the last one; nothing when it was not there.
    pub becomes: Option<Todo>,
    /// The change whose snapshot of the task before it is restored.
    pub source: ChangeId,
    /// The changes that are undone, oldest first.
    pub undoes: Vec<ChangeId>,
    /// Updates of `undone_by`: each change with the new value.
    pub marks: Vec<(ChangeId, UndoneBy)>,
}

/// By which change another one is undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UndoneBy {
    /// By the undo that is being written.
    ThisOne,
    /// By an undo that is on record.
    Earlier(ChangeId),
    /// Not undone.
    Nobody,
}

impl UndoPlan {
    /// By how many tasks the list grows; negative when it shrinks.
    pub fn list_growth(&self, present: &BTreeMap<TaskNumber, Todo>) -> i64 {
        let was_there = |write: &&InverseWrite| present.contains_key(&write.number);
        let is_there = self.writes.iter().filter(|write| write.becomes.is_some()).count();
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        count(is_there) - count(self.writes.iter().filter(was_there).count())
    }

    /// Whether a task gets text that is kept.
    pub fn adds_text(&self) -> bool {
        self.writes.iter().any(|write| write.becomes.is_some())
    }
}

/// A task that was changed since, so that taking back what was done before would overwrite that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict<Since = LoggedChange> {
    /// The task that was changed since.
    pub number: TaskNumber,
    /// Its title, as it is now or was last.
    pub title: String,
    /// How it was changed since.
    pub reason: ConflictReason,
    /// The newest change since, when it is on record.
    pub since: Option<Since>,
}

impl<Since> Conflict<Since> {
    /// The conflict with what `find` finds of the change since.
    pub fn with_since<Found>(self, find: impl FnOnce(Since) -> Option<Found>) -> Conflict<Found> {
        let Self { number, title, reason, since } = self;
        Conflict { number, title, reason, since: since.and_then(find) }
    }
}

/// How a task was changed since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConflictReason {
    /// Some of its values were changed.
    Changed,
    /// It was deleted and is gone.
    Deleted,
    /// It was deleted, and came back.
    Restored,
}

impl ConflictReason {
    /// The contract's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Deleted => "deleted",
            Self::Restored => "restored",
        }
    }

    /// Reads the contract's word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Changed, Self::Deleted, Self::Restored].into_iter().find(|reason| reason.as_str() == word)
    }
}

/// The changes that were undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// The changes that did it, in the order of their tasks' numbers.
    pub changes: Vec<LoggedChange>,
    /// The tasks that stay as they are.
    pub left_out: Vec<Conflict>,
}

impl Undone {
    /// The tasks that were changed or came back, as they are now.
    pub fn tasks(&self) -> impl Iterator<Item = &Todo> {
        self.changes.iter().filter_map(|change| change.after.as_ref())
    }
}

/// Why nothing was undone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UndoError<Since = LoggedChange> {
    /// There is no such turn of this user's.
    #[error("There is no such turn.")]
    NoSuchTurn,
    /// There is no such change of this user's.
    #[error("There is no such change.")]
    NoSuchChange,
    /// The turn is still being worked on.
    #[error("This answer is still being given. Stop it first, or wait for it.")]
    StillRunning,
    /// Nothing of it is on record: it changed nothing, or that is longer ago than changes are kept.
    #[error("There is nothing to undo: nothing was changed, or it was more than 30 days ago.")]
    NothingToUndo,
    /// All of it is undone.
    #[error("This was undone already.")]
    AlreadyUndone,
    /// These tasks were changed since.
    #[error("{}", conflict_sentence(.0))]
    Conflict(Vec<Conflict<Since>>),
    /// The account has reached a limit.
    #[error(transparent)]
    Limit(LimitReached),
}

impl<Since> UndoError<Since> {
    /// The refusal with what `with` makes of its conflicts.
    pub fn map<Found>(
        self,
        with: impl FnOnce(Vec<Conflict<Since>>) -> Vec<Conflict<Found>>,
    ) -> UndoError<Found> {
        match self {
            Self::NoSuchTurn => UndoError::NoSuchTurn,
            Self::NoSuchChange => UndoError::NoSuchChange,
            Self::StillRunning => UndoError::StillRunning,
            Self::NothingToUndo => UndoError::NothingToUndo,
            Self::AlreadyUndone => UndoError::AlreadyUndone,
            Self::Conflict(conflicts) => UndoError::Conflict(with(conflicts)),
            Self::Limit(limit) => UndoError::Limit(limit),
        }
    }
}

/// Whether a turn of the user's may be undone: `is_held` says whether a worker has it, and is
/// nothing when there is no such turn.
///
/// # Errors
/// When it may not.
pub fn check_turn(is_held: Option<bool>) -> Result<(), UndoError> {
    match is_held {
        None => Err(UndoError::NoSuchTurn),
        Some(true) => Err(UndoError::StillRunning),
        Some(false) => Ok(()),
    }
}

/// How many tasks a sentence names.
const NAMED: usize = 3;

/// A sentence about tasks that were changed since.
pub fn conflict_sentence<Since>(conflicts: &[Conflict<Since>]) -> String {
    let named = conflicts.iter().take(NAMED).map(|conflict| {
        let what = match conflict.reason {
            ConflictReason::Changed => "was changed",
            ConflictReason::Deleted => "was deleted",
            ConflictReason::Restored => "came back",
        };
        format!("task {} (“{}”) {what} since", conflict.number, conflict.title)
    });
    let named = named.collect::<Vec<_>>().join(", ");
    let more = match conflicts.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    format!("Nothing was undone: {named}{more}.")
}

/// What is meant by a target when these are its changes: the turn or the change itself, whatever is done
/// later.
pub fn resolve_target(target: UndoTarget, changes: &[LoggedChange]) -> UndoTarget {
    match (target, changes.first()) {
        (UndoTarget::Last, Some(LoggedChange { turn: Some(turn), .. })) => UndoTarget::Turn(*turn),
        (UndoTarget::Last, Some(change)) => UndoTarget::Change(change.id),
        (target, _) => target,
    }
}

/// The tasks of these changes, in the order of their numbers.
pub fn task_numbers(changes: &[LoggedChange]) -> Vec<TaskNumber> {
    let numbers: BTreeSet<TaskNumber> = changes.iter().map(|change| change.number).collect();
    numbers.into_iter().collect()
}

#[cfg(test)]
mod tests;
