//! Errors of requests, and the status that each is answered with.
//!
//! Handlers return [`ApiError`]; `render_errors` is the one place that writes it as the body of a 4xx or
//! 5xx, so that every such body has the same members and a request id. The bodies that another
//! protocol prescribes, those of OAuth's endpoints and of `/mcp`, are left as they are: their answers carry
//! `OwnErrorBody`.

mod convert;
mod problem_json;
mod status_mapping;

use std::time::Duration;

use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE},
    },
};
use domain::{
    access_token::Scope,
    account_limits::LimitReached,
    approval::ApprovalError,
    ports::Source,
    todo::Todo,
    turn::{FailureKind, TurnFailure},
    undo::Conflict as UndoConflict,
};
use turn_service::TurnProgress;

pub use problem_json::{InvalidField, PROBLEM_JSON, Problem, problem_body};
use status_mapping::ErrorResponse;

use crate::replayed_header::IDEMPOTENCY_REPLAYED;

/// A failed request.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The body is not JSON, not UTF-8 or too deep, or the request cannot be read otherwise.
    #[error("the request cannot be read: {0}")]
    MalformedRequest(&'static str),
    /// There is no access token.
    #[error("no access token")]
    NoToken,
    /// The access token is malformed, forged, expired or revoked.
    #[error("the access token is not good")]
    InvalidToken,
    /// The refresh token is no good, or no longer.
    #[error("the refresh token is not good")]
    InvalidRefreshToken,
    /// The link was used, is too old, or never was.
    #[error("the link is not good")]
    InvalidLink,
    /// A program's authorization request is such that the person is not asked for consent.
    #[error("the authorization request is not valid: {0:?}")]
    Authorization(AuthorizationFault),
    /// A sign-in with a provider did not come to its end.
    #[error("no sign-in with a provider: {error:?}")]
    Provider {
        /// Why.
        error: ProviderSignInError,
        /// What is wrong with the provider's answer, for the log.
        #[source]
        source: Option<Source>,
    },
    /// The account has no password to be asked for, and its owner signed in too long ago.
    #[error("the sign-in is not recent enough")]
    ReauthenticationRequired,
    /// The email is unknown or the password is not its.
    #[error("wrong email or password")]
    WrongCredentials,
    /// The path names another user.
    #[error("the path is another user's")]
    Forbidden,
    /// The request is meant for a host name that is none of ours, or comes from a page that may not ask.
    #[error("the {0:?} header is not allowed")]
    HostOrOriginNotAllowed(DisallowedHeader),
    /// A program's access token does not reach as far as this.
    #[error("the access token lacks a scope")]
    InsufficientScope {
        /// What it lacks; nothing when no access token of a program's is good for it.
        needed: Option<Scope>,
    },
    /// Nothing of this kind is there for this user.
    #[error("no such {0:?}")]
    NotFound(Resource),
    /// The route has other methods.
    #[error("method not allowed")]
    MethodNotAllowed,
    /// The client accepts nothing that we can answer with.
    #[error("not acceptable")]
    NotAcceptable,
    /// The request did not arrive in time.
    #[error("the request took too long to arrive")]
    RequestTimeout,
    /// The request conflicts with the current state.
    #[error("conflict: {0:?}")]
    Conflict(Conflict),
    /// The body is larger than the route takes.
    #[error("the body is too large")]
    PayloadTooLarge,
    /// The body is not plain `application/json`.
    #[error("the body is not plain JSON")]
    UnsupportedMediaType,
    /// The JSON is fine but breaks rules.
    #[error("a rule is broken")]
    Invalid(Vec<InvalidField>),
    /// The task was changed since the client has read it: this is how it is now.
    #[error("the task was changed meanwhile")]
    TaskChanged(Box<Todo>),
    /// These tasks were changed since what was to be undone.
    #[error("tasks were changed since")]
    UndoConflict(Vec<UndoConflict>),
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The account has reached a limit.
    #[error("a limit is reached")]
    Limit(LimitReached),
    /// Too many attempts, of one source or of all.
    #[error("too many attempts")]
    TooManyAttempts {
        /// When to come again.
        retry_after: Duration,
    },
    /// The model failed; with what the turn had done by then, if it had taken effect.
    #[error("the model failed")]
    Model {
        /// What went wrong.
        kind: FailureKind,
        /// When the model wants to be asked again.
        retry_after: Option<Duration>,
        /// What the turn had done.
        failure: Option<Box<TurnFailure>>,
        /// Whether that was answered before, to a request with the same key.
        is_replayed: bool,
        /// What is wrong, for the log.
        #[source]
        source: Option<Source>,
    },
    /// A turn broke off that had steps behind it, and nobody works on it for now.
    #[error("a turn broke off")]
    TurnInterrupted {
        /// Why.
        #[source]
        error: Box<ApiError>,
        /// What it had done.
        progress: Box<TurnProgress>,
    },
    /// A turn takes longer than a request waits, and goes on.
    #[error("a turn takes longer than a request waits")]
    StillRunning(Box<TurnProgress>),
    /// Something that we need is not there or has too much to do.
    #[error("unavailable: {what:?}")]
    Unavailable {
        /// What is not available.
        what: UnavailableCause,
        /// What is wrong with it, for the log.
        #[source]
        source: Option<Source>,
    },
    /// A bug of ours.
    #[error("{what}")]
    Internal {
        /// What happened, for the log.
        what: &'static str,
        /// What was below it, for the log.
        #[source]
        source: Option<Source>,
    },
}

/// The header for which a program's request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisallowedHeader {
    /// `Host` has a name that this server does not accept.
    Host,
    /// `Origin` is a page that may not ask.
    Origin,
}

