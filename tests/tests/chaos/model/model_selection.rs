//! The choice between several models, and the model that takes over when the chosen one is down.

use serde_json::{Value, json};
use tests::{
    TestApp, User,
    script::{Reply, call, status, text},
};

const CHOICE: &[(&str, &str)] = &[("OPENAI_MODEL", "small"), ("OPENAI_MODELS", "small, large")];

fn down() -> Reply {
    status(503).body(r#"{"error":{"message":"overloaded"}}"#)
}

fn models(app: &TestApp) -> Vec<Value> {
    app.model().requests().iter().map(|request| request["model"].clone()).collect()
}

async fn says(alice: &User<'_>, conversation: Option<&Value>, model: Option<&str>) -> Value {
    let mut body = json!({"message": "hello"});
    if let Some(id) = conversation {
        body["conversation_id"] = id.clone();
    }
    if let Some(model) = model {
        body["model"] = json!(model);
    }
    alice.own("POST", "/chat").json(&body).await.expect(200)
}

#[tokio::test]
async fn a_person_chooses_a_model_and_the_conversation_remembers_it() {
    let app = TestApp::everyday_with(CHOICE).await;
    let alice = app.user("alice").await;
    let info = app.get("/api/info").await.expect(200);
    assert_eq!((&info["models"], &info["model"]["name"]), (&json!(["small", "large"]), &json!("small")));

    let first = says(&alice, None, None).await;
    let (id, shown) = (&first["conversation_id"], first["conversation_id"].as_str().unwrap());
    assert_eq!(first["model"], "small");
    assert_eq!(alice.conversation(shown).await.expect(200)["model"], Value::Null);
    assert_eq!(says(&alice, Some(id), Some("large")).await["model"], "large");
    assert_eq!(says(&alice, Some(id), None).await["model"], "large", "it is remembered");
    assert_eq!(alice.conversation(shown).await.expect(200)["model"], "large");

    let body = json!({"id": shown, "message": "hello", "model": "small"});
    let stream = alice.own("POST", "/chat/stream").json(&body).await;
    assert_eq!(stream.status, 200, "{}", stream.text);
    assert_eq!(says(&alice, Some(id), None).await["model"], "small", "through a stream as well");
    assert_eq!(models(&app), ["small", "large", "large", "small", "small"]);

    for (path, body) in [
        ("/chat", json!({"message": "hello", "model": "huge"})),
        ("/chat/stream", json!({"message": "hello", "model": "huge"})),
    ] {
        let refused = alice.own("POST", path).json(&body).await.expect(422);
        assert_eq!(refused["errors"][0]["field"], "model");
        assert!(refused["detail"].as_str().unwrap().contains("small, large"), "{refused}");
    }
    app.model().assert_clean();
}

#[tokio::test]
async fn another_model_means_another_request_under_a_key() {
    let app = TestApp::everyday_with(CHOICE).await;
    let alice = app.user("alice").await;
    let ask = |model: &str| {
        alice.own("POST", "/chat").key("k-1").json(&json!({"message": "hello", "model": model}))
    };
    let first = ask("large").await.expect(200);
    assert_eq!(ask("large").await.expect(200), first);
    assert_eq!(ask("small").await.expect(422)["code"], "idempotency_key_reused");
}

#[tokio::test]
async fn a_model_that_is_down_is_replaced_before_its_first_word_and_only_then() {
    let app = TestApp::everyday_with(&[("OPENAI_MODEL", "first"), ("OPENAI_FALLBACK_MODEL", "second")]).await;
    let alice = app.user("alice").await;
    let add = || call("add_task", json!({"title": "Milk"}));
    app.model().enqueue([down(), down(), down(), add(), text("Added.")]);
    let answer = alice.chat("Add milk").await.expect(200);
    assert_eq!((&answer["message"], &answer["model"]), (&json!("Added."), &json!("second")));
    assert_eq!(models(&app), ["first", "first", "first", "second", "second"]);
    assert_eq!(alice.titles().await, ["Milk"]);

    let hello = alice.chat("hello").await.expect(200);
    assert_eq!(hello["model"], "first", "the next turn begins with the first one again");

    app.model().on("half", [text("Whole.").but_first(text("Half a word").cut_after(250))]);
    assert_eq!(alice.chat("half").await.expect(200)["model"], "first", "asked once more, as without another");
    app.model().on("refused", [status(401).body(r#"{"error":{"message":"no"}}"#)]);
    assert_eq!(alice.chat("refused").await.expect(502)["code"], "model_misconfigured");
    app.model().assert_clean();
}
