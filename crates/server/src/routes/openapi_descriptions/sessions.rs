//! The devices on which a person is signed in.

use serde_json::json;

use super::access_tokens::{ID, TAG};
use crate::openapi::Operation;

pub(in crate::routes) fn list_sessions(operation: Operation) -> Operation {
    operation
        .summary(TAG, "Devices", "Where one is signed in; the one that was used last first.")
        .response(200, "All of them.")
        .response_example(json!({"sessions": [{
            "id": ID, "user_agent": "Mozilla/5.0", "created_at": "2026-11-20T12:00:00Z",
            "last_used_at": "2026-11-21T08:30:00Z", "current": true,
        }]}))
        .link(
            "Sign out on the first",
            "end_session",
            &[("user_id", "$request.path.user_id"), ("session_id", "$response.body#/sessions/0/id")],
        )
}

pub(in crate::routes) fn end_session(operation: Operation) -> Operation {
    operation.summary(TAG, "Sign out on a device", "It may be this one.").response(204, "Signed out there.")
}
