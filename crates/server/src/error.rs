//! What can go wrong with a request, and the status each of it gets.
//!
//! Handlers return [`ApiError`]; [`render`] is the one place that writes the body of an answer
//! that is not 2xx, so that every such body has the same members and a request id.

mod convert;
mod problem;
mod render;

use std::{borrow::Cow, time::Duration};

use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE},
    },
};
use domain::{
    ports::Source,
    turn::{FailureKind, TurnFailure},
};

pub use problem::{InvalidField, PROBLEM_JSON, problem_body};
pub use render::render_errors;

/// A failed request.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The body is not JSON, not UTF-8 or too deep, or the request cannot be read otherwise.
    #[error("the request cannot be read: {0}")]
    Unreadable(&'static str),
    /// There is no access token.
    #[error("no access token")]
    NoToken,
    /// The access token is malformed, forged, expired or revoked.
    #[error("the access token is not good")]
    BadToken,
    /// The refresh token is no good, or no longer.
    #[error("the refresh token is not good")]
    BadRefreshToken,
    /// The email is unknown or the password is not its.
    #[error("wrong email or password")]
    WrongCredentials,
    /// The path names another user.
    #[error("the path is another user's")]
    Forbidden,
    /// Nothing of this kind is there for this user.
    #[error("no such {0:?}")]
    NotFound(Missing),
    /// The route has other methods.
    #[error("method not allowed")]
    MethodNotAllowed,
    /// The client accepts nothing that we can answer with.
    #[error("not acceptable")]
    NotAcceptable,
    /// The request did not arrive in time.
    #[error("the request took too long to arrive")]
    TooSlow,
    /// Something that the request wants stands against what is.
    #[error("conflict: {0:?}")]
    Conflict(Conflict),
    /// The body is larger than the route takes.
    #[error("the body is too large")]
    TooLarge,
    /// The body is not plain `application/json`.
    #[error("the body is not plain JSON")]
    WrongMediaType,
    /// The JSON is fine but breaks rules.
    #[error("a rule is broken")]
    Invalid(Vec<InvalidField>),
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// A limit is reached for now.
    #[error("a limit is reached")]
    TooMany {
        /// When to come again.
        retry_after: Duration,
    },
    /// The model failed; with what the turn had done by then, if it had taken effect.
    #[error("the model failed")]
    Model {
        /// How.
        kind: FailureKind,
        /// When the model wants to be asked again.
        retry_after: Option<Duration>,
        /// What the turn had done.
        failure: Option<Box<TurnFailure>>,
        /// What is wrong, for the log.
        #[source]
        source: Option<Source>,
    },
    /// Something that we need is not there or has too much to do.
    #[error("unavailable: {what:?}")]
    Unavailable {
        /// What.
        what: Missed,
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

/// What was not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// A route.
    Route,
    /// A task.
    Task,
    /// A conversation.
    Conversation,
    /// A turn.
    Turn,
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
}

/// What a request needed and could not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missed {
    /// The database.
    Database,
    /// The database's word on whether a change was made.
    Outcome,
    /// A turn at the password hasher.
    Hasher,
    /// This process: it is ending.
    Process,
    /// The worker of a turn: it gave the turn to somebody else.
    Worker,
}

/// Everything about an answer but its fields: what the one match decides.
pub(crate) struct Verdict {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) detail: Cow<'static, str>,
    pub(crate) retry_after: Option<Duration>,
}

impl ApiError {
    /// Returns the error of a request that breaks one rule.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![InvalidField { field: field.into(), message: message.into() }])
    }

    /// Returns the error of a bug of ours.
    pub fn internal(what: &'static str) -> Self {
        Self::Internal { what, source: None }
    }

    /// The one plain sentence that a frontend can show.
    pub fn sentence(&self) -> String {
        self.verdict().detail.into_owned()
    }

    /// The contract's `code`.
    pub fn code(&self) -> &'static str {
        self.verdict().code
    }

    /// The one match that picks every status.
    pub(crate) fn verdict(&self) -> Verdict {
        use StatusCode as S;
        match self {
            Self::Unreadable(why) => say(S::BAD_REQUEST, "bad_request", *why),
            Self::NoToken => say(S::UNAUTHORIZED, "missing_token", "Please sign in first."),
            Self::BadToken => say(
                S::UNAUTHORIZED,
                "invalid_token",
                "Your session is not valid or has expired. Please sign in again.",
            ),
            Self::BadRefreshToken => {
                say(S::UNAUTHORIZED, "invalid_refresh_token", "You were signed out. Please sign in again.")
            }
            Self::WrongCredentials => say(S::UNAUTHORIZED, "wrong_credentials", "Wrong email or password."),
            Self::Forbidden => say(S::FORBIDDEN, "forbidden", "This belongs to another user."),
            Self::NotFound(what) => missing(*what),
            Self::MethodNotAllowed => {
                say(S::METHOD_NOT_ALLOWED, "method_not_allowed", "This address does not take this method.")
            }
            Self::NotAcceptable => {
                say(S::NOT_ACCEPTABLE, "not_acceptable", "The answer would be JSON, which Accept rules out.")
            }
            Self::TooSlow => {
                say(S::REQUEST_TIMEOUT, "request_timeout", "The request took too long to arrive.")
            }
            Self::Conflict(with) => conflict(*with),
            Self::TooLarge => say(S::PAYLOAD_TOO_LARGE, "payload_too_large", "The request is too large."),
            Self::WrongMediaType => say(
                S::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "The body must be application/json without a content encoding.",
            ),
            Self::Invalid(fields) => {
                say(S::UNPROCESSABLE_ENTITY, "validation_error", problem::sentence(fields))
            }
            Self::KeyReused => say(
                S::UNPROCESSABLE_ENTITY,
                "idempotency_key_reused",
                "This Idempotency-Key was used for another request.",
            ),
            Self::TooMany { retry_after } => {
                say(S::TOO_MANY_REQUESTS, "too_many_requests", "That was too much. Please wait a moment.")
                    .after(*retry_after)
            }
            Self::Model { kind, retry_after, .. } => model(*kind, *retry_after),
            Self::Unavailable { what, .. } => unavailable(*what),
            Self::Internal { .. } => {
                say(S::INTERNAL_SERVER_ERROR, "internal_error", "Something went wrong on our side.")
            }
        }
    }

    /// The headers that go with the status.
    pub(crate) fn headers(&self) -> Vec<(HeaderName, HeaderValue)> {
        let mut headers = Vec::new();
        if let Some(wait) = self.verdict().retry_after {
            headers.push((RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1))));
        }
        match self {
            Self::NoToken | Self::WrongCredentials | Self::BadRefreshToken => {
                headers.push((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")));
            }
            Self::BadToken => {
                headers.push((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer error=\"invalid_token\"")))
            }
            _ => {}
        }
        headers
    }
}

