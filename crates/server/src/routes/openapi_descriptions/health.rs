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
        .says(TAG, "Whether the process lives", "The database is not asked.")
        .answers(200, "It does.")
        .shows(json!({"status": "ok", "version": VERSION}))
}

pub(in crate::routes) fn ready(operation: Operation) -> Operation {
    operation
        .says(TAG, "Whether it can serve", "The database is asked at most once in 5 s.")
        .answers(200, "The schema is in place and the database answers.")
        .shows(json!({"status": "ok"}))
        .fails([unavailable(UnavailableCause::Database), unavailable(UnavailableCause::Process)])
}

pub(in crate::routes) fn info(operation: Operation) -> Operation {
    operation.says(TAG, "Version and models", "").answers(200, "What runs here.").shows(json!({
        "version": VERSION, "model": {"name": "gpt-4o-mini", "stand_in": false},
        "models": ["gpt-4o-mini", "gpt-4o"], "mail": true, "sign_in_with": ["github"],
    }))
}

pub(in crate::routes) fn metrics(operation: Operation) -> Operation {
    operation
        .says(
            TAG,
            "Numbers for Prometheus",
            "With the token of `METRICS_TOKEN`; without one there is no such route.",
        )
        .answers_with(200, "application/openmetrics-text", field_schemas::text("# EOF"))
        .answers(200, "OpenMetrics text.")
        .fails([ApiError::NotFound(Resource::Route)])
}

pub(in crate::routes) fn openapi(operation: Operation) -> Operation {
    operation
        .says(TAG, "This document", "OpenAPI 3.1.")
        .header("If-None-Match", field_schemas::text("\"c2VjcmV0\""), "The `ETag` of what the reader has.")
        .answers_with(200, "application/json", field_schemas::object())
        .answers(200, "The API as OpenAPI describes one.")
        .answers(304, "The reader has it already.")
        .answer_header("ETag", field_schemas::text("\"c2VjcmV0\""), "Which document it is.")
}
