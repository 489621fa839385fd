//! The caller of a request: the user, and the session or token that gives them the right to ask.

use uuid::Uuid;

use crate::{
    access_token::{AccessTokenId, Scope, Scopes},
    account::UserId,
    session::SessionId,
};

/// Who is asking, as a verified token says.
///
/// Every store checks `token_version` and `grant` in the same round trip that does the work, so that
/// deleting an account, changing its password, signing out or revoking a token bites at once on every
/// replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// The token's subject.
    pub user: UserId,
    /// The version of the user's tokens at the time this one was issued.
    pub token_version: i32,
    /// What the token stands for, and ends with. Those from before there were sessions name nothing.
    pub grant: Option<Grant>,
}

/// What gives a caller the right to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant {
    /// They signed in: this session must still be open.
    Session(SessionId),
    /// A program has this personal access token, for these scopes: it must not be revoked or expired.
    AccessToken(AccessTokenId, Scopes),
}

impl Grant {
    /// The id of the session or of the access token. All are UUIDv7, so none is both.
    pub fn id(self) -> Uuid {
        match self {
            Self::Session(SessionId(id)) | Self::AccessToken(AccessTokenId(id), _) => id,
        }
    }
}

impl Caller {
    /// Whether it is a program, with an access token of its own.
    pub fn is_program(&self) -> bool {
        matches!(self.grant, Some(Grant::AccessToken(..)))
    }

    /// Whether the caller may do what this scope is about. Who signed in may do everything.
    pub fn may(&self, scope: Scope) -> bool {
        match self.grant {
            Some(Grant::AccessToken(_, scopes)) => scopes.contains(scope),
            Some(Grant::Session(_)) | None => true,
        }
    }
}
