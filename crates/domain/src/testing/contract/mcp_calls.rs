//! Tool calls of programs.

use chrono::DateTime;
use serde_json::{Map, Value, json};

use super::fixture::{add, must, new_key, new_todo, unique};
use crate::{
    caller::Caller,
    change_log::ChangeFilter,
    mcp_call::McpCall,
    ports::{ChangeLog, IdempotentOutcome, McpCallExecutor, StoreError, TodoStore, UndoStore},
    request_channel::ChannelKind,
    testing::join_all,
    time_zone::PersonalTime,
    turn::RequestKey,
    undo::UndoRequest,
};

fn call(name: &str, arguments: Value, key: Option<&RequestKey>) -> McpCall {
    let arguments = if let Value::Object(arguments) = arguments { arguments } else { Map::new() };
    must(McpCall::plan(name, arguments, PersonalTime::utc(DateTime::UNIX_EPOCH), key.cloned(), true))
}

async fn result_of(store: &dyn McpCallExecutor, caller: Caller, name: &str, arguments: Value) -> Value {
    match must(store.carry_out(caller, &call(name, arguments, None)).await) {
        IdempotentOutcome::Fresh(result) => result,
        other => panic!("there is no key: {other:?}"),
    }
}

async fn count(store: &dyn McpCallExecutor, caller: Caller, words: &str) -> Value {
    result_of(store, caller, "list_tasks", json!({"search": words})).await["total"].clone()
}

pub(super) async fn a_call_does_what_its_tool_says(
    store: &(impl McpCallExecutor + TodoStore + ChangeLog),
    a: Caller,
    b: Caller,
) {
    let mark = unique("by a program");
    let added = result_of(store, a, "add_task", json!({"title": &mark, "due": "1970-01-02"})).await;
    let id = added["task"]["id"].clone();
    assert_eq!((&added["success"], &added["task"]["title"]), (&json!(true), &json!(mark)));
    let listed = result_of(store, a, "list_tasks", json!({"search": &mark})).await;
    assert_eq!((&listed["total"], &listed["tasks"][0]["id"]), (&json!(1), &id));
    assert_eq!(count(store, b, &mark).await, 0, "it is not theirs");
    let refused = result_of(store, b, "delete_task", json!({"task_id": i64::MAX})).await;
    assert_eq!((&refused["success"], &refused["code"]), (&json!(false), &json!("NOT_FOUND")));

    let done = result_of(store, a, "complete_task", json!({"task_id": mark.to_uppercase()})).await;
    assert_eq!(done["task"]["completed"], true, "by its title: {done}");
    let both = json!({"task_id": [id, i64::MAX], "priority": "high"});
    let both = result_of(store, a, "update_task", both).await;
    assert_eq!(both["results"][0]["success"], true, "{both}");
    assert_eq!(both["results"][1]["code"], "NOT_FOUND", "{both}");
    let undone = result_of(store, a, "undo_last", json!({})).await;
    assert_eq!(undone["results"][0]["task_id"], id, "{undone}");
    let told = result_of(store, a, "list_changes", json!({"task_id": id})).await;
    let kinds: Vec<_> = told["changes"].as_array().into_iter().flatten().map(|one| &one["kind"]).collect();
    assert_eq!(kinds, ["updated", "updated", "completed", "added"]);

    let log = must(store.changes(a, &ChangeFilter::default()).await);
    assert!(log.changes.iter().take(4).all(|change| change.channel == ChannelKind::Mcp));
    assert!(log.changes.iter().take(4).all(|change| change.turn.is_none()));
}

