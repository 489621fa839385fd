//! An account as a file, and its tasks as a calendar.

use domain::limits::LimitReached;
use serde_json::json;

use super::unavailable;
use crate::{
    error::{ApiError, Conflict, Resource, UnavailableCause},
    openapi::Operation,
    openapi_schema,
    routes::import::AccountFile,
};

pub(super) const FILE: &str = "The account as a file";
pub(super) const CALENDAR: &str = "Calendar";

pub(in crate::routes) fn export(operation: Operation) -> Operation {
    operation
        .says(
            FILE,
            "Export the account",
            "Everything of it as one JSON file, written while it is sent. When something goes wrong it breaks off \
             without its end, so that it is no JSON.",
        )
        .answers_json::<AccountFile>(200)
        .answers(200, "The file.")
        .answer_header(
            "Content-Disposition",
            openapi_schema::text("attachment; filename=\"todo-export-2026-11-28.json\""),
            "A name for the file.",
        )
        .fails([unavailable(UnavailableCause::Memory)])
}

pub(in crate::routes) fn import(operation: Operation) -> Operation {
    operation
        .takes::<AccountFile>(true)
        .says(
            FILE,
            "Import a file",
            "Reads an exported file of at most 16 MiB into an account that is empty: all of it or nothing. A rule that \
             is broken is named with its place, such as `tasks[3].title`.",
        )
        .sends(
            "almost_nothing",
            json!({
                "format": "todo-ai-chatbot account", "version": 1,
                "account": {"name": null, "last_task_id": 0},
                "settings": {"time_zone": "UTC", "week_start": "monday"},
                "tasks": [], "conversations": [], "changes": [],
            }),
        )
        .answers(200, "What was written.")
        .shows(json!({"tasks": 12, "conversations": 1, "changes": 40, "left_out_turns": 0}))
        .fails([
            ApiError::Conflict(Conflict::AccountNotEmpty),
            ApiError::Limit(LimitReached::Tasks(20_000)),
            ApiError::Limit(LimitReached::Conversations(5000)),
            ApiError::Limit(LimitReached::StoredBytes(67_108_864)),
        ])
}

pub(in crate::routes) fn show_status(operation: Operation) -> Operation {
    operation
        .says(CALENDAR, "Whether there is a calendar", "")
        .answers(200, "Whether it has an address.")
        .shows(json!({"active": true}))
}

pub(in crate::routes) fn renew(operation: Operation) -> Operation {
    operation
        .says(
            CALENDAR,
            "Make an address for the calendar",
            "In place of the one there was, which stops at once. Whoever knows the address can read the tasks.",
        )
        .answers(201, "The address, relative to the server. It is told this once.")
        .shows(json!({"url": "/calendar/c2VjcmV0.ics"}))
}

pub(in crate::routes) fn turn_off(operation: Operation) -> Operation {
    operation
        .says(CALENDAR, "Turn the calendar off", "")
        .answers(204, "There is no address any more, also when there was none.")
}

pub(in crate::routes) fn show_calendar(operation: Operation) -> Operation {
    operation
        .says(
            CALENDAR,
            "The calendar",
            "For calendar programs, without a token: who knows the address may read it.",
        )
        .query(
            "as",
            openapi_schema::one_of(["events", "todos"]),
            "As events, or as todos for programs that keep lists.",
        )
        .header("If-None-Match", openapi_schema::text("\"c2VjcmV0\""), "The `ETag` of what the reader has.")
        .answers_with(200, "text/calendar", openapi_schema::text("BEGIN:VCALENDAR"))
        .answers(200, "The calendar (RFC 5545).")
        .answers(304, "The reader has it already.")
        .answer_header("ETag", openapi_schema::text("\"c2VjcmV0\""), "Which state of the calendar it is.")
        .fails([
            ApiError::NotFound(Resource::Route),
            ApiError::invalid("as", "A calendar can be read as events or as todos."),
            unavailable(UnavailableCause::Database),
        ])
}
