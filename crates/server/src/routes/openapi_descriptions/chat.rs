//! Talking to the assistant, and what it asks before it acts.

use std::time::Duration;

use domain::{account_limits::LimitReached, approval::ApprovalError, turn::FailureKind};
use serde_json::{Value, json};

use super::{CONVERSATION, TURN, in_time_zone, unavailable};
use crate::{
    error::{ApiError, Conflict, Resource, UnavailableCause},
    field_schemas,
    openapi::Operation,
};

pub(super) const TAG: &str = "Chat";
pub(super) const APPROVALS: &str = "Approvals";

fn model(kind: FailureKind) -> ApiError {
    ApiError::Model { kind, retry_after: None, failure: None, is_replayed: false, source: None }
}

/// What can go wrong when a message is answered.
fn answers_a_message(operation: Operation) -> Operation {
    in_time_zone(operation)
        .request_example("a_new_conversation", json!({"message": "Add a task to buy groceries"}))
        .request_example(
            "one_that_goes_on",
            json!({"message": "Mark task 1 as done", "conversation_id": CONVERSATION}),
        )
        .errors([
            ApiError::NotFound(Resource::Conversation),
            ApiError::Conflict(Conflict::TurnRunning),
            ApiError::Limit(LimitReached::TurnsAtOnce(2)),
            ApiError::Limit(LimitReached::TurnsInWindow { most: 20, retry_after: Duration::from_secs(300) }),
            ApiError::Limit(LimitReached::TokensToday { retry_after: Duration::from_secs(3600) }),
            ApiError::Limit(LimitReached::Conversations(5000)),
            ApiError::Limit(LimitReached::StoredBytes(67_108_864)),
            model(FailureKind::ModelBadReply),
            model(FailureKind::ModelMisconfigured),
            model(FailureKind::ModelUnavailable),
            model(FailureKind::ModelBusy),
            model(FailureKind::ModelLoading),
            model(FailureKind::ModelTimeout),
            model(FailureKind::Abandoned),
            unavailable(UnavailableCause::ShuttingDown),
            unavailable(UnavailableCause::Worker),
        ])
}

fn answer() -> Value {
    json!({
        "message": "I've added 'Buy groceries' to your task list.",
        "conversation_id": CONVERSATION,
        "tool_calls": [{
            "tool": "add_task",
            "input": {"title": "Buy groceries"},
            "result": {"success": true, "task": {"id": 1, "title": "Buy groceries", "completed": false, "version": 1}},
        }],
        "effects": [{"kind": "added", "task_id": 1, "title": "Buy groceries"}],
        "notice": null,
        "finish_reason": "stop",
        "turn_id": TURN,
        "model": "gpt-4o-mini",
        "usage": {"prompt_tokens": 412, "completion_tokens": 31, "total_tokens": 443},
        "approvals": [],
    })
}

const TURN_OF_ANSWER: &[(&str, &str)] =
    &[("user_id", "$request.path.user_id"), ("turn_id", "$response.body#/turn_id")];
const CONVERSATION_OF_ANSWER: &[(&str, &str)] =
    &[("user_id", "$request.path.user_id"), ("conversation_id", "$response.body#/conversation_id")];

pub(in crate::routes) fn create_turn(operation: Operation) -> Operation {
    let operation = operation.summary(
        TAG,
        "Say something, and wait for the answer",
        "Up to a minute. `tool_calls` and `effects` are what was really done, whatever the words say. A client that \
         goes away stops nothing: the answer is found under its key, in the conversation, and at its turn.",
    );
    answers_a_message(operation)
        .response(200, "The answer.")
        .response_example(answer())
        .link("The turn", "show_turn", TURN_OF_ANSWER)
        .link("Take it back", "undo_turn", TURN_OF_ANSWER)
        .link("The conversation", "show_conversation", CONVERSATION_OF_ANSWER)
        .link("Rename the conversation", "rename_conversation", CONVERSATION_OF_ANSWER)
}

/// The answer in pieces.
fn streams(operation: Operation, description: &'static str) -> Operation {
    operation
        .query(
            "ai",
            field_schemas::text("6"),
            "The version of the AI SDK that reads the stream, or its major version: from 6 on it knows approvals, from 5.0.92 \
             on `finishReason`.",
        )
        .response_content(200, "text/event-stream", field_schemas::anything())
        .response(200, description)
        .response_header(
            "x-vercel-ai-ui-message-stream",
            field_schemas::one_of(["v1"]),
            "The version of the AI SDK's UI message stream.",
        )
}