pub(super) async fn under_a_key_a_call_has_its_effect_once(
    store: &(impl McpCallExecutor + TodoStore + UndoStore),
    a: Caller,
    b: Caller,
) {
    let (mark, key) = (unique("once"), new_key());
    let add_task = call("add_task", json!({"title": &mark}), Some(&key));
    let IdempotentOutcome::Fresh(first) = must(store.carry_out(a, &add_task).await) else {
        panic!("it is new")
    };
    result_of(store, a, "delete_task", json!({"task_id": first["task"]["id"]})).await;
    for _ in 0..2 {
        let again = must(store.carry_out(a, &add_task).await);
        assert_eq!(again, IdempotentOutcome::Replayed(first.clone()), "the first result, not today's");
    }
    assert_eq!(count(store, a, &mark).await, 0);
    let other = RequestKey { body_hash: [8; 32], ..key.clone() };
    assert_eq!(
        must(store.carry_out(a, &call("undo_last", json!({}), Some(&other))).await),
        IdempotentOutcome::KeyReused
    );
    assert!(
        matches!(must(store.carry_out(b, &add_task).await), IdempotentOutcome::Fresh(_)),
        "keys are each user's own"
    );

    // One namespace with everything else that has keys.
    assert_eq!(must(must(store.add_once(a, &other, &new_todo(&mark)).await)), IdempotentOutcome::KeyReused);
    assert_eq!(must(store.change_all(a, Some(&other), &[add(&mark)]).await), IdempotentOutcome::KeyReused);
    assert_eq!(
        must(must(store.undo(a, Some(&other), UndoRequest::LAST).await)),
        IdempotentOutcome::KeyReused
    );
    let of_a_task = new_key();
    must(must(store.add_once(a, &of_a_task, &new_todo(&mark)).await));
    let under_it = call("add_task", json!({"title": &mark}), Some(&of_a_task));
    assert_eq!(must(store.carry_out(a, &under_it).await), IdempotentOutcome::KeyReused);

    // What was refused as a whole, or only looked, may be sent again for another result.
    let key = new_key();
    let refused = call("delete_task", json!({"task_id": i64::MAX}), Some(&key));
    let all_refused = call("complete_task", json!({"task_id": [i64::MAX - 1, i64::MAX]}), Some(&key));
    let look = call("list_tasks", json!({}), Some(&key));
    for call in [&refused, &refused, &all_refused, &all_refused, &look] {
        assert!(matches!(must(store.carry_out(a, call).await), IdempotentOutcome::Fresh(_)));
    }
    let fresh = must(store.carry_out(a, &call("add_task", json!({"title": &mark}), Some(&key))).await);
    assert!(matches!(fresh, IdempotentOutcome::Fresh(_)), "{fresh:?}");
}

pub(super) async fn a_key_used_at_once_has_one_effect(store: &impl McpCallExecutor, a: Caller) {
    let (mark, key) = (unique("at once"), new_key());
    let add_task = call("add_task", json!({"title": &mark}), Some(&key));
    let mut fresh = 0;
    let mut results = Vec::new();
    for outcome in join_all((0..4).map(|_| store.carry_out(a, &add_task))).await {
        match must(outcome) {
            IdempotentOutcome::Fresh(result) => {
                fresh += 1;
                results.push(result);
            }
            IdempotentOutcome::Replayed(result) => results.push(result),
            IdempotentOutcome::KeyReused => panic!("it is the same call"),
        }
    }
    assert_eq!(fresh, 1);
    assert!(results.windows(2).all(|pair| pair[0] == pair[1]), "{results:?}");
    assert_eq!(count(store, a, &mark).await, 1);
}

pub(super) async fn a_revoked_token_does_nothing(store: &impl McpCallExecutor, a: Caller) {
    let mark = unique("revoked");
    let revoked = Caller { token_version: a.token_version + 1, ..a };
    let title = json!({"title": &mark});
    for call in [
        call("list_tasks", json!({}), None),
        call("list_changes", json!({}), None),
        call("add_task", title.clone(), None),
        call("add_task", title, Some(&new_key())),
        call("complete_task", json!({"task_id": "any title"}), None),
        call("update_task", json!({"task_id": [1, 2], "priority": "low"}), None),
        call("undo_last", json!({}), None),
    ] {
        let outcome = store.carry_out(revoked, &call).await;
        assert!(matches!(outcome, Err(StoreError::UnknownCaller)), "{call:?}: {outcome:?}");
    }
    assert_eq!(count(store, a, &mark).await, 0);
}
