//! A model that says nothing any more, with the time-outs of the product: the turn ends in time, tells what
//! it has done, and the conversation goes on.

use std::time::{Duration, Instant};

use serde_json::json;
use tests::{
    TestApp,
    script::{Reply, call, text},
};

/// Less than a proxy in front of the server waits, and than `TURN_TIMEOUT` with some time for the answer.
const MAX_WAIT: Duration = Duration::from_secs(57);

#[tokio::test]
async fn a_model_that_never_answers() {
    hangs(text("").hang()).await;
}

#[tokio::test]
async fn a_model_that_stops_in_the_middle_of_its_words() {
    hangs(text("I added it, and then I thought about it for a while.").hang_after(150)).await;
}

async fn hangs(stuck: Reply) {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    app.model().on("add milk", [call("add_task", json!({"title": "Milk"})), stuck]);
    app.model().on("still there?", [text("Yes.")]);

    let (conversation, started_at) = ("0198c0de-0000-7000-8000-0000000000e1", Instant::now());
    let by_stream = async {
        let message = json!({"id": "a", "role": "user", "parts": [{"type": "text", "text": "add milk"}]});
        let answer =
            alice.own("POST", "/chat/stream").json(&json!({"id": conversation, "message": message})).await;
        (answer, started_at.elapsed())
    };
    let whole = async { (alice.chat("add milk").await, started_at.elapsed()) };
    let ((failed, took), (stream, stream_took)) = tokio::join!(whole, by_stream);
    assert!(took < MAX_WAIT && stream_took < MAX_WAIT, "{took:?}, {stream_took:?}");

    assert!(failed.header("retry-after").is_some(), "{failed:?}");
    let failed = failed.expect(504);
    assert_eq!(failed["code"], "model_timeout");
    assert_eq!(failed["tool_calls"][0]["result"]["task"]["title"], "Milk", "what was done is told: {failed}");
    assert!(stream.text.contains(r#""type":"error""#), "{}", stream.text);
    assert_eq!(alice.titles().await, ["Milk", "Milk"]);

    let conversation_of_failed = failed["conversation_id"].as_str().unwrap();
    for conversation in [conversation_of_failed, conversation] {
        let next = alice.chat_in(conversation, "still there?").await.expect(200);
        assert_eq!(next["message"], "Yes.");
    }
    app.model().assert_clean();
}
