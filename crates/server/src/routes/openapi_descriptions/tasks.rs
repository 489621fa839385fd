//! Tasks, what was changed in them, and undoing it.

use chrono::DateTime;
use domain::{
    account_limits::LimitReached,
    priority::Priority,
    tags::Tags,
    todo::{TaskNumber, Todo, TodoTitle},
    undo::{Conflict as Changed, ConflictReason},
};
use serde_json::json;

use super::{in_time_zone, task};
use crate::{
    error::{ApiError, Conflict},
    field_schemas,
    openapi::Operation,
    routes::{activity::MAX_CHANGES, tasks::filter::MAX_TASKS},
};

pub(super) const TAG: &str = "Tasks";
pub(super) const CHANGES: &str = "Changes and undo";

/// The task that was answered.
const THIS_TASK: &[(&str, &str)] = &[("user_id", "$request.path.user_id"), ("task_id", "$response.body#/id")];

fn with_etag(operation: Operation) -> Operation {
    operation.response_header("ETag", field_schemas::etag(), "The `version` in quotes, for `If-Match`.")
}

/// What a change by REST may run into.
fn changes(operation: Operation) -> Operation {
    operation.errors([ApiError::Limit(LimitReached::ChangesInMinute(120))])
}

fn grows(operation: Operation) -> Operation {
    operation.errors([
        ApiError::Limit(LimitReached::Tasks(20_000)),
        ApiError::Limit(LimitReached::StoredBytes(67_108_864)),
    ])
}

/// The header that makes a change only of what was read.
fn if_match(operation: Operation) -> Operation {
    let changed = rent().map(|todo| ApiError::TaskChanged(Box::new(todo)));
    let description = "The `ETag` that was read: the change is made only when the task is still the same.";
    operation
        .header("If-Match", field_schemas::etag(), description)
        .errors([ApiError::invalid("If-Match", "The If-Match must be one ETag.")])
        .errors(changed)
}

/// The task of an example.
fn rent() -> Option<Todo> {
    let day = DateTime::from_timestamp(1_795_000_000, 0)?;
    Some(Todo {
        number: TaskNumber(1),
        title: TodoTitle::parse("Pay rent").ok()?,
        description: None,
        completed: false,
        due: None,
        priority: Priority::High,
        tags: Tags::default(),
        repeat: None,
        parent: None,
        open_subtasks: 0,
        position: -1_048_576,
        completed_at: None,
        revision: 3,
        created_at: day,
        updated_at: day,
    })
}

pub(in crate::routes) fn list(operation: Operation) -> Operation {
    let orders = ["newest", "due", "priority", "best", "position"];
    in_time_zone(operation)
        .summary(
            TAG,
            "Tasks",
            "The newest first; with `due` in the order of the days, and with `search` the best match first, unless \
             `sort` says otherwise.",
        )
        .query("status", field_schemas::one_of(["all", "pending", "completed"]), "Whether they are done.")
        .query(
            "search",
            field_schemas::text("milk"),
            "All of these words, in any order, in title, description or tags, as a person would call them the same.",
        )
        .query(
            "due",
            field_schemas::text("week"),
            "`today`, `tomorrow`, `week`, `overdue`, `none`, a day, or two as `2026-11-01..2026-11-30`, of which one may \
             be left out.",
        )
        .query("priority", field_schemas::priority(), "How important.")
        .query("tag", field_schemas::text("home"), "With this tag; case is not compared.")
        .query("parent", field_schemas::text("none"), "The subtasks of a task, by its number; or `none`: what stands under none.")
        .query("completed_since", field_schemas::text("today"), "Done on this day or later.")
        .query("sort", field_schemas::one_of(orders), "The order.")
        .query("limit", field_schemas::integer(1, MAX_TASKS), "The most of a page; 200 unless told.")
        .query("before", field_schemas::integer(0, i64::MAX), "Those with a smaller number, in the order of numbers.")
        .query("offset", field_schemas::integer(0, i64::MAX), "How many to pass over, in every other order.")
        .response(200, "A page of them.")
        .response_example(json!([task()]))
        .response_header(
            "Link",
            field_schemas::text("</api/…/tasks?due=week&offset=200>; rel=\"next\""),
            "The next page, if there is one (RFC 8288).",
        )
        .errors([ApiError::invalid("limit", "The limit must be a whole number from 1 to 500.")])
}

pub(in crate::routes) fn create(operation: Operation) -> Operation {
    with_etag(grows(changes(in_time_zone(operation))))
        .summary(TAG, "Add a task", "At most one under an `Idempotency-Key`.")
        .request_example("only_a_title", json!({"title": "Buy milk"}))
        .request_example(
            "all_of_it",
            json!({
                "title": "Pay rent", "description": "To the new account", "due": "2026-11-27T09:00",
                "due_time_zone": "Europe/Berlin", "priority": "high", "tags": ["home"],
                "repeat": "every month on the 27th",
            }),
        )
        .response(201, "The task.")
        .response_example(task())
        .response_header("Location", field_schemas::text("/api/…/tasks/1"), "Where it is.")
        .link("Read it", "show_task", THIS_TASK)
        .link("Change it", "update_task", THIS_TASK)
        .link("Delete it", "delete_task", THIS_TASK)
}

