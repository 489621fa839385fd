//! What the domain needs of the outside, as contracts.
//!
//! A store's method is one transaction. Not found is `None`; a failure is a [`StoreError`]. Every
//! method that takes a [`Caller`] returns [`StoreError::UnknownCaller`] when the account is gone or
//! its tokens were revoked, and does nothing then.

mod access_tokens;
mod account_archive;
mod accounts;
mod approval;
mod calendar;
mod change_log;
mod interrupt;
mod linked_identity;
mod mail;
mod mcp_calls;
mod model;
mod oauth;
mod one_time_tokens;
mod password_hasher;
mod sessions;
mod title_and_summary;
mod turn_listener;
mod turns;
mod undo;

use std::time::Instant;

use async_trait::async_trait;
use uuid::Uuid;

use crate::{
    account_limits::LimitReached,
    caller::Caller,
    conversation::{ConversationSummary, ConversationTitle, ConversationView},
    id::{ConversationId, TurnId},
    request_channel::Channel,
    todo::{TaskNumber, Todo},
    todo_command::{NewTodo, TodoChange},
    todo_filter::{TodoFilter, TodoPage},
    todo_outcome::{Effect, TodoError},
    turn::RequestKey,
};

pub use access_tokens::AccessTokenStore;
pub use account_archive::AccountArchives;
pub use accounts::{AccountChange, AccountStore, NewAccount};
pub use approval::ApprovalStore;
pub use calendar::{CalendarStore, CalendarTasks, MAX_CALENDAR_TASKS, MAX_CALENDAR_TEXT};
pub use change_log::ChangeLog;
pub use interrupt::{Interrupt, Interruption};
pub use linked_identity::{
    IdentityProvider, IdentityStore, PendingSignIn, ProviderError, SignInOutcome, Unlinking,
};
pub use mail::{MailError, Mailer};
pub use mcp_calls::McpCallStore;
pub use model::{
    LanguageModel, ModelError, ModelFinish, ModelReply, ModelRequest, RequestedCall, TextSink, ToolUse,
};
pub use oauth::{ClientDocuments, DocumentError, OAuthStore};
pub use one_time_tokens::OneTimeTokenStore;
pub use password_hasher::{HasherError, PasswordHasher};
pub use sessions::SessionStore;
pub use title_and_summary::{Summary, SummaryStore, Unsummarized};
pub use turn_listener::{TurnEvent, TurnListener};
pub use turns::{Cost, LeaseError, Regeneration, Release, Renewed, TurnLeases, TurnReader, TurnStore};
pub use undo::UndoStore;

/// Why a store could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store cannot be reached or is too busy; nothing was done.
    #[error("the database is unavailable")]
    Unavailable(#[source] Source),
    /// The connection broke while a change was being committed: it may have been done or not.
    #[error("whether the change was made is unknown")]
    OutcomeUnknown(#[source] Source),
    /// The account has reached a limit; nothing was done.
    #[error(transparent)]
    Limit(LimitReached),
    /// What is stored, or what was asked, breaks a rule of ours: a bug.
    #[error("{what}")]
    Inconsistent {
        /// What is wrong.
        what: &'static str,
        /// What the driver said.
        #[source]
        source: Option<Source>,
    },
    /// The account is gone, or this token was revoked.
    #[error("the caller's token is no longer good")]
    UnknownCaller,
}

/// The error below an error.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// Todo lists: the one door.
#[async_trait]
pub trait TodoStore: Send + Sync {
    /// Returns one task of the caller's.
    async fn find(&self, caller: Caller, number: TaskNumber) -> Result<Option<Todo>, StoreError>;

    /// Returns a page of the caller's tasks.
    async fn list(&self, caller: Caller, filter: &TodoFilter) -> Result<TodoPage, StoreError>;

    /// Changes the caller's list.
    async fn change(
        &self,
        caller: Caller,
        channel: Channel,
        change: &TodoChange,
    ) -> Result<Result<Effect, TodoError>, StoreError>;

    /// Adds a task to the caller's list, at most once under `key`: a second time under the same key
    /// the task as it was added is returned as [`IdempotentOutcome::Replayed`]. One that is refused uses no key.
    async fn add_once(
        &self,
        caller: Caller,
        key: &RequestKey,
        new: &NewTodo,
    ) -> Result<Result<IdempotentOutcome<Todo>, TodoError>, StoreError>;

    /// Makes several changes, one after the other, in one transaction. Each has an outcome of its own: the
    /// task as it is then or, after a delete, as it was; one that is refused stands in no other's way. Under
    /// a key it is done at most once: a second time what came of it then is returned as
    /// [`IdempotentOutcome::Replayed`].
    async fn change_all(
        &self,
        caller: Caller,
        key: Option<&RequestKey>,
        changes: &[TodoChange],
    ) -> Result<IdempotentOutcome<Outcomes>, StoreError>;
}

/// What became of each of several changes, in their order.
pub type Outcomes = Vec<Result<Todo, TodoError>>;

/// What came of a request with an idempotency key.
#[derive(Debug, Clone, PartialEq)]
pub enum IdempotentOutcome<T> {
    /// It was done now.
    Fresh(T),
    /// It had been done before; this is what came of it then.
    Replayed(T),
    /// The key was used for another request.
    KeyReused,
}

/// What an idempotency key was used for before a request came with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyUse<T> {
    /// For nothing.
    Nothing,
    /// For this very request, of which this is on record.
    ThisRequest(T),
    /// For something else.
    SomethingElse,
}

