//! What the domain needs of the outside, as contracts.
//!
//! A store's method is one transaction. Not found is `None`; a failure is a [`StoreError`]. Every
//! method that takes a [`Caller`] returns [`StoreError::UnknownCaller`] when the account is gone or
//! its tokens were revoked, and does nothing then.

mod approval;
mod calendar;
mod model;
mod summary;
mod turn_listener;
mod undo;

use std::time::Instant;

use async_trait::async_trait;
use uuid::Uuid;

use crate::{
    account::{Caller, Email, NewPassword, User, UserId, UserName},
    client_address::ClientAddress,
    command::{Channel, Effect, NewTodo, TodoChange, TodoError, TodoFilter, TodoPage},
    conversation::{ConversationSummary, ConversationTitle, ConversationView},
    id::{ConversationId, TurnId},
    limits::{AccountUsage, LimitReached},
    message::ExecutedCall,
    session::{Rotation, SecretHash, SessionId},
    step::PlannedStep,
    time_zone::{TimeZone, WeekStart},
    todo::{TaskNumber, Todo},
    turn::{
        BeginOutcome, FailureKind, FinalMessage, Lease, NewTurn, RequestKey, TurnAnswer, TurnFailure,
        TurnStatus, Usage,
    },
    undo::Replaced,
};

pub use approval::ApprovalStore;
pub use calendar::{CalendarStore, CalendarTasks, MOST_CALENDAR_TASKS, MOST_CALENDAR_TEXT};
pub use model::{
    LanguageModel, ModelError, ModelFinish, ModelReply, ModelRequest, RequestedCall, TextSink, ToolUse,
};
pub use summary::{Summary, SummaryStore, Unsummarized};
pub use turn_listener::{Interrupt, Interruption, TurnEvent, TurnListener};
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
    /// the task as it was added is returned as [`Keyed::Replayed`]. One that is refused uses no key.
    async fn add_once(
        &self,
        caller: Caller,
        key: &RequestKey,
        new: &NewTodo,
    ) -> Result<Result<Keyed<Todo>, TodoError>, StoreError>;

    /// Makes several changes, one after the other, in one transaction. Each has an outcome of its own: the
    /// task as it is then or, after a delete, as it was; one that is refused stands in no other's way. Under
    /// a key it is done at most once: a second time what came of it then is returned as
    /// [`Keyed::Replayed`].
    async fn change_all(
        &self,
        caller: Caller,
        key: Option<&RequestKey>,
        changes: &[TodoChange],
    ) -> Result<Keyed<Outcomes>, StoreError>;
}

/// What became of each of several changes, in their order.
pub type Outcomes = Vec<Result<Todo, TodoError>>;

/// What came of a request with an idempotency key.
#[derive(Debug, Clone, PartialEq)]
pub enum Keyed<T> {
    /// It was done now.
    Fresh(T),
    /// It had been done before; this is what came of it then.
    Replayed(T),
    /// The key was used for another request.
    KeyReused,
}

/// Turns on their way: what only their worker may do. Every method checks the lease's fence.
#[async_trait]
pub trait TurnStore: Send + Sync {
    /// Begins a turn, finds it under its key, or takes it over when its lease ran out.
    async fn begin(&self, turn: &NewTurn) -> Result<BeginOutcome, StoreError>;

    /// Reopens the newest turn of a conversation for another answer, perhaps of another model: its
    /// final message is taken back, and what it did, as far as that is asked for. Of that a step of the
    /// turn is left, so that the model knows. A turn whose worker died is closed first; one that had
    /// done nothing is then gone. When the turn is not the newest, nothing is reopened.
    async fn regenerate(&self, caller: Caller, wanted: &Regeneration<'_>)
    -> Result<BeginOutcome, StoreError>;

    /// Commits step number `number` whole: the model's message, every effect, every result. Asked
    /// a second time for the same step, it returns the results of the first.
    async fn commit_step(
        &self,
        lease: &Lease,
        number: i32,
        step: &PlannedStep,
    ) -> Result<Vec<ExecutedCall>, LeaseError>;

    /// Commits the final message and ends the turn. Asked a second time, it returns the same.
    async fn finish(
        &self,
        lease: &Lease,
        final_message: &FinalMessage,
        cost: &Cost,
    ) -> Result<TurnAnswer, LeaseError>;

    /// Ends a turn that cannot go on. With a step committed since it began or was reopened, a final
    /// message says what was done. Without one it is as if the turn had not begun or had not been
    /// reopened. Returns the failure that is on record then, if there is one.
    /// The tokens that its model calls have used are counted in either case.
    async fn fail(
        &self,
        lease: &Lease,
        kind: FailureKind,
        usage: Usage,
    ) -> Result<Option<TurnFailure>, LeaseError>;
}

/// A request for another answer.
#[derive(Debug, Clone, Copy)]
pub struct Regeneration<'a> {
    /// Where.
    pub conversation: ConversationId,
    /// The turn whose answer is replaced.
    pub turn: TurnId,
    /// Another model.
    pub model: Option<&'a str>,
    /// What becomes of what the answer did.
    pub replaced: Replaced,
}

impl<'a> Regeneration<'a> {
    /// Another answer, perhaps of another model; what the first one did stays done.
    pub fn keeping(conversation: ConversationId, turn: TurnId, model: Option<&'a str>) -> Self {
        Self { conversation, turn, model, replaced: Replaced::Stays }
    }
}

