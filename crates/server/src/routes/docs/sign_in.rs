//! Signing in with a provider, and what people do by links in their mail.

use std::time::Duration;

use serde_json::json;

use super::{
    accounts::{tokens, user},
    unavailable,
};
use crate::{
    error::{ApiError, Conflict, ProviderRefusal, Resource, UnavailableCause},
    openapi::Operation,
};

pub(super) const TAG: &str = "Other ways to sign in";
/// How long who asks too often has to wait.
const WAIT: Duration = Duration::from_secs(900);

/// What can go wrong wherever a provider is named.
fn provider_is_named(operation: Operation) -> Operation {
    operation.fails([
        ApiError::NotFound(Resource::Route),
        ApiError::TooMany { retry_after: WAIT },
        unavailable(UnavailableCause::ProviderSettings),
        unavailable(UnavailableCause::Database),
        unavailable(UnavailableCause::Outcome),
    ])
}

pub(in crate::routes) fn begin(operation: Operation) -> Operation {
    let operation = operation
        .says(
            TAG,
            "Begin to sign in with a provider",
            "`provider` is `google` or `github`. Send the browser to `auth_url`; it comes back with a `code` and a \
             `state`. Which are offered is in `sign_in_with` of `/api/info`.",
        )
        .answers(200, "Where the browser goes.")
        .shows(json!({"auth_url": "https://github.com/login/oauth/authorize?client_id=…", "provider": "github"}));
    provider_is_named(operation)
}

pub(in crate::routes) fn finish(operation: Operation) -> Operation {
    let operation = operation
        .says(
            TAG,
            "Sign in with what the provider sent back",
            "A state is good once, for ten minutes. Somebody whom the provider knows by a verified address and who has \
             no account gets one. An account with that address is opened when its address is confirmed.",
        )
        .sends("what_came_back", json!({"code": "4/0AfJohX", "state": "c2VjcmV0", "time_zone": "Europe/Berlin"}))
        .fails([
            ApiError::Provider(ProviderRefusal::Stale),
            ApiError::Provider(ProviderRefusal::Unverified),
            ApiError::Provider(ProviderRefusal::AddressTaken),
            ApiError::Provider(ProviderRefusal::BadAnswer),
            unavailable(UnavailableCause::Provider),
            unavailable(UnavailableCause::Hasher),
        ]);
    tokens(provider_is_named(operation), 200, "Signed in.")
}

pub(in crate::routes) fn list_identities(operation: Operation) -> Operation {
    operation
        .says(TAG, "With whom one signs in", "The one that was linked first at the front.")
        .answers(200, "All of them.")
        .shows(json!({"identities": [{"provider": "github", "linked_at": "2026-11-20T12:00:00Z"}]}))
        .leads_to(
            "Give up the first",
            "unlink_identity",
            &[("user_id", "$request.path.user_id"), ("provider", "$response.body#/identities/0/provider")],
        )
}

pub(in crate::routes) fn unlink_identity(operation: Operation) -> Operation {
    operation
        .says(
            TAG,
            "Sign in with a provider no more",
            "Not when nothing else would let one in: neither a password nor another provider that is configured. Who \
             signs in there with the account's confirmed address is linked again. Sessions go on.",
        )
        .answers(204, "It opens the account no longer.")
        .fails([ApiError::NotFound(Resource::Identity), ApiError::Conflict(Conflict::LastWayIn)])
}

/// What can go wrong wherever mail is asked for.
fn mail_is_sent(operation: Operation) -> Operation {
    operation.fails([
        ApiError::TooMany { retry_after: WAIT },
        unavailable(UnavailableCause::MailServer),
        unavailable(UnavailableCause::Mail),
    ])
}

pub(in crate::routes) fn forgot_password(operation: Operation) -> Operation {
    let operation = operation
        .says(
            TAG,
            "Ask for a link to another password",
            "The answer is the same whether the address has an account or not. `503 mail_not_configured` where the \
             server sends no mail.",
        )
        .sends("an_address", json!({"email": "test@example.com"}))
        .answers(202, "If the address has an account, a link is on its way.")
        .fails([unavailable(UnavailableCause::Database)]);
    mail_is_sent(operation)
}

pub(in crate::routes) fn reset_password(operation: Operation) -> Operation {
    operation
        .says(
            TAG,
            "Set another password by a link",
            "`token` is what the link has. It is good once, for 30 minutes; every session and every program's token of \
             the account ends.",
        )
        .sends("a_link", json!({"token": "AaH4c2VjcmV0", "new_password": "correct horse battery"}))
        .answers(204, "The password is set. Sign in with it.")
        .fails([
            ApiError::BadLink,
            ApiError::TooMany { retry_after: WAIT },
            unavailable(UnavailableCause::Hasher),
            unavailable(UnavailableCause::Database),
            unavailable(UnavailableCause::Outcome),
        ])
}

pub(in crate::routes) fn send_confirmation(operation: Operation) -> Operation {
    let operation = operation
        .says(TAG, "Ask for a link that confirms one's address", "")
        .answers(202, "A link is on its way. It is good for 24 hours.");
    mail_is_sent(operation)
}

pub(in crate::routes) fn confirm_email(operation: Operation) -> Operation {
    operation
        .says(
            TAG,
            "Confirm one's address by a link",
            "It takes both, the link and the account that it was sent for.",
        )
        .sends("a_link", json!({"token": "AaH4c2VjcmV0"}))
        .answers(200, "The user as they are now.")
        .shows(user())
        .fails([ApiError::BadLink])
}
