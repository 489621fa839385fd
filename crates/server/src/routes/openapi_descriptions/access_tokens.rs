//! Tokens for programs.

use domain::account_limits::LimitReached;
use serde_json::json;

use crate::{error::ApiError, openapi::Operation};

pub(super) const TAG: &str = "Programs and devices";
pub(super) const ID: &str = "0193e2a4-9c02-7e55-a0a1-1f2e3d4c5b60";

pub(in crate::routes) fn list_tokens(operation: Operation) -> Operation {
    operation
        .summary(
            TAG,
            "Tokens for programs",
            "The newest first, without their secrets; those that have expired too.",
        )
        .response(200, "All of them.")
        .link(
            "Revoke the first",
            "revoke_token",
            &[("user_id", "$request.path.user_id"), ("token_id", "$response.body#/tokens/0/id")],
        )
}

pub(in crate::routes) fn create_token(operation: Operation) -> Operation {
    operation
        .summary(
            TAG,
            "Make a token for a program",
            "It is good for what its scopes say, until it expires or is revoked. `expires_in_days` is 1 to 366, or `null` \
             for no end, which must be said.",
        )
        .request_example(
            "a_script",
            json!({"name": "backup script", "scopes": ["tasks:read"], "expires_in_days": 90}),
        )
        .response(201, "The one answer that has the secret, as `token`.")
        .response_example(json!({
            "id": ID, "name": "backup script", "scopes": ["tasks:read"], "created_at": "2026-11-20T12:00:00Z",
            "last_used_at": null, "expires_at": "2027-02-18T12:00:00Z",
            "token": "tdo_pat_0000000000000000000000000000000000000000000000000",
        }))
        .link("Revoke it", "revoke_token", &[
            ("user_id", "$request.path.user_id"),
            ("token_id", "$response.body#/id"),
        ])
        .errors([ApiError::Limit(LimitReached::AccessTokens(domain::access_token::MAX_ACCESS_TOKENS))])
}

pub(in crate::routes) fn revoke_token(operation: Operation) -> Operation {
    operation
        .summary(TAG, "Revoke a token", "It ends at once, on every replica.")
        .response(204, "It is revoked.")
}
