//! Converts errors of the domain, its ports and actix into what a client is told.

use actix_web::http::StatusCode;
use domain::{
    ports::{HasherError, LeaseError, ProviderError, StoreError},
    text_validation::FieldError,
    todo_outcome::TodoError,
    turn::{FailureKind, TurnFailure},
    turn_driver::TurnError,
    undo::UndoError,
};
use turn_service::{AccountBusy, TurnServiceError};

use super::{
    ApiError, AuthorizationFault, Conflict, DisallowedHeader, InvalidField, ProviderSignInError, Resource,
    UnavailableCause,
};
use crate::{
    account_mail::TooManyMails,
    attempt_throttle::TooManyAttempts,
    oauth::{authorization_request::AuthorizationError, clients::ClientError, issuer::DisallowedHost},
    readiness::NotReady,
    resource_limits::memory_budget::BudgetExceeded,
    tokens::{
        access_jwt::{InvalidAccessJwt, SigningError},
        refresh::{InvalidRefreshToken, UnusableKey},
    },
};

impl ApiError {
    /// Returns what an answer of actix's own, without an error of ours, means.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            404 => Self::NotFound(Resource::Route),
            405 => Self::MethodNotAllowed,
            406 => Self::NotAcceptable,
            408 => Self::RequestTimeout,
            413 => Self::PayloadTooLarge,
            415 => Self::UnsupportedMediaType,
            500.. => Self::internal("an answer of the framework's own"),
            _ => Self::MalformedRequest("The request cannot be read."),
        }
    }

    /// Returns the error of a request for a turn that has ended with a failure.
    pub fn failed_turn(failure: TurnFailure) -> Self {
        Self::ended_turn(failure, false)
    }

    fn ended_turn(failure: TurnFailure, is_replayed: bool) -> Self {
        let kind = failure.kind;
        Self::Model { kind, retry_after: None, failure: Some(Box::new(failure)), is_replayed, source: None }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(source) => {
                Self::Unavailable { what: UnavailableCause::Database, source: Some(source) }
            }
            StoreError::OutcomeUnknown(source) => {
                Self::Unavailable { what: UnavailableCause::CommitOutcome, source: Some(source) }
            }
            StoreError::Inconsistent { what, source } => Self::Internal { what, source },
            StoreError::UnknownCaller => Self::InvalidToken,
            StoreError::Limit(limit) => Self::Limit(limit),
        }
    }
}

impl From<HasherError> for ApiError {
    fn from(error: HasherError) -> Self {
        match error {
            HasherError::Busy => Self::Unavailable { what: UnavailableCause::Hasher, source: None },
            HasherError::Broken(source) => {
                Self::Internal { what: "the password hasher failed", source: Some(source) }
            }
        }
    }
}

impl From<ProviderError> for ApiError {
    fn from(error: ProviderError) -> Self {
        match error {
            ProviderError::CodeRefused => Self::provider(ProviderSignInError::Stale),
            ProviderError::Unavailable(_) => {
                Self::Unavailable { what: UnavailableCause::Provider, source: Some(Box::new(error)) }
            }
            ProviderError::BadAnswer(_) => {
                Self::Provider { error: ProviderSignInError::BadAnswer, source: Some(Box::new(error)) }
            }
        }
    }
}

impl From<FieldError> for ApiError {
    fn from(error: FieldError) -> Self {
        Self::Invalid(vec![error.into()])
    }
}

impl From<FieldError> for InvalidField {
    fn from(error: FieldError) -> Self {
        Self { field: error.field.to_owned(), message: error.message }
    }
}

impl From<TodoError> for ApiError {
    fn from(refusal: TodoError) -> Self {
        match refusal {
            TodoError::Limit(limit) => Self::Limit(limit),
            TodoError::Changed(todo) => Self::TaskChanged(todo),
            TodoError::Undo(refusal) => (*refusal).into(),
            TodoError::Invalid(error) => error.into(),
            TodoError::NotRepeating(_) => Self::invalid("skip", refusal.to_string()),
            // Without the number: the answer is the same for a task that is another user's.
            TodoError::NoSuchTask(_) | TodoError::NoTaskTitled | TodoError::SeveralTitled(_) => {
                Self::NotFound(Resource::Task)
            }
        }
    }
}

impl From<UndoError> for ApiError {
    fn from(refusal: UndoError) -> Self {
        match refusal {
            UndoError::NoSuchTurn => Self::NotFound(Resource::Turn),
            UndoError::NoSuchChange => Self::NotFound(Resource::Change),
            UndoError::StillRunning => Self::Conflict(Conflict::TurnRunning),
            UndoError::NothingToUndo => Self::Conflict(Conflict::NothingToUndo),
            UndoError::AlreadyUndone => Self::Conflict(Conflict::AlreadyUndone),
            UndoError::Conflict(conflicts) => Self::UndoConflict(conflicts),
            UndoError::Limit(limit) => Self::Limit(limit),
        }
    }
}

impl From<TooManyAttempts> for ApiError {
    fn from(TooManyAttempts { retry_after }: TooManyAttempts) -> Self {
        Self::TooManyAttempts { retry_after }
    }
}

impl From<InvalidAccessJwt> for ApiError {
    fn from(InvalidAccessJwt: InvalidAccessJwt) -> Self {
        Self::InvalidToken
    }
}

impl From<InvalidRefreshToken> for ApiError {
    fn from(InvalidRefreshToken: InvalidRefreshToken) -> Self {
        Self::InvalidRefreshToken
    }
}