impl<T> KeyUse<T> {
    /// Decides it by what is `found` on record under the key of requests of this kind, each with the hash of what
    /// was asked; `is_used` says whether there is anything under the key at all.
    pub fn new(key: &RequestKey, found: Option<T>, hash: impl FnOnce(&T) -> &[u8], is_used: bool) -> Self {
        match found {
            Some(found) if hash(&found) == key.body_hash => Self::ThisRequest(found),
            Some(_) => Self::SomethingElse,
            None if is_used => Self::SomethingElse,
            None => Self::Nothing,
        }
    }

    /// The same with another form of what is on record.
    pub fn map<Other>(self, form: impl FnOnce(T) -> Other) -> KeyUse<Other> {
        match self {
            Self::Nothing => KeyUse::Nothing,
            Self::ThisRequest(found) => KeyUse::ThisRequest(form(found)),
            Self::SomethingElse => KeyUse::SomethingElse,
        }
    }
}

/// Conversations as a person sees them.
#[async_trait]
pub trait ConversationStore: Send + Sync {
    /// Lists conversations, the one with the newest activity first, and counts all that match.
    async fn list(
        &self,
        caller: Caller,
        page: &ConversationPage,
    ) -> Result<(Vec<ConversationSummary>, i64), StoreError>;

    /// Returns a conversation with its newest turns, or with those before a turn.
    async fn find(
        &self,
        caller: Caller,
        id: ConversationId,
        page: TurnPage,
    ) -> Result<Option<ConversationView>, StoreError>;

    /// Returns a conversation with just this turn, or with none when it is not in it.
    async fn find_turn(
        &self,
        caller: Caller,
        id: ConversationId,
        turn: TurnId,
    ) -> Result<Option<ConversationView>, StoreError>;

    /// Gives a conversation another title.
    async fn rename(
        &self,
        caller: Caller,
        id: ConversationId,
        title: &ConversationTitle,
    ) -> Result<Option<ConversationSummary>, StoreError>;

    /// Deletes a conversation with its messages and returns whether there was one. Tasks stay.
    async fn delete(&self, caller: Caller, id: ConversationId) -> Result<bool, StoreError>;
}

/// A page of a list of conversations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationPage {
    /// The most to return.
    pub limit: i64,
    /// How many to pass over.
    pub offset: i64,
    /// A literal substring of the title, in any case, or words of a message: each the beginning of one.
    pub search: Option<String>,
}

/// A page of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TurnPage {
    /// The most turns to return.
    pub limit: i64,
    /// Only turns before this one.
    pub before: Option<TurnId>,
}

/// The clock: the time of day, and a monotonic one for time-outs.
pub trait Clock: Send + Sync {
    /// The date and time, for people.
    fn now(&self) -> chrono::DateTime<chrono::Utc>;
    /// The monotonic time, for deadlines.
    fn instant(&self) -> Instant;
}

/// New ids.
pub trait IdGenerator: Send + Sync {
    /// Returns a UUIDv7 (RFC 9562) that nobody has.
    fn next(&self) -> Uuid;
}
