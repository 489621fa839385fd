//! Stopping a turn: at once, and nothing of it is lost.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{
    TestApp,
    script::{Reply, call, text},
};

use crate::{
    rebuilt_message::{conversation, message, settled, shown, words},
    sse_client::{Reading, Streams},
};

const CHAT: &str = "chat";

/// Says these words, each in a frame of its own, and then nothing more.
pub(crate) fn falls_silent(said: &str) -> Reply {
    let whole = text(format!("{said}and so on"));
    let frames = said.split_inclusive(' ').count() + 1;
    let stream = whole.sse();
    let bytes: usize = stream.split_inclusive("\n\n").take(frames).map(str::len).sum();
    tests::script::raw(stream).hang_after(bytes)
}

#[tokio::test]
async fn what_was_said_before_the_stop_is_kept_and_the_next_turn_knows() {
    let adding = call("add_task", json!({"title": "Milk"}));
    let app = TestApp::with_model([adding, falls_silent("Milk is on "), text("I was stopped.")]).await;
    let alice = app.user("alice").await;
    let mut reading = Reading::of(alice.say(CHAT, "a", "Add milk")).await;
    let mut chunks = reading.until(|chunk| chunk["delta"] == "on ").await;
    let stopped = alice.stop(CHAT).await.expect(200);
    assert_eq!(stopped["turn_id"], chunks[0]["messageId"]);
    chunks.extend(reading.rest().await);
    assert_eq!(chunks[chunks.len() - 2]["data"]["finish_reason"], "cancelled");
    let id = conversation(&chunks);
    let kept = settled(&alice, &id).await;
    assert_eq!(kept["finish_reason"], "cancelled");
    assert_eq!(words(&kept), "Milk is on ");
    assert_eq!(shown(&kept), message(&chunks));
    Reading::of(alice.say(CHAT, "b", "What happened?")).await.rest().await;
    let request = app.model().requests().pop().unwrap().to_string();
    assert!(request.contains("Milk is on ") && request.contains("stopped this answer"), "{request}");
    assert_eq!(alice.titles().await, ["Milk"]);
}

#[tokio::test]
async fn a_turn_that_is_stopped_before_its_first_word_says_so() {
    let app = TestApp::with_model([text("").hang()]).await;
    let alice = app.user("alice").await;
    let mut reading = Reading::of(alice.say(CHAT, "a", "Hi")).await;
    let mut chunks = reading.until(|chunk| chunk["type"] == "start-step").await;
    alice.stop(CHAT).await.expect(200);
    chunks.extend(reading.rest().await);
    let kept = settled(&alice, &conversation(&chunks)).await;
    assert_eq!(words(&kept), "Stopped.");
    assert_eq!(shown(&kept), message(&chunks));
}

#[tokio::test]
async fn stopping_lets_go_of_the_model_at_once() {
    let app = TestApp::with_model([text("").hang()]).await;
    let alice = app.user("alice").await;
    let mut reading = Reading::of(alice.say(CHAT, "a", "Hi")).await;
    reading.until(|chunk| chunk["type"] == "start-step").await;
    assert!(app.model().wait_for_requests(1, Duration::from_secs(5)).await);
    alice.stop(CHAT).await.expect(200);
    let ended = tokio::time::timeout(Duration::from_secs(10), reading.rest()).await;
    assert!(ended.is_ok(), "the replica that runs the turn stops it without waiting");
}

#[tokio::test]
async fn where_nothing_runs_nothing_is_stopped() {
    let app = TestApp::with_model([text("Hello.")]).await;
    let alice = app.user("alice").await;
    assert_eq!(alice.stop(CHAT).await.status, 204);
    Reading::of(alice.say(CHAT, "a", "Hi")).await.rest().await;
    let answer = alice.stop(CHAT).await;
    assert_eq!((answer.status, answer.text.as_str()), (204, ""));
    let chunks = Reading::of(alice.say(CHAT, "a", "Hi")).await.rest().await;
    assert_eq!(chunks[chunks.len() - 2]["data"]["finish_reason"], "stop");
}

#[tokio::test]
async fn a_stop_that_arrives_late_leaves_the_next_turn_alone() {
    let app = TestApp::with_model([text("One."), falls_silent("Two "), falls_silent("Three ")]).await;
    let alice = app.user("alice").await;
    let first = Reading::of(alice.say(CHAT, "a", "One?")).await.rest().await;
    let stop = |name: &str, turn: &Value| alice.stop(CHAT).json(&json!({ name: turn }));
    let mut reading = Reading::of(alice.say(CHAT, "b", "Two?")).await;
    let started = reading.until(|chunk| chunk["delta"] == "Two ").await;
    for (name, turn) in [("turn_id", &first[0]["messageId"]), ("activeStreamId", &first[0]["messageId"])] {
        assert_eq!(stop(name, turn).await.status, 204, "{name}");
    }
    assert_eq!(stop("activeStreamId", &json!("somebody's own")).await.status, 204);
    assert_eq!(stop("turn_id", &json!("no id")).await.expect(422)["errors"][0]["field"], "turn_id");
    let turn = &started[0]["messageId"];
    assert_eq!(stop("turn_id", turn).await.expect(200)["turn_id"], *turn);
    let rest = reading.rest().await;
    assert_eq!(rest[rest.len() - 2]["data"]["finish_reason"], "cancelled");
    let mut reading = Reading::of(alice.say(CHAT, "c", "Three?")).await;
    let started = reading.until(|chunk| chunk["delta"] == "Three ").await;
    let body = json!({"activeStreamId": started[0]["messageId"], "assistantMessage": {"parts": []}});
    alice.stop(CHAT).json(&body).await.expect(200);
    reading.rest().await;
}

#[tokio::test]
async fn a_stopped_turn_can_be_regenerated() {
    let app = TestApp::with_model([falls_silent("Well, "), text("The whole answer.")]).await;
    let alice = app.user("alice").await;
    let mut reading = Reading::of(alice.say(CHAT, "a", "Hi")).await;
    reading.until_said("Well, ").await;
    alice.stop(CHAT).await.expect(200);
    reading.rest().await;
    let again = Reading::of(alice.regenerate(CHAT, "a", "Hi")).await.rest().await;
    assert_eq!(again[again.len() - 2]["data"]["finish_reason"], "stop");
    let kept = settled(&alice, &conversation(&again)).await;
    assert_eq!((words(&kept).as_str(), &kept["finish_reason"]), ("The whole answer.", &json!("stop")));
}
