//! Stores of accounts and sessions, and the hasher of passwords.

use async_trait::async_trait;

use super::{Source, StoreError};
use crate::{
    account::{Caller, Email, NewPassword, User, UserId, UserName},
    account_limits::AccountUsage,
    client_address::ClientAddress,
    session::{NewSession, Rotation, Session, SessionId},
    time_zone::{TimeZone, WeekStart},
};

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
    async fn open(&self, user: UserId, session: &NewSession) -> Result<(), StoreError>;

    /// Rotates a session's token and returns its user, as they are now. `None` when there is no
    /// such session, it has expired, or the token was used before: then the session is over.
    async fn rotate(&self, rotation: &Rotation) -> Result<Option<User>, StoreError>;

    /// Ends one session, if `presented` is or was lately its token.
    async fn close(&self, rotation: &Rotation) -> Result<(), StoreError>;

    /// Returns the caller's sessions that have not expired, the one that was used last first.
    async fn list(&self, caller: Caller) -> Result<Vec<Session>, StoreError>;

    /// Ends this session of the caller's, and returns whether there was one.
    async fn end(&self, caller: Caller, session: SessionId) -> Result<bool, StoreError>;

    /// Ends all of the caller's sessions and access tokens, personal ones included.
    async fn close_all(&self, caller: Caller) -> Result<(), StoreError>;

    /// Sets another password, which ends all of the caller's sessions and access tokens, personal ones
    /// included, and returns the user as they are then.
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
