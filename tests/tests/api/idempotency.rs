//! A request with a key has one effect and one answer, whoever is asked and however often.

use futures::future::join_all;
use serde_json::json;
use tests::{
    HttpRequest, HttpResponse, TestApp,
    script::{call, status, text},
};

/// The answer to a repeated request: the same, and marked.
fn assert_replays(again: &HttpResponse, first: &HttpResponse) {
    assert_eq!(again.expect(first.status), first.json);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(first.header("idempotency-replayed"), None);
}

#[tokio::test]
async fn a_repeated_chat_is_answered_alike_on_every_replica_and_after_a_restart() {
    let app = TestApp::with_model([call("add_task", json!({"title": "Buy milk"})), text("Done.")]).await;
    let alice = app.user("alice").await;
    let replica = app.replica().await;
    let request = alice.chat("Add a task to buy milk").key("key-1");
    let first = request.clone().await;
    first.expect(200);
    assert_replays(&request.clone().await, &first);
    assert_replays(&request.clone().at(&replica).await, &first);
    app.restart().await;
    let request = alice.chat("Add a task to buy milk").key("key-1");
    assert_replays(&request.await, &first);
    assert_eq!(alice.titles().await, ["Buy milk"]);
    assert_eq!(app.model().requests().len(), 2);
}

#[tokio::test]
async fn a_repeated_task_is_added_once() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let replica = app.replica().await;
    let request = alice.add_task("Buy milk").key("key-1");
    let first = request.clone().await;
    first.expect(201);
    assert_replays(&request.clone().await, &first);
    // Written in another way, it says the same.
    let spaced = alice.own("POST", "/tasks").key("key-1").header("Content-Type", "application/json");
    let spaced = spaced.body("{ \"unknown\": 1,\n \"title\": \"  Buy\\u0020milk \" }");
    assert_replays(&spaced.at(&replica).await, &first);
    alice.update_task(1, &json!({"title": "Buy oat milk"})).await.expect(200);
    app.restart().await;
    assert_replays(&alice.add_task("Buy milk").key("key-1").await, &first);
    assert_eq!(alice.titles().await, ["Buy oat milk"]);
}

#[tokio::test]
async fn many_at_once_under_one_key_are_one() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let replica = app.replica().await;
    app.model().on("buy milk", [call("add_task", json!({"title": "Buy milk"})), text("Done.")]);
    let calls = (0..10).map(|number| {
        let chat = alice.chat("Add a task to buy milk").key("chat");
        let task = alice.add_task("Buy groceries").key("task");
        let call = if number < 5 { chat } else { task };
        if number % 2 == 0 { call.at(&replica) } else { call }
    });
    let answers = join_all(calls.map(IntoFuture::into_future)).await;
    for (position, answer) in answers.iter().enumerate() {
        let (status, like) = if position < 5 { (200, &answers[0]) } else { (201, &answers[5]) };
        assert_eq!(answer.expect(status), like.json);
    }
    let fresh = answers.iter().filter(|answer| answer.header("idempotency-replayed").is_none()).count();
    assert_eq!(fresh, 2);
    let mut titles = alice.titles().await;
    titles.sort();
    assert_eq!(titles, ["Buy groceries", "Buy milk"]);
}

#[tokio::test]
async fn the_same_key_with_another_body_is_refused_and_has_no_effect() {
    let app = TestApp::with_model([text("Hello.")]).await;
    let alice = app.user("alice").await;
    alice.chat("Hello there").key("key-1").await.expect(200);
    alice.add_task("Buy milk").key("key-2").await.expect(201);
    let refused = [
        alice.chat("Hello you").key("key-1"),
        alice.add_task("Hello there").key("key-1"),
        alice.chat("Buy milk").key("key-2"),
        alice.add_task("Buy groceries").key("key-2"),
        alice
            .own("POST", "/tasks")
            .key("key-2")
            .json(&json!({"title": "Buy milk", "description": "two litres"})),
    ];
    for call in refused {
        let answer = call.await;
        assert_eq!(answer.expect(422)["code"], "idempotency_key_reused");
    }
    assert_eq!(alice.titles().await, ["Buy milk"]);
    assert_eq!(app.model().requests().len(), 1);
}

#[tokio::test]
async fn a_key_is_its_users_own() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    alice.add_task("Buy milk").key("key-1").await.expect(201);
    let answer = bob.add_task("Water the plants").key("key-1").await;
    assert_eq!(answer.expect(201)["title"], "Water the plants");
    assert_eq!(answer.header("idempotency-replayed"), None);
    assert_eq!((alice.titles().await.len(), bob.titles().await.len()), (1, 1));
}

