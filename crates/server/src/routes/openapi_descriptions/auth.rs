//! Signing in and out, and staying signed in.

use serde_json::json;

use super::{
    accounts::{TAG, password_is_checked, tokens},
    unavailable,
};
use crate::{
    error::{ApiError, UnavailableCause},
    openapi::Operation,
};

pub(in crate::routes) fn login(operation: Operation) -> Operation {
    let operation = operation
        .summary(
            TAG,
            "Sign in",
            "An unknown email takes as long, and is answered, as a wrong password. After ten wrong passwords for one \
             account from one address within 15 minutes that address has to wait.",
        )
        .request_example("somebody", json!({"email": "test@example.com", "password": "securepassword123"}))
        .errors([unavailable(UnavailableCause::Database), unavailable(UnavailableCause::CommitOutcome)]);
    tokens(password_is_checked(operation), 200, "Signed in.")
}

pub(in crate::routes) fn refresh(operation: Operation) -> Operation {
    let operation = operation
        .summary(
            TAG,
            "Stay signed in",
            "Each refresh token is used once, and its answer holds the next. Sent again within 30 seconds the same token \
             gets the same next one; sent again later, it is taken for stolen, and the session ends.",
        )
        .request_example("a_token", json!({"refresh_token": "AaH4c2VjcmV0"}))
        .errors([
            ApiError::InvalidRefreshToken,
            unavailable(UnavailableCause::Database),
            unavailable(UnavailableCause::CommitOutcome),
        ]);
    tokens(operation, 200, "New tokens.")
}

pub(in crate::routes) fn log_out(operation: Operation) -> Operation {
    operation
        .summary(TAG, "Sign out here", "Ends this session and its access tokens at once, on every replica.")
        .request_example("a_token", json!({"refresh_token": "AaH4c2VjcmV0"}))
        .response(204, "Signed out, also when that was so already.")
        .errors([unavailable(UnavailableCause::Database), unavailable(UnavailableCause::CommitOutcome)])
}

pub(in crate::routes) fn log_out_everywhere(operation: Operation) -> Operation {
    operation
        .summary(TAG, "Sign out everywhere", "Ends every session, and every access token of a program's.")
        .response(204, "Signed out everywhere.")
}