impl From<SigningError> for ApiError {
    fn from(error: SigningError) -> Self {
        Self::Internal { what: "a token could not be signed", source: Some(Box::new(error)) }
    }
}

impl From<UnusableKey> for ApiError {
    fn from(error: UnusableKey) -> Self {
        Self::Internal { what: "a refresh token could not be made", source: Some(Box::new(error)) }
    }
}

impl From<DisallowedHost> for ApiError {
    fn from(DisallowedHost: DisallowedHost) -> Self {
        Self::HostOrOriginNotAllowed(DisallowedHeader::Host)
    }
}

impl From<ClientError> for ApiError {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Unknown => Self::Authorization(AuthorizationFault::UnknownClient),
            ClientError::NoDocument => Self::Authorization(AuthorizationFault::NoDocument),
            ClientError::TooManyFetches(error) => error.into(),
            ClientError::Store(error) => error.into(),
        }
    }
}

impl From<AuthorizationError> for ApiError {
    fn from(error: AuthorizationError) -> Self {
        match error {
            AuthorizationError::Client(error) => error.into(),
            AuthorizationError::ForeignRedirect => Self::Authorization(AuthorizationFault::ForeignRedirect),
            AuthorizationError::Unreadable(what) => Self::Authorization(AuthorizationFault::Broken(what)),
            AuthorizationError::RedirectError(_, error) => {
                Self::Authorization(AuthorizationFault::Broken(error.description))
            }
        }
    }
}

impl From<BudgetExceeded> for ApiError {
    fn from(BudgetExceeded: BudgetExceeded) -> Self {
        Self::Unavailable { what: UnavailableCause::Memory, source: None }
    }
}

impl From<TooManyMails> for ApiError {
    fn from(TooManyMails: TooManyMails) -> Self {
        Self::Unavailable { what: UnavailableCause::Mail, source: None }
    }
}

impl From<NotReady> for ApiError {
    fn from(error: NotReady) -> Self {
        let what = match error {
            NotReady::ShuttingDown => UnavailableCause::ShuttingDown,
            NotReady::DatabaseUnavailable => UnavailableCause::Database,
        };
        Self::Unavailable { what, source: None }
    }
}

impl From<AccountBusy> for ApiError {
    fn from(AccountBusy: AccountBusy) -> Self {
        Self::Unavailable { what: UnavailableCause::AccountBusy, source: None }
    }
}

impl From<TurnServiceError> for ApiError {
    fn from(error: TurnServiceError) -> Self {
        let unavailable = |what| Self::Unavailable { what, source: None };
        match error {
            TurnServiceError::ShuttingDown => unavailable(UnavailableCause::ShuttingDown),
            TurnServiceError::KeyReused => Self::KeyReused,
            TurnServiceError::NoSuchConversation => Self::NotFound(Resource::Conversation),
            TurnServiceError::NothingToRegenerate => Self::Conflict(Conflict::NothingToRegenerate),
            TurnServiceError::Abandoned => {
                let (kind, is_replayed) = (FailureKind::Abandoned, false);
                Self::Model { kind, retry_after: None, failure: None, is_replayed, source: None }
            }
            TurnServiceError::ReplacedWasChanged(conflicts) => Self::UndoConflict(conflicts),
            TurnServiceError::ConversationBusy => Self::Conflict(Conflict::TurnRunning),
            TurnServiceError::SameKeyRunning => Self::Conflict(Conflict::SameKeyRunning),
            TurnServiceError::Unanswered { failure, is_replayed } => Self::ended_turn(failure, is_replayed),
            TurnServiceError::StillRunning(progress) => Self::StillRunning(Box::new(progress)),
            TurnServiceError::Interrupted { error, progress } => {
                Self::TurnInterrupted { error: Box::new((*error).into()), progress: Box::new(progress) }
            }
            TurnServiceError::Turn(error) => Self::of_turn(&error),
            TurnServiceError::WorkerLost => unavailable(UnavailableCause::Worker),
            TurnServiceError::Busy(busy) => busy.into(),
            TurnServiceError::Store(error) => error.into(),
            TurnServiceError::Panicked => Self::internal("a turn panicked"),
        }
    }
}

impl ApiError {
    /// By reference, because several requests may wait for one turn; what was below the error is
    /// logged once, where the turn ran.
    fn of_turn(error: &TurnError) -> Self {
        match error {
            TurnError::Model { error, failure } => {
                let (kind, retry_after) = (FailureKind::from(error), error.retry_after());
                let failure = failure.clone().map(Box::new);
                Self::Model { kind, retry_after, failure, is_replayed: false, source: None }
            }
            TurnError::Lease(LeaseError::Store(error)) => store_failed(error),
            TurnError::Lease(LeaseError::Superseded) | TurnError::HandedOver => {
                Self::Unavailable { what: UnavailableCause::Worker, source: None }
            }
        }
    }
}

fn store_failed(error: &StoreError) -> ApiError {
    match error {
        // The turn goes on with its key or its conversation, whatever became of this commit.
        StoreError::Unavailable(_) | StoreError::OutcomeUnknown(_) => {
            ApiError::Unavailable { what: UnavailableCause::Database, source: None }
        }
        StoreError::Inconsistent { what, .. } => ApiError::Internal { what, source: None },
        StoreError::UnknownCaller => ApiError::InvalidToken,
        StoreError::Limit(limit) => ApiError::Limit(*limit),
    }
}
