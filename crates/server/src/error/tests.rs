//! Errors of the domain, and the status and code that each is answered with.

use std::sync::Arc;

use domain::{
    error_chain::with_causes,
    ports::{HasherError, LeaseError, ModelError, ProviderError, StoreError},
    text_validation::FieldError,
    todo::TaskNumber,
    todo_outcome::TodoError,
    turn::{FailureKind, TurnFailure},
    turn_and_conversation_ids::{ConversationId, TurnId},
    turn_driver::TurnError,
    undo::UndoError,
};
use serde_json::Value;
use turn_service::TurnServiceError;
use uuid::Uuid;

use super::*;

fn model(error: ModelError) -> ApiError {
    turn(TurnError::Model { error, failure: None })
}

fn turn(error: TurnError) -> ApiError {
    TurnServiceError::Turn(Arc::new(error)).into()
}

fn secret() -> Source {
    "host db.internal, key sk-canary".into()
}

/// Every error of ours with its status, its code, and whether it says when to come again.
fn table() -> Vec<(ApiError, u16, &'static str, bool)> {
    let busy = ModelError::Busy { retry_after: Some(Duration::from_secs(7)) };
    let text = || "sk-canary".to_owned();
    let lost = LeaseError::Store(StoreError::Unavailable(secret()));
    let shutting_down = ApiError::Unavailable { what: UnavailableCause::ShuttingDown, source: None };
    vec![
        (TodoError::NoSuchTask(TaskNumber(42)).into(), 404, "task_not_found", false),
        (FieldError::new("title", "The title is too long.").into(), 422, "validation_error", false),
        (StoreError::Unavailable(secret()).into(), 503, "database_unavailable", true),
        (StoreError::OutcomeUnknown(secret()).into(), 503, "outcome_unknown", true),
        (StoreError::Inconsistent { what: "sk-canary", source: None }.into(), 500, "internal_error", false),
        (StoreError::UnknownCaller.into(), 401, "invalid_token", false),
        (HasherError::Busy.into(), 503, "busy", true),
        (HasherError::Broken(secret()).into(), 500, "internal_error", false),
        (model(ModelError::BadReply(text())), 502, "model_bad_reply", true),
        (model(ModelError::Misconfigured(text())), 502, "model_misconfigured", true),
        (model(ModelError::Unavailable(text())), 503, "model_unavailable", true),
        (model(busy), 503, "model_busy", true),
        (model(ModelError::TimedOut), 504, "model_timeout", true),
        (turn(TurnError::Lease(LeaseError::Superseded)), 503, "turn_handed_over", true),
        (turn(TurnError::Lease(lost)), 503, "database_unavailable", true),
        (turn(TurnError::HandedOver), 503, "turn_handed_over", true),
        (ApiError::MalformedRequest("The request cannot be read."), 400, "bad_request", false),
        (ApiError::NoToken, 401, "missing_token", false),
        (ApiError::InvalidToken, 401, "invalid_token", false),
        (ApiError::InvalidRefreshToken, 401, "invalid_refresh_token", false),
        (ApiError::WrongCredentials, 401, "wrong_credentials", false),
        (ApiError::Forbidden, 403, "forbidden", false),
        (ApiError::NotFound(Resource::Route), 404, "route_not_found", false),
        (TurnServiceError::NoSuchConversation.into(), 404, "conversation_not_found", false),
        (ApiError::MethodNotAllowed, 405, "method_not_allowed", false),
        (ApiError::NotAcceptable, 406, "not_acceptable", false),
        (ApiError::RequestTimeout, 408, "request_timeout", false),
        (ApiError::Conflict(Conflict::EmailTaken), 409, "email_taken", false),
        (ApiError::Conflict(Conflict::AccountNotEmpty), 409, "account_not_empty", false),
        (TurnServiceError::ConversationBusy.into(), 409, "turn_in_progress", true),
        (TurnServiceError::SameKeyRunning.into(), 409, "request_in_progress", true),
        (TurnServiceError::NothingToRegenerate.into(), 409, "nothing_to_regenerate", false),
        (UndoError::NoSuchTurn.into(), 404, "turn_not_found", false),
        (UndoError::NoSuchChange.into(), 404, "change_not_found", false),
        (UndoError::StillRunning.into(), 409, "turn_in_progress", true),
        (UndoError::NothingToUndo.into(), 409, "nothing_to_undo", false),
        (UndoError::AlreadyUndone.into(), 409, "already_undone", false),
        (UndoError::Conflict(Vec::new()).into(), 409, "undo_conflict", false),
        (UndoError::Limit(LimitReached::Tasks(5)).into(), 422, "task_quota_reached", false),
        (ApiError::PayloadTooLarge, 413, "payload_too_large", false),
        (ApiError::UnsupportedMediaType, 415, "unsupported_media_type", false),
        (TurnServiceError::KeyReused.into(), 422, "idempotency_key_reused", false),
        (TurnServiceError::ShuttingDown.into(), 503, "shutting_down", true),
        (TurnServiceError::WorkerLost.into(), 503, "turn_handed_over", true),
        (TurnServiceError::Store(StoreError::UnknownCaller).into(), 401, "invalid_token", false),
        (TurnServiceError::Panicked.into(), 500, "internal_error", false),
        (ApiError::TooManyAttempts { retry_after: Duration::from_secs(9) }, 429, "too_many_requests", true),
        (shutting_down, 503, "shutting_down", true),
    ]
}