pub(in crate::routes) fn stream_turn(operation: Operation) -> Operation {
    let operation = operation.summary(
        TAG,
        "Say something, and read the answer as it comes",
        "Server-sent events in the AI SDK's *UI message stream*, version 1. It takes the body of `/chat`, or what \
         `useChat` sends: of all messages only the newest of the user is read.",
    );
    streams(answers_a_message(operation), "The answer as a stream.")
        .request_example(
            "use_chat",
            json!({
                "id": "any text", "trigger": "submit-message",
                "messages": [{"id": "m1", "role": "user", "parts": [{"type": "text", "text": "Show my tasks"}]}],
            }),
        )
        .errors([
            ApiError::Limit(LimitReached::Tasks(20_000)),
            ApiError::Limit(LimitReached::ChangesInMinute(120)),
            ApiError::Conflict(Conflict::NothingToRegenerate),
            ApiError::UndoConflict(vec![super::tasks::changed_since()]),
            ApiError::Conflict(Conflict::Approval(ApprovalError::OtherArguments)),
            ApiError::NotFound(Resource::Approval),
        ])
}

pub(in crate::routes) fn resume_turn(operation: Operation) -> Operation {
    let operation = operation.summary(
        TAG,
        "Follow a running answer",
        "From its start, on any replica. Where nobody works on it any more, send its message again with its key.",
    );
    streams(operation, "The running turn of that conversation.")
        .response(204, "None is running.")
        .errors([unavailable(UnavailableCause::ShuttingDown)])
}

pub(in crate::routes) fn stop_turn(operation: Operation) -> Operation {
    operation
        .summary(
            TAG,
            "Stop a running answer",
            "Wherever it runs. What it did stays done. With a body, only the turn that it names: a stop that arrives late \
             leaves the next turn alone. Another answer to the same message has the same id.",
        )
        .request_example("this_turn", json!({"turn_id": TURN}))
        .response(200, "It was asked to stop.")
        .response_example(json!({"turn_id": TURN}))
        .response(204, "None is running, or another one than the one named.")
}

pub(in crate::routes) fn show_turn(operation: Operation) -> Operation {
    operation
        .summary(TAG, "How a turn stands", "And, when it is over, its answer.")
        .response(200, "What is known of it.")
        .response_example(json!({
            "turn_id": TURN, "conversation_id": CONVERSATION, "state": "answered",
            "tool_calls": answer()["tool_calls"], "answer": answer(), "error": null,
        }))
        .link("Take it back", "undo_turn", TURN_OF_ANSWER)
}

pub(in crate::routes) fn list_approvals(operation: Operation) -> Operation {
    operation
        .summary(
            APPROVALS,
            "What waits for an answer",
            "The assistant deletes up to three tasks, and changes up to ten, in one turn, and so does a program in one \
             call. A call that goes beyond is not made: it waits, as a whole, for the person's yes, and so does what is \
             asked for with a token that does not allow it.",
        )
        .response(200, "Those that wait, the oldest first.")
        .link("Answer the first", "decide", &[
            ("user_id", "$request.path.user_id"),
            ("approval_id", "$response.body#/approvals/0/id"),
        ])
}

pub(in crate::routes) fn decide(operation: Operation) -> Operation {
    let refused = |why| ApiError::Conflict(Conflict::Approval(why));
    operation
        .summary(
            APPROVALS,
            "Answer a question",
            "A yes counts once, until `expires_at`, and only while every task of the question is as it was. The same \
             answer sent again is answered the same. `arguments`, when they are there, are what the person was shown. \
             What a program asks by `/mcp` no program answers.",
        )
        .request_example("yes", json!({"decision": "approve"}))
        .request_example("no", json!({"decision": "reject"}))
        .response(200, "The question as it stands now, and what came of the call.")
        .errors([
            refused(ApprovalError::Expired),
            refused(ApprovalError::Void),
            refused(ApprovalError::Decided),
            refused(ApprovalError::OtherArguments),
            refused(ApprovalError::StillRunning),
            refused(ApprovalError::NotThePerson),
            ApiError::Limit(LimitReached::ChangesInMinute(120)),
            ApiError::Limit(LimitReached::Tasks(20_000)),
            ApiError::Limit(LimitReached::StoredBytes(67_108_864)),
        ])
}
