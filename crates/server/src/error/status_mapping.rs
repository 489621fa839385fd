//! The one match that picks every status, and the code and the sentence that go with it.

use std::{borrow::Cow, time::Duration};

use actix_web::http::StatusCode;
use domain::{
    access_token::Scope, account_limits::LimitReached, approval::ApprovalError, turn::FailureKind, undo,
    undo::UndoError,
};

use super::{
    ApiError, AuthorizationFault, Conflict, DisallowedHeader, ProviderSignInError, Resource,
    UnavailableCause, problem_json,
};

/// Everything about an answer but its fields: what the one match decides.
pub(super) struct ErrorResponse {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) detail: Cow<'static, str>,
    pub(super) retry_after: Option<Duration>,
}

impl ApiError {
    /// The one match that picks every status.
    pub(super) fn response(&self) -> ErrorResponse {
        use StatusCode as S;
        match self {
            Self::MalformedRequest(why) => say(S::BAD_REQUEST, "bad_request", *why),
            Self::NoToken => say(S::UNAUTHORIZED, "missing_token", "Please sign in first."),
            Self::InvalidToken => bad_token(),
            Self::InvalidRefreshToken => {
                say(S::UNAUTHORIZED, "invalid_refresh_token", "You were signed out. Please sign in again.")
            }
            Self::InvalidLink => bad_link(),
            Self::Authorization(fault) => authorization(*fault),
            Self::Provider { error, .. } => provider(*error),
            Self::ReauthenticationRequired => not_recent(),
            Self::WrongCredentials => say(S::UNAUTHORIZED, "wrong_credentials", "Wrong email or password."),
            Self::Forbidden => say(S::FORBIDDEN, "forbidden", "This belongs to another user."),
            Self::HostOrOriginNotAllowed(header) => disallowed(*header),
            Self::InsufficientScope { needed } => insufficient_scope(*needed),
            Self::NotFound(what) => missing(*what),
            Self::MethodNotAllowed => {
                say(S::METHOD_NOT_ALLOWED, "method_not_allowed", "This address does not take this method.")
            }
            Self::NotAcceptable => {
                say(S::NOT_ACCEPTABLE, "not_acceptable", "The answer would be JSON, which Accept rules out.")
            }
            Self::RequestTimeout => request_timeout(),
            Self::Conflict(with) => conflict(*with),
            Self::PayloadTooLarge => payload_too_large(),
            Self::UnsupportedMediaType => say(
                S::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "The body must be application/json without a content encoding.",
            ),
            Self::Invalid(fields) => {
                say(S::UNPROCESSABLE_ENTITY, "validation_error", problem_json::sentence(fields))
            }
            Self::TaskChanged(_) => task_changed(),
            Self::UndoConflict(conflicts) => {
                say(S::CONFLICT, "undo_conflict", undo::conflict_sentence(conflicts))
            }
            Self::KeyReused => say(
                S::UNPROCESSABLE_ENTITY,
                "idempotency_key_reused",
                "This Idempotency-Key was used for another request.",
            ),
            Self::Limit(limit) => reached(*limit),
            Self::TooManyAttempts { retry_after } => {
                say(S::TOO_MANY_REQUESTS, "too_many_requests", "Too many attempts. Please wait a moment.")
                    .after(*retry_after)
            }
            Self::Model { kind, retry_after, .. } => model(*kind, *retry_after),
            Self::TurnInterrupted { error, .. } => {
                ErrorResponse { detail: BROKE_OFF.into(), ..error.response() }
            }
            Self::StillRunning(_) => still_running(),
            Self::Unavailable { what, .. } => unavailable(*what),
            Self::Internal { .. } => {
                say(S::INTERNAL_SERVER_ERROR, "internal_error", "Something went wrong on our side.")
            }
        }
    }
}

impl ErrorResponse {
    fn after(self, wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..self }
    }
}

fn say(status: StatusCode, code: &'static str, detail: impl Into<Cow<'static, str>>) -> ErrorResponse {
    ErrorResponse { status, code, detail: detail.into(), retry_after: None }
}

fn reached(limit: LimitReached) -> ErrorResponse {
    match limit.retry_after() {
        Some(wait) => say(StatusCode::TOO_MANY_REQUESTS, limit.code(), limit.to_string()).after(wait),
        None => say(StatusCode::UNPROCESSABLE_ENTITY, limit.code(), limit.to_string()),
    }
}

fn bad_link() -> ErrorResponse {
    let detail = "This link was used already or is too old. Please ask for another one.";
    say(StatusCode::BAD_REQUEST, "invalid_link", detail)
}

