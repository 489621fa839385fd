//! The store of sessions.

use async_trait::async_trait;

use super::StoreError;
use crate::{
    account::User,
    caller::Caller,
    password::PasswordHash,
    session::{NewSession, Rotation, Session, SessionId},
};

/// Sessions, and what ends them all at once.
#[async_trait]
pub trait SessionStore: Send + Sync {
    /// Opens a session for a user who has just proved who they are; forgets their expired ones, and of
    /// [`MAX_SESSIONS`](crate::session::MAX_SESSIONS) the one that was not used for longest. Returns whether
    /// it did: not when what they proved is no longer so, because the account is gone or its tokens are of
    /// another version than `user` has.
    async fn open(&self, user: &User, session: &NewSession) -> Result<bool, StoreError>;

    /// Rotates a session's token and returns its user, as they are now. `None` when there is no
    /// such session, it has expired, or the token was used before: then the session is over.
    async fn rotate(&self, rotation: &Rotation) -> Result<Option<User>, StoreError>;

    /// Ends one session, whichever of its tokens is presented. An older one than the newest would end it at
    /// [`rotate`](Self::rotate) too.
    async fn close(&self, session: SessionId) -> Result<(), StoreError>;

    /// Returns the caller's sessions that have not expired, most recently used first.
    async fn list(&self, caller: Caller) -> Result<Vec<Session>, StoreError>;

    /// Ends this session of the caller's, and returns whether there was one.
    async fn end(&self, caller: Caller, session: SessionId) -> Result<bool, StoreError>;

    /// Ends all of the caller's sessions and access tokens, personal ones included.
    async fn close_all(&self, caller: Caller) -> Result<(), StoreError>;

    /// Sets another password, which ends all of the caller's sessions and access tokens, personal ones
    /// included, and opens this session, or does nothing at all. Returns the user as they are then.
    async fn change_password(
        &self,
        caller: Caller,
        password_hash: &PasswordHash,
        session: &NewSession,
    ) -> Result<User, StoreError>;
}
