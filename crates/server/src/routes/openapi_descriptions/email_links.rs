//! The links in mails: another password, and a confirmed address.

use serde_json::json;

use super::{
    accounts::user,
    provider_sign_in::{TAG, WAIT},
    unavailable,
};
use crate::{
    error::{ApiError, UnavailableCause},
    openapi::Operation,
};

/// What can go wrong wherever mail is asked for.
fn mail_is_sent(operation: Operation) -> Operation {
    operation.errors([
        ApiError::TooManyAttempts { retry_after: WAIT },
        unavailable(UnavailableCause::MailServer),
        unavailable(UnavailableCause::Mail),
    ])
}

pub(in crate::routes) fn forgot_password(operation: Operation) -> Operation {
    let operation = operation
        .summary(
            TAG,
            "Ask for a link to another password",
            "The answer is the same whether the address has an account or not. `503 mail_not_configured` where the \
             server sends no mail.",
        )
        .request_example("an_address", json!({"email": "test@example.com"}))
        .response(202, "If the address has an account, a link is on its way.")
        .errors([unavailable(UnavailableCause::Database)]);
    mail_is_sent(operation)
}

pub(in crate::routes) fn reset_password(operation: Operation) -> Operation {
    operation
        .summary(
            TAG,
            "Set another password by a link",
            "`token` is what the link has. It is good once, for 30 minutes; every session and every program's token of \
             the account ends.",
        )
        .request_example("a_link", json!({"token": "AaH4c2VjcmV0", "new_password": "correct horse battery"}))
        .response(204, "The password is set. Sign in with it.")
        .errors([
            ApiError::InvalidLink,
            ApiError::TooManyAttempts { retry_after: WAIT },
            unavailable(UnavailableCause::Hasher),
            unavailable(UnavailableCause::Database),
            unavailable(UnavailableCause::CommitOutcome),
        ])
}

pub(in crate::routes) fn send_confirmation(operation: Operation) -> Operation {
    let operation = operation
        .summary(TAG, "Ask for a link that confirms one's address", "")
        .response(202, "A link is on its way. It is good for 24 hours.");
    mail_is_sent(operation)
}

pub(in crate::routes) fn confirm_email(operation: Operation) -> Operation {
    operation
        .summary(
            TAG,
            "Confirm one's address by a link",
            "It takes both, the link and the account that it was sent for.",
        )
        .request_example("a_link", json!({"token": "AaH4c2VjcmV0"}))
        .response(200, "The user as they are now.")
        .response_example(user())
        .errors([ApiError::InvalidLink])
}