fn authorization(fault: AuthorizationFault) -> ErrorResponse {
    let (code, detail) = match fault {
        AuthorizationFault::UnknownClient => (
            "unknown_client",
            "This server does not know the program, or no longer. Connect it again, from the program.",
        ),
        AuthorizationFault::NoDocument => (
            "unknown_client",
            "The program's metadata document could not be loaded, so we cannot tell who is asking. Please try again \
             later.",
        ),
        AuthorizationFault::ForeignRedirect => (
            "redirect_not_allowed",
            "The program wants to send you to an address that it has not named as its own.",
        ),
        AuthorizationFault::Broken(what) => ("invalid_authorization_request", what),
    };
    say(StatusCode::BAD_REQUEST, code, detail)
}

fn provider(error: ProviderSignInError) -> ErrorResponse {
    use StatusCode as S;
    match error {
        ProviderSignInError::Stale => say(
            S::BAD_REQUEST,
            "invalid_sign_in",
            "This sign-in took too long or was used already. Please begin it again.",
        ),
        ProviderSignInError::Unverified => say(
            S::FORBIDDEN,
            "email_not_verified",
            "Your account at this provider has no verified email address that we can use. Verify one, or sign up with \
             a password.",
        ),
        ProviderSignInError::AddressTaken => say(
            S::CONFLICT,
            "account_exists",
            "This email already has an account. Sign in with its password and confirm the address first, or \
             choose a new password by mail.",
        ),
        ProviderSignInError::BadAnswer => say(
            S::BAD_GATEWAY,
            "provider_bad_answer",
            "Signing in with this provider does not work just now.",
        )
        .after(Duration::from_secs(30)),
    }
}

fn not_recent() -> ErrorResponse {
    let detail =
        "Your account has no password. Sign out, sign in again, and then do this within ten minutes.";
    say(StatusCode::FORBIDDEN, "sign_in_not_recent", detail)
}

fn task_changed() -> ErrorResponse {
    let detail = "The task was changed meanwhile. Look at it as it is now, and send your change again.";
    say(StatusCode::PRECONDITION_FAILED, "task_changed", detail)
}

fn request_timeout() -> ErrorResponse {
    say(StatusCode::REQUEST_TIMEOUT, "request_timeout", "The request took too long to arrive.")
}

