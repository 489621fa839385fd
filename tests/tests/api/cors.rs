//! CORS: which pages of other origins may read the answers.

use std::collections::BTreeSet;

use serde_json::json;
use tests::{HttpRequest, HttpResponse, ORIGIN, TestApp, free_address, script::text};

use crate::raw_http_connections::exchange;

const PATTERN: &str = "https://todo-*-my-team.vercel.app";
const LIST: &str = "https://todo.example.com/, http://localhost:3000";

/// Origins whose pages may read the answers.
const ALLOWED: [&str; 4] = [
    ORIGIN,
    "http://localhost:3000",
    "https://todo-git-main-my-team.vercel.app",
    "https://todo-a1b2c3-my-team.vercel.app",
];

/// Origins whose pages may not.
const FOREIGN: [&str; 24] = [
    "null",
    "*",
    "",
    "https://todo.example.com/",
    "https://todo.example.com:443",
    "https://todo.example.com:8443",
    "http://todo.example.com",
    "https://TODO.example.com",
    "https://todo.example.com.evil.com",
    "https://eviltodo.example.com",
    "https://a.todo.example.com",
    "https://example.com",
    "https://todo.example.co",
    "https://todo.example.com https://evil.com",
    "http://localhost",
    "http://localhost:3001",
    "https://localhost:3000",
    "http://127.0.0.1:3000",
    "https://todo--my-team.vercel.app",
    "https://todo-x-my-team.vercel.app.evil.com",
    "https://todo-x.evil.com/-my-team.vercel.app",
    "https://todo-x.y-my-team.vercel.app",
    "https://todo-x-other-team.vercel.app",
    "http://todo-x-my-team.vercel.app",
];

/// The headers that a page may send: all that a route, or MCP, looks at.
const SENT: [&str; 13] = [
    "accept",
    "authorization",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "last-event-id",
    "mcp-method",
    "mcp-name",
    "mcp-protocol-version",
    "mcp-session-id",
    "time-zone",
    "x-request-id",
];

/// The headers that docs/API.md says a page can read.
fn told_to_be_read() -> BTreeSet<&'static str> {
    let text = include_str!("../../../docs/API.md");
    let (_, text) = text.split_once("They can read the headers ").unwrap();
    let (text, _) = text.split_once(", also of errors and streams").unwrap();
    let told: BTreeSet<_> = text.split('`').skip(1).step_by(2).collect();
    assert!(told.contains("ETag") && told.contains("Retry-After"), "{told:?}");
    told
}

async fn app() -> TestApp {
    TestApp::with_environment(&[("FRONTEND_URL", LIST), ("FRONTEND_PREVIEW_PATTERN", PATTERN)]).await
}

/// One request of every kind: simple, failing in every layer, and of a page.
fn simple<'a>(app: &'a TestApp, token: &str) -> Vec<HttpRequest<'a>> {
    vec![
        app.get("/health"),
        app.get("/"),
        app.get("/api/auth/me").bearer(token),
        app.get("/api/auth/me"),
        app.get("/nowhere"),
        app.call("PUT", "/api/auth/login"),
        app.call("POST", "/api/auth/login").body("no JSON").header("Content-Type", "application/json"),
        app.call("POST", "/api/auth/login")
            .body("x".repeat(40_000))
            .header("Content-Type", "application/json"),
        app.get("/api/auth/me").header("Accept", "image/png"),
    ]
}

fn preflight<'a>(app: &'a TestApp, path: &str) -> HttpRequest<'a> {
    app.call("OPTIONS", path)
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "authorization,content-type,idempotency-key")
}

fn varies(answer: &HttpResponse) -> bool {
    let all = answer.headers.get_all("vary").iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(',')).any(|name| name.trim().eq_ignore_ascii_case("origin"))
}

/// Whether the answer admits that origin, whole or not at all.
fn admits(answer: &HttpResponse, origin: &str) -> bool {
    assert!(varies(answer), "{answer:?}");
    let allowed = answer.header("access-control-allow-origin");
    let with_credentials = answer.header("access-control-allow-credentials");
    let exposed = answer.header("access-control-expose-headers");
    match allowed {
        None => assert_eq!((with_credentials, exposed), (None, None)),
        Some(allowed) => {
            assert_eq!((allowed, with_credentials), (origin, Some("true")));
            let exposed: BTreeSet<_> = exposed.unwrap_or_default().split(", ").collect();
            assert_eq!(exposed, told_to_be_read());
        }
    }
    allowed.is_some()
}

