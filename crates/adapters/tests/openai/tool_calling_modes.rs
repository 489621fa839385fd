//! Which way of asking for tools is learnt, and from whom.

use std::time::Duration;

use devkit::model::{
    StandIn,
    script::{Reply, call, status, text},
};
use serde_json::{Value, json};

use crate::openai::test_client::{Attempt, LONG_TIMEOUTS, hello, model};

/// A call that the model writes as text.
fn written() -> Reply {
    text(json!({"name": "add_task", "arguments": {"title": "Milk"}}).to_string())
}

/// What comes of saying hello once for each of so many replies, and which requests asked for objects.
async fn asked(times: usize, script: impl IntoIterator<Item = Reply>) -> (Vec<Attempt>, Vec<bool>) {
    let stand_in = StandIn::scripted(script).await.unwrap();
    let model = model(&stand_in.base_url(), LONG_TIMEOUTS);
    let mut attempts = Vec::new();
    for _ in 0..times {
        attempts.push(hello(&model, Duration::from_secs(60)).await);
    }
    stand_in.assert_clean();
    let is_structured = |request: &Value| request.get("response_format").is_some();
    (attempts, stand_in.requests().iter().map(is_structured).collect())
}

#[tokio::test]
async fn one_person_who_has_calls_written_changes_nothing_for_others_once_the_model_has_made_one() {
    let made = call("add_task", json!({"title": "Bread"}));
    let (attempts, are_structured) = asked(5, [made, written(), written(), written(), text("Hello!")]).await;
    assert!(attempts[..4].iter().all(|attempt| attempt.reply.as_ref().unwrap().calls.len() == 1));
    assert_eq!(are_structured, [false; 5]);
}

#[tokio::test]
async fn a_server_that_takes_no_objects_is_asked_as_before() {
    let error = r#"{"error": {"message": "This response_format type is unavailable now"}}"#;
    let refused = status(400).body(error);
    let script = [written(), written(), refused, text("Hello!"), written(), text("Good bye!")];
    let (attempts, are_structured) = asked(5, script).await;
    let said = attempts.iter().map(|attempt| attempt.words.as_str());
    assert_eq!(said.collect::<Vec<_>>(), ["", "", "Hello!", "", "Good bye!"]);
    assert_eq!(are_structured, [false, false, true, false, false, false]);
}

#[tokio::test]
async fn a_prompt_that_is_refused_in_both_ways_says_nothing_of_objects() {
    let filtered = || status(400).body(r#"{"error": {"message": "Filtered", "code": "content_filter"}}"#);
    let object = text(json!({"action": "reply", "arguments": {"text": "Hello!"}}).to_string());
    let script = [written(), written(), filtered(), filtered(), object];
    let (attempts, are_structured) = asked(4, script).await;
    assert_eq!(attempts[2].failure(), "misconfigured");
    assert_eq!(attempts[3].words, "Hello!");
    assert_eq!(are_structured, [false, false, true, false, true]);
}

#[tokio::test]
async fn a_filter_that_refuses_a_prompt_once_says_nothing_of_objects() {
    let object = || text(json!({"action": "reply", "arguments": {"text": "Hello!"}}).to_string());
    for error in [
        json!({"message": "Filtered", "code": "content_filter"}),
        json!({"message": "Filtered", "code": "400", "innererror": {"code": "ResponsibleAIPolicyViolation"}}),
        json!({"message": "The prompt triggered our content management policy.", "type": null}),
    ] {
        let filtered = status(400).body(json!({"error": error}).to_string());
        let script = [written(), written(), filtered, text("Good day!"), object()];
        let (attempts, are_structured) = asked(4, script).await;
        let said = attempts.iter().map(|attempt| attempt.words.as_str());
        assert_eq!(said.collect::<Vec<_>>(), ["", "", "Good day!", "Hello!"], "{error}");
        assert_eq!(are_structured, [false, false, true, false, true], "{error}");
    }
}
