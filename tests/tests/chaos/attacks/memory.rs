//! Many who take or send large things slowly, or not at all.

use std::time::Duration;

use serde_json::json;
use tests::{TestApp, User};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    task::JoinSet,
    time::{Instant, sleep_until, timeout},
};

use super::{
    super::variable, DEFAULT_LIMITS, allow_many_files, length, peak_while, report, resident,
    while_others_look, with_default_limits,
};

/// What bodies and answers may hold together is 64 MiB. What 200 connections have read and not yet handed
/// on is beside the budget, and the allocator keeps some of what it has given out.
const MAX_MIB: u64 = 64 + 96;
/// The server gives up on who takes nothing for half a minute.
const GIVEN_UP_WITHIN: Duration = Duration::from_secs(50);

/// A connection that takes as little as it can.
async fn connected(app: &TestApp) -> TcpStream {
    let server = app.server();
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.connect(server.base().trim_start_matches("http://").parse().unwrap()).await.unwrap()
}

fn head(user: &User<'_>, method: &str, path: &str) -> String {
    let start = format!("{method} /api/{}{path} HTTP/1.1\r\nHost: localhost\r\n", user.id);
    format!("{start}Content-Type: application/json\r\nAuthorization: Bearer {}\r\n", user.token)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_readers_who_do_not_read_hold_little() {
    const READERS: usize = 100;
    let app = with_default_limits().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let hello = alice.chat("hello").await.expect(200);
    let id = hello["conversation_id"].as_str().unwrap();
    for _ in 0..9 {
        alice.chat_in(id, "and now?").await.expect(200);
    }
    app.database()
        .query("UPDATE message SET content = repeat('long words ', 15000) WHERE role = 'assistant'")
        .await;
    let request = format!("{}\r\n", head(&alice, "GET", &format!("/conversations/{id}?limit=200")));
    let before = resident(&app).await;
    let mut readers = Vec::new();
    let reading = async {
        let end = Instant::now() + length().min(GIVEN_UP_WITHIN);
        for _ in 0..READERS {
            let mut reader = connected(&app).await;
            reader.write_all(request.repeat(8).as_bytes()).await.unwrap();
            readers.push(reader);
        }
        sleep_until(end).await;
    };
    let (((), mut noticed), peak) = peak_while(&app, while_others_look(&bob, reading)).await;
    let mut dropped = 0;
    for mut reader in readers {
        let ends = async { while let Ok(1..) = reader.read(&mut [0; 65536]).await {} };
        dropped += usize::from(timeout(Duration::from_millis(300), ends).await.is_ok());
    }
    let (peak, after) = (peak - before, resident(&app).await.saturating_sub(before));
    report(
        "100 readers do not read",
        &format!("{peak} MiB at most, {after} MiB afterwards, {dropped} dropped; {}", noticed.summary()),
    );
    assert!(peak < MAX_MIB, "{peak} MiB");
    noticed.is_served_all_the_time();
    // `CHAOS_SECONDS=60` is long enough to see it.
    if length() >= GIVEN_UP_WITHIN {
        assert_eq!(dropped, READERS);
    }
}

/// Sends `requests` in turn from as many connections, then waits until the flood is over or the server
/// has closed.
async fn holding(app: &TestApp, senders: usize, requests: &[&str]) -> (u64, u64, usize) {
    let before = resident(app).await;
    let server = app.server();
    let address = server.base().trim_start_matches("http://").to_owned();
    let end = Instant::now() + length();
    let sending = async {
        let mut sending = JoinSet::new();
        for request in requests.iter().cycle().take(senders) {
            let (address, request) = (address.clone(), (*request).to_owned());
            sending.spawn(async move {
                let mut refused = 0;
                // Who is closed comes again.
                while Instant::now() < end {
                    let Ok(mut stream) = TcpStream::connect(&address).await else { continue };
                    // The server may close before it has read everything.
                    let _ = stream.write_all(request.as_bytes()).await;
                    let closed = async { while let Ok(1..) = stream.read(&mut [0; 4096]).await {} };
                    refused += usize::from(tokio::time::timeout_at(end, closed).await.is_ok());
                }
                refused
            });
        }
        sending.join_all().await.into_iter().sum()
    };
    let (refused, peak) = peak_while(app, sending).await;
    (peak - before, resident(app).await.saturating_sub(before), refused)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_bodies_of_four_megabytes_hold_little() {
    let app = with_default_limits().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let body =
        json!({"message": {"role": "user", "parts": [{"type": "text", "text": "x".repeat(4_000_000)}]}});
    let head = head(&alice, "POST", "/chat/stream");
    let body = body.to_string();
    // The last byte does not come, of half of them in a chunk.
    let request = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len() + 1);
    let chunk = format!("{head}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}", body.len() + 1);
    let requests = [request.as_str(), chunk.as_str()];
    let flooding = holding(&app, 200, &requests);
    let ((peak, after, refused), mut noticed) = while_others_look(&bob, flooding).await;
    report(
        "200 bodies of 4 MB",
        &format!("{peak} MiB at most, {after} MiB afterwards, {refused} refused; {}", noticed.summary()),
    );
    assert!(peak < MAX_MIB, "{peak} MiB");
    // Who is slow is refused after half a minute: with `CHAOS_SECONDS=60` it is seen.
    assert!(refused > 100 || length() < Duration::from_secs(30), "{refused}");
    let not_served = noticed.not_served.keys().filter(|status| **status != 503).count();
    assert_eq!(not_served, 0, "{noticed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_that_do_not_end_hold_what_the_connections_may() {
    // As many connections as there are by default only when it is to be measured.
    let (bound, most) = if variable("CHAOS_SECONDS").is_some() { ("", 2_048) } else { ("256", 256) };
    // More are accepted, to be refused, and no more than that.
    let (accepted, senders) = (most + most / 4 + 64, most * 3 / 2);
    allow_many_files();
    let limits = [DEFAULT_LIMITS, &[("MAX_CONNECTIONS", bound)]].concat();
    let app = TestApp::everyday_with(&limits).await;
    let request = format!("GET /health HTTP/1.1\r\nHost: localhost\r\nX-Long: {}", "x".repeat(125_000));
    let (peak, after, closed) = holding(&app, senders, &[&request]).await;
    report(
        &format!("{senders} heads that do not end"),
        &format!("{peak} MiB at most, {after} MiB afterwards, {closed} closed"),
    );
    assert!(peak < accepted as u64 / 8 + 64, "{peak} MiB");
}