/// Bare: [`render_errors`] writes the body, because it knows the request's id.
impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.verdict().status
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

impl Verdict {
    fn after(self, wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..self }
    }
}

fn say(status: StatusCode, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Verdict {
    Verdict { status, code, detail: detail.into(), retry_after: None }
}

fn missing(what: Missing) -> Verdict {
    let (code, detail) = match what {
        Missing::Route => ("route_not_found", "There is nothing at this address."),
        Missing::Task => ("task_not_found", "There is no such task."),
        Missing::Conversation => ("conversation_not_found", "There is no such conversation."),
        Missing::Turn => ("turn_not_found", "There is no such turn."),
    };
    say(StatusCode::NOT_FOUND, code, detail)
}

fn conflict(with: Conflict) -> Verdict {
    let wait = Duration::from_secs(2);
    let say = |code, detail: &'static str| say(StatusCode::CONFLICT, code, detail);
    match with {
        Conflict::EmailTaken => say("email_taken", "This email already has an account."),
        Conflict::TurnRunning => {
            say("turn_in_progress", "The assistant is still answering in this conversation.").after(wait)
        }
        Conflict::SameKeyRunning => {
            say("request_in_progress", "The first request with this key is still running.").after(wait)
        }
        Conflict::NothingToRegenerate => {
            say("nothing_to_regenerate", "There is no answer here that could be given anew.")
        }
    }
}

fn model(kind: FailureKind, retry_after: Option<Duration>) -> Verdict {
    use StatusCode as S;
    let verdict = match kind {
        FailureKind::ModelBadReply => {
            say(S::BAD_GATEWAY, kind.as_str(), "The assistant gave no usable answer. Please try again.")
        }
        FailureKind::ModelMisconfigured => {
            say(S::BAD_GATEWAY, kind.as_str(), "The assistant is not set up correctly.")
        }
        FailureKind::ModelUnavailable => {
            say(S::SERVICE_UNAVAILABLE, kind.as_str(), "The assistant cannot be reached just now.")
        }
        FailureKind::ModelBusy => {
            say(S::SERVICE_UNAVAILABLE, kind.as_str(), "The assistant has too much to do just now.")
        }
        FailureKind::ModelTimeout => {
            say(S::GATEWAY_TIMEOUT, kind.as_str(), "The assistant took too long to answer.")
        }
        FailureKind::Abandoned => {
            say(S::SERVICE_UNAVAILABLE, kind.as_str(), "This turn was interrupted too often and given up.")
        }
    };
    verdict.after(retry_after.unwrap_or(Duration::from_secs(5)))
}

fn unavailable(what: Missed) -> Verdict {
    let say = |code, seconds, detail: &'static str| {
        say(StatusCode::SERVICE_UNAVAILABLE, code, detail).after(Duration::from_secs(seconds))
    };
    match what {
        Missed::Database => {
            say("database_unavailable", 2, "The database cannot be reached just now. Please try again.")
        }
        Missed::Outcome => say(
            "outcome_unknown",
            1,
            "The connection to the database broke: please look whether the change was made.",
        ),
        Missed::Hasher => say("busy", 1, "Too many people are signing in just now. Please try again."),
        Missed::Process => say("shutting_down", 5, "The server is restarting. Please try again."),
        Missed::Worker => {
            say("turn_handed_over", 1, "The server is restarting. Please ask again with the same key.")
        }
    }
}

#[cfg(test)]
mod tests;
