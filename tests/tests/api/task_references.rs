//! Tasks that a person names by their place in a list: "the second one" is what they saw under that number,
//! and not what happens to be there now.

use serde_json::{Value, json};
use tests::{
    TestApp, User,
    script::{call, text},
};

/// A person who was shown "1. Bread, 2. Milk, 3. Eggs", and the conversation.
async fn shown(app: &TestApp) -> (User<'_>, String) {
    let alice = app.user("alice").await;
    for title in ["Eggs", "Milk", "Bread"] {
        alice.add_task(title).await.expect(201);
    }
    let listing = "You have three tasks:\n1. Bread\n2. Milk\n3. Eggs";
    app.model().on("What is open?", [call("list_tasks", json!({})), text(listing)]);
    let answer = alice.chat("What is open?").await.expect(200);
    (alice, answer["conversation_id"].as_str().unwrap().to_owned())
}

fn result(answer: &Value) -> &Value {
    &answer["tool_calls"][0]["result"]
}

#[tokio::test]
async fn a_place_means_the_task_that_was_shown_there() {
    let app = TestApp::start().await;
    let (alice, conversation) = shown(&app).await;
    // What is newer does not move the others.
    alice.add_task("Butter").await.expect(201);
    let delete = call("delete_task", json!({"ref": "2"}));
    app.model().on("Delete the second one", [delete, text("I've deleted 'Milk'.")]);
    let answer = alice.chat_in(&conversation, "Delete the second one").await.expect(200);
    assert_eq!(result(&answer)["task"]["title"], "Milk");
    assert_eq!(alice.titles().await, ["Eggs", "Bread", "Butter"]);
    app.model().on(
        "Finish all of these",
        [call("complete_task", json!({"ref": "all"})), text("I've marked two as done.")],
    );
    let answer = alice.chat_in(&conversation, "Finish all of these").await.expect(200);
    let outcomes: Vec<_> =
        result(&answer)["results"].as_array().unwrap().iter().map(|one| one["success"].clone()).collect();
    assert_eq!(outcomes, [json!(true), json!(false), json!(true)], "the second is gone: {answer}");
}

#[tokio::test]
async fn a_task_that_was_changed_elsewhere_since_is_asked_about() {
    let app = TestApp::start().await;
    let (alice, conversation) = shown(&app).await;
    alice.update_task(2, &json!({"title": "Something else"})).await.expect(200);
    let delete = call("delete_task", json!({"ref": "2"}));
    app.model().on(
        "Delete the second one",
        [delete, text("It was changed meanwhile. Shall I delete it all the same?")],
    );
    let answer = alice.chat_in(&conversation, "Delete the second one").await.expect(200);
    assert!(result(&answer)["error"].as_str().unwrap().contains("was changed meanwhile"), "{answer}");
    assert_eq!(answer["notice"]["code"], "nothing_was_changed");
    assert_eq!(alice.titles().await.len(), 3);
}

#[tokio::test]
async fn what_the_conversation_itself_changed_is_no_surprise() {
    let app = TestApp::start().await;
    let (alice, conversation) = shown(&app).await;
    app.model().on(
        "Finish the first",
        [call("complete_task", json!({"ref": "first"})), text("I've marked 'Bread' as done.")],
    );
    app.model().on(
        "Now delete the first",
        [call("delete_task", json!({"ref": "1"})), text("I've deleted 'Bread'.")],
    );
    alice.chat_in(&conversation, "Finish the first").await.expect(200);
    let answer = alice.chat_in(&conversation, "Now delete the first").await.expect(200);
    assert_eq!(result(&answer)["success"], true, "{answer}");
    assert_eq!(alice.titles().await, ["Eggs", "Milk"]);
}

#[tokio::test]
async fn where_no_list_was_shown_a_place_means_nothing() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    alice.add_task("Milk").await.expect(201);
    app.model().on(
        "Delete the first one",
        [call("delete_task", json!({"ref": "1"})), text("Which one do you mean?")],
    );
    let answer = alice.chat("Delete the first one").await.expect(200);
    assert!(result(&answer)["error"].as_str().unwrap().contains("No list was shown"), "{answer}");
    assert_eq!(alice.titles().await, ["Milk"]);
}