#[tokio::test]
async fn pages_of_listed_origins_may_read_every_answer_also_errors() {
    let app = app().await;
    let token = app.user("alice").await.token;
    for origin in ALLOWED {
        for call in simple(&app, &token) {
            let answer = call.header("Origin", origin).await;
            assert!(admits(&answer, origin), "{origin}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn pages_may_read_that_the_database_is_away_or_that_they_ask_too_often() {
    let app = TestApp::with_environment(&[("REGISTRATIONS_PER_MINUTE", "1")]).await;
    let alice = app.user("alice").await;
    let nowhere = format!("postgres://u:p@{}/todo", free_address());
    let without_database = TestApp::production(&nowhere, "http://127.0.0.1:1/v1").start().await;
    let more = json!({"email": "b@example.com", "password": "a long pass phrase"});
    for (call, status) in [
        (alice.tasks().at(&without_database), 503),
        (app.get("/ready").at(&without_database), 503),
        (app.post("/api/auth/register", &more), 429),
    ] {
        let answer = call.clone().header("Origin", ORIGIN).await;
        assert_eq!(answer.status, status, "{answer:?}");
        assert!(admits(&answer, ORIGIN), "{answer:?}");
        assert!(!admits(&call.header("Origin", "https://evil.com").await, ORIGIN), "{answer:?}");
    }
}

#[tokio::test]
async fn pages_may_read_that_their_body_took_too_long() {
    let app = TestApp::start().await;
    let late = format!(
        "POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nOrigin: {ORIGIN}\r\n\
         Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{{"
    );
    let answer = exchange(&app, &late).await.to_lowercase();
    assert!(answer.starts_with("http/1.1 408 "), "{answer}");
    assert!(answer.contains(&format!("\r\naccess-control-allow-origin: {ORIGIN}\r\n")), "{answer}");
}

#[tokio::test]
async fn pages_of_other_origins_may_read_nothing() {
    let app = app().await;
    let token = app.user("alice").await.token;
    for origin in FOREIGN {
        for call in simple(&app, &token).into_iter().chain([preflight(&app, "/api/auth/login")]) {
            let answer = call.header("Origin", origin).await;
            assert!(!admits(&answer, origin), "{origin}: {answer:?}");
        }
    }
    for call in simple(&app, &token) {
        assert!(!admits(&call.clone().await, ""), "without an Origin");
        let two = call.header("Origin", ORIGIN).another_header("Origin", "https://evil.com").await;
        assert!(!admits(&two, ORIGIN), "two origins");
    }
}

#[tokio::test]
async fn preflights_of_listed_origins_are_granted_for_ten_minutes() {
    let app = app().await;
    for origin in ALLOWED {
        for path in ["/api/auth/login", "/api/x/chat", "/api/x/tasks/1", "/nowhere"] {
            let answer = preflight(&app, path).header("Origin", origin).await;
            assert!(admits(&answer, origin), "{origin} {path}: {answer:?}");
            assert!((200..300).contains(&answer.status) && answer.text.is_empty());
            assert_eq!(answer.header("access-control-max-age"), Some("600"));
            let methods = answer.header("access-control-allow-methods").unwrap_or_default();
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
                assert!(methods.contains(method), "{method} is not among {methods}");
            }
            let headers = answer.header("access-control-allow-headers").unwrap_or_default().to_lowercase();
            let headers: BTreeSet<_> = headers.split(", ").collect();
            for name in SENT {
                assert!(headers.contains(name), "{name} is not among {headers:?}");
            }
        }
    }
}

#[tokio::test]
async fn without_a_pattern_there_are_no_previews() {
    let app = TestApp::start().await;
    let answer = app.get("/health").header("Origin", "https://todo-git-main-my-team.vercel.app").await;
    assert!(!admits(&answer, ""));
    let answer = app.get("/health").header("Origin", ORIGIN).await;
    assert!(admits(&answer, ORIGIN));
}

#[tokio::test]
async fn a_stream_may_be_read_like_any_other_answer() {
    let app = app().await;
    let alice = app.user("alice").await;
    app.model().on("Hello", [text("Hello to you.")]);
    for (origin, is_allowed) in [(ORIGIN, true), (ALLOWED[2], true), ("https://evil.com", false)] {
        let stream = alice.own("POST", "/chat/stream").json(&json!({"message": "Hello there"}));
        let answer = stream.header("Origin", origin).await;
        assert!(answer.status == 200 && answer.text.contains("text-delta"), "{}", answer.text);
        assert_eq!(admits(&answer, origin), is_allowed, "{origin}");
    }
}

#[tokio::test]
async fn programs_in_a_browser_may_read_how_they_are_connected_and_what_mcp_answers() {
    let app = TestApp::start().await;
    let (inspector, foreign) = ("http://localhost:6274", "https://evil.com");
    let open = [
        ("GET", "/.well-known/oauth-protected-resource"),
        ("GET", "/.well-known/oauth-protected-resource/mcp"),
        ("GET", "/.well-known/oauth-authorization-server"),
        ("POST", "/oauth/register"),
        ("POST", "/oauth/token"),
        ("POST", "/oauth/revoke"),
    ];
    for origin in [inspector, foreign] {
        for (method, path) in open {
            for call in [app.call(method, path), preflight(&app, path)] {
                let answer = call.header("Origin", origin).await;
                assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{path}");
                assert_eq!(answer.header("access-control-allow-credentials"), None, "{path}");
            }
        }
        // Where the person is asked, no other page listens.
        for path in ["/oauth/authorize", "/api/oauth/authorization", "/api/x/oauth/authorizations"] {
            for call in [app.get(path), preflight(&app, path)] {
                assert!(!admits(&call.header("Origin", origin).await, origin), "{path}");
            }
        }
    }
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    for call in [app.post("/mcp", &message), preflight(&app, "/mcp")] {
        let answer = call.clone().header("Origin", inspector).await;
        assert_eq!(answer.header("access-control-allow-origin"), Some(inspector));
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        assert!(answer.header("access-control-expose-headers").unwrap().contains("WWW-Authenticate"));
        assert_eq!(call.header("Origin", foreign).await.header("access-control-allow-origin"), None);
    }
}