/// Those that have to do with tokens for programs, and with devices.
fn table_of_access() -> Vec<(ApiError, u16, &'static str, bool)> {
    vec![
        (ApiError::InsufficientScope { needed: None }, 403, "insufficient_scope", false),
        (ApiError::InsufficientScope { needed: Some(Scope::Chat) }, 403, "insufficient_scope", false),
        (ApiError::HostOrOriginNotAllowed(DisallowedHeader::Host), 403, "host_not_allowed", false),
        (ApiError::HostOrOriginNotAllowed(DisallowedHeader::Origin), 403, "origin_not_allowed", false),
        (ProviderError::CodeRefused.into(), 400, "invalid_sign_in", false),
        (ProviderError::Unavailable("sk-canary".to_owned()).into(), 503, "provider_unavailable", true),
        (ProviderError::BadAnswer("sk-canary".to_owned()).into(), 502, "provider_bad_answer", true),
        (ApiError::NotFound(Resource::AccessToken), 404, "token_not_found", false),
        (ApiError::NotFound(Resource::Session), 404, "session_not_found", false),
        (ApiError::NotFound(Resource::Identity), 404, "identity_not_found", false),
        (ApiError::Conflict(Conflict::LastWayIn), 409, "last_way_to_sign_in", false),
        (ApiError::Limit(LimitReached::AccessTokens(50)), 422, "token_quota_reached", false),
    ]
}

#[test]
fn every_error_has_its_status_and_code() {
    for (error, status, code, retries) in table().into_iter().chain(table_of_access()) {
        let response = error.error_response();
        assert_eq!((response.status().as_u16(), error.code()), (status, code), "{error:?}");
        assert_eq!(response.headers().contains_key(RETRY_AFTER), retries, "{error:?}");
        let is_outage = matches!(status, 502..=504);
        assert!(!is_outage || retries, "an outage says when to come again: {error:?}");
        let is_challenged = status == 401 || code == "insufficient_scope";
        assert_eq!(response.headers().contains_key(WWW_AUTHENTICATE), is_challenged, "{error:?}");
    }
}

