//! Which failed requests are sent again, and which are not.

use std::time::Duration;

use adapters::openai::Timeouts;
use devkit::model::{
    StandIn,
    script::{Reply, status, text},
};
use domain::ports::ModelError;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::test_client::{Attempt, LONG_TIMEOUTS, answered, hello, model};

fn busy(attempt: &Attempt) -> Option<Duration> {
    match &attempt.reply {
        Err(ModelError::Busy { retry_after }) => *retry_after,
        other => panic!("{other:?}"),
    }
}

/// A refusal that may be tried again at once.
fn soon(code: u16) -> Reply {
    status(code).header("retry-after-ms", "1")
}

#[tokio::test]
async fn transient_errors_are_retried_twice() {
    for code in [408, 409, 429, 500, 502, 503, 529] {
        let (attempt, requests) =
            answered([soon(code), status(code).header("retry-after", "0"), text("Hello.")]).await;
        assert_eq!(attempt.reply.unwrap().text, "Hello.", "{code}");
        assert_eq!(requests, 3, "{code}");
    }
}

#[tokio::test]
async fn after_the_third_time_it_is_said_what_it_was() {
    for (code, expected) in [(408, "timed out"), (409, "unavailable"), (429, "busy"), (500, "unavailable")] {
        let (attempt, requests) = answered([status(500), status(503), soon(code)]).await;
        assert_eq!((attempt.failure(), requests), (expected, 3), "{code}");
        if expected == "busy" {
            assert_eq!(busy(&attempt), Some(Duration::from_millis(1)));
        }
    }
}

#[tokio::test]
async fn permanent_errors_are_not_retried() {
    for code in [400, 401, 402, 403, 404, 405, 413, 422] {
        let (attempt, requests) = answered([status(code)]).await;
        assert_eq!((attempt.failure(), requests), ("misconfigured", 1), "{code}");
    }
}

#[tokio::test]
async fn a_server_that_takes_no_tools_is_asked_at_once_for_objects_whatever_its_status() {
    let error = json!({"error": {"code": 500, "message": "tools param requires --jinja flag"}});
    for code in [400, 500] {
        let stand_in =
            StandIn::scripted([status(code).body(error.to_string()), text("Hello.")]).await.unwrap();
        let model = model(&stand_in.base_url(), LONG_TIMEOUTS);
        let attempt = hello(&model, Duration::from_secs(60)).await;
        assert_eq!(attempt.reply.unwrap().text, "Hello.", "{code}");
        let has_tools: Vec<_> = stand_in.requests().iter().map(|body| body.get("tools").is_some()).collect();
        assert_eq!(has_tools, [true, false], "{code}");
    }
}

#[tokio::test]
async fn an_empty_purse_is_not_tried_again() {
    let error =
        json!({"error": {"message": "You exceeded your current quota.", "code": "insufficient_quota"}});
    let (attempt, requests) = answered([status(429).body(error.to_string())]).await;
    assert_eq!((attempt.failure(), requests), ("unavailable", 1));
}

#[tokio::test]
async fn a_wait_that_is_too_long_is_handed_on() {
    for code in [429, 503] {
        let (attempt, requests) = answered([status(code).header("retry-after", "30")]).await;
        assert_eq!((busy(&attempt), requests), (Some(Duration::from_secs(30)), 1), "{code}");
        assert!(attempt.took < Duration::from_secs(10));
    }
}

#[tokio::test]
async fn a_wait_beyond_the_deadline_is_handed_on() {
    let stand_in = StandIn::scripted([status(429).header("retry-after", "9"), status(500)]).await.unwrap();
    let model = model(&stand_in.base_url(), Timeouts { backoff: Duration::from_secs(60), ..LONG_TIMEOUTS });
    let attempt = hello(&model, Duration::from_secs(5)).await;
    assert_eq!(busy(&attempt), Some(Duration::from_secs(9)));
    let attempt = hello(&model, Duration::from_secs(5)).await;
    assert_eq!(attempt.failure(), "unavailable");
    assert_eq!(stand_in.requests().len(), 2);
}

#[tokio::test]
async fn a_reply_that_has_begun_is_not_asked_for_again() {
    for reply in [text("Hello.").cut_after(0), text("Hello.").cut_after(300), status(200).body("<html>")] {
        let (attempt, requests) = answered([reply]).await;
        assert_eq!((attempt.failure(), requests), ("bad reply", 1));
    }
}

#[tokio::test]
async fn a_connection_that_breaks_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.read_exact(&mut [0; 16]).await.unwrap();
        }
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.read_exact(&mut [0; 16]).await.unwrap();
        let body = text("Hello.").sse();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all((head + &body).as_bytes()).await.unwrap();
        // Unread bytes in a socket that closes would reset it.
        drop(stream.read_to_end(&mut Vec::new()).await);
    });
    let client = model(&base_url, LONG_TIMEOUTS);
    assert_eq!(hello(&client, Duration::from_secs(60)).await.reply.unwrap().text, "Hello.");
    drop(client);
    serving.await.unwrap();
}

#[tokio::test]
async fn a_refused_connection_is_unavailable() {
    let attempt = hello(&model("http://127.0.0.1:1/v1", LONG_TIMEOUTS), Duration::from_secs(60)).await;
    assert_eq!(attempt.failure(), "unavailable");
    assert!(!attempt.reply.unwrap_err().to_string().contains("/v1"));
}
