//! Another answer to the same message: never a second effect.

use serde_json::json;
use tests::{
    TestApp,
    script::{call, status, text},
};

use crate::{
    rebuilt_message::{conversation, is_replayed, message, settled, shown, words},
    sse_client::{KEY_REUSED, NOTHING_TO_REGENERATE, Reading, Refusal, Streams, refused},
};

const CHAT: &str = "chat";

#[tokio::test]
async fn another_answer_repeats_no_effect_even_if_the_model_asks_for_it() {
    let add = || call("add_task", json!({"title": "Milk"}));
    let script = [add(), text("Added."), add().say("Once more."), text("It was added.")];
    let app = TestApp::with_model(script).await;
    let alice = app.user("alice").await;
    let first = Reading::of(alice.say(CHAT, "a", "Add milk")).await.rest().await;
    let second = Reading::of(alice.regenerate(CHAT, "a", "Add milk")).await.rest().await;
    assert_eq!(alice.titles().await, ["Milk"]);
    alice.task(1).await.expect(404);
    alice.task(2).await.expect(200);
    assert_eq!(first[0]["messageId"], second[0]["messageId"], "the answer takes the old one's place");
    let id = conversation(&second);
    let kept = alice.conversation(&id).await.expect(200);
    assert_eq!(kept["messages"].as_array().unwrap().len(), 2);
    assert_eq!(shown(&kept["messages"][1]), message(&second), "{second:#?}");
    assert!(words(&message(&second)).ends_with("It was added."));
    assert!(!words(&message(&second)).contains("Added."));
    app.model().assert_used_up();
}

#[tokio::test]
async fn another_answer_looks_for_itself() {
    let look = || call("list_tasks", json!({"status": "pending"}));
    let script = [look(), text("Milk and bread."), look(), text("Bread.")];
    let app = TestApp::with_model(script).await;
    let alice = app.user("alice").await;
    for title in ["Milk", "Bread"] {
        alice.add_task(title).await.expect(201);
    }
    Reading::of(alice.say(CHAT, "a", "What is left?")).await.rest().await;
    alice.update_task(1, &json!({"completed": true})).await.expect(200);
    Reading::of(alice.regenerate(CHAT, "a", "What is left?")).await.rest().await;
    let requests = app.model().requests();
    let [_, first, unseen, second] = requests.as_slice() else { panic!("{requests:#?}") };
    let reads = |request: &serde_json::Value, title: &str| request["messages"].to_string().contains(title);
    assert!(reads(first, "Milk") && reads(first, "Bread"));
    assert!(!reads(unseen, "Milk") && !reads(unseen, "Bread"), "the old list is not read again: {unseen}");
    assert!(!reads(second, "Milk") && reads(second, "Bread"), "{second}");
    app.model().assert_used_up();
}

#[tokio::test]
async fn another_answer_may_do_what_the_first_did_not() {
    let script = [text("Shall I?"), call("add_task", json!({"title": "Milk"})), text("Added.")];
    let app = TestApp::with_model(script).await;
    let alice = app.user("alice").await;
    Reading::of(alice.say(CHAT, "a", "Add milk")).await.rest().await;
    let second = Reading::of(alice.regenerate(CHAT, "a", "Add milk")).await.rest().await;
    assert_eq!(alice.titles().await, ["Milk"]);
    let id = conversation(&second);
    assert_eq!(shown(&settled(&alice, &id).await), message(&second));
}

#[tokio::test]
async fn a_turn_that_failed_before_it_did_anything_is_begun_when_it_is_regenerated() {
    let script = [text("Hello."), status(401), call("add_task", json!({"title": "Milk"})), text("Added.")];
    let app = TestApp::with_model(script).await;
    let alice = app.user("alice").await;
    Reading::of(alice.say(CHAT, "a", "Hi")).await.rest().await;
    let failed = Reading::of(alice.say(CHAT, "b", "Add milk")).await.rest().await;
    assert_eq!(failed.last().unwrap()["type"], "error");
    let second = Reading::of(alice.regenerate(CHAT, "b", "Add milk")).await.rest().await;
    let id = conversation(&second);
    let kept = alice.conversation(&id).await.expect(200);
    let said: Vec<_> = kept["messages"].as_array().unwrap().iter().map(words).collect();
    assert_eq!(said, ["Hi", "Hello.", "Add milk", "Added."]);
    assert_eq!(alice.titles().await, ["Milk"]);
    app.model().assert_used_up();
}

