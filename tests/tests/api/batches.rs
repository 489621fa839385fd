//! Several changes in one request.

use serde_json::{Value, json};
use tests::{TestApp, User};

async fn send(alice: &User<'_>, operations: Value) -> Vec<Value> {
    let answer = alice.own("POST", "/tasks/batch").json(&json!({"operations": operations})).await.expect(200);
    answer["results"].as_array().unwrap().clone()
}

fn errors(results: &[Value]) -> Vec<(Value, Value)> {
    results.iter().map(|one| (one["error"]["status"].clone(), one["error"]["code"].clone())).collect()
}

#[tokio::test]
async fn each_change_of_a_batch_has_an_outcome_of_its_own() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let added = send(
        &alice,
        json!([
            {"op": "add", "task": {"title": "Rent", "due": "2027-01-02T09:00", "tags": ["home"]}},
            {"op": "add", "task": {"title": "Milk"}},
            {"op": "add", "task": {"title": "Bread", "parent_id": 2}},
        ]),
    )
    .await;
    assert!(added.iter().all(|one| one["ok"] == true), "{added:?}");
    let shown = |index: usize, name: &str| added[index]["task"][name].clone();
    assert_eq!([shown(0, "id"), shown(1, "id"), shown(2, "parent_id")], [json!(1), json!(2), json!(2)]);
    let outcomes = send(
        &alice,
        json!([
            {"op": "update", "id": 1, "changes": {"completed": true}, "version": 1},
            {"op": "update", "id": 1, "changes": {"title": "Late"}, "version": 1},
            {"op": "update", "id": 9, "changes": {"completed": true}},
            {"op": "update", "id": 2, "changes": {}},
            {"op": "update", "id": 2, "changes": {"priority": "huge", "title": ""}},
            {"op": "add", "task": {"description": "no title"}},
            {"op": "add", "task": {"title": "Deeper", "parent_id": 3}},
            {"op": "paint", "id": 2},
            "delete 2",
            {"op": "delete", "id": 2, "version": 7},
            {"op": "delete", "id": 2},
            {"op": "delete", "id": 2},
        ]),
    )
    .await;
    let code = |status: i64, code: &str| (json!(status), json!(code));
    let ok = || (Value::Null, Value::Null);
    assert_eq!(
        errors(&outcomes),
        [
            ok(),
            code(412, "task_changed"),
            code(404, "task_not_found"),
            code(422, "validation_error"),
            code(422, "validation_error"),
            code(422, "validation_error"),
            code(422, "validation_error"),
            code(422, "validation_error"),
            code(422, "validation_error"),
            code(412, "task_changed"),
            ok(),
            code(404, "task_not_found"),
        ]
    );
    assert_eq!(outcomes[1]["error"]["task"]["version"], 2, "with the task as it is now");
    assert_eq!(outcomes[4]["error"]["errors"].as_array().unwrap().len(), 2, "{}", outcomes[4]);
    assert_eq!(outcomes[6]["error"]["errors"][0]["field"], "parent_id");
    assert_eq!(outcomes[10]["task"]["title"], "Milk", "as it was");
    assert_eq!(alice.titles().await, ["Rent", "Bread"]);
    assert_eq!(alice.task(3).await.expect(200)["parent_id"], Value::Null);
}

#[tokio::test]
async fn a_change_that_cannot_be_read_is_told_which_member_is_wrong() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for (operation, member, sentence) in [
        (json!({"op": "add"}), "task", "The task is missing."),
        (json!({"op": "add", "task": []}), "task", "The task must be an object."),
        (json!({"op": "add", "task": {"title": 5}}), "task.title", "The task.title must be text."),
        (json!({"op": "update", "id": "1", "changes": {}}), "id", "The id must be a whole number."),
        (
            json!({"op": "update", "id": 1, "changes": {"completed": "yes"}}),
            "changes.completed",
            "The changes.completed must be true or false.",
        ),
        (json!({"op": "delete", "id": 1, "version": "2"}), "version", "The version must be a whole number."),
        (json!({"id": 1}), "op", "The op is missing."),
    ] {
        let told = send(&alice, json!([operation])).await;
        let error = &told[0]["error"];
        assert_eq!(error["errors"], json!([{"field": member, "message": sentence}]), "{operation}: {error}");
    }
}

#[tokio::test]
async fn what_is_no_batch_is_refused_whole() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let none = json!({"operations": []});
    let many = json!({"operations": vec![json!({"op": "delete", "id": 1}); 101]});
    for body in [none, many, json!({}), json!({"operations": "all"})] {
        alice.own("POST", "/tasks/batch").json(&body).await.expect(422);
    }
}

#[tokio::test]
async fn a_batch_that_is_sent_again_is_answered_as_the_first_time() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    alice.add_task("Milk").await.expect(201);
    let body = json!({"operations": [
        {"op": "add", "task": {"title": "Bread"}},
        {"op": "update", "id": 1, "changes": {"completed": true}, "version": 1},
        {"op": "delete", "id": 77},
        {"op": "add", "task": {}},
    ]});
    let send = |body: &Value| alice.own("POST", "/tasks/batch").key("b").json(body);
    let first = send(&body).await;
    assert_eq!(first.header("idempotency-replayed"), None);
    let results = first.expect(200);
    alice.delete_task(1).await.expect(204);
    app.restart().await;
    let again = send(&body).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.expect(200), results);
    assert_eq!(alice.titles().await, ["Bread"]);
    let other = json!({"operations": [{"op": "delete", "id": 2}]});
    assert_eq!(send(&other).await.expect(422)["code"], "idempotency_key_reused");
    let task = alice.own("POST", "/tasks").key("b").json(&json!({"title": "Bread"}));
    assert_eq!(task.await.expect(422)["code"], "idempotency_key_reused");
    let said = alice.own("POST", "/chat").key("b").json(&json!({"message": "hello"}));
    assert_eq!(said.await.expect(422)["code"], "idempotency_key_reused");
}

#[tokio::test]
async fn the_changes_of_a_batch_are_counted() {
    let app = TestApp::everyday_with(&[("CHANGES_PER_MINUTE", "120")]).await;
    let alice = app.user("alice").await;
    let adds: Vec<Value> =
        (0..100).map(|n| json!({"op": "add", "task": {"title": format!("Task {n}")}})).collect();
    let first = send(&alice, json!(adds)).await;
    assert!(first.iter().all(|one| one["ok"] == true));
    let ids: Vec<i64> = first.iter().map(|one| one["task"]["id"].as_i64().unwrap()).collect();
    assert_eq!(ids, (1..=100).collect::<Vec<_>>());
    let done: Vec<Value> =
        (1..=100).map(|id| json!({"op": "update", "id": id, "changes": {"completed": true}})).collect();
    let second = send(&alice, json!(done)).await;
    let made = second.iter().filter(|one| one["ok"] == true).count();
    assert_eq!(made, 20, "120 changes a minute");
    assert!(second[20..].iter().all(|one| one["error"]["code"] == "too_many_changes"), "{:?}", second[20]);
    assert_eq!(second[20]["error"]["status"], 429);
}