fn payload_too_large() -> ErrorResponse {
    say(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", "The request is too large.")
}

fn bad_token() -> ErrorResponse {
    let sentence = "Your session is not valid or has expired. Please sign in again.";
    say(StatusCode::UNAUTHORIZED, "invalid_token", sentence)
}

fn disallowed(header: DisallowedHeader) -> ErrorResponse {
    let (code, detail) = match header {
        DisallowedHeader::Host => (
            "host_not_allowed",
            "This server does not accept requests for this host name. Its operator can allow it in MCP_ALLOWED_HOSTS.",
        ),
        DisallowedHeader::Origin => ("origin_not_allowed", "Pages of this origin may not ask here."),
    };
    say(StatusCode::FORBIDDEN, code, detail)
}

fn insufficient_scope(needed: Option<Scope>) -> ErrorResponse {
    let detail = match needed {
        None => "A program's access token cannot do this. Please sign in.".to_owned(),
        Some(scope) => {
            let scope = scope.as_str();
            format!("This access token does not allow this: it needs the scope {scope}.")
        }
    };
    say(StatusCode::FORBIDDEN, "insufficient_scope", detail)
}

fn missing(what: Resource) -> ErrorResponse {
    let (code, detail) = match what {
        Resource::Route => ("route_not_found", "There is nothing at this address."),
        Resource::Task => ("task_not_found", "There is no such task."),
        Resource::Conversation => ("conversation_not_found", "There is no such conversation."),
        Resource::Turn => ("turn_not_found", "There is no such turn."),
        Resource::Change => ("change_not_found", "There is no such change."),
        Resource::Approval => ("approval_not_found", "There is no such approval."),
        Resource::AccessToken => ("token_not_found", "There is no such access token."),
        Resource::Session => ("session_not_found", "There is no such session."),
        Resource::Identity => ("identity_not_found", "This provider is not linked to your account."),
        Resource::Grant => ("grant_not_found", "There is no such connected program."),
    };
    say(StatusCode::NOT_FOUND, code, detail)
}

fn conflict(with: Conflict) -> ErrorResponse {
    let wait = Duration::from_secs(2);
    let undo = |code, error: UndoError| say(StatusCode::CONFLICT, code, error.to_string());
    let say = |code, detail: &'static str| say(StatusCode::CONFLICT, code, detail);
    match with {
        Conflict::EmailTaken => say("email_taken", "This email already has an account."),
        Conflict::LastWayIn => say(
            "last_way_to_sign_in",
            "This is your only way to sign in. Set a password first, then you can give it up.",
        ),
        Conflict::AccountNotEmpty => say(
            "account_not_empty",
            "This account has tasks or conversations, or had some. Import the file into a new account.",
        ),
        Conflict::TurnRunning => {
            say("turn_in_progress", "The assistant is still answering in this conversation.").after(wait)
        }
        Conflict::SameKeyRunning => {
            say("request_in_progress", "The first request with this key is still running.").after(wait)
        }
        Conflict::NothingToRegenerate => say(
            "nothing_to_regenerate",
            "Only the newest message of a conversation can be edited or answered again, and only when it has an answer.",
        ),
        Conflict::NothingToUndo => undo("nothing_to_undo", UndoError::NothingToUndo),
        Conflict::AlreadyUndone => undo("already_undone", UndoError::AlreadyUndone),
        Conflict::Approval(refusal) => approval(refusal),
    }
}

fn approval(refusal: ApprovalError) -> ErrorResponse {
    let (status, code) = match refusal {
        ApprovalError::Expired => (StatusCode::CONFLICT, "approval_expired"),
        ApprovalError::Void => (StatusCode::CONFLICT, "approval_void"),
        ApprovalError::Decided => (StatusCode::CONFLICT, "approval_decided"),
        ApprovalError::OtherArguments => (StatusCode::CONFLICT, "approval_mismatch"),
        ApprovalError::StillRunning => {
            let wait = Duration::from_secs(2);
            return say(StatusCode::CONFLICT, "turn_in_progress", refusal.to_string()).after(wait);
        }
        ApprovalError::NotThePerson => (StatusCode::FORBIDDEN, "insufficient_scope"),
    };
    say(status, code, refusal.to_string())
}

fn model(kind: FailureKind, retry_after: Option<Duration>) -> ErrorResponse {
    use StatusCode as S;
    let response = match kind {
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
        FailureKind::ModelLoading => say(
            S::SERVICE_UNAVAILABLE,
            kind.as_str(),
            "The assistant's model is still loading. That takes a minute or so.",
        )
        .after(Duration::from_secs(10)),
        FailureKind::ModelTimeout => {
            say(S::GATEWAY_TIMEOUT, kind.as_str(), "The assistant took too long to answer.")
        }
        FailureKind::Abandoned => {
            say(S::SERVICE_UNAVAILABLE, kind.as_str(), "This turn was interrupted too often and given up.")
        }
    };
    let default = response.retry_after.unwrap_or(Duration::from_secs(5));
    response.after(retry_after.unwrap_or(default))
}

/// Said instead of the cause's own words, which ask for the message once more: with no key, or another one,
/// the first steps would be taken twice.
const BROKE_OFF: &str = "This answer broke off after its first steps, which stay done. Please look at your tasks \
                         before you ask for more.";

/// Under the code of a model that takes too long: that is why it takes so long.
fn still_running() -> ErrorResponse {
    let detail = "The assistant is still at work on this. Its answer will be in the conversation.";
    say(StatusCode::GATEWAY_TIMEOUT, FailureKind::ModelTimeout.as_str(), detail).after(Duration::from_secs(5))
}

fn unavailable(what: UnavailableCause) -> ErrorResponse {
    let say = |code, seconds, detail: &'static str| {
        say(StatusCode::SERVICE_UNAVAILABLE, code, detail).after(Duration::from_secs(seconds))
    };
    match what {
        UnavailableCause::Database => {
            say("database_unavailable", 2, "The database cannot be reached just now. Please try again.")
        }
        UnavailableCause::CommitOutcome => say(
            "outcome_unknown",
            1,
            "The connection to the database broke: please look whether the change was made.",
        ),
        UnavailableCause::Hasher => {
            say("busy", 1, "Too many people are signing in just now. Please try again.")
        }
        UnavailableCause::Memory => {
            say("busy", 2, "The server has too much to do just now. Please try again.")
        }
        UnavailableCause::Connections => {
            say("busy", 5, "Too many people are connected just now. Please try again.")
        }
        UnavailableCause::AccountBusy => {
            say("busy", 1, "Too many of your requests are being worked on. Please try again.")
        }
        UnavailableCause::Mail => say("busy", 5, "Too many mails are being sent just now. Please try again."),
        UnavailableCause::MailServer => say(
            "mail_not_configured",
            3_600,
            "This server sends no mail. Whoever runs it can help with a forgotten password.",
        ),
        UnavailableCause::ProviderSettings => {
            say("provider_not_configured", 3_600, "This server offers no such way to sign in.")
        }
        UnavailableCause::Provider => say(
            "provider_unavailable",
            5,
            "Signing in with this provider does not work just now. Please try again.",
        ),
        UnavailableCause::ShuttingDown => {
            say("shutting_down", 5, "The server is restarting. Please try again.")
        }
        UnavailableCause::Worker => say(
            "turn_handed_over",
            1,
            "The server working on this answer stopped. Please send the message again.",
        ),
    }
}
