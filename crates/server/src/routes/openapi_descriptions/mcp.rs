//! The Model Context Protocol. Its messages are not described here: they are that protocol's.

use domain::access_token::Scope;
use serde_json::json;

use super::in_time_zone;
use crate::{
    error::{ApiError, DisallowedHeader},
    field_schemas,
    openapi::Operation,
};

/// With these statuses the protocol's own errors are answered, as JSON-RPC has them.
const ERRORS: [(u16, &str); 2] =
    [(400, "The message is none, or of another revision."), (404, "There is no such method.")];

pub(in crate::routes) fn answer_message(operation: Operation) -> Operation {
    let operation = ERRORS.into_iter().fold(in_time_zone(operation), |operation, (status, description)| {
        operation
            .response_content(status, "application/json", field_schemas::object())
            .response(status, description)
    });
    operation
        .summary(
            super::access_tokens::TAG,
            "The tools of the assistant, by the Model Context Protocol",
            "JSON-RPC messages of the revisions 2026-07-28 and 2025-11-25, one in a request, without sessions. `Accept` \
             names `application/json` and `text/event-stream`. A call of a \
             tool that looks needs the scope `tasks:read`. One that changes something needs `tasks:write`; with \
             `tasks:read` alone it waits for the person's yes.",
        )
        .request_body_schema(field_schemas::object())
        .request_example("list_tools", json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}))
        .response_content(200, "application/json", field_schemas::object())
        .response(200, "The answer to the message.")
        .response_example(json!({"jsonrpc": "2.0", "id": 1, "result": {"tools": []}}))
        .response(202, "A notification was taken.")
        .errors([
            ApiError::HostOrOriginNotAllowed(DisallowedHeader::Host),
            ApiError::HostOrOriginNotAllowed(DisallowedHeader::Origin),
            ApiError::PayloadTooLarge,
            ApiError::RequestTimeout,
            ApiError::NotAcceptable,
            ApiError::UnsupportedMediaType,
            ApiError::InsufficientScope { needed: Some(Scope::TasksWrite) },
        ])
}
