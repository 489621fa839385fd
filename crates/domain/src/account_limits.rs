//! Limits per account, so that none uses up the model's quota or fills the database.

use std::time::Duration;

/// The time in which the turns of an account are counted.
pub const TURN_WINDOW: Duration = Duration::from_secs(5 * 60);
/// How long changes of a list are kept: what undo and a history of activity need.
pub const CHANGE_RETENTION: Duration = Duration::from_secs(30 * 24 * 3600);

/// The bytes of a mebibyte.
pub const MIB: i64 = 1024 * 1024;

/// What one account may do and keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Turns that run at the same time.
    pub turns_at_once: i32,
    /// Turns that are begun in a [`TURN_WINDOW`].
    pub turns_in_window: i32,
    /// Tokens that its turns use on a day (UTC); 0 for as many as it likes.
    pub tokens_a_day: i64,
    /// Changes of its list in a minute; 0 for as many as it likes.
    pub changes_a_minute: i32,
    /// Tasks.
    pub tasks: i64,
    /// Conversations.
    pub conversations: i64,
    /// Records of changes that are kept, within [`CHANGE_RETENTION`].
    pub changes_kept: i64,
    /// Bytes of all that is kept: tasks, messages, records of changes; 0 for as many as it likes.
    pub stored_bytes: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            turns_at_once: 2,
            turns_in_window: 20,
            tokens_a_day: 0,
            changes_a_minute: 120,
            tasks: 20_000,
            conversations: 5_000,
            changes_kept: 5_000,
            stored_bytes: 64 * MIB,
        }
    }
}

/// A limit that an account has reached. As a sentence for the person, or for the model that tells them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LimitReached {
    /// So many turns run already.
    #[error("The assistant is answering {0} messages of yours already. Wait for one of the answers.")]
    TurnsAtOnce(i32),
    /// So many turns were begun in the window.
    #[error("You have sent {most} messages within five minutes. Please take a short break.")]
    TurnsInWindow {
        /// The limit.
        most: i32,
        /// When the window is over.
        retry_after: Duration,
    },
    /// The day's tokens are used up.
    #[error(
        "Today's budget for the assistant is used up. It goes on tomorrow; the list itself works as ever."
    )]
    TokensToday {
        /// When the day is over.
        retry_after: Duration,
    },
    /// So many changes were made in a minute.
    #[error("You have made {0} changes within a minute. Please wait a moment.")]
    ChangesInMinute(i32),
    /// The list is full.
    #[error("The list is full: it has {0} tasks. Delete some that are done.")]
    Tasks(i64),
    /// There are too many conversations.
    #[error("There are {0} conversations already. Delete some that you do not need.")]
    Conversations(i64),
    /// There are too many personal access tokens.
    #[error("There are {0} access tokens already. Revoke some that are not in use.")]
    AccessTokens(i64),
    /// What is kept takes this many bytes or more.
    #[error(
        "There is no more room: tasks and conversations of one account may take {} MiB. Delete some that you do not need.",
        .0 / MIB
    )]
    StoredBytes(i64),
}

impl LimitReached {
    /// After how long the same works again; `None` when something has to be deleted first.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TurnsAtOnce(_) => Some(Duration::from_secs(5)),
            Self::ChangesInMinute(_) => Some(Duration::from_secs(30)),
            Self::TurnsInWindow { retry_after, .. } | Self::TokensToday { retry_after } => Some(*retry_after),
            Self::Tasks(_) | Self::Conversations(_) | Self::AccessTokens(_) | Self::StoredBytes(_) => None,
        }
    }

    /// The contract's code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TurnsAtOnce(_) => "too_many_turns_at_once",
            Self::TurnsInWindow { .. } => "too_many_turns",
            Self::TokensToday { .. } => "token_budget_used_up",
            Self::ChangesInMinute(_) => "too_many_changes",
            Self::Tasks(_) => "task_quota_reached",
            Self::Conversations(_) => "conversation_quota_reached",
            Self::AccessTokens(_) => "token_quota_reached",
            Self::StoredBytes(_) => "storage_quota_reached",
        }
    }
}

/// What an account has used of its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AccountUsage {
    /// Turns that run now.
    pub turns_at_once: i64,
    /// Turns that were begun in the window that runs now.
    pub turns_in_window: i64,
    /// Tokens that were used today.
    pub tokens_today: i64,
    /// Changes of the list in the last minute.
    pub changes_in_minute: i64,
    /// Tasks.
    pub tasks: i64,
    /// Conversations.
    pub conversations: i64,
    /// Bytes of what is kept: tasks, messages, records of changes.
    pub stored_bytes: i64,
}
