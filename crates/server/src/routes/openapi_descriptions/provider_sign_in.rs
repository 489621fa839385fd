//! Signing in with a provider.

use std::time::Duration;

use serde_json::json;

use super::{accounts::tokens, unavailable};
use crate::{
    error::{ApiError, Conflict, ProviderSignInError, Resource, UnavailableCause},
    openapi::Operation,
};

pub(super) const TAG: &str = "Other ways to sign in";
/// How long who asks too often has to wait.
pub(super) const WAIT: Duration = Duration::from_secs(900);

/// What can go wrong wherever a provider is named.
fn provider_is_named(operation: Operation) -> Operation {
    operation.errors([
        ApiError::NotFound(Resource::Route),
        ApiError::TooManyAttempts { retry_after: WAIT },
        unavailable(UnavailableCause::ProviderSettings),
        unavailable(UnavailableCause::Database),
        unavailable(UnavailableCause::CommitOutcome),
    ])
}

pub(in crate::routes) fn begin(operation: Operation) -> Operation {
    let operation = operation
        .summary(
            TAG,
            "Begin to sign in with a provider",
            "`provider` is `google` or `github`. Send the browser to `auth_url`; it comes back with a `code` and a \
             `state`. Which are offered is in `sign_in_with` of `/api/info`.",
        )
        .response(200, "Where the browser goes.")
        .response_example(json!({"auth_url": "https://github.com/login/oauth/authorize?client_id=…", "provider": "github"}));
    provider_is_named(operation)
}

pub(in crate::routes) fn finish(operation: Operation) -> Operation {
    let operation = operation
        .summary(
            TAG,
            "Sign in with what the provider sent back",
            "A state is good once, for ten minutes. Somebody whom the provider knows by a verified address and who has \
             no account gets one. An account with that address is opened when its address is confirmed.",
        )
        .request_example("what_came_back", json!({"code": "4/0AfJohX", "state": "c2VjcmV0", "time_zone": "Europe/Berlin"}))
        .errors([
            ApiError::provider(ProviderSignInError::Stale),
            ApiError::provider(ProviderSignInError::Unverified),
            ApiError::provider(ProviderSignInError::AddressTaken),
            ApiError::provider(ProviderSignInError::BadAnswer),
            unavailable(UnavailableCause::Provider),
            unavailable(UnavailableCause::Hasher),
        ]);
    tokens(provider_is_named(operation), 200, "Signed in.")
}

pub(in crate::routes) fn list_identities(operation: Operation) -> Operation {
    operation
        .summary(TAG, "With whom one signs in", "The one that was linked first at the front.")
        .response(200, "All of them.")
        .response_example(
            json!({"identities": [{"provider": "github", "linked_at": "2026-11-20T12:00:00Z"}]}),
        )
        .link(
            "Give up the first",
            "unlink_identity",
            &[("user_id", "$request.path.user_id"), ("provider", "$response.body#/identities/0/provider")],
        )
}

pub(in crate::routes) fn unlink_identity(operation: Operation) -> Operation {
    operation
        .summary(
            TAG,
            "Sign in with a provider no more",
            "Not when nothing else would let one in: neither a password nor another provider that is configured. Who \
             signs in there with the account's confirmed address is linked again. Sessions go on.",
        )
        .response(204, "It opens the account no longer.")
        .errors([ApiError::Conflict(Conflict::LastWayIn)])
}
