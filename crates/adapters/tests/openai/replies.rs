//! Replies that arrive whole, and replies that break off.

use std::time::Duration;

use devkit::model::{
    StandIn,
    script::{CallIds, Index, Reply, call, raw, status, text},
};
use domain::ports::{ModelFinish, ModelReply};
use serde_json::json;

use super::test_client::{LONG_TIMEOUTS, answered, hello, model};

fn both() -> Reply {
    text("Schön, ich füge es hinzu. ").call("add_task", json!({"title": "Käse \u{1F9C0}"}))
}

#[tokio::test]
async fn words_and_calls_arrive() {
    let (attempt, _) = answered([both()]).await;
    let reply = attempt.reply.unwrap();
    assert_eq!(attempt.words, "Schön, ich füge es hinzu. ");
    assert_eq!(reply.text, attempt.words);
    assert_eq!(reply.calls[0].arguments, "{\"title\":\"Käse \u{1F9C0}\"}");
    assert_eq!(reply.finish, ModelFinish::Stop);
    assert!(reply.usage.unwrap().prompt_tokens > 0);
}

#[tokio::test]
async fn however_it_is_written_it_is_the_same_reply() {
    let two = || both().call("list_tasks", json!({}));
    let (attempt, _) = answered([two()]).await;
    let expected = attempt.reply.unwrap();
    let whole = json!({"choices": [{"finish_reason": "stop", "message": {"content": expected.text, "tool_calls": [
        {"function": {"name": "add_task", "arguments": {"title": "Käse \u{1F9C0}"}}},
        {"function": {"name": "list_tasks", "arguments": {}}},
    ]}}]});
    let replies = [
        two().index(Index::Missing),
        two().index(Index::Zero).ids(CallIds::Same),
        two().index(Index::Missing).ids(CallIds::Missing).split_names(),
        two().ids(CallIds::Late).fragments(200),
        two().ids(CallIds::Long),
        two().finish("stop"),
        two().no_done(),
        two().no_finish(),
        two().without_usage(),
        two().dribble(1, Duration::ZERO),
        raw(two().sse().replace('\n', "\r")),
        status(200).body(whole.to_string()),
        status(200).body(two().sse()).header("content-type", "application/json"),
    ];
    for reply in replies {
        let (attempt, _) = answered([reply.clone()]).await;
        let found = attempt.reply.unwrap();
        assert_eq!(attempt.words, expected.text);
        assert_eq!(ModelReply { usage: expected.usage, ..found }, expected, "{reply:?}");
    }
}

#[tokio::test]
async fn why_it_stopped_is_passed_on() {
    for (reason, finish) in [("length", ModelFinish::Length), ("content_filter", ModelFinish::ContentFilter)]
    {
        let (attempt, _) = answered([call("add_task", json!({})).finish(reason)]).await;
        assert_eq!(attempt.reply.unwrap().finish, finish);
    }
}

#[tokio::test]
async fn a_reply_cut_anywhere_is_whole_or_none() {
    let stand_in = StandIn::scripted([]).await.unwrap();
    let model = model(&stand_in.base_url(), LONG_TIMEOUTS);
    let stream = both().sse();
    let ask = async |reply: Reply| {
        stand_in.on("Hello", [reply]);
        hello(&model, Duration::from_secs(60)).await
    };
    let expected = ask(raw(stream.clone())).await.reply.unwrap();
    let mut complete = 0;
    for bytes in (0..stream.len()).step_by(23) {
        for reply in [raw(stream.clone()).cut_after(bytes), raw(stream.clone()).end_after(bytes)] {
            let attempt = ask(reply).await;
            assert!(expected.text.starts_with(&attempt.words));
            match attempt.reply {
                Ok(reply) => {
                    complete += 1;
                    assert_eq!(ModelReply { usage: expected.usage, ..reply }, expected, "cut at {bytes}");
                }
                Err(_) => assert_eq!(attempt.failure(), "bad reply", "cut at {bytes}"),
            }
        }
    }
    assert!(complete > 0);
    stand_in.assert_clean();
}
