//! How large a body may be, on each kind of route: to the byte, and however it is sent.

use tests::{HttpRequest, TestApp, User};

use crate::raw_http_connections::exchange;

const KIB: usize = 1024;

/// Routes with the most bytes of a body, as docs/API.md has them.
const LIMITS: [(&str, &str, usize); 12] = [
    ("POST", "/api/auth/login", 16 * KIB),
    ("POST", "/api/auth/register", 16 * KIB),
    ("POST", "/oauth/register", 16 * KIB),
    ("POST", "/api/{user}/tasks", 16 * KIB),
    ("PATCH", "/api/{user}/tasks/1", 16 * KIB),
    ("POST", "/api/{user}/changes/1/undo", 16 * KIB),
    ("POST", "/api/{user}/tokens", 16 * KIB),
    ("POST", "/mcp", 32 * KIB),
    ("POST", "/api/{user}/oauth/authorizations", 32 * KIB),
    ("POST", "/api/{user}/chat", 128 * KIB),
    ("POST", "/api/{user}/tasks/batch", 256 * KIB),
    ("POST", "/api/{user}/chat/stream", 4 * KIB * KIB),
];

#[test]
fn the_limits_are_those_of_the_document() {
    let document = include_str!("../../../docs/API.md");
    let row = document.lines().find(|line| line.contains("`payload_too_large`")).unwrap();
    for (_, path, limit) in LIMITS {
        let size = if limit < KIB * KIB {
            format!("{} KiB", limit / KIB)
        } else {
            format!("{} MiB", limit / KIB / KIB)
        };
        assert!(row.contains(&size), "{path}: {size} is not in {row}");
    }
}

fn call<'a>(user: &User<'a>, method: &str, path: &str) -> HttpRequest<'a> {
    let call = user.call(method, path.replace("{user}", &user.id)).header("Content-Type", "application/json");
    call.header("Accept", "application/json, text/event-stream")
}

#[tokio::test]
async fn every_route_takes_a_body_up_to_its_limit_and_not_a_byte_more() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for (method, path, limit) in LIMITS {
        // Nothing but spaces: what is read is refused for another reason, and by MCP in its own form.
        let fits = call(&alice, method, path).body(vec![b' '; limit]).attempt().await.unwrap();
        assert!(fits.status == 400, "{path}: {} {}", fits.status, fits.text);
        let over = call(&alice, method, path).body(vec![b' '; limit + 1]).await;
        assert_eq!(over.expect(413)["code"], "payload_too_large", "{path}");
        let packed = call(&alice, method, path).header("Content-Encoding", "gzip").body("{}");
        assert_eq!(packed.await.expect(415)["code"], "unsupported_media_type", "{path}");
    }
}

#[tokio::test]
async fn a_chunked_body_has_the_limit_of_every_other() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for (method, path, limit) in LIMITS {
        let head = format!(
            "{method} {} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\
             Accept: application/json, text/event-stream\r\nContent-Type: application/json\r\n\
             Transfer-Encoding: chunked\r\n\r\n",
            path.replace("{user}", &alice.id),
            alice.token
        );
        for (size, is_too_large) in [(limit, false), (limit + 1, true)] {
            let chunks = " ".repeat(size).into_bytes();
            let chunks = chunks
                .chunks(1000)
                .map(|chunk| format!("{:x}\r\n{}\r\n", chunk.len(), String::from_utf8_lossy(chunk)));
            let answer = exchange(&app, &format!("{head}{}0\r\n\r\n", chunks.collect::<String>())).await;
            let status = answer.get(9..12).unwrap_or_default();
            assert_eq!(status == "413", is_too_large, "{path} {size}: {answer}");
            assert!(is_too_large || status == "400", "{path} {size}: {answer}");
        }
    }
}
