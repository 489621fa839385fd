//! A model that is still being loaded, or has died.

use serde_json::json;
use tests::{
    TestApp,
    script::{Reply, call, status, text},
};

fn loading() -> Reply {
    status(503).body(r#"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#)
}

#[tokio::test]
async fn while_a_model_is_loaded_that_is_said_at_once_and_the_message_may_be_sent_again() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    app.model().enqueue([loading(), loading()]);
    let body = json!({"message": "Add a task to buy milk"});
    let refused = alice.own("POST", "/chat").key("k").json(&body).await;
    assert_eq!(refused.header("retry-after"), Some("10"));
    let problem = refused.expect(503);
    assert_eq!(problem["code"], "model_loading");
    assert!(problem["detail"].as_str().unwrap().contains("still loading"), "{problem}");
    let stream = alice.own("POST", "/chat/stream").json(&body).await;
    assert!(
        stream.text.contains("model_loading") || stream.text.contains("still loading"),
        "{}",
        stream.text
    );
    assert_eq!(app.model().requests().len(), 2, "nobody hammers a server that is busy loading");
    assert!(alice.titles().await.is_empty());

    alice.own("POST", "/chat").key("k").json(&body).await.expect(200);
    assert_eq!(alice.titles().await, ["Buy milk"], "the same request, once");
    app.model().assert_clean();
}

#[tokio::test]
async fn what_is_loaded_anew_in_the_middle_of_a_turn_keeps_what_was_done() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    let hello = alice.chat("hello").await.expect(200);
    let id = hello["conversation_id"].as_str().unwrap();
    app.model().enqueue([call("add_task", json!({"title": "Milk"})), loading()]);
    let failed = alice.chat_in(id, "Add milk").await.expect(503);
    assert_eq!(
        (&failed["code"], &failed["tool_calls"][0]["tool"]),
        (&json!("model_loading"), &json!("add_task"))
    );
    assert_eq!(alice.titles().await, ["Milk"]);
    alice.chat_in(id, "Show my tasks").await.expect(200);
    app.model().assert_clean();
}

#[tokio::test]
async fn a_model_that_dies_in_the_middle_of_an_answer_and_comes_back_costs_one_answer() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    let hello = alice.chat("hello").await.expect(200);
    let id = hello["conversation_id"].as_str().unwrap();
    let dies = || text("This is the beginning of a long answer").reset_after(260);
    app.model().enqueue([dies(), dies()]);
    let failed = alice.chat_in(id, "Tell me about it").await;
    assert!(failed.status == 502 && failed.header("retry-after").is_some(), "{}", failed.text);
    let seen = alice.conversation(id).await.expect(200);
    assert_eq!(seen["messages"].as_array().unwrap().len(), 2, "nothing is left of it");
    alice.chat_in(id, "Add a task to buy milk").await.expect(200);
    assert_eq!(alice.titles().await, ["Buy milk"]);
    app.model().assert_clean();
}

#[tokio::test]
async fn a_name_that_no_model_has_is_said_at_start_and_in_the_answer_and_is_mended_by_a_restart() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    let hello = alice.chat("hello").await.expect(200);
    let id = hello["conversation_id"].as_str().unwrap();
    app.model()
        .enqueue([status(404).body(r#"{"error":{"message":"no such model","code":"model_not_found"}}"#)]);
    let refused = alice.chat_in(id, "hello").await.expect(502);
    assert_eq!(refused["code"], "model_misconfigured");
    app.restart().await;
    alice.chat_in(id, "hello").await.expect(200);
    app.model().assert_clean();
}
