//! Signing up, and the account itself.

use std::time::Duration;

use serde_json::{Value, json};

use super::{USER, unavailable};
use crate::{
    error::{ApiError, Conflict, UnavailableCause},
    openapi::Operation,
};

pub(super) const TAG: &str = "Accounts";

pub(super) fn user() -> Value {
    json!({
        "id": USER, "email": "test@example.com", "name": "Test User", "avatar_url": null, "oauth_provider": null,
        "time_zone": "Europe/Berlin", "week_start": "monday", "email_confirmed": true,
        "has_password": true, "created_at": "2026-11-20T12:00:00Z",
    })
}

/// What signing in answers with.
pub(super) fn tokens(operation: Operation, status: u16, description: &'static str) -> Operation {
    operation.response(status, description).response_example(json!({
        "access_token": "eyJhbGciOiJIUzI1NiJ9.e30.c2ln", "token_type": "bearer", "expires_in": 900,
        "refresh_token": "AaH4c2VjcmV0", "refresh_expires_in": 2_592_000, "user": user(),
    }))
}

/// What can go wrong wherever a password is checked.
pub(super) fn password_is_checked(operation: Operation) -> Operation {
    operation.errors([
        ApiError::WrongCredentials,
        ApiError::TooManyAttempts { retry_after: Duration::from_secs(900) },
        unavailable(UnavailableCause::Hasher),
    ])
}

pub(in crate::routes) fn register(operation: Operation) -> Operation {
    let operation = operation
        .summary(
            TAG,
            "Make an account",
            "An email has at most 254 bytes; upper and lower case are the same address. A password has 8 to 256 \
             characters, taken exactly as typed; the 10,000 that are guessed first are refused, in any case.",
        )
        .request_example(
            "somebody",
            json!({
                "email": "test@example.com", "password": "securepassword123", "name": "Test User",
                "time_zone": "Europe/Berlin",
            }),
        )
        .errors([
            ApiError::Conflict(Conflict::EmailTaken),
            ApiError::TooManyAttempts { retry_after: Duration::from_secs(60) },
            unavailable(UnavailableCause::Hasher),
            unavailable(UnavailableCause::Database),
            unavailable(UnavailableCause::CommitOutcome),
        ]);
    tokens(operation, 201, "The account is made, and its person signed in.")
}

pub(in crate::routes) fn change_password(operation: Operation) -> Operation {
    let operation = operation
        .summary(TAG, "Set another password", "Signs out everywhere but here, programs included.")
        .request_example(
            "another",
            json!({"current_password": "securepassword123", "new_password": "correct horse battery"}),
        );
    let operation = operation.errors([ApiError::ReauthenticationRequired]);
    tokens(password_is_checked(operation), 200, "The password is set; these are the tokens of a new session.")
}

pub(in crate::routes) fn show_account(operation: Operation) -> Operation {
    operation
        .summary(
            TAG,
            "Who am I",
            "A program's token of any scope may ask: the `id` is the `{user_id}` of its paths.",
        )
        .response(200, "Whose token it is.")
        .response_example(user())
}

pub(in crate::routes) fn change_account(operation: Operation) -> Operation {
    operation
        .summary(TAG, "Change the account", "What is absent stays; `null` removes the name.")
        .request_example("another_place", json!({"time_zone": "Europe/Berlin", "week_start": "monday"}))
        .response(200, "The user as they are now.")
        .response_example(user())
}

pub(in crate::routes) fn delete_account(operation: Operation) -> Operation {
    let operation = operation
        .summary(
            TAG,
            "Delete the account",
            "The account and all it owns, after the password was given once more.",
        )
        .request_example("the_password", json!({"password": "securepassword123"}))
        .response(204, "It is gone.")
        .errors([ApiError::ReauthenticationRequired]);
    password_is_checked(operation)
}

pub(in crate::routes) fn show_usage(operation: Operation) -> Operation {
    let used = |used, limit| json!({"used": used, "limit": limit});
    operation
        .summary(
            TAG,
            "What the account has used",
            "Of what it may do and keep; a limit is `null` when there is none.",
        )
        .response(200, "What is used, and the most there may be.")
        .response_example(json!({
            "turns_at_once": used(0, Some(2)), "turns": used(3, Some(20)), "turns_window_seconds": 300,
            "tokens_today": used(1200, None), "changes_in_minute": used(1, Some(120)),
            "tasks": used(12, Some(20_000)), "conversations": used(2, Some(5000)),
            "stored_bytes": 18_432, "stored_bytes_limit": 67_108_864,
        }))
}
