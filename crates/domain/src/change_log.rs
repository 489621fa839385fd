//! The log of a todo list: every change with the task before and after it.

mod change_description;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use crate::{
    request_channel::ChannelKind,
    time_zone::TimeZone,
    todo::{TaskNumber, Todo},
    turn_and_conversation_ids::{ConversationId, TurnId},
};

/// A change's number in the log. Of two changes of one task the later one has the higher number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ChangeId(pub i64);

impl std::fmt::Display for ChangeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A change as it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedChange {
    /// Its number.
    pub id: ChangeId,
    /// The task.
    pub number: TaskNumber,
    /// The task before it; nothing when it was not there.
    pub before: Option<Todo>,
    /// The task after it; nothing when it was not there any more.
    pub after: Option<Todo>,
    /// The way on which it came.
    pub channel: ChannelKind,
    /// The turn that made it, while its conversation is there.
    pub turn: Option<TurnId>,
    /// The conversation in which it was asked for.
    pub conversation: Option<ConversationId>,
    /// What the token was called with which a program made it or asked for it; `None` when the person did
    /// so themselves.
    pub program: Option<String>,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// The changes of the same task that it took back, oldest first.
    pub undoes: Vec<ChangeId>,
    /// The change that took it back, while that one is not taken back itself.
    pub undone_by: Option<ChangeId>,
}

/// What a change did to its task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It was added.
    Added,
    /// It has other words, another day, and so on.
    Updated,
    /// It was marked as done.
    Completed,
    /// It was marked as open again.
    Reopened,
    /// One time of it was done or passed over, and it goes on at its next date.
    Repeated,
    /// It was deleted.
    Deleted,
    /// It came back after it had been deleted.
    Restored,
}

impl ChangeKind {
    /// The contract's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Updated => "updated",
            Self::Completed => "completed",
            Self::Reopened => "reopened",
            Self::Repeated => "repeated",
            Self::Deleted => "deleted",
            Self::Restored => "restored",
        }
    }
}

impl LoggedChange {
    /// What it did to the task.
    pub fn kind(&self) -> ChangeKind {
        match (&self.before, &self.after) {
            (None, _) if self.undoes.is_empty() => ChangeKind::Added,
            (None, _) => ChangeKind::Restored,
            (Some(_), None) => ChangeKind::Deleted,
            (Some(before), Some(after)) => match (before.completed, after.completed) {
                (false, true) => ChangeKind::Completed,
                (true, false) => ChangeKind::Reopened,
                _ if has_moved_to_next_date(before, after) => ChangeKind::Repeated,
                _ => ChangeKind::Updated,
            },
        }
    }

    /// The task's title: as it was left or, after a delete, as it was.
    pub fn title(&self) -> &str {
        self.after.as_ref().or(self.before.as_ref()).map_or("", |todo| todo.title.as_str())
    }
}

/// Whether a task that repeats has moved to its next date, and nothing else of it is new.
fn has_moved_to_next_date(before: &Todo, after: &Todo) -> bool {
    let next = before.repeat.zip(before.due).and_then(|(repeat, due)| {
        let today = due.zone.today(after.updated_at);
        repeat.next(due, today)
    });
    let moved =
        Todo { due: after.due, revision: after.revision, updated_at: after.updated_at, ..before.clone() };
    next.is_some() && next == after.due && moved == *after
}

/// Which changes a look is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChangeFilter {
    /// Only those of this task.
    pub task: Option<TaskNumber>,
    /// Only those that were made at this time or later.
    pub from: Option<DateTime<Utc>>,
    /// Only those that were made before this time.
    pub until: Option<DateTime<Utc>>,
    /// Only those with a smaller id: the cursor of a page.
    pub before: Option<ChangeId>,
    /// The most to return.
    pub limit: i64,
}

impl ChangeFilter {
    /// Only the changes from the beginning of one day to the end of another one, as a person in this zone
    /// has them.
    #[must_use]
    pub fn on_days(self, first: Option<NaiveDate>, last: Option<NaiveDate>, zone: TimeZone) -> Self {
        let from = first.map(|day| zone.start_of_day(day));
        let until = last.and_then(|day| day.succ_opt()).map(|day| zone.start_of_day(day));
        Self { from, until, ..self }
    }

    /// Whether a change is one of those.
    pub fn matches(&self, change: &LoggedChange) -> bool {
        self.task.is_none_or(|task| change.number == task)
            && self.from.is_none_or(|from| change.at >= from)
            && self.until.is_none_or(|until| change.at < until)
            && self.before.is_none_or(|before| change.id < before)
    }
}

/// A page of changes, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChangePage {
    /// Those of this page.
    pub changes: Vec<LoggedChange>,
    /// Whether older ones follow.
    pub more: bool,
}

#[cfg(test)]
mod tests;
