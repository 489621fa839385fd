//! A client that disconnects stops nothing: its turn runs in its own task, and the client finds the answer
//! later.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{
    TestApp,
    script::{call, text},
};

const WAIT_TIMEOUT: Duration = Duration::from_secs(20);

#[tokio::test]
async fn the_turn_of_a_client_that_vanished_completes_and_tells_its_state_and_its_answer() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    let add = call("add_task", json!({"title": "Bread"}));
    app.model().on("slowly, please", [add, text("Added.").held()]);
    let hello = alice.chat("hello").await.expect(200);
    let conversation = hello["conversation_id"].as_str().unwrap();
    let asking = alice.chat_in(conversation, "slowly, please").key("slow");
    tokio::select! {
        answer = asking.clone().attempt() => panic!("nobody answers: {answer:?}"),
        asked = app.model().wait_for_requests(3, WAIT_TIMEOUT) => assert!(asked),
    }
    // The client is gone. What it did so far can be seen at once.
    let talk = alice.conversation(conversation).await.expect(200);
    let turn = talk["running_turn_id"].as_str().unwrap().to_owned();
    let running = alice.turn(&turn).await.expect(200);
    assert_eq!(running["state"], "running");
    assert_eq!(running["answer"], Value::Null);
    assert_eq!(running["tool_calls"][0]["result"]["task"]["title"], "Bread");
    app.model().release();
    let ended = loop {
        let state = alice.turn(&turn).await.expect(200);
        if state["state"] != "running" {
            break state;
        }
    };
    assert_eq!(ended["state"], "answered");
    let replay = asking.await;
    assert_eq!(replay.header("idempotency-replayed"), Some("true"));
    assert_eq!(replay.expect(200), ended["answer"]);
    assert_eq!(alice.titles().await, ["Bread"]);
}

#[tokio::test]
async fn a_turn_is_shown_to_nobody_else() {
    let app = TestApp::everyday().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let turn = alice.chat("hello").await.expect(200);
    let turn = turn["turn_id"].as_str().unwrap();
    alice.turn(turn).await.expect(200);
    bob.turn(turn).await.expect(404);
}