#[tokio::test]
async fn what_is_no_key_is_refused() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let long = "k".repeat(256);
    for key in ["", "two words", "clé", long.as_str()] {
        let answer = alice.add_task("Buy milk").key(key).await;
        assert_eq!(answer.expect(422)["errors"][0]["field"], "Idempotency-Key", "{key:?}");
    }
    alice.add_task("Buy milk").key("a").another_header("Idempotency-Key", "b").await.expect(422);
    alice.add_task("Buy milk").key(&"k".repeat(255)).await.expect(201);
    assert_eq!(alice.titles().await.len(), 1);
}

#[tokio::test]
async fn a_turn_that_failed_before_it_did_anything_can_be_asked_for_again_under_its_key() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    app.model().on("buy milk", [text("Hello.").but_first(status(401))]);
    let request = alice.chat("Let us buy milk").key("key-1");
    assert_eq!(request.clone().await.expect(502)["code"], "model_misconfigured");
    assert_eq!(alice.conversations().await.expect(200)["total"], 0);
    assert_eq!(request.await.expect(200)["message"], "Hello.");
}

/// What an answer says to whoever asked, whichever request it was, and when to ask again.
fn said(answer: &HttpResponse) -> (u16, serde_json::Value, Option<&str>) {
    let mut body = answer.json.clone();
    body.as_object_mut().unwrap().remove("request_id");
    (answer.status, body, answer.header("retry-after"))
}

/// Has a turn do its first step on a replica that dies then, for the last time that it may be taken over.
async fn abandon(app: &TestApp, request: HttpRequest<'_>) {
    let dying = app.replica().await;
    let is_at_its_second_step = async {
        let turns = "SELECT count(*) FROM turn WHERE state = 'running' AND step = 1";
        while app.database().query(turns).await[0][0] != "1" {}
    };
    tokio::select! {
        answer = request.at(&dying).attempt() => panic!("the model says nothing: {answer:?}"),
        () = is_at_its_second_step => dying.kill_9(),
    }
    let last = "UPDATE turn SET attempt = 3, lease_until = now() WHERE state = 'running'";
    app.database().query(last).await;
}

#[tokio::test]
async fn every_replay_of_a_failed_turn_says_what_the_first_answer_said() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let replica = app.replica().await;
    let loading = r#"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#;
    let endings = [
        (text("Half an ans").cut_after(90), 502, "model_bad_reply"),
        (status(401), 502, "model_misconfigured"),
        (status(503), 503, "model_unavailable"),
        (status(429), 503, "model_busy"),
        (status(503).body(loading), 503, "model_loading"),
        (status(408), 504, "model_timeout"),
        (text("").hang(), 503, "turn_abandoned"),
    ];
    let count = endings.len();
    for (ending, status, code) in endings {
        app.model().on(code, [call("add_task", json!({"title": code})), ending]);
        let request = alice.chat(&format!("What becomes of {code}?")).key(code);
        if code == "turn_abandoned" {
            abandon(&app, request.clone()).await;
        }
        let first = request.clone().await;
        assert_eq!(first.expect(status)["code"], code);
        assert_eq!(first.json["tool_calls"][0]["result"]["task"]["title"], code);
        assert!(first.json["turn_id"].is_string() && first.json["conversation_id"].is_string());
        assert!(first.header("retry-after").is_some(), "{code}");
        // The second and the third ask the model again, as long as there are attempts left; all later
        // ones are told of that.
        for attempt in 2..=5 {
            let again = request.clone();
            let again = if attempt % 2 == 0 { again.at(&replica).await } else { again.await };
            assert_eq!(said(&again), said(&first), "{code}, attempt {attempt}");
        }
    }
    assert_eq!(alice.titles().await.len(), count, "each was added once");
}

/// What a provider asks for is not kept with the turn.
#[tokio::test]
async fn a_replay_asks_for_a_pause_of_the_servers_own() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let busy = status(429).header("Retry-After", "20");
    app.model().on("Add milk", [call("add_task", json!({"title": "Milk"})), busy]);
    let request = alice.chat("Add milk").key("key-1");
    for attempt in 1..=4 {
        let answer = request.clone().await;
        assert_eq!(answer.expect(503)["code"], "model_busy");
        let pause = if attempt <= 3 { "20" } else { "5" };
        assert_eq!(answer.header("retry-after"), Some(pause), "attempt {attempt}");
        let replayed = (attempt == 4).then_some("true");
        assert_eq!(answer.header("idempotency-replayed"), replayed, "attempt {attempt}");
    }
}
