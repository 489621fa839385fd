//! Errors of streams: before one begins, the status says what is wrong; within one, a single `error` chunk
//! with a sentence for people, and then the end.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{
    TestApp, User,
    script::{Reply, call, status, text},
};

use crate::{
    rebuilt_message::{conversation, message, settled, words},
    sse_client::{Reading, Streams},
};

/// Late enough for the stream to be open: who comes after a reply broke off sees nothing of it.
const ONCE_FOLLOWED: Duration = Duration::from_millis(300);

#[tokio::test]
async fn what_is_wrong_before_the_stream_has_its_status() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let hi = json!({"message": "Hi"});
    alice.stream(&hi).without("Authorization").await.expect(401);
    alice.stream(&hi).bearer("no.token.atall").await.expect(401);
    alice.stream(&hi).bearer(&bob.token).await.expect(403);
    alice.stream(&hi).without("Content-Type").await.expect(415);
    alice.stream(&hi).body("{").await.expect(400);
    alice.stream(&hi).key("not a key").await.expect(422);
    alice.own("GET", "/chat/stream").await.expect(405);
    for message in ["", " \n ", &"x".repeat(10_001)] {
        let problem = alice.stream(&json!({"message": message})).await.expect(422);
        assert_eq!(problem["errors"][0]["field"], "message");
    }
    for body in
        [json!({}), json!({"id": "c", "messages": []}), json!({"message": 7}), json!({"messages": {}})]
    {
        alice.stream(&body).await.expect(422);
    }
    alice.resume("chat").bearer(&bob.token).await.expect(403);
    alice.stop("chat").without("Authorization").await.expect(401);
}

#[tokio::test]
async fn every_language_a_person_writes_fits_into_a_message() {
    let app = TestApp::with_model([text("Long.")]).await;
    let alice = app.user("alice").await;
    let long = "\u{1f468}".repeat(10_000);
    let escaped: String = long.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    let request = alice.stream(&json!({"message": ""})).body(format!("{{\"message\":\"{escaped}\"}}"));
    let chunks = Reading::of(request).await.rest().await;
    assert_eq!(words(&message(&chunks)), "Long.");
    assert_eq!(app.model().requests()[0]["messages"][1]["content"].as_str(), Some(long.as_str()));
    app.model().assert_used_up();
}

#[tokio::test]
async fn what_goes_wrong_inside_is_one_sentence_and_the_end() {
    // A model that refuses the key is not asked twice; what it says is for nobody.
    let secret =
        r#"{"error": {"message": "Incorrect API key provided: sk-canary-7", "code": "invalid_api_key"}}"#;
    let chunks = failed(vec![status(401).body(secret)]).await;
    assert_eq!(
        kinds(&chunks),
        ["start", "data-conversation", "data-turn", "start-step", "finish-step", "error"]
    );
    assert!(!chunks.last().unwrap().to_string().contains("canary"));
}

#[tokio::test]
async fn what_goes_wrong_in_the_middle_of_words_is_said_after_them() {
    let broken = || text("Half of it and").cut_after(700).after(ONCE_FOLLOWED);
    let chunks = failed(vec![broken(), broken()]).await;
    assert!(kinds(&chunks).ends_with(&["text-end", "finish-step", "error"]), "{chunks:#?}");
}

#[tokio::test]
async fn what_was_done_before_it_went_wrong_is_in_the_stream_and_in_the_conversation() {
    let app = TestApp::with_model([call("add_task", json!({"title": "Milk"})), status(401)]).await;
    let alice = app.user("alice").await;
    let chunks = Reading::of(alice.say("chat", "a", "Add milk")).await.rest().await;
    assert_eq!(chunks.last().unwrap()["type"], "error");
    assert_eq!(message(&chunks)["parts"][1]["output"]["task"]["title"], "Milk");
    let kept = settled(&alice, &conversation(&chunks)).await;
    assert!(words(&kept).contains("added “Milk”") || words(&kept).contains("Added “Milk”"), "{kept}");
    assert_eq!(alice.titles().await, ["Milk"]);
    let resumed = alice.resume("chat").await;
    assert_eq!(resumed.status, 204);
}

#[tokio::test]
async fn a_reply_that_breaks_off_is_given_anew_and_the_turn_is_answered() {
    let broken = text("Half of it and").cut_after(700).after(ONCE_FOLLOWED);
    let app = TestApp::with_model([broken, text("The whole answer.")]).await;
    let alice = app.user("alice").await;
    let chunks = Reading::of(alice.say("chat", "a", "Hi")).await.rest().await;
    let last = chunks.last().unwrap();
    assert_eq!(last["type"], "error", "{chunks:#?}");
    is_for_people(last);
    let kept = settled(&alice, &conversation(&chunks)).await;
    assert_eq!((words(&kept).as_str(), &kept["finish_reason"]), ("The whole answer.", &json!("stop")));
}

#[tokio::test]
async fn a_reply_that_breaks_off_before_its_first_word_is_nobody_s_business() {
    let broken = text("Half").cut_after(40);
    let app = TestApp::with_model([broken, text("The whole answer.")]).await;
    let alice = app.user("alice").await;
    let chunks = Reading::of(alice.say("chat", "a", "Hi")).await.rest().await;
    assert_eq!(words(&message(&chunks)), "The whole answer.");
    assert_eq!(chunks.last().unwrap()["type"], "finish");
}

#[tokio::test]
async fn a_message_to_a_busy_chat_waits_for_its_turn() {
    let app = TestApp::with_model([text("").hang()]).await;
    let alice = app.user("alice").await;
    let mut first = Reading::of(alice.say("chat", "a", "Hi")).await;
    first.until(|chunk| chunk["type"] == "start-step").await;
    let mut waiting = Reading::of(alice.say("chat", "b", "And?")).await;
    // Whoever waits is let in as soon as the turn in the way is over.
    app.model().enqueue([text("Now you.")]);
    alice.stop("chat").await.expect(200);
    first.rest().await;
    assert_eq!(words(&message(&waiting.rest().await)), "Now you.");
}

/// The chunks of a turn that fails as the model is scripted.
async fn failed(script: Vec<Reply>) -> Vec<Value> {
    let app = TestApp::with_model(script).await;
    let alice = app.user("alice").await;
    let chunks = fails(&alice).await;
    is_for_people(chunks.last().unwrap());
    chunks
}

async fn fails(user: &User<'_>) -> Vec<Value> {
    let reading = Reading::of(user.say("chat", "a", "Hi"));
    let mut reading = tokio::time::timeout(Duration::from_secs(10), reading).await.unwrap();
    reading.rest().await
}

fn is_for_people(error: &Value) {
    let sentence = error["errorText"].as_str().expect("a text");
    assert!(sentence.ends_with('.') && sentence.len() > 20, "{sentence:?}");
    assert!(!sentence.contains(['{', '_', ':']), "{sentence:?}");
}

fn kinds(chunks: &[Value]) -> Vec<&str> {
    chunks.iter().map(|chunk| chunk["type"].as_str().unwrap()).collect()
}