#[tokio::test]
async fn a_turn_that_failed_after_it_did_something_goes_on_when_it_is_regenerated() {
    let add = || call("add_task", json!({"title": "Milk"}));
    let app = TestApp::with_model([add(), status(401), add(), text("It is there.")]).await;
    let alice = app.user("alice").await;
    let failed = Reading::of(alice.say(CHAT, "a", "Add milk")).await.rest().await;
    assert_eq!(failed.last().unwrap()["type"], "error");
    let second = Reading::of(alice.regenerate(CHAT, "a", "Add milk")).await.rest().await;
    assert_eq!(alice.titles().await, ["Milk"]);
    let id = conversation(&second);
    assert_eq!(shown(&settled(&alice, &id).await), message(&second));
    assert!(words(&message(&second)).ends_with("It is there."));
}

#[tokio::test]
async fn where_nothing_was_said_nothing_can_be_answered_again() {
    let app = TestApp::with_model([text("Hello.")]).await;
    let alice = app.user("alice").await;
    // The client holds a message that never arrived: then it arrives now.
    let chunks = Reading::of(alice.regenerate(CHAT, "a", "Hi")).await.rest().await;
    assert_eq!(words(&message(&chunks)), "Hello.");
}

#[tokio::test]
async fn a_message_that_had_no_id_of_the_client_s_is_answered_again_under_ours() {
    let add = || call("add_task", json!({"title": "Milk"}));
    let app = TestApp::with_model([add(), text("Added."), add(), text("It is there.")]).await;
    let alice = app.user("alice").await;
    let id = alice.chat("Add milk").await.expect(200)["conversation_id"].as_str().unwrap().to_owned();
    let loaded = alice.conversation(&id).await.expect(200);
    let message_id = loaded["messages"][0]["id"].as_str().unwrap();
    let again = Reading::of(alice.regenerate(&id, message_id, "Add milk")).await.rest().await;
    let kept = alice.conversation(&id).await.expect(200);
    assert_eq!(kept["messages"].as_array().unwrap().len(), 2, "{kept:#}");
    assert_eq!(shown(&kept["messages"][1]), message(&again));
    assert_eq!(alice.titles().await, ["Milk"]);
}

#[tokio::test]
async fn what_was_changed_since_is_left_alone_or_stands_against_another_answer() {
    let add = || call("add_task", json!({"title": "Milk"}));
    let app = TestApp::with_model([add(), text("Added."), add(), text("It is there.")]).await;
    let alice = app.user("alice").await;
    Reading::of(alice.say(CHAT, "a", "Add milk")).await.rest().await;
    alice.update_task(1, &json!({"priority": "high"})).await.expect(200);
    let asked = json!({"id": "a", "role": "user", "parts": [{"type": "text", "text": "Add milk"}]});
    let again = |undo_replaced: serde_json::Value| {
        json!({"id": CHAT, "messages": [asked], "trigger": "regenerate-message",
               "undo_replaced": undo_replaced})
    };
    let conflict = Refusal { status: 409, code: "undo_conflict", words: "was changed since" };
    refused(alice.stream(&again(json!(true))), conflict).await;
    let second = Reading::of(alice.stream(&again(json!(null)))).await.rest().await;
    assert!(words(&message(&second)).ends_with("It is there."), "{second:#?}");
    assert_eq!(alice.task(1).await.expect(200)["priority"], "high");
    assert_eq!(alice.titles().await, ["Milk"]);
    app.model().assert_used_up();
}

