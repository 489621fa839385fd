//! Undo over REST: whole or not at all, and never over what came after.

use futures::future::join_all;
use serde_json::{Value, json};
use tests::{
    TestApp, User,
    script::{calls, text},
};

/// Alice, with two tasks of which an answer renamed the first and deleted the second, and added a third.
async fn answered(app: &TestApp) -> (User<'_>, String) {
    let alice = app.user("alice").await;
    alice.add_task("Buy milk").await.expect(201);
    let rent = json!({"title": "Pay rent", "due": "2026-11-27", "due_time_zone": "Asia/Tokyo",
                      "priority": "high", "tags": ["Home"], "repeat": "every 2 weeks"});
    alice.own("POST", "/tasks").json(&rent).await.expect(201);
    let turn = answer(app, &alice, "Tidy up", || {
        vec![
            ("update_task", json!({"task_id": 1, "title": "Buy oat milk"})),
            ("delete_task", json!({"task_id": 2})),
            ("add_task", json!({"title": "Water the plants"})),
        ]
    });
    let turn = turn.await;
    (alice, turn)
}

/// Says something that is answered with these calls; returns the turn.
async fn answer(
    app: &TestApp,
    user: &User<'_>,
    words: &str,
    made: impl Fn() -> Vec<(&'static str, Value)>,
) -> String {
    app.model().on(words, [calls(made()), text("Done.")]);
    user.chat(words).await.expect(200)["turn_id"].as_str().unwrap().to_owned()
}

/// The tasks without what an undo does not restore.
async fn rows(user: &User<'_>) -> Vec<Value> {
    let mut tasks = user.tasks().await.expect(200);
    let tasks = tasks.as_array_mut().unwrap();
    for task in tasks.iter_mut().map(|task| task.as_object_mut().unwrap()) {
        task.remove("version");
        task.remove("updated_at");
    }
    tasks.clone()
}

fn short(changes: &Value) -> Vec<(&str, i64, &str)> {
    let changes = changes.as_array().unwrap().iter();
    changes
        .map(|change| (word(change, "kind"), change["task_id"].as_i64().unwrap(), word(change, "title")))
        .collect()
}

fn word<'v>(value: &'v Value, member: &str) -> &'v str {
    value[member].as_str().unwrap()
}

#[tokio::test]
async fn an_answer_is_undone_and_that_again_on_another_replica() {
    let app = TestApp::start().await;
    let (alice, turn) = answered(&app).await;
    let replica = app.replica().await;
    let done = rows(&alice).await;
    let undone = alice.undo_turn(&turn).await.expect(200);
    let expected =
        [("updated", 1, "Buy milk"), ("restored", 2, "Pay rent"), ("deleted", 3, "Water the plants")];
    assert_eq!(short(&undone["changes"]), expected);
    let first = &undone["changes"][0];
    assert_eq!((&first["channel"], &first["turn_id"]), (&json!("rest"), &Value::Null));
    assert_eq!(
        (&first["before"]["title"], &first["after"]["title"]),
        (&json!("Buy oat milk"), &json!("Buy milk"))
    );
    assert!(first["undoes"].is_i64() && first["undone_by"].is_null());
    assert_eq!((undone["tasks"].as_array().unwrap().len(), &undone["left_out"]), (2, &json!([])));
    let rent = alice.task(2).await.expect(200);
    assert_eq!(rent, undone["tasks"][1]);
    assert_eq!(
        (&rent["due_time_zone"], &rent["tags"], &rent["priority"]),
        (&json!("Asia/Tokyo"), &json!(["Home"]), &json!("high"))
    );
    assert_eq!((&rent["repeat"], &rent["version"]), (&json!("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"), &json!(2)));
    assert_eq!(alice.titles().await, ["Buy milk", "Pay rent"]);

    let again = alice.undo_turn(&turn).at(&replica).await.expect(409);
    assert_eq!(again["code"], "already_undone");
    for change in undone["changes"].as_array().unwrap() {
        alice.undo_change(change["id"].as_i64().unwrap()).at(&replica).await.expect(200);
    }
    assert_eq!(rows(&alice).await, done, "an undo is undone");
    alice.undo_turn(&turn).at(&replica).await.expect(200);
    alice.add_task("Next").await.expect(201);
    alice.task(4).await.expect(200);
}