#[test]
fn every_body_has_the_members_of_the_contract_and_no_cause() {
    for (error, status, code, _) in table().into_iter().chain(table_of_access()) {
        let body = problem_body(&error, "req-1");
        let problem: Value = serde_json::from_str(&body).unwrap();
        let mut members: Vec<&str> = problem.as_object().unwrap().keys().map(String::as_str).collect();
        members.retain(|name| *name != "errors");
        members.sort_unstable();
        assert_eq!(members, ["code", "detail", "request_id", "status", "title", "type"], "{body}");
        assert_eq!(problem["status"], status);
        assert_eq!(problem["code"], code);
        assert_eq!(problem["request_id"], "req-1");
        assert!(problem["detail"].as_str().unwrap().ends_with('.'), "{body}");
        assert!(!body.contains("canary") && !body.contains("internal,"), "{body}");
    }
}

#[test]
fn the_log_reads_what_is_wrong_with_a_providers_answer() {
    let error = ApiError::from(ProviderError::BadAnswer("no id_token".to_owned()));
    assert!(with_causes(&error).ends_with(": no id_token"), "{}", with_causes(&error));
}

#[test]
fn the_model_is_asked_again_when_it_wants_to_be() {
    let error = model(ModelError::Busy { retry_after: Some(Duration::from_secs(7)) });
    assert_eq!(error.error_response().headers().get(RETRY_AFTER).unwrap(), "7");
}

#[test]
fn a_person_reads_every_broken_rule() {
    let fields = [("email", "This is not an email address."), ("password", "The password is too short.")];
    let fields = fields.map(|(field, message)| FieldError::new(field, message).into());
    let problem: Value =
        serde_json::from_str(&problem_body(&ApiError::Invalid(fields.to_vec()), "r")).unwrap();
    assert_eq!(problem["detail"], "This is not an email address. The password is too short.");
    assert_eq!(problem["errors"][1]["field"], "password");
}

fn progress() -> TurnProgress {
    let (turn, conversation) = (TurnId(Uuid::nil()), ConversationId(Uuid::nil()));
    TurnProgress { turn, conversation, tool_calls: Vec::new() }
}

#[test]
fn a_turn_that_goes_on_says_what_it_has_done_and_not_to_ask_for_it_again() {
    let store_fails = || TurnError::Lease(LeaseError::Store(StoreError::Unavailable(secret())));
    for (error, status, code) in [
        (TurnServiceError::WorkerLost, 503, "turn_handed_over"),
        (TurnServiceError::Turn(Arc::new(store_fails())), 503, "database_unavailable"),
        (TurnServiceError::Panicked, 500, "internal_error"),
    ] {
        let error = Box::new(error);
        let error = ApiError::from(TurnServiceError::Interrupted { error, progress: progress() });
        let problem: Value = serde_json::from_str(&problem_body(&error, "r")).unwrap();
        assert_eq!((&problem["status"], &problem["code"]), (&status.into(), &code.into()));
        assert_eq!(
            (&problem["turn_id"], &problem["tool_calls"]),
            (&Uuid::nil().to_string().into(), &Value::Array(vec![]))
        );
        assert!(problem["detail"].as_str().unwrap().contains("look at your tasks"), "{problem}");
        assert_eq!(error.resume_after().is_some(), status == 503, "its key brings it back");
    }
    let error = ApiError::from(TurnServiceError::StillRunning(progress()));
    let problem: Value = serde_json::from_str(&problem_body(&error, "r")).unwrap();
    assert_eq!(
        (&problem["code"], &problem["turn_id"]),
        (&"model_timeout".into(), &Uuid::nil().to_string().into())
    );
    assert!(problem["detail"].as_str().unwrap().contains("still at work"), "{problem}");
}

#[test]
fn a_failed_turn_says_what_it_had_done() {
    let failure = TurnFailure {
        turn: TurnId(Uuid::nil()),
        conversation: ConversationId(Uuid::nil()),
        kind: FailureKind::ModelTimeout,
        tool_calls: Vec::new(),
    };
    let error = turn(TurnError::Model { error: ModelError::TimedOut, failure: Some(failure) });
    let problem: Value = serde_json::from_str(&problem_body(&error, "r")).unwrap();
    assert_eq!(problem["turn_id"], Uuid::nil().to_string());
    assert_eq!(problem["tool_calls"], Value::Array(Vec::new()));
}
