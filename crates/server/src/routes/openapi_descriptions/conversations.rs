//! Finding, reading, renaming and deleting conversations.

use serde_json::json;

use super::{CONVERSATION, TURN};
use crate::{
    error::ApiError,
    field_schemas,
    openapi::Operation,
    routes::conversations::{MAX_CONVERSATIONS, MAX_TURNS},
};

pub(super) const TAG: &str = "Conversations";

/// The parameters of a link to one of a list.
const FIRST: &[(&str, &str)] =
    &[("user_id", "$request.path.user_id"), ("conversation_id", "$response.body#/conversations/0/id")];

pub(in crate::routes) fn list(operation: Operation) -> Operation {
    operation
        .summary(TAG, "Conversations", "The one with the newest activity first.")
        .query("limit", field_schemas::integer(1, MAX_CONVERSATIONS), "The most of a page; 20 unless told.")
        .query("offset", field_schemas::integer(0, i64::MAX), "How many to pass over.")
        .query(
            "search",
            field_schemas::text("groceries"),
            "Text of titles (literal) or messages (words, or their beginnings), in any case.",
        )
        .response(200, "A page of them.")
        .response_example(json!({
            "conversations": [{
                "id": CONVERSATION, "title": "Errands", "created_at": "2026-11-20T12:00:00Z",
                "updated_at": "2026-11-20T12:05:00Z", "message_count": 4,
            }],
            "total": 1, "limit": 20, "offset": 0,
        }))
        .link("Read the first", "show_conversation", FIRST)
        .link("Rename the first", "rename_conversation", FIRST)
        .link("Delete the first", "delete_conversation", FIRST)
        .errors([ApiError::invalid("limit", "The limit must be a whole number from 1 to 100.")])
}

pub(in crate::routes) fn show(operation: Operation) -> Operation {
    operation
        .summary(
            TAG,
            "One conversation",
            "What the person saw, in order: the newest turns, or those before one. With `running_turn_id` there is a \
             stream to resume. `parts` is the form in which the AI SDK keeps messages.",
        )
        .query("limit", field_schemas::integer(1, MAX_TURNS), "The most turns of a page; 50 unless told.")
        .query("before", field_schemas::uuid(), "A turn: those that come before it.")
        .response(200, "The conversation and a page of its messages.")
        .response_header(
            "Link",
            field_schemas::text(format!("</api/…/conversations/{CONVERSATION}?before={TURN}>; rel=\"next\"")),
            "The page before this one, if there is one (RFC 8288).",
        )
        .errors([ApiError::invalid("before", "The before must be the id of a turn.")])
}

pub(in crate::routes) fn rename(operation: Operation) -> Operation {
    operation
        .summary(TAG, "Rename a conversation", "")
        .request_example("another_title", json!({"title": "Errands"}))
        .response(200, "The conversation as the list shows it.")
}

pub(in crate::routes) fn delete(operation: Operation) -> Operation {
    operation
        .summary(TAG, "Delete a conversation", "Its messages go too, tasks stay.")
        .response(204, "It is gone.")
}
