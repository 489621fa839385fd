//! An update of a task: the fields that it changes, and what becomes of the task.

use chrono::{DateTime, Utc};

use crate::todo_outcome::TodoError;
use crate::{
    due::Due,
    natural_language_dates::TimeAlone,
    priority::Priority,
    repeat::{Repeat, RepeatInput},
    tags::Tags,
    text_validation::FieldError,
    time_zone::LocalNow,
    todo::{TaskNumber, Todo, TodoDescription, TodoTitle},
};

/// What an update changes; `None` leaves a field as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TodoPatch {
    /// A new title.
    pub title: Option<TodoTitle>,
    /// A new description, or `Some(None)` to clear it.
    pub description: Option<Option<TodoDescription>>,
    /// `true` completes it, `false` reopens it.
    pub completed: Option<bool>,
    /// When it is due, or `Some(None)` for no more.
    pub due: Option<Option<Due>>,
    /// A new day without a time of day leaves the task the time that it had.
    pub keeps_time: bool,
    /// The time of day, where it was given without a day: a task that has a day keeps it, and `due` is for
    /// one that has none.
    pub time_alone: Option<TimeAlone>,
    /// How important it is.
    pub priority: Option<Priority>,
    /// Labels that replace all that it has.
    pub tags: Option<Tags>,
    /// Labels added to those that it has.
    pub add_tags: Tags,
    /// When it recurs, or `Some(None)` to stop that.
    pub repeat: Option<Option<RequestedRepeat>>,
    /// This time it is passed over: a task that comes back moves to its next date.
    pub skip: bool,
    /// Under which task it stands, or `Some(None)` for none.
    pub parent: Option<Option<TaskNumber>>,
    /// After which task it comes in the order by hand, or `Some(None)` for the top.
    pub after: Option<Option<TaskNumber>>,
    /// Only a task of this revision is changed.
    pub expected_revision: Option<i64>,
}

impl TodoPatch {
    /// Whether the patch would change nothing at all.
    pub fn is_empty(&self) -> bool {
        Self { expected_revision: None, keeps_time: false, ..self.clone() } == Self::default()
    }

    /// Whether the patch may be made twice with the effect of once, by somebody who does not know whether
    /// it was made. Passing over one time of a task, or expecting a revision, is another thing then.
    pub fn is_idempotent(&self) -> bool {
        !self.skip && self.expected_revision.is_none()
    }

    /// Whether what the patch does depends on the task that it changes.
    pub fn needs_task(&self) -> bool {
        self.skip
            || !self.add_tags.is_empty()
            || matches!(self.repeat, Some(Some(_)))
            || matches!(self.due, Some(Some(Due { time: None, .. })) if self.keeps_time)
            || self.time_alone.is_some()
            || self.needs_others()
    }

    /// Whether what the patch does depends on the tasks around the one that it changes.
    pub fn needs_others(&self) -> bool {
        self.after.is_some() || matches!(self.parent, Some(Some(_)))
    }

    /// What the patch does to this task, whose row is locked: which columns change, and whether it is one
    /// time of a repeating task that is done. Where it goes in the order by hand is for the store to find.
    ///
    /// # Errors
    /// When the task does not come back and shall be passed over, or would have too many tags.
    pub fn resolve(&self, todo: &Todo, now: DateTime<Utc>) -> Result<ResolvedPatch, TodoError> {
        let mut tags = self.tags.clone();
        for tag in self.add_tags.as_slice() {
            tags.get_or_insert_with(|| todo.tags.clone()).add(tag)?;
        }
        let mut due = self.due.map(|due| due.map(|due| self.with_what_is_kept(due, todo, now)));
        let repeat = match &self.repeat {
            None if due == Some(None) => Some(None),
            None => None,
            Some(None) => Some(None),
            Some(Some(wanted)) => {
                let (first, repeat) = match (due, todo.due) {
                    (None, Some(own)) => wanted.going_on(own),
                    (due, _) => wanted.starting(due.flatten()),
                };
                due = Some(Some(first));
                Some(Some(repeat))
            }
        };
        let mut completed = self.completed;
        let is_done = completed == Some(true) && !todo.completed;
        let next = match (repeat.unwrap_or(todo.repeat), due.unwrap_or(todo.due)) {
            (Some(repeat), Some(due)) if is_done || self.skip => repeat.next(due, due.zone.today(now)),
            (None, _) if self.skip => return Err(TodoError::NotRepeating(todo.number)),
            _ => None,
        };
        if let Some(next) = next {
            (due, completed) = (Some(Some(next)), None);
        }
        let Self { title, description, priority, parent, .. } = self.clone();
        let position = None;
        let columns =
            ChangedColumns { title, description, completed, due, priority, tags, repeat, parent, position };
        Ok(ResolvedPatch { columns, completes_one_occurrence: is_done && next.is_some() })
    }

