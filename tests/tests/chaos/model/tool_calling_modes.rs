//! Models that cannot make tool calls, and are asked for objects instead.

use serde_json::{Value, json};
use tests::{
    TestApp,
    script::{Reply, status, text},
};

fn object(object: Value) -> Reply {
    text(object.to_string())
}

fn reply(words: &str) -> Reply {
    object(json!({"action": "reply", "arguments": {"text": words}}))
}

fn add(title: &str) -> Reply {
    object(json!({"action": "add_task", "arguments": {"title": title}}))
}

fn is_structured(request: &Value) -> bool {
    request["response_format"]["type"] == "json_schema" && request.get("tools").is_none()
}

#[tokio::test]
async fn a_server_without_tools_is_asked_for_objects_at_once() {
    let refused =
        status(400).body(r#"{"error":{"message":"registry.ollama.ai/library/m does not support tools"}}"#);
    let script = [refused, add("Milk"), reply("Added Milk."), reply("Hello!")];
    let app = TestApp::with_model(script).await;
    let alice = app.user("alice").await;
    let answer = alice.chat("Add milk").await.expect(200);
    assert_eq!((&answer["message"], alice.titles().await), (&json!("Added Milk."), vec!["Milk".to_owned()]));
    assert_eq!(answer["tool_calls"][0]["tool"], "add_task");

    let body = json!({"id": answer["conversation_id"], "message": "Hello"});
    let stream = alice.own("POST", "/chat/stream").json(&body).await;
    assert!(stream.text.contains("Hello!") && !stream.text.contains("arguments"), "{}", stream.text);
    let requests = app.model().requests();
    let modes: Vec<bool> = requests.iter().map(is_structured).collect();
    assert_eq!(modes, [false, true, true, true], "it is remembered");
    assert!(
        requests[3]["messages"].to_string().contains("Result: "),
        "what was done is told: {}",
        requests[3]
    );
    app.model().assert_clean();
}

#[tokio::test]
async fn a_model_that_writes_its_calls_is_asked_for_objects_from_the_third_on() {
    let written = |title: &str| text(json!({"name": "add_task", "arguments": {"title": title}}).to_string());
    let script = [
        written("One"),
        text("Added One."),
        written("Two"),
        reply("Added Two."),
        add("Three"),
        reply("Added Three."),
    ];
    let app = TestApp::with_model(script).await;
    let alice = app.user("alice").await;
    for (number, title) in ["One", "Two", "Three"].into_iter().enumerate() {
        let answer = alice.chat(&format!("Add {title}")).await.expect(200);
        assert_eq!(answer["message"], format!("Added {title}."));
        assert_eq!(alice.titles().await.len(), number + 1);
    }
    let modes: Vec<bool> = app.model().requests().iter().map(is_structured).collect();
    assert_eq!(modes, [false, false, false, true, true, true]);
    app.model().assert_clean();
}

#[tokio::test]
async fn the_way_that_is_set_is_the_only_one() {
    for (mode, structured) in [("native", false), ("structured", true)] {
        let app = TestApp::everyday_with(&[("OPENAI_TOOL_MODE", mode)]).await;
        let alice = app.user("alice").await;
        app.model().on("do it", [add("One"), text("Fine.")]);
        for _ in 0..3 {
            alice.chat("do it").await.expect(200);
        }
        assert!(app.model().requests().iter().all(|request| is_structured(request) == structured), "{mode}");
        assert_eq!(alice.titles().await.len(), 3, "also what is written as text counts");
        app.model().assert_clean();
    }
}
