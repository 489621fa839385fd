//! Two replicas: a turn runs on one and is followed and stopped through the other.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::{
    TestApp,
    script::{call, text},
};

use crate::{
    rebuilt_message::{conversation, message, settled, shown, words},
    sse_client::{Reading, Streams},
    stop::falls_silent,
};

const CHAT: &str = "chat";

/// A dead worker's turn is somebody else's after so long.
const LEASE: Duration = Duration::from_secs(20);

/// What the stream says of how the turn goes on.
fn interrupted(chunks: &[Value]) -> Vec<Value> {
    let said = chunks.iter().filter(|chunk| chunk["type"] == "data-interrupted");
    said.map(|chunk| chunk["data"].clone()).collect()
}

#[tokio::test]
async fn a_turn_is_resumed_and_stopped_through_another_replica() {
    let adding = call("add_task", json!({"title": "Milk"})).say("Adding it.");
    let app = TestApp::with_model([adding, falls_silent("It is "), text("You stopped me.")]).await;
    let other = app.replica().await;
    let alice = app.user("alice").await;
    let mut opened = Reading::of(alice.say(CHAT, "a", "Add milk")).await;
    let mut chunks = opened.until(|chunk| chunk["delta"] == "is ").await;

    let mut resumed = Reading::of(alice.resume(CHAT).at(&other)).await;
    let mut elsewhere = resumed.until(|chunk| chunk["type"] == "tool-output-available").await;
    assert_eq!(words(&message(&elsewhere)), "Adding it.", "committed steps come from the database");

    let started_at = Instant::now();
    let stopped = alice.stop(CHAT).at(&other).await.expect(200);
    assert_eq!(stopped["turn_id"], chunks[0]["messageId"]);
    chunks.extend(opened.rest().await);
    assert!(started_at.elapsed() < Duration::from_secs(2), "{:?}", started_at.elapsed());
    elsewhere.extend(resumed.rest().await);
    for chunks in [&chunks, &elsewhere] {
        assert_eq!(chunks[chunks.len() - 2]["data"]["finish_reason"], "cancelled");
    }
    let kept = settled(&alice, &conversation(&chunks)).await;
    assert_eq!(words(&kept), "Adding it.It is ");
    assert_eq!(message(&chunks), shown(&kept));
    assert_eq!(message(&elsewhere), shown(&kept));

    Reading::of(alice.say(CHAT, "b", "Well?").at(&other)).await.rest().await;
    let request = app.model().requests().pop().unwrap().to_string();
    assert!(request.contains("stopped this answer"), "{request}");
    assert_eq!(alice.titles().await, ["Milk"]);
}

#[tokio::test]
async fn a_turn_that_is_followed_elsewhere_ends_there_too() {
    let adding = call("add_task", json!({"title": "Milk"}));
    let app = TestApp::with_model([adding, text("Added it.").held()]).await;
    let other = app.replica().await;
    let alice = app.user("alice").await;
    let mut opened = Reading::of(alice.say(CHAT, "a", "Add milk")).await;
    opened.until(|chunk| chunk["type"] == "start-step").await;
    let mut followed = Reading::of(alice.resume(CHAT).at(&other)).await;
    app.model().release();
    let elsewhere = followed.rest().await;
    let chunks = opened.rest().await;
    let kept = settled(&alice, &conversation(&elsewhere)).await;
    assert_eq!(message(&elsewhere), shown(&kept));
    assert_eq!(chunks.last().unwrap()["type"], "finish");
}

#[tokio::test]
async fn another_answer_is_followed_elsewhere_without_the_old_one() {
    let script = [call("add_task", json!({"title": "Milk"})), text("Old words."), text("New words.").held()];
    let app = TestApp::with_model(script).await;
    let other = app.replica().await;
    let alice = app.user("alice").await;
    Reading::of(alice.say(CHAT, "a", "Add milk")).await.rest().await;
    let mut again = Reading::of(alice.regenerate(CHAT, "a", "Add milk")).await;
    again.until(|chunk| chunk["type"] == "tool-output-available").await;
    let mut followed = Reading::of(alice.resume(CHAT).at(&other)).await;
    app.model().release();
    let elsewhere = followed.rest().await;
    assert_eq!(words(&message(&elsewhere)), "New words.");
    assert_eq!(message(&elsewhere), shown(&settled(&alice, &conversation(&elsewhere)).await));
    again.rest().await;
}

