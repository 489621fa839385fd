//! An account's tasks as a calendar.

use serde_json::json;

use super::unavailable;
use crate::{
    error::{ApiError, Resource, UnavailableCause},
    field_schemas,
    openapi::Operation,
};

pub(super) const TAG: &str = "Calendar";

pub(in crate::routes) fn show_status(operation: Operation) -> Operation {
    operation
        .summary(TAG, "Whether there is a calendar", "")
        .response(200, "Whether it has an address.")
        .response_example(json!({"active": true}))
}

pub(in crate::routes) fn renew(operation: Operation) -> Operation {
    operation
        .summary(
            TAG,
            "Make an address for the calendar",
            "In place of the one there was, which stops at once. Whoever knows the address can read the tasks.",
        )
        .response(201, "The address, relative to the server. It is told this once.")
        .response_example(json!({"url": "/calendar/c2VjcmV0.ics"}))
}

pub(in crate::routes) fn turn_off(operation: Operation) -> Operation {
    operation
        .summary(TAG, "Turn the calendar off", "")
        .response(204, "There is no address any more, also when there was none.")
}

pub(in crate::routes) fn show_calendar(operation: Operation) -> Operation {
    operation
        .summary(
            TAG,
            "The calendar",
            "For calendar programs, without a token: who knows the address may read it.",
        )
        .query(
            "as",
            field_schemas::one_of(["events", "todos"]),
            "As events, or as todos for programs that keep lists.",
        )
        .header("If-None-Match", field_schemas::text("\"c2VjcmV0\""), "The `ETag` of what the reader has.")
        .response_content(200, "text/calendar", field_schemas::text("BEGIN:VTAG"))
        .response(200, "The calendar (RFC 5545).")
        .response(304, "The reader has it already.")
        .response_header("ETag", field_schemas::text("\"c2VjcmV0\""), "Which state of the calendar it is.")
        .errors([
            ApiError::NotFound(Resource::Route),
            ApiError::invalid("as", "A calendar can be read as events or as todos."),
            unavailable(UnavailableCause::Database),
        ])
}
