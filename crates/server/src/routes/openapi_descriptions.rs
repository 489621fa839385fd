//! Descriptions of the routes for the OpenAPI document, beside what handlers' signatures tell: summaries,
//! parameters of the query, what may go wrong in the work itself, and examples.

pub(super) mod access_tokens;
pub(super) mod accounts;
pub(super) mod auth;
pub(super) mod calendar;
pub(super) mod chat;
pub(super) mod conversations;
pub(super) mod email_links;
pub(super) mod export_and_import;
pub(super) mod health;
pub(super) mod mcp;
pub(super) mod oauth;
pub(super) mod provider_sign_in;
pub(super) mod sessions;
pub(super) mod tasks;
pub(super) mod web_page;

use serde_json::{Value, json};

use crate::{
    error::{ApiError, UnavailableCause},
    field_schemas,
    openapi::Operation,
};

/// What operations are grouped by, in the order in which people read.
pub(super) const TAGS: &[&str] = &[
    accounts::TAG,
    provider_sign_in::TAG,
    chat::TAG,
    chat::APPROVALS,
    tasks::TAG,
    tasks::CHANGES,
    conversations::TAG,
    access_tokens::TAG,
    oauth::TAG,
    export_and_import::TAG,
    calendar::TAG,
    health::TAG,
    web_page::TAG,
];

/// The id of a user in examples.
const USER: &str = "0193e2a4-7a51-7c3e-9d3c-0f2f0f0e3a10";
/// The id of a conversation in examples.
const CONVERSATION: &str = "0193e2a4-8f10-7d21-8a8e-3b1c5f6d7e80";
/// The id of a turn in examples.
const TURN: &str = "0193e2a4-8f13-7b46-b1a2-9c8d7e6f5a40";

/// The header in which a client says where its person is.
fn in_time_zone(operation: Operation) -> Operation {
    let description =
        "Where the person is, by IANA's name: days are days there. Without it, the account says so.";
    let error = ApiError::invalid("time_zone", "There is no time zone of this name.");
    operation.header("Time-Zone", field_schemas::time_zone(), description).errors([error])
}

fn unavailable(what: UnavailableCause) -> ApiError {
    ApiError::Unavailable { what, source: None }
}

/// A task as it is answered.
fn task() -> Value {
    json!({
        "id": 1, "title": "Pay rent", "description": null, "completed": false,
        "due": "2026-11-27T09:00", "due_time_zone": "Europe/Berlin", "due_at": "2026-11-27T08:00:00Z",
        "priority": "high", "tags": ["home"],
        "repeat": "FREQ=MONTHLY;BYMONTHDAY=27", "repeat_in_words": "every month on the 27th",
        "parent_id": null, "open_subtasks": 0, "position": -1_048_576,
        "completed_at": null, "version": 3,
        "created_at": "2026-11-20T12:00:00Z", "updated_at": "2026-11-21T08:30:00Z",
    })
}