/// What a turn's model calls cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cost {
    /// The model.
    pub model: String,
    /// Its tokens.
    pub usage: Usage,
}

/// Why a worker's commit was refused.
#[derive(Debug, thiserror::Error)]
pub enum LeaseError {
    /// Somebody else took the turn over, or it is gone with its conversation or its user.
    #[error("the turn was taken over")]
    Superseded,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Turns as everybody but their worker sees them.
#[async_trait]
pub trait TurnReader: Send + Sync {
    /// Returns how a turn of the caller's stands.
    async fn find(&self, caller: Caller, turn: TurnId) -> Result<Option<TurnStatus>, StoreError>;

    /// Asks whoever works on the conversation's running turn to stop; returns that turn.
    async fn request_stop(
        &self,
        caller: Caller,
        conversation: ConversationId,
    ) -> Result<Option<TurnId>, StoreError>;
}

/// The leases of running turns.
#[async_trait]
pub trait TurnLeases: Send + Sync {
    /// Extends these leases and tells of each what its worker must know. One that is missing in
    /// the answer was lost.
    async fn renew(&self, leases: &[Lease]) -> Result<Vec<Renewed>, StoreError>;

    /// Gives a lease back, so that somebody else may go on at once. A second time, or when it ran
    /// out or was lost, nothing happens.
    async fn release(&self, lease: &Lease, why: Release) -> Result<(), StoreError>;
}

/// Why a lease is given back before its turn has an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// The process is ending. That says nothing about the turn: it does not count as an attempt.
    HandedOver,
    /// The worker could not go on.
    GivenUp,
}

/// A lease that was extended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Renewed {
    /// The turn.
    pub turn: TurnId,
    /// Whether the person asked for it to stop.
    pub stop_requested: bool,
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

/// Accounts.
#[async_trait]
pub trait AccountStore: Send + Sync {
    /// Creates an account; `None` when the address is taken.
    async fn insert(&self, account: &NewAccount) -> Result<Option<User>, StoreError>;

    /// Returns the account with this address and its password hash.
    async fn find_by_email(&self, email: &Email) -> Result<Option<(User, String)>, StoreError>;

    /// Returns the caller's account and its password hash.
    async fn find(&self, caller: Caller) -> Result<(User, String), StoreError>;

    /// Changes the caller's account and returns it. An empty change changes nothing.
    async fn update(&self, caller: Caller, change: &AccountChange) -> Result<User, StoreError>;

    /// Returns what the caller's account has used of its limits.
    async fn usage(&self, caller: Caller) -> Result<AccountUsage, StoreError>;

    /// Deletes the caller's account and all it owns.
    async fn delete(&self, caller: Caller) -> Result<(), StoreError>;
}

/// Sessions, and what ends them all at once.
#[async_trait]
pub trait SessionStore: Send + Sync {
    /// Opens a session for a user who has just proved who they are; forgets their expired ones, and of
    /// [`MAX_SESSIONS`](crate::session::MAX_SESSIONS) the one that was not used for longest.
    async fn open(&self, user: UserId, session: SessionId, secret: &SecretHash) -> Result<(), StoreError>;

    /// Rotates a session's token and returns its user, as they are now. `None` when there is no
    /// such session, it has expired, or the token was used before: then the session is over.
    async fn rotate(&self, rotation: &Rotation) -> Result<Option<User>, StoreError>;

    /// Ends one session, if `presented` is or was lately its token.
    async fn close(&self, rotation: &Rotation) -> Result<(), StoreError>;

    /// Ends all of the caller's sessions and access tokens.
    async fn close_all(&self, caller: Caller) -> Result<(), StoreError>;

    /// Sets another password, which ends all of the caller's sessions and access tokens, and
    /// returns the user as they are then.
    async fn change_password(&self, caller: Caller, password_hash: &str) -> Result<User, StoreError>;
}

/// An account to be created.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Its id.
    pub id: UserId,
    /// The address to sign in with.
    pub email: Email,
    /// The hash of the password, in PHC form.
    pub password_hash: String,
    /// What the person likes to be called.
    pub name: Option<UserName>,
    /// Where they are.
    pub time_zone: TimeZone,
}

/// What a person changes of their account; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountChange {
    /// Another name, or `Some(None)` for none.
    pub name: Option<Option<UserName>>,
    /// Another time zone.
    pub time_zone: Option<TimeZone>,
    /// Another first day of the week.
    pub week_start: Option<WeekStart>,
}

/// Passwords: hashed slowly, on a pool of their own, in which sources take turns.
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// Hashes a password into PHC form.
    async fn hash(&self, password: NewPassword, source: ClientAddress) -> Result<String, HasherError>;

    /// Whether `candidate` is the password of `hash`. Without a hash the same time is spent and
    /// the answer is no, so that nobody can tell which addresses have an account.
    async fn verify(
        &self,
        candidate: String,
        hash: Option<String>,
        source: ClientAddress,
    ) -> Result<bool, HasherError>;
}

/// Why a password could not be hashed.
#[derive(Debug, thiserror::Error)]
pub enum HasherError {
    /// Too many are waiting.
    #[error("too many passwords are waiting to be hashed")]
    Busy,
    /// The hash in the store cannot be read, or the hasher failed: a bug.
    #[error("the password hasher failed")]
    Broken(#[source] Source),
}

/// Time.
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
