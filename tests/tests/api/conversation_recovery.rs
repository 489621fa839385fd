//! A conversation goes on: over kills, over replicas, and however long it gets.

use std::time::Duration;

use serde_json::json;
use tests::{
    TestApp, model_transcript,
    script::{call, calls, silence, text},
};

#[tokio::test]
async fn turns_that_a_kill_9_broke_off_do_not_block_their_conversations() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let model = app.model();
    model.on("buy groceries", [text("Fine.")]);
    model.on("wait for ever", [silence().hang()]);
    model.on("still there", [text("Yes.")]);
    let stuck = text("It is on your list.").but_first(silence().hang());
    model.on("buy milk", [call("add_task", json!({"title": "Buy milk"})), stuck]);
    let first = alice.chat("Let us talk: buy groceries").await.expect(200);
    let conversation = first["conversation_id"].as_str().unwrap();

    let without_key = alice.chat_in(conversation, "And now wait for ever");
    let with_key = bob.chat("Add a task to buy milk").key("key-1");
    let killed = async {
        assert!(model.wait_for_requests(4, Duration::from_secs(20)).await);
        app.restart().await;
    };
    let (one, other, ()) = tokio::join!(without_key.attempt(), with_key.attempt(), killed);
    assert!(one.is_err() && other.is_err(), "{one:?} {other:?}");

    // Both wait until the lease of the dead process has run out.
    let next = alice.chat_in(conversation, "Are you still there?");
    let again = bob.chat("Add a task to buy milk").key("key-1");
    let (next, again) = tokio::join!(next.into_future(), again.into_future());
    next.expect(200);
    let view = alice.conversation(conversation).await.expect(200);
    let said: Vec<_> = view["messages"].as_array().unwrap().iter().map(|m| m["content"].clone()).collect();
    assert_eq!(said, ["Let us talk: buy groceries", "Fine.", "Are you still there?", "Yes."]);

    // What was done is not done again, and is told.
    let again = again.expect(200);
    assert_eq!(again["message"], "It is on your list.");
    assert_eq!(again["tool_calls"][0]["result"]["task"]["id"], 1);
    assert_eq!(bob.titles().await, ["Buy milk"]);
}

#[tokio::test]
async fn sixty_turns_with_up_to_four_tools_each_are_all_answered() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let mut conversation: Option<String> = None;
    let mut added = 0;
    for turn in 0..60 {
        let tools = turn % 5;
        let titles = (0..tools).map(|tool| json!({"title": format!("Task {tool} of turn {turn}")}));
        let work = (tools > 0).then(|| calls(titles.map(|title| ("add_task", title))));
        app.model().enqueue(work.into_iter().chain([text(format!("Turn {turn} is done."))]));
        let message = format!("This is turn {turn} of sixty.");
        let answer = match &conversation {
            None => alice.chat(&message).await,
            Some(id) => alice.chat_in(id, &message).await,
        };
        let answer = answer.expect(200);
        assert_eq!(answer["message"], format!("Turn {turn} is done."));
        assert_eq!(answer["tool_calls"].as_array().unwrap().len(), tools);
        let sent = model_transcript::newest_messages(app.model());
        assert!(sent.contains(&json!({"role": "user", "content": message})), "turn {turn} was not sent");
        added += tools;
        conversation.get_or_insert_with(|| answer["conversation_id"].as_str().unwrap().to_owned());
    }
    assert_eq!(alice.titles().await.len(), added);
    let view = alice.conversation(&conversation.unwrap()).await;
    // A page holds 50 turns, each a question and an answer; a link leads to the rest.
    assert_eq!(view.expect(200)["messages"].as_array().unwrap().len(), 100);
    assert!(view.header("link").is_some_and(|link| link.ends_with("rel=\"next\"")));
    app.model().assert_used_up();
}