/// What the AI SDK sends for `sendMessage({text, messageId})`.
fn edited(id: &str, text: &str, undo_replaced: serde_json::Value) -> serde_json::Value {
    let message = json!({"id": id, "role": "user", "parts": [{"type": "text", "text": text}]});
    json!({"id": CHAT, "messages": [message], "trigger": "submit-message", "messageId": id,
           "undo_replaced": undo_replaced})
}

#[tokio::test]
async fn an_edited_message_takes_back_what_its_answer_did_unless_that_shall_stay() {
    let add = |title: &str| call("add_task", json!({ "title": title }));
    let script = [
        add("Buy mlik"),
        text("Added."),
        add("Buy milk"),
        text("Added milk."),
        add("Buy bread"),
        text("Added bread."),
    ];
    let app = TestApp::with_model(script).await;
    let alice = app.user("alice").await;
    Reading::of(alice.say(CHAT, "a", "Add buy mlik")).await.rest().await;
    let second = Reading::of(alice.stream(&edited("a", "Add buy milk", json!(null)))).await.rest().await;
    assert_eq!(alice.titles().await, ["Buy milk"]);
    let id = conversation(&second);
    let kept = settled(&alice, &id).await;
    assert_eq!(shown(&kept), message(&second));
    let said = alice.conversation(&id).await.expect(200);
    assert_eq!(
        (words(&said["messages"][0]), said["messages"].as_array().unwrap().len()),
        ("Add buy milk".into(), 2)
    );

    // The same edit once more, by an impatient client, is answered from the record.
    is_replayed(&app, alice.stream(&edited("a", "Add buy milk", json!(null))), &second).await;
    assert_eq!(alice.titles().await, ["Buy milk"]);

    let third = Reading::of(alice.stream(&edited("a", "Add buy bread", json!(false)))).await.rest().await;
    assert!(words(&message(&third)).ends_with("Added bread."), "{third:#?}");
    assert_eq!(alice.titles().await, ["Buy milk", "Buy bread"]);
    app.model().assert_used_up();
}

#[tokio::test]
async fn only_the_newest_message_is_edited() {
    let app = TestApp::with_model([text("Hello."), text("And you.")]).await;
    let alice = app.user("alice").await;
    Reading::of(alice.say(CHAT, "a", "Hi")).await.rest().await;
    Reading::of(alice.say(CHAT, "b", "How are you?")).await.rest().await;
    refused(alice.stream(&edited("a", "Good evening", json!(null))), NOTHING_TO_REGENERATE).await;
    app.model().assert_used_up();
}

#[tokio::test]
async fn an_older_message_that_has_no_id_of_the_client_s_is_neither_edited_nor_said_again() {
    let add = call("add_task", json!({"title": "Milk"}));
    let app = TestApp::with_model([add, text("Added."), text("And you.")]).await;
    let alice = app.user("alice").await;
    let id = alice.chat("Add milk").await.expect(200)["conversation_id"].as_str().unwrap().to_owned();
    alice.chat_in(&id, "How are you?").await.expect(200);
    let before = alice.conversation(&id).await.expect(200);
    let message_id = before["messages"][0]["id"].as_str().unwrap();
    let asked = json!({"id": message_id, "role": "user", "parts": [{"type": "text", "text": "Add milk"}]});
    let again = json!({"id": id, "messages": [asked], "trigger": "regenerate-message"});
    let edit = edited(message_id, "Add bread", json!(null));
    for mut body in [again, edit] {
        body["id"] = json!(id);
        refused(alice.stream(&body), NOTHING_TO_REGENERATE).await;
    }
    assert_eq!(alice.conversation(&id).await.expect(200)["messages"], before["messages"]);
    app.model().assert_used_up();
}

