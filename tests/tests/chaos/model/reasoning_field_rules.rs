//! Providers that require a field beside every call get it also beside calls that their model did not make;
//! those that do not know it get none.

use serde_json::{Value, json};
use tests::{
    ReasoningFieldRules, TestApp, User,
    script::{Reply, call, raw, status, text},
};

const CHAT: &str = "0198c0de-0000-7000-8000-0000000000d1";
const NONE: ReasoningFieldRules =
    ReasoningFieldRules { signature: false, reasoning: false, refuses_extra_content: false };
const DEMANDS: [ReasoningFieldRules; 2] =
    [ReasoningFieldRules { signature: true, ..NONE }, ReasoningFieldRules { reasoning: true, ..NONE }];
const FALLBACK: &[(&str, &str)] = &[("OPENAI_MODEL", "first"), ("OPENAI_FALLBACK_MODEL", "second")];

fn add(title: &str) -> Reply {
    call("add_task", json!({ "title": title }))
}

fn down() -> Reply {
    status(503).body(r#"{"error":{"message":"overloaded"}}"#)
}

/// Sends a message as the page does it, which may replace one or its answer.
async fn say(alice: &User<'_>, words: &str, more: &Value) {
    let message = json!({"id": "a", "role": "user", "parts": [{"type": "text", "text": words}]});
    let mut body = json!({"id": CHAT, "messages": [message], "trigger": "submit-message"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let answer = alice.own("POST", "/chat/stream").json(&body).await;
    assert!(answer.text.contains(r#"{"type":"finish"}"#), "{words}: {}", answer.text);
}

/// The calls of the newest request.
fn tools_called(app: &TestApp) -> Vec<String> {
    let request = app.model().requests().pop().unwrap();
    let calls =
        request["messages"].as_array().unwrap().iter().filter_map(|message| message["tool_calls"].as_array());
    calls.flatten().map(|call| call["function"]["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn another_answer_and_an_edited_message() {
    for demands in DEMANDS {
        let app = TestApp::everyday().await;
        let alice = app.user("alice").await;
        app.model().set_reasoning_field_rules(demands);

        app.model().enqueue([add("Milk"), text("Added.")]);
        say(&alice, "Add milk", &json!({})).await;
        app.model().enqueue([add("Milk"), text("Added again.")]);
        say(&alice, "Add milk", &json!({"trigger": "regenerate-message"})).await;
        assert!(tools_called(&app).contains(&"undo_replaced".to_owned()), "{demands:?}");
        app.model().enqueue([add("Bread"), text("Added bread.")]);
        say(&alice, "Add bread", &json!({"messageId": "a", "undo_replaced": false})).await;
        assert!(tools_called(&app).contains(&"message_edited".to_owned()), "{demands:?}");
        assert_eq!(alice.titles().await, ["Milk", "Bread"], "{demands:?}");
        app.model().assert_used_up();
        app.model().assert_clean();
    }
}

#[tokio::test]
async fn a_yes_and_the_model_that_takes_over() {
    for demands in DEMANDS {
        let app = TestApp::everyday_with(FALLBACK).await;
        let alice = app.user("alice").await;
        for number in 1..=4 {
            alice.add_task(&format!("Task {number}")).await.expect(201);
        }
        let four = call("delete_task", json!({"task_id": [1, 2, 3, 4]}));
        app.model().enqueue([four, text("Shall I delete the four of them?")]);
        let asked = alice.chat("Delete all four").await.expect(200);
        let conversation = asked["conversation_id"].as_str().unwrap();

        app.model().set_reasoning_field_rules(demands);
        app.model().enqueue([text("I deleted the four tasks.")]);
        alice.chat_in(conversation, "yes").await.expect(200);
        assert!(alice.titles().await.is_empty(), "{demands:?}");
        assert_eq!(tools_called(&app), ["delete_task", "delete_task"], "{demands:?}");

        app.model().enqueue([add("Tea"), down(), down(), down(), text("Added tea.")]);
        let answer = alice.chat_in(conversation, "Add tea").await.expect(200);
        assert_eq!((&answer["message"], &answer["model"]), (&json!("Added tea."), &json!("second")));
        assert_eq!(alice.titles().await, ["Tea"], "{demands:?}");
        app.model().assert_used_up();
        app.model().assert_clean();
    }
}

#[tokio::test]
async fn a_signature_that_another_model_does_not_know_does_not_break_the_conversation() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    let signed = json!({"index": 0, "id": "a1", "type": "function",
                        "extra_content": {"google": {"thought_signature": "SIG123"}},
                        "function": {"name": "add_task", "arguments": "{\"title\":\"One\"}"}});
    let reply =
        json!({"choices": [{"index": 0, "delta": {"tool_calls": [signed]}, "finish_reason": "tool_calls"}]});
    app.model().on("sign it", [raw(format!("data: {reply}\n\ndata: [DONE]\n\n")), text("Done.")]);
    app.model().on("and then", [text("Nothing else.")]);
    let first = alice.chat("sign it").await.expect(200);
    let conversation = first["conversation_id"].as_str().unwrap();

    app.model().set_reasoning_field_rules(ReasoningFieldRules { refuses_extra_content: true, ..NONE });
    for _ in 0..2 {
        alice.chat_in(conversation, "and then").await.expect(200);
    }
    let sent = app
        .model()
        .requests()
        .iter()
        .map(|request| request.to_string().contains("SIG123"))
        .collect::<Vec<_>>();
    assert_eq!(sent, [false, true, true, false, false], "it is sent until it is refused");
    app.model().assert_clean();
}
