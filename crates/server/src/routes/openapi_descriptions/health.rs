//! Health, readiness, and information about the server.

use serde_json::json;

use super::unavailable;
use crate::{
    VERSION,
    error::{ApiError, Resource, UnavailableCause},
    field_schemas,
    openapi::Operation,
};

pub(super) const TAG: &str = "The server itself";

pub(in crate::routes) fn health(operation: Operation) -> Operation {
    operation
        .summary(TAG, "Whether the process lives", "The database is not asked.")
        .response(200, "It does.")
        .response_example(json!({"status": "ok", "version": VERSION}))
}

pub(in crate::routes) fn ready(operation: Operation) -> Operation {
    operation
        .summary(TAG, "Whether it can serve", "The database is asked at most once in 5 s.")
        .response(200, "The schema is in place and the database answers.")
        .response_example(json!({"status": "ok"}))
        .errors([unavailable(UnavailableCause::Database), unavailable(UnavailableCause::ShuttingDown)])
}

pub(in crate::routes) fn info(operation: Operation) -> Operation {
    operation.summary(TAG, "Version and models", "").response(200, "What runs here.").response_example(
        json!({
            "version": VERSION, "model": {"name": "gpt-4o-mini", "stand_in": false},
            "models": ["gpt-4o-mini", "gpt-4o"], "mail": true, "sign_in_with": ["github"],
        }),
    )
}

pub(in crate::routes) fn metrics(operation: Operation) -> Operation {
    operation
        .summary(
            TAG,
            "Numbers for Prometheus",
            "With the token of `METRICS_TOKEN`; without one there is no such route.",
        )
        .response_content(200, "application/openmetrics-text", field_schemas::text("# EOF"))
        .response(200, "OpenMetrics text.")
        .errors([ApiError::NotFound(Resource::Route)])
}

pub(in crate::routes) fn openapi(operation: Operation) -> Operation {
    operation
        .summary(TAG, "This document", "OpenAPI 3.1.")
        .header("If-None-Match", field_schemas::text("\"c2VjcmV0\""), "The `ETag` of what the reader has.")
        .response_content(200, "application/json", field_schemas::object())
        .response(200, "The API as OpenAPI describes one.")
        .response(304, "The reader has it already.")
        .response_header("ETag", field_schemas::text("\"c2VjcmV0\""), "Which document it is.")
}