    /// The new day with the time of day that the task had, or the new time on the day that it had, where that
    /// is kept. Nobody moves a task into the past: when that time has passed, the next such one is meant.
    fn with_what_is_kept(&self, due: Due, todo: &Todo, now: DateTime<Utc>) -> Due {
        let Some(had) = todo.due else { return due };
        if self.keeps_time && due.time.is_none() && had.time.is_some() {
            return Due { date: due.date, ..had };
        }
        let same_day = self.time_alone.and_then(|time| time.on_day_of(had, due.zone));
        same_day.filter(|same_day| same_day.instant() >= Some(now)).unwrap_or(due)
    }

    /// What the patch does to any task that does not come back.
    ///
    /// Returns nothing when that depends on the task ([`TodoPatch::needs_task`]).
    pub fn columns(&self) -> Option<ChangedColumns> {
        if self.needs_task() {
            return None;
        }
        let Self { title, description, completed, due, priority, tags, parent, .. } = self.clone();
        let repeat = if self.repeat == Some(None) || due == Some(None) { Some(None) } else { None };
        let position = None;
        Some(ChangedColumns { title, description, completed, due, priority, tags, repeat, parent, position })
    }
}

/// How a task shall come back, as somebody has said it: days that are left out are those of its date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestedRepeat {
    repeat: RepeatInput,
    today: Due,
}

impl RequestedRepeat {
    /// Checks what somebody has said; `local` is what their clock shows.
    ///
    /// # Errors
    /// When it is no repeat.
    pub fn parse(text: &str, local: LocalNow) -> Result<Self, FieldError> {
        let today = Due::on(local.today(), local.zone);
        Ok(Self { repeat: RepeatInput::parse(text, today.date)?, today })
    }

    /// The first date and the repeat of a task that is due then, or was not due.
    pub fn starting(&self, due: Option<Due>) -> (Due, Repeat) {
        let from = due.unwrap_or(self.today);
        let repeat = self.repeat.for_due_date(from.date);
        (repeat.first(from), repeat)
    }

    /// The next date and the repeat of a task with a date of its own. Nobody moves a task into the past: when
    /// it must move, then to a day that is not over.
    fn going_on(&self, own: Due) -> (Due, Repeat) {
        let (first, repeat) = self.starting(Some(own));
        let is_over = first != own && first.date < self.today.date;
        let next = self.today.date.pred_opt().filter(|_| is_over).and_then(|day| repeat.next(first, day));
        (next.unwrap_or(first), repeat)
    }
}

/// A patch resolved against the task that it changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedPatch {
    /// The new values.
    pub columns: ChangedColumns,
    /// Whether one time of a repeating task is done, which goes on at its next date.
    pub completes_one_occurrence: bool,
}

/// The columns of a task that change; `None` stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedColumns {
    /// New title.
    pub title: Option<TodoTitle>,
    /// New description; `Some(None)` clears it.
    pub description: Option<Option<TodoDescription>>,
    /// Completed or open.
    pub completed: Option<bool>,
    /// New due date; `Some(None)` clears it.
    pub due: Option<Option<Due>>,
    /// New priority.
    pub priority: Option<Priority>,
    /// All of its new labels.
    pub tags: Option<Tags>,
    /// New recurrence; `Some(None)` stops it.
    pub repeat: Option<Option<Repeat>>,
    /// New parent; `Some(None)` moves it to the top level.
    pub parent: Option<Option<TaskNumber>>,
    /// New sort key of the manual order.
    pub position: Option<i64>,
}

impl ChangedColumns {
    /// Changes a task. The store on Postgres does the same in SQL.
    pub fn apply(self, todo: &mut Todo, now: DateTime<Utc>) {
        let completed = self.completed.unwrap_or(todo.completed);
        todo.completed_at = match (completed, todo.completed) {
            (false, _) => None,
            (true, true) => todo.completed_at,
            (true, false) => Some(now),
        };
        todo.completed = completed;
        todo.title = self.title.unwrap_or_else(|| todo.title.clone());
        todo.description = self.description.unwrap_or_else(|| todo.description.clone());
        todo.due = self.due.unwrap_or(todo.due);
        todo.priority = self.priority.unwrap_or(todo.priority);
        todo.tags = self.tags.unwrap_or_else(|| todo.tags.clone());
        todo.repeat = self.repeat.unwrap_or(todo.repeat);
        todo.parent = self.parent.unwrap_or(todo.parent);
        todo.position = self.position.unwrap_or(todo.position);
        todo.revision += 1;
        todo.updated_at = now;
    }
}