pub(in crate::routes) fn change_several(operation: Operation) -> Operation {
    grows(changes(in_time_zone(operation)))
        .summary(
            TAG,
            "Change several tasks",
            "1 to 100 operations, made one after the other in one transaction; each has an outcome of its own, and one \
             that is refused stands in no other's way.",
        )
        .request_example(
            "three",
            json!({"operations": [
                {"op": "add", "task": {"title": "Milk"}},
                {"op": "update", "id": 7, "changes": {"completed": true}, "version": 3},
                {"op": "delete", "id": 8},
            ]}),
        )
        .response(200, "What became of each, in their order.")
        .response_example(json!({"results": [
            {"ok": true, "task": task()},
            {"ok": false, "error": {
                "status": 412, "code": "task_changed", "detail": "The task was changed meanwhile.", "task": task(),
            }},
            {"ok": false, "error": {"status": 404, "code": "task_not_found", "detail": "There is no such task."}},
        ]}))
}

pub(in crate::routes) fn show(operation: Operation) -> Operation {
    with_etag(operation)
        .summary(TAG, "One task", "")
        .response(200, "The task.")
        .response_example(task())
        .link("Change it", "update_task", THIS_TASK)
        .link("Delete it", "delete_task", THIS_TASK)
}

pub(in crate::routes) fn update(operation: Operation) -> Operation {
    if_match(with_etag(grows(changes(in_time_zone(operation)))))
        .summary(
            TAG,
            "Change a task",
            "What is absent stays. `null` removes a description, a date (and with it the repeat) or a repeat; a body that \
             changes nothing is refused. `skip` passes over one time of a task that repeats, `after_id` places it behind \
             another one or at the top.",
        )
        .request_example("done", json!({"completed": true}))
        .request_example("another_day", json!({"due": "2026-11-27T09:00", "due_time_zone": "Europe/Berlin"}))
        .response(200, "The task as it is now.")
        .response_example(task())
        .link("Read it", "show_task", THIS_TASK)
}

pub(in crate::routes) fn delete(operation: Operation) -> Operation {
    if_match(changes(operation))
        .summary(TAG, "Delete a task", "Its subtasks stay and stand under none.")
        .response(204, "It is gone; an undo brings it back.")
}

pub(in crate::routes) fn list_changes(operation: Operation) -> Operation {
    in_time_zone(operation)
        .summary(
            CHANGES,
            "What was changed",
            "Every change of the list, the newest first: what became of which task, by which channel, and how it was \
             before and after. Changes are kept for 30 days.",
        )
        .query("task", field_schemas::integer(1, i64::MAX), "Of this task, also when it is deleted.")
        .query("day", field_schemas::text("today"), "On this day: a date, `today` or `yesterday`.")
        .query("before", field_schemas::integer(0, i64::MAX), "Those before a change: the `next_before` of a page.")
        .query("limit", field_schemas::integer(1, MAX_CHANGES), "The most of a page; 50 unless told.")
        .response(200, "A page of them.")
        .response_example(json!({"changes": [change()], "next_before": null}))
        .link("Take back the newest", "undo_change", &[
            ("user_id", "$request.path.user_id"),
            ("change_id", "$response.body#/changes/0/id"),
        ])
        .errors([ApiError::invalid("day", "The day must be a date such as 2026-11-27, or today or yesterday.")])
}

fn change() -> serde_json::Value {
    json!({
        "id": 123, "kind": "added", "task_id": 1, "title": "Pay rent", "before": null, "after": task(),
        "channel": "rest", "program": null, "turn_id": null, "conversation_id": null, "at": "2026-11-20T12:00:00Z",
        "undone_by": null, "undoes": null,
    })
}

/// What stands against an undo in an example.
pub(super) fn changed_since() -> Changed {
    Changed {
        number: TaskNumber(1),
        title: "Pay rent".to_owned(),
        reason: ConflictReason::Changed,
        since: None,
    }
}

fn undo(operation: Operation) -> Operation {
    grows(changes(operation))
        .request_example("all_or_nothing", json!({}))
        .request_example("what_can_be_undone", json!({"rest": true}))
        .response(200, "By which changes it was taken back, and the tasks as they are now.")
        .response_example(json!({"changes": [change()], "tasks": [task()], "left_out": []}))
        .errors([
            ApiError::UndoConflict(vec![changed_since()]),
            ApiError::Conflict(Conflict::AlreadyUndone),
            ApiError::Conflict(Conflict::NothingToUndo),
            ApiError::Conflict(Conflict::TurnRunning),
        ])
}

pub(in crate::routes) fn undo_turn(operation: Operation) -> Operation {
    undo(operation).summary(
        CHANGES,
        "Take back what an answer did",
        "All or nothing: when one of its tasks was changed since, nothing is undone; with `rest` what can be.",
    )
}

pub(in crate::routes) fn undo_change(operation: Operation) -> Operation {
    undo(operation).summary(
        CHANGES,
        "Take back one change",
        "The task becomes what it was before it. An undo is a change like any other, so it can be undone.",
    )
}
