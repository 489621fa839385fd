//! The limits of connections, and how those beyond them are answered.

use std::{net::SocketAddr, time::Duration};

use serde_json::Value;
use tests::TestApp;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::{Instant, timeout},
};

const SOON: Duration = Duration::from_secs(20);
const TOKEN: &str = "a-token-for-the-scraper-of-these-tests";

/// A connection over which the server has answered, and which stays open. Those that were closed here
/// are closed there a moment later, so the first may be one too many.
async fn held(app: &TestApp, from: [u8; 4]) -> TcpStream {
    let end = Instant::now() + SOON;
    loop {
        let mut stream = connected(app, from).await;
        stream.write_all(b"GET /api/info HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        let mut answer = [0; 4096];
        let count = stream.read(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer[..count]);
        if answer.starts_with("HTTP/1.1 200 ") {
            return stream;
        }
        assert!(answer.starts_with("HTTP/1.1 503 ") && Instant::now() < end, "{answer}");
    }
}

async fn connected(app: &TestApp, from: [u8; 4]) -> TcpStream {
    let server = app.server();
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from((from, 0))).unwrap();
    socket.connect(server.base().trim_start_matches("http://").parse().unwrap()).await.unwrap()
}

/// Sends a request over a connection of its own and returns the head and the body of its answer, behind
/// which the server closes.
async fn last_answer(app: &TestApp, from: [u8; 4], request: &str) -> (String, String) {
    let mut stream = connected(app, from).await;
    let request = format!("{request} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n");
    let preflight = "Origin: https://todo.example.com\r\nAccess-Control-Request-Method: GET\r\n\r\n";
    stream.write_all(format!("{request}{preflight}").as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(SOON, stream.read_to_string(&mut answer)).await.expect("the connection is closed").unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
    assert!(head.to_lowercase().contains("connection: close"), "{head}");
    (head.to_owned(), body.to_owned())
}

const HERE: [u8; 4] = [127, 0, 0, 1];

#[tokio::test]
async fn connections_beyond_the_bound_are_told_to_come_again_and_health_is_answered() {
    let limits = [("MAX_CONNECTIONS", "8"), ("TRUSTED_PROXY_HOPS", "1"), ("METRICS_TOKEN", TOKEN)];
    let app = TestApp::with_environment(&limits).await;
    let mut open = Vec::new();
    for _ in 0..8 {
        open.push(held(&app, HERE).await);
    }

    let (head, body) = last_answer(&app, HERE, "GET /api/info").await;
    assert!(head.starts_with("HTTP/1.1 503 "), "{head}");
    assert!(head.to_lowercase().contains("retry-after: 5"), "{head}");
    assert!(head.contains("access-control-allow-origin"), "a page of another origin can read it: {head}");
    let problem: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((&problem["code"], &problem["status"]), (&"busy".into(), &503.into()));
    for request in ["GET /health", "GET /ready", "GET /metrics"] {
        let (head, _) = last_answer(&app, HERE, request).await;
        assert!(head.starts_with("HTTP/1.1 200 "), "{request}: {head}");
    }
    let (head, _) = last_answer(&app, HERE, "OPTIONS /api/auth/me").await;
    assert!(head.starts_with("HTTP/1.1 20"), "{head}");
    let mut silent = connected(&app, HERE).await;
    timeout(SOON, silent.read_to_end(&mut Vec::new())).await.expect("who says nothing is closed").unwrap();

    drop(open.pop());
    app.get("/api/info").until_served(SOON).await.expect(200);
}

#[tokio::test]
async fn one_address_does_not_hold_all_connections() {
    let app = TestApp::with_environment(&[("MAX_CONNECTIONS", "8")]).await;
    let first = held(&app, HERE).await;
    let _second = held(&app, HERE).await;
    let (head, _) = last_answer(&app, HERE, "GET /api/info").await;
    assert!(head.starts_with("HTTP/1.1 503 "), "{head}");
    // Elsewhere than on Linux the loopback has one address only.
    #[cfg(target_os = "linux")]
    held(&app, [127, 0, 0, 2]).await;
    drop(first);
    app.get("/api/info").until_served(SOON).await.expect(200);
}
