//! HTTP over plain sockets: old clients, clients that do not read or write, and heads that lie about the
//! body.

use std::time::{Duration, Instant};

use serde_json::json;
use tests::TestApp;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
    time::{sleep, timeout},
};

async fn connect(app: &TestApp) -> TcpStream {
    let server = app.server();
    TcpStream::connect(server.base().trim_start_matches("http://")).await.unwrap()
}

/// Sends text and returns everything that comes until the other side closes.
pub(crate) async fn exchange(app: &TestApp, request: &str) -> String {
    let mut stream = connect(app).await;
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn a_stream_to_an_old_client_is_not_chunked_and_ends_with_its_connection() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    let body = json!({"message": {"role": "user", "parts": [{"type": "text", "text": "hello"}]}}).to_string();
    let request = |version| {
        format!(
            "POST /api/{}/chat/stream HTTP/{version}\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            alice.id,
            alice.token,
            body.len()
        )
    };
    let old = exchange(&app, &request("1.0")).await;
    let (head, events) = old.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("200 OK") && !head.to_lowercase().contains("transfer-encoding"), "{head}");
    assert!(events.starts_with(": stream-open\n\n") && events.ends_with("data: [DONE]\n\n"), "{events}");
    let lines = |text: &str| text.lines().all(|line| line.is_empty() || line.starts_with([':', 'd']));
    assert!(lines(events), "{events}");
    let new = exchange(&app, &request("1.1")).await;
    assert!(new.to_lowercase().contains("transfer-encoding: chunked"), "{new}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_read_is_disconnected_and_holds_little_memory() {
    const ANSWERS: usize = 40;
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    let fill = format!(
        "INSERT INTO todo (user_id, number, title, description)
         SELECT '{}', n, 'task ' || n, repeat('a long description ', 100) FROM generate_series(1, 500) AS n",
        alice.id
    );
    app.database().query(&fill).await;
    let request = format!(
        "GET /api/{}/tasks?limit=500 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\r\n",
        alice.id, alice.token
    );
    let one = exchange(&app, &request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")).await.len();
    assert!(one > 900_000, "{one}");
    // Asked for again and again on one connection: more than all buffers between us hold.
    let mut silent = connect(&app).await;
    silent.write_all(request.repeat(ANSWERS).as_bytes()).await.unwrap();
    sleep(Duration::from_secs(40)).await;
    // Others are served meanwhile.
    alice.tasks().await.expect(200);
    let mut received = 0;
    let mut piece = vec![0; 1 << 20];
    let read =
        async { while let Ok(1..) = silent.read(&mut piece).await.inspect(|count| received += count) {} };
    timeout(Duration::from_secs(20), read).await.expect("the connection is closed");
    assert!(received < ANSWERS * one, "{received} bytes came after all");
}

/// What two servers in a row could read differently, one of them taking for the next request what the other
/// takes for this one's body (RFC 9112, 11.2).
#[tokio::test]
async fn a_body_whose_end_could_be_read_in_two_ways_is_refused_and_ends_the_connection() {
    const NEXT: &str = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let app = TestApp::start().await;
    for headers in [
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5\r\nContent-Length: 5\r\n",
        "Content-Length: 5, 5\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: -5\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length: 5 5\r\n",
        "Content-Length:\r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Content-Length : 5\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: identity\r\nContent-Length: 5\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding:\r\n chunked\r\n",
    ] {
        let request = format!(
            "POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             {headers}\r\n0\r\n\r\n{NEXT}"
        );
        let answer = exchange(&app, &request).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{headers:?}: {answer}");
        assert_eq!(
            answer.matches("HTTP/1.1 ").count(),
            1,
            "nothing behind it is read: {headers:?}: {answer}"
        );
    }
}

#[tokio::test]
async fn a_body_that_comes_byte_by_byte_is_not_waited_for() {
    let app = TestApp::start().await;
    let head = "POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                Content-Length: 100\r\n\r\n{";
    let (mut reader, mut writer) = connect(&app).await.into_split();
    writer.write_all(head.as_bytes()).await.unwrap();
    let drip = tokio::spawn(async move {
        while writer.write_all(b" ").await.is_ok() {
            sleep(Duration::from_secs(1)).await;
        }
    });
    let started_at = Instant::now();
    let mut answer = [0; 12];
    timeout(Duration::from_secs(20), reader.read_exact(&mut answer)).await.unwrap().unwrap();
    assert_eq!(&answer, b"HTTP/1.1 408");
    assert!(started_at.elapsed() > Duration::from_secs(9), "{:?}", started_at.elapsed());
    drip.abort();
}

/// Each of many drips a head, and gets no further than the time that a head may take.
#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_does_not_end_is_not_waited_for_and_others_are_served() {
    const SLOW: usize = 50;
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let mut slow = JoinSet::new();
    for _ in 0..SLOW {
        let (mut reader, mut writer) = connect(&app).await.into_split();
        slow.spawn(async move {
            let started_at = Instant::now();
            writer.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Slow: ").await.unwrap();
            let drip = async {
                while writer.write_all(b"x").await.is_ok() {
                    sleep(Duration::from_millis(500)).await;
                }
            };
            let mut answer = Vec::new();
            // Also one that is closed while a byte is on its way.
            let end = async { reader.read_to_end(&mut answer).await.map_or(0, |count| count) };
            tokio::select! {
                _count = end => {}
                () = drip => {}
            }
            (started_at.elapsed(), String::from_utf8_lossy(&answer).into_owned())
        });
    }
    let mut looks = 0;
    while slow.try_join_next().is_none() {
        assert!(looks < 200, "a head is waited for without end");
        app.get("/health").await.expect(200);
        alice.tasks().await.expect(200);
        looks += 1;
        sleep(Duration::from_millis(100)).await;
    }
    for (waited, answer) in slow.join_all().await {
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!((4..15).contains(&waited.as_secs()), "{waited:?}");
    }
    assert!(looks > 10, "{looks}");
}
