//! The stand-in that understands everyday sentences, end to end: what `make run` gives a person.

use serde_json::Value;
use tests::{TestApp, User};

/// Says something in a conversation, or in a new one, and returns the answer.
async fn say(person: &User<'_>, conversation: Option<&str>, message: &str) -> Value {
    let call = match conversation {
        Some(id) => person.chat_in(id, message),
        None => person.chat(message),
    };
    call.await.expect(200)
}

#[tokio::test]
async fn the_sentences_of_the_guide_work_in_one_conversation() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    let first = say(&alice, None, "Add a task to buy groceries").await;
    let conversation = first["conversation_id"].as_str().unwrap();
    assert_eq!(first["message"], "I've added 'Buy groceries' to your task list.");
    assert_eq!(alice.titles().await, ["Buy groceries"]);

    let shown = say(&alice, Some(conversation), "Show my tasks").await;
    assert!(shown["message"].as_str().unwrap().contains("Buy groceries"), "{shown}");

    say(&alice, Some(conversation), "Change task 1 to Buy organic groceries").await;
    assert_eq!(alice.titles().await, ["Buy organic groceries"]);

    say(&alice, Some(conversation), "Mark task 1 as done").await;
    assert_eq!(alice.task(1).await.expect(200)["completed"], true);

    say(&alice, Some(conversation), "Delete task 1").await;
    assert!(alice.titles().await.is_empty());
}

#[tokio::test]
async fn it_is_understood_after_a_restart() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    let first = say(&alice, None, "Add a task to buy milk").await;
    app.restart().await;
    let second = say(&alice, first["conversation_id"].as_str(), "Mark it as done").await;
    assert_eq!(second["message"], "I've marked 'Buy milk' as done.");
    assert_eq!(alice.task(1).await.expect(200)["completed"], true);
}

#[tokio::test]
async fn several_tasks_in_one_sentence_are_several_tasks() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    let answer = say(&alice, None, "add three tasks: wash the car, call mum and pay the rent").await;
    assert_eq!(answer["tool_calls"].as_array().unwrap().len(), 3);
    assert_eq!(alice.titles().await, ["Wash the car", "Call mum", "Pay the rent"]);
}

#[tokio::test]
async fn what_is_not_understood_changes_nothing_and_is_answered_honestly() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    alice.add_task("Buy groceries").await.expect(201);
    let answer = say(&alice, None, "What is the capital of France?").await;
    assert!(answer["tool_calls"].as_array().unwrap().is_empty());
    assert!(answer["message"].as_str().unwrap().contains("stand-in"), "{answer}");
    assert_eq!(alice.titles().await, ["Buy groceries"]);
}
