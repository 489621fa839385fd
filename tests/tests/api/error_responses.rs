//! Refusals: the status and the code of each.

use futures::future::join_all;
use serde_json::json;
use tests::{HttpRequest, TestApp, User};

/// Fails unless the call is refused so.
async fn refused(call: HttpRequest<'_>, status: u16, code: &str) {
    let shown = format!("{call:?}");
    let answer = call.await;
    assert_eq!(
        (answer.status, answer.json["code"].as_str()),
        (status, Some(code)),
        "{shown}\n{}",
        answer.text
    );
}

fn raw<'a>(call: HttpRequest<'a>, body: &[u8]) -> HttpRequest<'a> {
    call.header("Content-Type", "application/json").body(body)
}

/// The channels through which a body comes in.
fn channels<'a>(app: &'a TestApp, user: &User<'a>) -> [HttpRequest<'a>; 4] {
    [
        app.call("POST", "/api/auth/register"),
        user.own("POST", "/tasks"),
        user.own("PATCH", "/tasks/1"),
        user.own("POST", "/chat"),
    ]
}

#[tokio::test]
async fn what_is_not_json_is_a_bad_request() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let deep = format!("{{\"title\":{}{}}}", "[".repeat(500), "]".repeat(500));
    let bodies: [&[u8]; 12] = [
        b"",
        b" ",
        b"{",
        b"no JSON",
        b"{\"title\": \"x\",}",
        b"{\"title\": \"x\"} {}",
        b"{\"title\": \"\xff\"}",
        b"{\"title\": \"\xc0\xaf\"}",
        b"{\"title\": \"\\ud800\"}",
        b"\xef\xbb\xbf{\"title\": \"x\"}",
        b"{\"title\": NaN}",
        deep.as_bytes(),
    ];
    for body in bodies {
        for channel in channels(&app, &alice) {
            refused(raw(channel, body), 400, "bad_request").await;
        }
    }
}

#[tokio::test]
async fn json_that_breaks_a_rule_is_unprocessable() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for body in
        ["[]", "null", "\"text\"", "1", "{}", "{\"title\": 5}", "{\"title\": \"a\", \"title\": \"b\"}"]
    {
        for channel in channels(&app, &alice) {
            refused(raw(channel, body.as_bytes()), 422, "validation_error").await;
        }
    }
    alice.add_task("Buy milk").await.expect(201);
    for change in [
        json!({"unknown": 1}),
        json!({"title": null}),
        json!({"completed": null}),
        json!({"completed": "yes"}),
        json!({"completed": 1}),
        json!({"title": ""}),
        json!({"description": 5}),
    ] {
        refused(alice.update_task(1, &change), 422, "validation_error").await;
    }
    for query in ["status=open", "limit=0", "limit=501", "limit=x", "limit=1e3", "before=-1", "search=%00"] {
        refused(alice.own("GET", &format!("/tasks?{query}")), 422, "validation_error").await;
    }
    for query in ["limit=0", "limit=101", "offset=-1", "offset=99999999999999999999"] {
        refused(alice.own("GET", &format!("/conversations?{query}")), 422, "validation_error").await;
    }
    assert_eq!(alice.titles().await, ["Buy milk"]);
}

#[tokio::test]
async fn bodies_that_are_too_large_or_of_another_kind_are_refused() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let large = |bytes: usize| json!({"message": "x", "title": "x", "padding": "p".repeat(bytes)});
    for channel in channels(&app, &alice) {
        refused(channel.clone().json(&large(140_000)), 413, "payload_too_large").await;
        let body = r#"{"message": "x", "title": "x"}"#;
        refused(channel.clone().body(body), 415, "unsupported_media_type").await;
        for kind in
            ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "json"]
        {
            refused(channel.clone().header("Content-Type", kind).body(body), 415, "unsupported_media_type")
                .await;
        }
        let packed = channel.header("Content-Type", "application/json").header("Content-Encoding", "gzip");
        refused(packed.body(body), 415, "unsupported_media_type").await;
    }
    refused(alice.own("POST", "/tasks").json(&large(17_000)), 413, "payload_too_large").await;
    let charset = alice.own("POST", "/tasks").header("Content-Type", "Application/JSON; charset=utf-8");
    charset.body(r#"{"title": "Buy milk"}"#).await.expect(201);
}

