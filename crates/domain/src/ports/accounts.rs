//! The store of accounts.

use async_trait::async_trait;

use super::StoreError;
use crate::{
    account::{Email, User, UserId, UserName, UserWithPassword},
    account_limits::AccountUsage,
    caller::Caller,
    password::PasswordHash,
    session::NewSession,
    time_zone::{TimeZone, WeekStart},
};

/// Accounts.
#[async_trait]
pub trait AccountStore: Send + Sync {
    /// Creates an account with its first session, or neither; `None` when the address is taken.
    async fn insert(&self, account: &NewAccount, session: &NewSession) -> Result<Option<User>, StoreError>;

    /// Returns the account with this address and its password hash.
    async fn find_by_email(&self, email: &Email) -> Result<Option<UserWithPassword>, StoreError>;

    /// Returns the caller's account.
    async fn find(&self, caller: Caller) -> Result<User, StoreError>;

    /// Returns the caller's account and its password hash.
    async fn find_with_password(&self, caller: Caller) -> Result<UserWithPassword, StoreError>;

    /// Changes the caller's account and returns it. An empty change changes nothing.
    async fn update(&self, caller: Caller, change: &AccountChange) -> Result<User, StoreError>;

    /// Keeps another hash of the password that an account has, while the one that it was `verified` with is
    /// the stored one. No session and no token ends by it.
    async fn replace_password_hash(
        &self,
        user: UserId,
        verified: &PasswordHash,
        rehashed: &PasswordHash,
    ) -> Result<(), StoreError>;

    /// Returns what the caller's account has used of its limits.
    async fn usage(&self, caller: Caller) -> Result<AccountUsage, StoreError>;

    /// Deletes the caller's account and all it owns.
    async fn delete(&self, caller: Caller) -> Result<(), StoreError>;
}

/// An account to be created.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Its id.
    pub id: UserId,
    /// The address to sign in with.
    pub email: Email,
    /// The hash of the password.
    pub password_hash: PasswordHash,
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