#[tokio::test]
async fn an_edit_that_comes_late_is_refused_when_another_one_has_replaced_its_words() {
    let add = |title: &str| call("add_task", json!({ "title": title }));
    let script = [add("Mlik"), text("Added."), add("Milk"), text("Added."), add("Oat milk"), text("Added.")];
    let app = TestApp::with_model(script).await;
    let alice = app.user("alice").await;
    Reading::of(alice.say(CHAT, "a", "Add mlik")).await.rest().await;
    let edit = |text: &str, previous: &str| {
        let mut body = edited("a", text, json!(null));
        body["previous_text"] = json!(previous);
        body
    };
    Reading::of(alice.stream(&edit("Add milk", "Add mlik"))).await.rest().await;
    let newest = Reading::of(alice.stream(&edit("Add oat milk", "Add milk"))).await.rest().await;
    // The first edit once more: its client had gone, and its replica was slow.
    refused(alice.stream(&edit("Add milk", "Add mlik")), NOTHING_TO_REGENERATE).await;
    assert_eq!(alice.titles().await, ["Oat milk"]);
    is_replayed(&app, alice.stream(&edit("Add oat milk", "Add milk")), &newest).await;
    let unreadable = alice.stream(&edit("Add bread", " ")).await;
    assert_eq!(unreadable.expect(422)["errors"][0]["field"], "previous_text");
    app.model().assert_used_up();
}

#[tokio::test]
async fn an_edit_that_the_model_does_not_answer_leaves_all_as_it_was() {
    let app = TestApp::with_model([text("Hello."), status(401), text("Good evening.")]).await;
    let alice = app.user("alice").await;
    let first = Reading::of(alice.say(CHAT, "a", "Hi")).await.rest().await;
    let failed = Reading::of(alice.stream(&edited("a", "Good evening", json!(null)))).await.rest().await;
    assert_eq!(failed.last().unwrap()["type"], "error");
    let kept = alice.conversation(&conversation(&first)).await.expect(200);
    let said: Vec<_> = kept["messages"].as_array().unwrap().iter().map(words).collect();
    assert_eq!(said, ["Hi", "Hello."]);
    let third = Reading::of(alice.stream(&edited("a", "Good evening", json!(null)))).await.rest().await;
    assert_eq!(words(&message(&third)), "Good evening.");
    app.model().assert_used_up();
}

#[tokio::test]
async fn under_its_key_another_answer_is_given_once_whenever_the_request_comes_again() {
    let add = |title: &str| call("add_task", json!({ "title": title }));
    let script = [
        add("Milk"),
        text("Added."),
        add("Oat milk"),
        text("Better."),
        add("Soy milk"),
        text("Best."),
        text("You're welcome."),
    ];
    let app = TestApp::with_model(script).await;
    let alice = app.user("alice").await;
    Reading::of(alice.say(CHAT, "a", "Add milk")).await.rest().await;
    let again = |key: &str| alice.regenerate(CHAT, "a", "Add milk").key(key);
    let better = Reading::of(again("better")).await.rest().await;
    assert!(words(&message(&better)).ends_with("Better."));
    is_replayed(&app, again("better"), &better).await;
    assert_eq!(alice.titles().await, ["Oat milk"]);

    let best = Reading::of(again("best")).await.rest().await;
    assert_eq!(alice.titles().await, ["Soy milk"]);
    Reading::of(alice.say(CHAT, "b", "Thanks")).await.rest().await;
    // The first request once more: the client had gone, and its connection was slow.
    is_replayed(&app, again("better"), &best).await;
    assert_eq!(alice.titles().await, ["Soy milk"]);

    refused(alice.regenerate(CHAT, "a", "Add tea").key("better"), KEY_REUSED).await;
    app.model().assert_used_up();
}

