//! A path is one path: another spelling of it shows the same, or nothing, and never another person's.

use serde_json::json;
use tests::TestApp;

use crate::raw_http_connections::exchange;

/// Spellings of Alice's tasks, with her id for `{a}` and the asker's for `{b}`.
const SPELLINGS: &[&str] = &[
    "//api/{a}/tasks",
    "/api//{a}/tasks",
    "/api/{a}//tasks",
    "/api/{a}/tasks/",
    "/api/{a}/tasks//",
    "/./api/{a}/tasks",
    "/api/./{a}/tasks",
    "/api/{a}/./tasks",
    "/api/{a}/tasks/.",
    "/api/{a}/tasks/..",
    "/api/{a}/x/../tasks",
    "/x/../api/{a}/tasks",
    "/../api/{a}/tasks",
    "/api/{b}/../{a}/tasks",
    "/api/{b}/tasks/../../{a}/tasks",
    "/api/{a}/%2e/tasks",
    "/api/{a}/tasks/%2e",
    "/api/{a}/x/%2e%2e/tasks",
    "/%2e%2e/api/{a}/tasks",
    "/api/{b}/%2e%2e/{a}/tasks",
    "/api/{b}/%2E%2E/{a}/tasks",
    "/api/{b}/%252e%252e/{a}/tasks",
    "/api/{b}/..;/{a}/tasks",
    "/api/{b}/..%2f{a}/tasks",
    "/api/{b}%2f..%2f{a}/tasks",
    "/api/{b}%2ftasks%2f..%2f..%2f{a}/tasks",
    "/api%2f{a}/tasks",
    "/api/{a}%2Ftasks",
    "/api/{a}/tasks%2f",
    "/api/{a}%5ctasks",
    "/api\\{a}\\tasks",
    "/api/{b}\\..\\{a}/tasks",
    "/%61pi/{a}/tasks",
    "/api/{a}/%74asks",
    "/api/{a}/task%73",
    "/api/{a}/tasks%20",
    "/api/{a}/tasks%00",
    "/api/{a}%00/tasks",
    "/api/{b}%00{a}/tasks",
    "/api/{a}/tasks%0d%0a",
    "/api/{a}/tasks%c0%ae",
    "/api/{a}/tasks%ff",
    "/api/{a}/tasks%",
    "/api/{a}/tasks%zz",
    "/api/{a}/tasks;x",
    "/api/{a};x/tasks",
    "/api/{b};{a}/tasks",
    "/api;x/{a}/tasks",
    "/api/{a}/tasks;jsessionid=1",
    "/api/{a}/tasks?",
    "/api/{a}/tasks?user_id={b}",
    "/api/{b}/tasks?user_id={a}",
    "/api/{a}/tasks%3Flimit=1",
    "/api/{a}/tasks%23",
    "/api/{a}/tasks#x",
    "/API/{a}/tasks",
    "/api/{a}/TASKS",
    "/api/{A}/tasks",
    "/api/{s}/tasks",
    "/api/{{a}}/tasks",
    "/api/urn:uuid:{a}/tasks",
    "/api/%20{a}/tasks",
    "/api/{a}%20/tasks",
    "/api/{a},{b}/tasks",
    "/api/{b},{a}/tasks",
    "/api/*/tasks",
    "/api/me/tasks",
    "/api/{a}/tasks.json",
    "http://localhost/api/{a}/tasks",
    "http://somewhere.example/api/{a}/tasks",
    "*",
];

/// All of them, and three of 8 KiB.
fn spellings(alice: &str, asker: &str) -> Vec<String> {
    let long = [
        format!("/api/{alice}/tasks/{}", "x".repeat(8192)),
        format!("/api/{alice}/{}tasks", "./".repeat(4096)),
        format!("/{}api/{alice}/tasks", "%2e%2e%2f".repeat(910)),
    ];
    let fill = |path: &&str| {
        path.replace("{a}", alice)
            .replace("{b}", asker)
            .replace("{A}", &alice.to_uppercase())
            .replace("{s}", &alice.replace('-', ""))
    };
    SPELLINGS.iter().map(fill).chain(long).collect()
}

/// The answer to a GET of exactly this path: its status and its body.
async fn get(app: &TestApp, path: &str, headers: &str) -> (u16, String) {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n");
    let answer = exchange(app, &request).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.unwrap_or_else(|| panic!("{path}: {answer}")), body.to_owned())
}

fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

#[tokio::test]
async fn every_spelling_of_a_path_shows_the_same_or_nothing() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    alice.add_task("an errand of alice").await.expect(201);
    let (status, plain) = get(&app, &format!("/api/{}/tasks", alice.id), &bearer(&alice.token)).await;
    assert!(status == 200 && plain.contains("an errand of alice"), "{status} {plain}");
    for path in spellings(&alice.id, &alice.id) {
        let (status, body) = get(&app, &path, &bearer(&alice.token)).await;
        let is_same = status == 200 && body == plain;
        let is_nothing = (400..500).contains(&status) && !body.contains("an errand");
        assert!(is_same || is_nothing, "{path:.200}: {status} {body}");
    }
    for path in spellings(&alice.id, &bob.id) {
        for headers in [bearer(&bob.token), String::new()] {
            let (status, body) = get(&app, &path, &headers).await;
            let is_bobs = status == 200 && body == "[]";
            assert!(is_bobs || (400..500).contains(&status), "{path:.200}: {status} {body}");
            assert!(!body.contains("an errand"), "{path:.200}: {body}");
        }
    }
}

#[tokio::test]
async fn no_header_changes_what_is_asked_for() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    alice.add_task("an errand of alice").await.expect(201);
    for name in ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"] {
        alice.task(1).header(name, "DELETE").await.expect(200);
        alice.own("POST", "/tasks/1").json(&json!({})).header(name, "DELETE").await.expect(405);
    }
    alice.own("POST", "/tasks/1?_method=DELETE").json(&json!({})).await.expect(405);
    alice.task(1).await.expect(200);
    for name in ["X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Uri", "X-Forwarded-Prefix"] {
        let shown = bob.tasks().header(name, format!("/api/{}/tasks", alice.id)).await;
        assert_eq!(shown.expect(200), json!([]), "{name}");
    }
}