/// Why a person is not asked for consent to a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthorizationFault {
    /// There is no such program, or no longer.
    UnknownClient,
    /// The program's metadata document cannot be loaded, or cannot be used.
    NoDocument,
    /// The address to which people are to be sent back is not the program's.
    ForeignRedirect,
    /// Something else is wrong with the request.
    Broken(&'static str),
}

/// Why a sign-in with a provider comes to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderSignInError {
    /// The state is not one of ours, was used already, or is too old; or the provider refuses the code.
    Stale,
    /// The provider has not verified the person's address.
    Unverified,
    /// Another account has the address and has not confirmed it.
    AddressTaken,
    /// The provider's answer is of no use: it does not know us, or makes no sense.
    BadAnswer,
}

/// What was not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// No route has this path.
    Route,
    /// No task of the caller's has this number.
    Task,
    /// No conversation of the caller's has this id.
    Conversation,
    /// No turn of the conversation has this id.
    Turn,
    /// No change in the caller's log has this id.
    Change,
    /// No approval of the caller's has this id.
    Approval,
    /// No access token of the caller's has this id.
    AccessToken,
    /// No session of the caller's has this id.
    Session,
    /// The caller has no account of this provider linked.
    Identity,
    /// The caller has granted nothing under this id.
    Grant,
}

/// What a request ran into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conflict {
    /// The email has an account.
    EmailTaken,
    /// A turn of this conversation is running.
    TurnRunning,
    /// The first request with the same idempotency key is still running.
    SameKeyRunning,
    /// The conversation has no answer that another one could replace.
    NothingToRegenerate,
    /// What is to be undone changed nothing, or it is too long ago.
    NothingToUndo,
    /// What is to be undone is undone already.
    AlreadyUndone,
    /// Nothing else would let the person sign in.
    LastWayIn,
    /// The account has something in it, or had.
    AccountNotEmpty,
    /// The answer to a question counts for nothing.
    Approval(ApprovalError),
}

/// What a request needed and could not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnavailableCause {
    /// The database.
    Database,
    /// Whether the change was committed.
    CommitOutcome,
    /// Memory for bodies and answers on their way.
    Memory,
    /// A place among the connections.
    Connections,
    /// A place among the requests of its account.
    AccountBusy,
    /// A slot in the password-hashing queue.
    Hasher,
    /// A place among the mails that wait to be sent.
    Mail,
    /// A mail server: none is configured.
    MailServer,
    /// A provider to sign in with: none is configured under this name.
    ProviderSettings,
    /// A provider to sign in with: it does not answer.
    Provider,
    /// This process: it is ending.
    ShuttingDown,
    /// The worker of a turn: it handed the turn over.
    Worker,
}

impl ApiError {
    /// Returns the error of a request that breaks one rule.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![InvalidField { field: field.into(), message: message.into() }])
    }

    /// Returns the error of a sign-in with a provider, without a cause for the log.
    pub fn provider(error: ProviderSignInError) -> Self {
        Self::Provider { error, source: None }
    }

    /// Returns the error of a bug of ours.
    pub fn internal(what: &'static str) -> Self {
        Self::Internal { what, source: None }
    }

    /// The one plain sentence that a frontend can show.
    pub fn sentence(&self) -> String {
        self.response().detail.into_owned()
    }

    /// `Retry-After` if the interrupted turn continues under the same key; `None` if it ended.
    pub(crate) fn resume_after(&self) -> Option<Duration> {
        match self {
            Self::Unavailable { .. } => self.response().retry_after,
            Self::TurnInterrupted { error, .. } => error.resume_after(),
            // Nothing was done: the message is as good as new.
            Self::Model { kind: FailureKind::ModelLoading, failure: None, .. } => self.response().retry_after,
            _ => None,
        }
    }

    /// The number of the status.
    pub(crate) fn status(&self) -> u16 {
        self.response().status.as_u16()
    }

    /// The contract's `code`.
    pub fn code(&self) -> &'static str {
        self.response().code
    }

    /// The headers that go with the status.
    pub(crate) fn headers(&self) -> Vec<(HeaderName, HeaderValue)> {
        let mut headers = Vec::new();
        if let Some(wait) = self.response().retry_after {
            headers.push((RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1))));
        }
        match self {
            Self::NoToken | Self::WrongCredentials | Self::InvalidRefreshToken => {
                headers.push((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")));
            }
            Self::InvalidToken => {
                headers.push((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer error=\"invalid_token\"")))
            }
            Self::Model { is_replayed: true, .. } => {
                headers.push((IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true")));
            }
            Self::InsufficientScope { needed } => {
                headers.push((WWW_AUTHENTICATE, insufficient_scope_header(*needed)))
            }
            Self::Conflict(Conflict::Approval(ApprovalError::NotThePerson)) => {
                headers.push((WWW_AUTHENTICATE, insufficient_scope_header(None)));
            }
            _ => {}
        }
        headers
    }
}

/// The challenge to a token that lacks a scope (RFC 6750 3.1).
pub(crate) fn insufficient_scope_header(scope: Option<Scope>) -> HeaderValue {
    HeaderValue::from_static(match scope {
        None => "Bearer error=\"insufficient_scope\"",
        Some(Scope::TasksRead) => "Bearer error=\"insufficient_scope\", scope=\"tasks:read\"",
        Some(Scope::TasksWrite) => "Bearer error=\"insufficient_scope\", scope=\"tasks:write\"",
        Some(Scope::Chat) => "Bearer error=\"insufficient_scope\", scope=\"chat\"",
    })
}

/// Bare: `render_errors` writes the body, because it knows the request's id.
impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.response().status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::new(self.status_code());
        let all: &mut HeaderMap = response.headers_mut();
        for (name, value) in self.headers() {
            all.insert(name, value);
        }
        response
    }
}

#[cfg(test)]
mod tests;
