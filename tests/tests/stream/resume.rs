//! Going on with a stream after its connection was lost.

use std::time::Duration;

use futures::{StreamExt, future::join_all, stream};
use serde_json::Value;
use serde_json::json;
use tests::{
    TestApp, User,
    script::{Reply, call, calls, text},
};

use crate::{
    rebuilt_message::{conversation, forget_times, message, settled, shown, without_ids, words},
    sse_client::{Item, Reading, Streams},
    stop::falls_silent,
};

const CHAT: &str = "chat";

/// Two steps with effects and closing words, slowly enough for connections to be lost in between.
fn script() -> Vec<Reply> {
    let pace = Duration::from_millis(3);
    let both = [("list_tasks", json!({})), ("complete_task", json!({"task_id": 1}))];
    vec![
        call("add_task", json!({"title": "Milk"})).say("One moment, please.").dribble(100, pace),
        calls(both).dribble(100, pace),
        text("Milk is on the list and done.").dribble(100, pace),
    ]
}

async fn tasks(user: &User<'_>) -> Value {
    let mut tasks = user.tasks().await.expect(200);
    forget_times(&mut tasks);
    tasks
}

/// Late enough for the stream to be open: who comes after a reply broke off sees nothing of it.
const ONCE_FOLLOWED: Duration = Duration::from_millis(300);

#[tokio::test]
async fn wherever_the_connection_is_lost_message_and_tasks_are_the_same() {
    let app = TestApp::start().await;
    app.model().on("Add milk", script());
    let whole = app.user("whole").await;
    let recorded = Reading::of(whole.say(CHAT, "a", "Add milk")).await.take(usize::MAX).await;
    let chunks: Vec<Value> = recorded.iter().filter_map(chunk).cloned().collect();
    let (expected, expected_tasks) = (without_ids(&message(&chunks)), tasks(&whole).await);
    assert!(recorded.len() > 25, "{recorded:#?}");
    let people: Vec<_> = (0..recorded.len()).map(|lost_after| format!("lost-after-{lost_after}")).collect();
    // One after the other: passwords are hashed slowly, and a crowd is sent away.
    let people = stream::iter(&people).then(|name| app.user(name)).collect::<Vec<_>>().await;
    let runs = people.iter().enumerate().map(|(lost_after, user)| run(user, lost_after));
    for (lost_after, (resumed, kept)) in join_all(runs).await.into_iter().enumerate() {
        assert_eq!(without_ids(&kept), expected, "lost after event {lost_after}");
        if let Some(resumed) = resumed {
            assert_eq!(resumed, shown(&kept), "lost after event {lost_after}");
        }
        assert_eq!(tasks(&people[lost_after]).await, expected_tasks, "lost after event {lost_after}");
    }
}

fn chunk(item: &Item) -> Option<&Value> {
    match item {
        Item::Chunk(chunk) => Some(chunk),
        Item::Comment(_) | Item::Done => None,
    }
}

/// Loses the connection, goes on, and returns the message of the resumed stream, if the turn was
/// still running, and the one that was kept.
async fn run(user: &User<'_>, lost_after: usize) -> (Option<Value>, Value) {
    let mut reading = Reading::of(user.say(CHAT, "a", "Add milk")).await;
    let seen = reading.take(lost_after).await;
    drop(reading);
    // A stream is opened before its turn has begun; the turn begins although nobody listens.
    let id = only_conversation(user).await;
    let mut resumed = Reading::open(user.resume(CHAT)).await;
    let message = match resumed.status {
        200 => Some(message(&resumed.rest().await)),
        status => {
            assert_eq!(status, 204);
            None
        }
    };
    if let Some(Item::Chunk(chunk)) = seen.get(2) {
        assert_eq!(chunk["data"]["id"], id.as_str());
    }
    (message, settled(user, &id).await)
}

async fn only_conversation(user: &User<'_>) -> String {
    loop {
        let listed = user.conversations().await.expect(200);
        if let Some(id) = listed["conversations"][0]["id"].as_str() {
            return id.to_owned();
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_resumed_stream_begins_at_the_beginning() {
    let adding = call("add_task", json!({"title": "Milk"})).say("Adding.");
    let app = TestApp::with_model([adding, falls_silent("It is ")]).await;
    let alice = app.user("alice").await;
    let mut first = Reading::of(alice.say(CHAT, "a", "Add milk")).await;
    let mut before = first.until(|chunk| chunk["delta"] == "is ").await;
    let mut second = Reading::of(alice.resume(CHAT)).await;
    let mut after = second.until(|chunk| chunk["delta"] == "is ").await;
    assert_eq!(before, after);
    alice.stop(CHAT).await.expect(200);
    before.extend(first.rest().await);
    after.extend(second.rest().await);
    assert_eq!(before, after);
    assert_eq!(message(&after), shown(&settled(&alice, &conversation(&after)).await));
    assert_eq!(alice.resume(CHAT).await.status, 204, "nothing runs any more");
}

#[tokio::test]
async fn a_turn_that_nobody_reads_goes_on() {
    let app = TestApp::with_model([call("add_task", json!({"title": "Milk"})).held(), text("Added.")]).await;
    let alice = app.user("alice").await;
    let mut reading = Reading::of(alice.stream(&json!({"message": "Add milk"}))).await;
    let id = conversation(&reading.until(|chunk| chunk["type"] == "data-conversation").await);
    drop(reading);
    app.model().release();
    assert_eq!(words(&settled(&alice, &id).await), "Added.");
    assert_eq!(alice.titles().await, ["Milk"]);
}

#[tokio::test]
async fn what_never_ran_cannot_be_resumed() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    assert_eq!(alice.resume("never").await.status, 204);
    assert_eq!(alice.resume("0d9a6c2e-7f43-4a55-9c0f-6f1d2b3c4d5e").await.status, 204);
}

#[tokio::test]
async fn words_that_were_withdrawn_are_not_in_a_stream_opened_later() {
    let broken = text("Half of it and").cut_after(700).after(ONCE_FOLLOWED);
    let app = TestApp::with_model([broken, falls_silent("The whole ")]).await;
    let alice = app.user("alice").await;
    let chunks = Reading::of(alice.say(CHAT, "a", "Hi")).await.rest().await;
    let last = chunks.last().unwrap();
    assert_eq!(last["type"], "error", "words that were shown cannot be taken back: {chunks:#?}");
    assert!(words(&message(&chunks)).starts_with("Half "));
    let mut resumed = Reading::of(alice.resume(CHAT)).await;
    let mut chunks = resumed.until(|chunk| chunk["delta"] == "whole ").await;
    alice.stop(CHAT).await.expect(200);
    chunks.extend(resumed.rest().await);
    assert_eq!(words(&message(&chunks)), "The whole ");
    assert_eq!(message(&chunks), shown(&settled(&alice, &conversation(&chunks)).await));
}