#[tokio::test]
async fn what_was_changed_since_is_not_overwritten_and_the_rest_may_be_undone() {
    let app = TestApp::start().await;
    let (alice, turn) = answered(&app).await;
    alice.update_task(1, &json!({"priority": "high"})).await.expect(200);
    alice.delete_task(3).await.expect(204);
    let before = rows(&alice).await;
    let refused = alice.undo_turn(&turn).json(&json!({})).await.expect(409);
    assert_eq!(refused["code"], "undo_conflict");
    assert_eq!(
        refused["detail"],
        "Nothing was undone: task 1 (“Buy oat milk”) was changed since, task 3 (“Water the plants”) was \
         deleted since."
    );
    let conflicts = refused["conflicts"].as_array().unwrap();
    let reasons: Vec<_> = conflicts
        .iter()
        .map(|conflict| {
            (
                conflict["task_id"].as_i64().unwrap(),
                word(conflict, "reason"),
                word(&conflict["since"], "kind"),
            )
        })
        .collect();
    assert_eq!(reasons, [(1, "changed", "updated"), (3, "deleted", "deleted")]);
    assert_eq!(rows(&alice).await, before, "nothing was changed");

    let rest = alice.undo_turn(&turn).json(&json!({"rest": true})).await.expect(200);
    assert_eq!(short(&rest["changes"]), [("restored", 2, "Pay rent")]);
    assert_eq!(rest["left_out"], refused["conflicts"]);
    assert_eq!(alice.titles().await, ["Buy oat milk", "Pay rent"]);
    // Without the change by hand there is nothing in the way any more.
    let by_hand = conflicts[0]["since"]["id"].as_i64().unwrap();
    alice.undo_change(by_hand).await.expect(200);
    let rest = alice.undo_turn(&turn).json(&json!({"rest": true})).await.expect(200);
    assert_eq!(short(&rest["changes"]), [("updated", 1, "Buy milk")]);
}

#[tokio::test]
async fn under_a_key_something_is_undone_once_on_any_replica() {
    let app = TestApp::start().await;
    let (alice, turn) = answered(&app).await;
    let replica = app.replica().await;
    alice.update_task(1, &json!({"priority": "high"})).await.expect(200);
    let request = alice.undo_turn(&turn).json(&json!({"rest": true})).key("undo");
    let at_once = (0..6).map(|number| match number % 2 {
        0 => request.clone(),
        _ => request.clone().at(&replica),
    });
    let answers = join_all(at_once.map(IntoFuture::into_future)).await;
    let fresh = answers.iter().filter(|answer| answer.header("idempotency-replayed").is_none());
    assert_eq!(fresh.count(), 1);
    for answer in &answers {
        assert_eq!(answer.expect(200), answers[0].json);
    }
    // What is done since does not change the first answer.
    let id = answers[0].json["changes"][0]["id"].as_i64().unwrap();
    alice.undo_change(id).await.expect(200);
    app.restart().await;
    let again = alice.undo_turn(&turn).json(&json!({"rest": true})).key("undo").await;
    assert_eq!(again.expect(200), answers[0].json);
    let reused = [
        alice.undo_turn(&turn).key("undo"),
        alice.undo_change(id).key("undo"),
        alice.add_task("Milk").key("undo"),
        alice.chat("hello").key("undo"),
    ];
    for call in reused {
        assert_eq!(call.await.expect(422)["code"], "idempotency_key_reused");
    }
}

#[tokio::test]
async fn only_ones_own_is_undone_and_only_what_there_is() {
    let app = TestApp::start().await;
    let (alice, turn) = answered(&app).await;
    let bob = app.user("bob").await;
    assert_eq!(bob.undo_turn(&turn).await.expect(404)["code"], "turn_not_found");
    let undone = alice.undo_turn(&turn).await.expect(200);
    let id = undone["changes"][0]["id"].as_i64().unwrap();
    assert_eq!(bob.undo_change(id).await.expect(404)["code"], "change_not_found");
    assert_eq!(alice.undo_change(i64::MAX).await.expect(404)["code"], "change_not_found");
    app.model().on("hello", [text("Hello!")]);
    let idle = alice.chat("hello").await.expect(200);
    let nothing = alice.undo_turn(word(&idle, "turn_id")).await.expect(409);
    assert_eq!(nothing["code"], "nothing_to_undo");
    alice.undo_turn(&turn).json(&json!({"rest": "yes"})).await.expect(422);
    alice.undo_turn(&turn).json(&json!([])).await.expect(422);
    alice.undo_turn(&turn).header("Content-Type", "text/plain").body("rest").await.expect(415);
}

#[tokio::test]
async fn a_task_does_not_come_back_under_one_that_may_have_none_by_now() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for title in ["one", "two", "three"] {
        alice.add_task(title).await.expect(201);
    }
    let parent = async |task: i64, parent: Value| {
        alice.update_task(task, &json!({"parent_id": parent})).await.expect(200);
    };
    let newest = async || {
        let changes = alice.own("GET", "/activity?limit=1").await.expect(200);
        changes["changes"][0]["id"].clone()
    };
    let undo = async |change: &Value| {
        alice.own("POST", &format!("/changes/{change}/undo")).await.expect(200);
    };
    // Task 1 has become a part itself since task 2 left it.
    parent(2, json!(1)).await;
    parent(2, Value::Null).await;
    let left = newest().await;
    parent(1, json!(3)).await;
    undo(&left).await;
    assert_eq!(alice.task(2).await.expect(200)["parent_id"], Value::Null);
    // Task 2 has got a part of its own since it left task 1.
    parent(1, Value::Null).await;
    parent(2, json!(1)).await;
    parent(2, Value::Null).await;
    let left = newest().await;
    parent(3, json!(2)).await;
    undo(&left).await;
    assert_eq!(alice.task(2).await.expect(200)["parent_id"], Value::Null);
}
