//! The order of a list by hand, and subtasks, by REST and by talking.

use serde_json::{Value, json};
use tests::{
    TestApp, User,
    script::{call, text},
};

use crate::task_fields_and_if_match::add;

async fn ids(alice: &User<'_>, query: &str) -> Vec<i64> {
    let tasks = alice.own("GET", &format!("/tasks{query}")).await.expect(200);
    tasks.as_array().unwrap().iter().map(|task| task["id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn a_list_is_ordered_by_hand() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for title in ["one", "two", "three", "four"] {
        alice.add_task(title).await.expect(201);
    }
    assert_eq!(ids(&alice, "?sort=position").await, [4, 3, 2, 1], "as without an order by hand");
    let moved = async |id: i64, after: Value| alice.update_task(id, &json!({"after_id": after})).await;
    let first = moved(1, Value::Null).await.expect(200);
    assert_eq!((&first["title"], &first["version"]), (&json!("one"), &json!(2)));
    moved(4, json!(3)).await.expect(200);
    assert_eq!(ids(&alice, "?sort=position").await, [1, 3, 4, 2]);
    assert_eq!(ids(&alice, "").await, [4, 3, 2, 1], "the usual order stays as it was");
    let page = alice.own("GET", "/tasks?sort=position&limit=2").await;
    let link = page.header("link").unwrap().to_owned();
    assert!(link.contains("sort=position&limit=2&offset=2"), "{link}");
    assert_eq!(ids(&alice, "?sort=position&limit=2&offset=2").await, [4, 2]);
    let places = alice.own("GET", "/tasks?sort=position").await.expect(200);
    let places: Vec<i64> =
        places.as_array().unwrap().iter().map(|task| task["position"].as_i64().unwrap()).collect();
    assert!(places.is_sorted(), "{places:?}");

    let stale = alice.own("PATCH", "/tasks/1").header("If-Match", "\"1\"").json(&json!({"after_id": 2}));
    stale.await.expect(412);
    for after in [json!(1), json!(99), json!("top")] {
        let refused = moved(1, after.clone()).await.expect(422);
        assert_eq!(refused["errors"][0]["field"], "after_id", "{after}: {refused}");
    }
    moved(99, Value::Null).await.expect(404);
    assert_eq!(ids(&alice, "?sort=position").await, [1, 3, 4, 2]);
}

#[tokio::test]
async fn a_task_has_parts() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let trip = add(&alice, json!({"title": "Plan the trip"})).await;
    assert_eq!((&trip["parent_id"], &trip["open_subtasks"]), (&Value::Null, &json!(0)));
    let body = json!({"title": "Book the train", "parent_id": 1});
    let train = || alice.own("POST", "/tasks").key("k").json(&body);
    let first = train().await.expect(201);
    assert_eq!(first["parent_id"], 1);
    assert_eq!(train().await.expect(201), first, "once under its key");
    let other = json!({"title": "Book the train"});
    alice.own("POST", "/tasks").key("k").json(&other).await.expect(422);
    add(&alice, json!({"title": "Pack"})).await;
    alice.update_task(3, &json!({"parent_id": 1})).await.expect(200);
    assert_eq!(alice.task(1).await.expect(200)["open_subtasks"], 2);
    assert_eq!(ids(&alice, "?parent=1").await, [3, 2]);
    assert_eq!(ids(&alice, "?parent=none").await, [1]);
    assert_eq!(ids(&alice, "?parent=1&status=completed").await, [0; 0]);
    alice.own("GET", "/tasks?parent=any").await.expect(422);

    for (id, parent, said) in [
        (1, json!(1), "of itself"),
        (2, json!(3), "is a subtask of task 1"),
        (2, json!(99), "There is no task 99"),
    ] {
        let refused = alice.update_task(id, &json!({"parent_id": parent})).await.expect(422);
        assert_eq!(refused["errors"][0]["field"], "parent_id", "{refused}");
        assert!(refused["detail"].as_str().unwrap().contains(said), "{refused}");
    }
    let below = json!({"title": "Deeper", "parent_id": 2});
    alice.own("POST", "/tasks").json(&below).await.expect(422);

    alice.update_task(3, &json!({"completed": true})).await.expect(200);
    let done = alice.update_task(1, &json!({"completed": true})).await.expect(200);
    assert_eq!((&done["completed"], &done["open_subtasks"]), (&json!(true), &json!(1)));
    alice.delete_task(1).await.expect(204);
    let freed = alice.task(2).await.expect(200);
    assert_eq!((&freed["parent_id"], &freed["version"]), (&Value::Null, &json!(2)), "nothing else is gone");
}

#[tokio::test]
async fn the_assistant_knows_parts_of_tasks() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    alice.add_task("Plan the trip").await.expect(201);
    alice.add_task("Pack").await.expect(201);
    let calls = [
        call("add_task", json!({"title": "Book the train", "parent": "1"})),
        call("update_task", json!({"task_id": 2, "parent": 1})),
        call("list_tasks", json!({"parent": 1})),
        call("complete_task", json!({"task_id": 1})),
        call("add_task", json!({"title": "Deeper", "parent": 3})),
        call("update_task", json!({"task_id": 2, "parent": null})),
        text("Here is what came of it."),
    ];
    app.model().on("trip", calls);
    let answer = alice.chat("trip").await.expect(200);
    let result = |index: usize| &answer["tool_calls"][index]["result"];
    assert_eq!(result(0)["task"]["parent"], 1);
    assert_eq!(result(1)["task"]["parent"], 1);
    assert_eq!(result(2)["total"], 2);
    assert_eq!(
        (&result(3)["task"]["completed"], &result(3)["task"]["open_subtasks"]),
        (&json!(true), &json!(2))
    );
    assert_eq!(result(4)["code"], "VALIDATION_ERROR");
    assert_eq!(result(5)["task"].get("parent"), None);
    assert_eq!(ids(&alice, "?parent=1").await, [3]);
}

#[tokio::test]
async fn what_is_searched_for_comes_newest_first_or_what_fits_best() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for title in ["Milk", "Buy milk for the cat", "Bread"] {
        alice.add_task(title).await.expect(201);
    }
    let found = async |sort: &str| {
        let tasks = alice.own("GET", &format!("/tasks?search=milk&sort={sort}")).await.expect(200);
        tasks.as_array().unwrap().iter().map(|task| task["title"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(found("newest").await, ["Buy milk for the cat", "Milk"]);
    assert_eq!(found("best").await, ["Milk", "Buy milk for the cat"]);
}
