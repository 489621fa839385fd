//! The tasks of a person as a calendar that other programs read.

use async_trait::async_trait;

use super::StoreError;
use crate::{account::UserId, caller::Caller, session::SecretHash, todo::Todo};

/// The most tasks in a calendar.
pub const MAX_CALENDAR_TASKS: usize = 1_000;

/// The most bytes of titles, descriptions and tags in a calendar.
pub const MAX_CALENDAR_TEXT: usize = 512 * 1024;

/// Calendars that are read without an account: whoever knows a calendar's secret may read it.
#[async_trait]
pub trait CalendarStore: Send + Sync {
    /// Returns what the calendar with this secret shows; `None` when there is none.
    async fn read(&self, secret: &SecretHash) -> Result<Option<CalendarTasks>, StoreError>;

    /// Whether the caller has a calendar.
    async fn is_active(&self, caller: Caller) -> Result<bool, StoreError>;

    /// Gives the caller a calendar with this secret, in place of the one they had.
    async fn activate(&self, caller: Caller, secret: &SecretHash) -> Result<(), StoreError>;

    /// Takes the caller's calendar away. Having none is no error.
    async fn deactivate(&self, caller: Caller) -> Result<(), StoreError>;
}

/// What a calendar shows.
#[derive(Debug, Clone, PartialEq)]
pub struct CalendarTasks {
    /// Whose it is.
    pub user: UserId,
    /// The person's open tasks with a due day, within [`MAX_CALENDAR_TASKS`] and [`MAX_CALENDAR_TEXT`]:
    /// those due from yesterday (UTC) on, the soonest first, then the overdue ones, the latest day first.
    pub todos: Vec<Todo>,
}