#[tokio::test]
async fn a_message_that_is_sent_again_to_another_replica_is_one_turn() {
    let adding = call("add_task", json!({"title": "Milk"})).held();
    let app = TestApp::with_model([adding, text("Added it.")]).await;
    let other = app.replica().await;
    let alice = app.user("alice").await;
    let mut lost = Reading::of(alice.say(CHAT, "a", "Add milk")).await;
    lost.until(|chunk| chunk["type"] == "start-step").await;
    drop(lost);
    let mut again = Reading::of(alice.say(CHAT, "a", "Add milk").at(&other)).await;
    app.model().release();
    let again = again.rest().await;
    assert_eq!(message(&again), shown(&settled(&alice, &conversation(&again)).await));
    assert_eq!(alice.titles().await, ["Milk"]);
}

#[tokio::test]
async fn a_turn_whose_replica_died_is_given_up_by_who_follows_it_and_its_message_brings_it_back() {
    let adding = call("add_task", json!({"title": "Milk"}));
    let app = TestApp::with_model([adding, falls_silent("It is "), text("It is on the list.")]).await;
    let other = app.replica().await;
    let alice = app.user("alice").await;
    let mut opened = Reading::of(alice.say(CHAT, "a", "Add milk")).await;
    let chunks = opened.until(|chunk| chunk["delta"] == "is ").await;
    let started_at = Instant::now();
    app.server().kill_9();
    let followed = Reading::of(alice.resume(CHAT).at(&other)).await.rest().await;
    assert!(started_at.elapsed() < LEASE + Duration::from_secs(8), "{:?}", started_at.elapsed());
    assert_eq!(
        interrupted(&followed),
        [json!({"retry_after": 1, "code": "turn_handed_over"})],
        "{followed:#?}"
    );
    assert!(followed.iter().any(|chunk| chunk["type"] == "tool-output-available"), "what is done is told");

    alice.resume(CHAT).at(&other).await.expect(204);
    let kept = alice.conversation(&conversation(&chunks)).at(&other).await.expect(200);
    assert_eq!(kept["running_turn_id"], chunks[0]["messageId"], "it is not over");
    let again = Reading::of(alice.say(CHAT, "a", "Add milk").at(&other)).await.rest().await;
    assert_eq!(words(&message(&again)), "It is on the list.");
    assert_eq!(again[0]["messageId"], chunks[0]["messageId"], "it is the same turn");
    let tasks = alice.tasks().at(&other).await.expect(200);
    assert_eq!(tasks.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_stream_of_a_replica_that_is_sent_away_ends_and_another_goes_on() {
    let adding = call("add_task", json!({"title": "Milk"}));
    let app = TestApp::with_model([adding, falls_silent("It is "), text("It is on the list.")]).await;
    let other = app.replica().await;
    let alice = app.user("alice").await;
    let mut opened = Reading::of(alice.say(CHAT, "a", "Add milk")).await;
    opened.until(|chunk| chunk["delta"] == "is ").await;
    app.server().sigterm();
    let chunks = opened.rest().await;
    assert_eq!(chunks.last().unwrap()["type"], "error", "every stream ends: {chunks:#?}");
    assert_eq!(interrupted(&chunks), [json!({"retry_after": 1, "code": "turn_handed_over"})]);
    let again = Reading::of(alice.say(CHAT, "a", "Add milk").at(&other)).await.rest().await;
    assert_eq!(words(&message(&again)), "It is on the list.");
    let kept = alice.conversation(&conversation(&again)).at(&other).await.expect(200);
    assert_eq!(message(&again), shown(&kept["messages"][1]));
    let tasks = alice.tasks().at(&other).await.expect(200);
    assert_eq!(tasks.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn another_answer_to_a_message_that_lost_its_worker_leaves_the_one_before_alone() {
    let app = TestApp::with_model([text("First."), falls_silent("It is "), text("Second.")]).await;
    let other = app.replica().await;
    let alice = app.user("alice").await;
    Reading::of(alice.say(CHAT, "a", "One")).await.rest().await;
    let mut lost = Reading::of(alice.say(CHAT, "b", "Two")).await;
    lost.until(|chunk| chunk["delta"] == "is ").await;
    app.server().sigterm();
    lost.rest().await;
    let again = Reading::of(alice.regenerate(CHAT, "b", "Two").at(&other)).await.rest().await;
    assert_eq!(words(&message(&again)), "Second.");
    let kept = alice.conversation(&conversation(&again)).at(&other).await.expect(200);
    let said: Vec<_> = kept["messages"].as_array().unwrap().iter().map(|said| &said["content"]).collect();
    assert_eq!(said, ["One", "First.", "Two", "Second."]);
}
