//! The timing of streams: the first byte before a turn in the way is over, words as the model says them, and
//! a sign of life while it says nothing.

use std::time::{Duration, Instant};

use futures::future::join_all;
use tests::{TestApp, script::text};

use crate::{
    sse_client::{Item, READ_TIMEOUT, Reading, Streams},
    stop::falls_silent,
};

#[tokio::test]
async fn words_are_passed_on_while_the_model_still_thinks() {
    let app = TestApp::with_model([falls_silent("Each word comes by itself. ")]).await;
    let alice = app.user("alice").await;
    let mut reading = Reading::of(alice.say("chat", "a", "Hi")).await;
    let deltas = async {
        let mut deltas = Vec::new();
        while deltas.len() < 5 {
            let chunk = reading.until(|chunk| chunk["type"] == "text-delta").await.pop().unwrap();
            deltas.push(chunk["delta"].as_str().unwrap().to_owned());
        }
        deltas
    };
    // The model has said no more than this and is silent now: nothing may be held back.
    let deltas = tokio::time::timeout(READ_TIMEOUT, deltas).await.expect("words that come");
    assert_eq!(deltas, ["Each ", "word ", "comes ", "by ", "itself. "]);
    alice.stop("chat").await.expect(200);
    reading.rest().await;
}

#[tokio::test]
async fn a_silent_model_is_covered_by_a_heartbeat() {
    let app = TestApp::with_model([falls_silent("Hm ")]).await;
    let alice = app.user("alice").await;
    let mut reading = Reading::of(alice.say("chat", "a", "Hi")).await;
    reading.until_said("Hm ").await;
    let started_at = Instant::now();
    let next = reading.next().await;
    // Every ten seconds; what gives up on a silent connection first waits for half a minute.
    assert!(started_at.elapsed() < Duration::from_secs(20), "{:?}", started_at.elapsed());
    assert_eq!(next, Some(Item::Comment("keep-alive".into())));
    alice.stop("chat").await.expect(200);
    reading.rest().await;
}

#[tokio::test]
async fn a_stream_that_waits_for_another_turn_is_open_meanwhile_and_stays_alive() {
    let app = TestApp::with_model([text("").hang(), text("Now you.")]).await;
    let alice = app.user("alice").await;
    let mut first = Reading::of(alice.say("chat", "a", "Hi")).await;
    first.until(|chunk| chunk["type"] == "start-step").await;
    // The turn in the way goes on until it is stopped.
    let mut waiting = Reading::of(alice.say("chat", "b", "And?")).await;
    assert_eq!(waiting.next().await, Some(Item::Comment("stream-open".into())));
    assert_eq!(waiting.next().await, Some(Item::Comment("keep-alive".into())));
    alice.stop("chat").await.expect(200);
    first.rest().await;
    waiting.rest().await;
}

#[tokio::test]
async fn many_open_streams_cost_little_memory() {
    const STREAMS: usize = 200;
    let app = TestApp::start().await;
    app.model().on("Hi", [text("").hang()]);
    let alice = app.user("alice").await;
    let chats: Vec<_> = (0..STREAMS).map(|number| format!("chat-{number}")).collect();
    let open = async |chat: &String| {
        let mut reading = Reading::of(alice.say(chat, chat, "Hi")).await;
        reading.until(|chunk| chunk["type"] == "start-step").await;
        reading
    };
    let warm = join_all(chats[..10].iter().map(open)).await;
    let before = app.server().memory().await;
    // Ten at once as before: what counts is what an open stream costs, and not opening many at once.
    let mut more = Vec::new();
    for ten in chats[10..].chunks(10) {
        more.extend(join_all(ten.iter().map(open)).await);
    }
    let grown = app.server().memory().await.saturating_sub(before);
    // 2,000 idle streams are to cost under 100 MB. These are not optimised, and each has a model's
    // connection too; what counts is measured in benches/, this finds a buffer that is far too large.
    assert!(grown * 1024 / (STREAMS as u64 - 10) < 120, "{grown} MiB for {} streams", STREAMS - 10);
    drop((warm, more));
}