#[tokio::test]
async fn under_its_key_an_edit_is_made_once_whatever_the_message_says_since() {
    let add = |title: &str| call("add_task", json!({ "title": title }));
    let script = [
        add("Mlik"),
        text("Added."),
        add("Milk"),
        text("Added."),
        add("Oat milk"),
        text("Added."),
        add("Milk"),
        text("Added."),
    ];
    let app = TestApp::with_model(script).await;
    let alice = app.user("alice").await;
    Reading::of(alice.say(CHAT, "a", "Add mlik")).await.rest().await;
    let edit = |key: &str, text: &str| alice.stream(&edited("a", text, json!(null))).key(key);
    Reading::of(edit("first", "Add milk")).await.rest().await;
    let second = Reading::of(edit("second", "Add oat milk")).await.rest().await;
    is_replayed(&app, edit("first", "Add milk"), &second).await;
    assert_eq!(alice.titles().await, ["Oat milk"]);

    // Who wants the first words back asks under another key.
    let third = Reading::of(edit("third", "Add milk")).await.rest().await;
    assert_eq!(alice.titles().await, ["Milk"]);

    // The id of the message is its own key: it says nothing of the request.
    is_replayed(&app, edit("a", "Add milk"), &third).await;
    app.model().assert_used_up();
}

#[tokio::test]
async fn where_an_undo_would_go_beyond_a_limit_there_is_no_other_answer_on_top() {
    let app = TestApp::everyday_with(&[("MAX_TASKS", "2")]).await;
    let alice = app.user("alice").await;
    app.model().enqueue([call("delete_task", json!({"task_id": 1})), text("Gone.")]);
    alice.add_task("Milk").await.expect(201);
    Reading::of(alice.say(CHAT, "a", "Delete milk")).await.rest().await;
    for title in ["Bread", "Butter"] {
        alice.add_task(title).await.expect(201);
    }
    let asked = json!({"id": "a", "role": "user", "parts": [{"type": "text", "text": "Delete milk"}]});
    let again =
        json!({"id": CHAT, "messages": [asked], "trigger": "regenerate-message", "undo_replaced": true});
    let full = Refusal { status: 422, code: "task_quota_reached", words: "2 tasks" };
    refused(alice.stream(&again), full).await;
    assert_eq!(alice.titles().await, ["Bread", "Butter"]);
    app.model().assert_used_up();
}

#[tokio::test]
async fn what_was_undone_is_not_claimed_by_the_answer_that_takes_its_place() {
    let add = call("add_task", json!({"title": "Milk"}));
    let lie = "I've added 'Milk' to your list.";
    let app = TestApp::with_model([add, text("Added."), text(lie), text(lie)]).await;
    let alice = app.user("alice").await;
    Reading::of(alice.say(CHAT, "a", "Add milk")).await.rest().await;
    let second = Reading::of(alice.regenerate(CHAT, "a", "Add milk")).await.rest().await;
    assert_eq!(alice.titles().await, [""; 0]);
    assert_eq!(words(&message(&second)), "Deleted task 1, “Milk”.");
    let effects = second.iter().find(|part| part["type"] == "data-effects").unwrap();
    assert_eq!(effects["data"]["notice"]["code"], "nothing_was_changed");
    let kept = alice.conversation(&conversation(&second)).await.expect(200);
    assert_eq!(kept["messages"][1]["notice"]["code"], "nothing_was_changed");
    app.model().assert_used_up();
}

#[tokio::test]
async fn an_edit_that_failed_half_way_is_gone_on_with() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    let add = |title: &str| call("add_task", json!({ "title": title }));
    app.model().on("old words", [add("Old"), text("Added.")]);
    app.model().on("new words", [add("Milk"), add("Bread").but_first(status(400)), text("Added both.")]);
    Reading::of(alice.say(CHAT, "a", "old words")).await.rest().await;
    let edit = edited("a", "new words", json!(false));
    Reading::of(alice.stream(&edit).key("edit")).await.rest().await;
    assert_eq!(alice.titles().await, ["Old", "Milk"], "the model is away");
    let retried = Reading::of(alice.stream(&edit).key("edit")).await.rest().await;
    assert!(words(&message(&retried)).ends_with("Added both."), "{retried:#?}");
    assert_eq!(
        alice.titles().await,
        ["Old", "Milk", "Bread"],
        "what answered the old words is no step of the new ones"
    );
}