#[tokio::test]
async fn other_methods_are_answered_with_those_that_there_are() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let tasks = format!("/api/{}/tasks", alice.id);
    let task = format!("{tasks}/1");
    for (method, path, allowed) in [
        ("POST", "/health", "GET"),
        ("DELETE", "/", "GET"),
        ("GET", "/api/auth/login", "POST"),
        ("PUT", "/api/auth/me", "GET"),
        ("PUT", tasks.as_str(), "POST"),
        ("POST", task.as_str(), "PATCH"),
        ("TRACE", "/health", "GET"),
        ("PROPFIND", task.as_str(), "DELETE"),
    ] {
        let answer = alice.call(method, path).await;
        assert_eq!(answer.expect(405)["code"], "method_not_allowed", "{method} {path}");
        let allow = answer.header("allow").unwrap_or_default();
        assert!(allow.split(", ").any(|one| one == allowed), "{method} {path}: {allow}");
    }
}

#[tokio::test]
async fn where_nothing_is_there_is_nothing() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let own = format!("/api/{}", alice.id);
    for path in [
        "/nowhere",
        "/api",
        "/api/",
        "/api/auth",
        "/api/auth/nobody",
        "/health/",
        "/.env",
        "/assets/..%2f.env",
    ] {
        refused(alice.call("GET", path), 404, "route_not_found").await;
    }
    for path in ["", "/", "/nothing", "//tasks", "/tasks/1/more", "/tasks%2F1"] {
        refused(alice.call("GET", format!("{own}{path}")), 404, "route_not_found").await;
    }
    for id in ["0", "-1", "+1", "01x", "1e3", "0x1", "1.0", "99999999999999999999", "%31%00", ";1", "NaN"] {
        refused(alice.own("GET", &format!("/tasks/{id}")), 404, "task_not_found").await;
    }
    refused(alice.conversation("0"), 404, "conversation_not_found").await;
    refused(alice.turn("0"), 404, "turn_not_found").await;
}

#[tokio::test]
async fn who_does_not_take_json_gets_nothing() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    refused(alice.tasks().header("Accept", "image/png"), 406, "not_acceptable").await;
    refused(alice.tasks().header("Accept", "application/json;q=0"), 406, "not_acceptable").await;
    for accept in ["*/*", "application/json", "application/*", "text/html, */*;q=0.8"] {
        alice.tasks().header("Accept", accept).await.expect(200);
    }
}

#[tokio::test]
async fn an_address_has_one_account_however_it_is_written() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for email in ["alice@example.com", "ALICE@Example.com", "  alice@EXAMPLE.COM "] {
        let body = json!({"email": email, "password": "another pass phrase"});
        refused(app.post("/api/auth/register", &body), 409, "email_taken").await;
    }
    alice.sign_in().await.expect(200);
    let wrong = json!({"email": alice.email, "password": "another pass phrase"});
    refused(app.post("/api/auth/login", &wrong), 401, "wrong_credentials").await;
    refused(alice.call("DELETE", "/api/auth/me").json(&wrong), 401, "wrong_credentials").await;
}

#[tokio::test]
async fn an_address_that_many_want_at_once_goes_to_one_of_them() {
    let app = TestApp::start().await;
    let replica = app.replica().await;
    let body = json!({"email": "alice@example.com", "password": "a long pass phrase"});
    let wishes = (0..10).map(|number| {
        let call = app.post("/api/auth/register", &body);
        if number % 2 == 0 { call.at(&replica) } else { call }
    });
    let mut statuses: Vec<_> =
        join_all(wishes.map(IntoFuture::into_future)).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses[0], 201);
    // Who cannot have a password hashed at once is told to come again.
    assert!(statuses[1..].iter().all(|status| matches!(status, 409 | 503)), "{statuses:?}");
    assert_eq!(app.database().query("SELECT count(*) FROM \"user\"").await, [["1"]]);
}
