//! An account as a file, both ways.

use domain::account_limits::LimitReached;
use serde_json::json;

use super::unavailable;
use crate::{
    error::{ApiError, Conflict, UnavailableCause},
    field_schemas,
    openapi::Operation,
    routes::import::AccountFile,
};

pub(super) const TAG: &str = "The account as a file";

pub(in crate::routes) fn export(operation: Operation) -> Operation {
    operation
        .summary(
            TAG,
            "Export the account",
            "Everything of it as one JSON file, written while it is sent. When something goes wrong it breaks off \
             without its end, so that it is no JSON.",
        )
        .json_response::<AccountFile>(200)
        .response(200, "The file.")
        .response_header(
            "Content-Disposition",
            field_schemas::text("attachment; filename=\"todo-export-2026-11-28.json\""),
            "A name for the file.",
        )
        .errors([unavailable(UnavailableCause::Memory)])
}

pub(in crate::routes) fn import(operation: Operation) -> Operation {
    operation
        .request_body::<AccountFile>(true)
        .summary(
            TAG,
            "Import a file",
            "Reads an exported file of at most 16 MiB into an account that is empty: all of it or nothing. A rule that \
             is broken is named with its place, such as `tasks[3].title`.",
        )
        .request_example(
            "almost_nothing",
            json!({
                "format": "todo-ai-chatbot account", "version": 1,
                "account": {"name": null, "last_task_id": 0},
                "settings": {"time_zone": "UTC", "week_start": "monday"},
                "tasks": [], "conversations": [], "changes": [],
            }),
        )
        .response(200, "What was written.")
        .response_example(json!({"tasks": 12, "conversations": 1, "changes": 40, "left_out_turns": 0}))
        .errors([
            ApiError::Conflict(Conflict::AccountNotEmpty),
            ApiError::Limit(LimitReached::Tasks(20_000)),
            ApiError::Limit(LimitReached::Conversations(5000)),
            ApiError::Limit(LimitReached::StoredBytes(67_108_864)),
        ])
}
