//! U+0000, which Postgres cannot store, in every text that a request may hold.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::{HttpRequest, Kind, LocalProvider, TestApp, User};

const NUL: &str = "a\u{0}b";
const PASSWORD: &str = "a long pass\u{0}phrase";
const CLIENT: &str = "0193d5e0-7a1b-7c3d-8e5f-000000000001";

/// A request whose body holds U+0000: the operation of the OpenAPI document, the body, and the answer.
type Case = (&'static str, Value, u16);

/// What anybody may send.
fn strangers() -> Vec<Case> {
    let account = |email, password, name| json!({"email": email, "password": password, "name": name});
    let (email, password) = ("a@example.com", "a long pass phrase");
    vec![
        ("POST /api/auth/register", account(NUL, password, "A"), 422),
        ("POST /api/auth/register", account("a\u{0}@example.com", password, "A"), 422),
        ("POST /api/auth/register", account(email, PASSWORD, "A"), 422),
        ("POST /api/auth/register", account(email, password, NUL), 422),
        // As any other zone that is not known: it is read as UTC.
        (
            "POST /api/auth/register",
            json!({"email": "zone@example.com", "password": password, "time_zone": NUL}),
            201,
        ),
        ("POST /api/auth/login", json!({"email": "a\u{0}@example.com", "password": password}), 422),
        ("POST /api/auth/login", json!({"email": email, "password": PASSWORD}), 422),
        ("POST /api/auth/refresh", json!({"refresh_token": NUL}), 401),
        ("POST /api/auth/logout", json!({"refresh_token": NUL}), 204),
        ("POST /api/auth/forgot-password", json!({"email": "a\u{0}@example.com"}), 422),
        ("POST /api/auth/reset-password", json!({"token": NUL, "new_password": password}), 400),
        ("POST /api/auth/reset-password", json!({"token": "none", "new_password": PASSWORD}), 422),
        ("POST /api/auth/{provider}/callback", json!({"code": NUL, "state": NUL, "time_zone": NUL}), 400),
        ("POST /oauth/register", json!({"redirect_uris": ["https://app.example/a\u{0}b"]}), 400),
        ("POST /oauth/register", json!({"redirect_uris": ["app:/cb"], "grant_types": [NUL]}), 400),
        ("POST /oauth/register", json!({"redirect_uris": ["app:/cb"], "response_types": [NUL]}), 400),
        // A page that is none is left out.
        (
            "POST /oauth/register",
            json!({"redirect_uris": ["app:/cb"], "client_name": "A", "client_uri": "https://app.example/\u{0}"}),
            201,
        ),
        (
            "POST /oauth/register",
            json!({"redirect_uris": ["https://app.example/cb"], "client_name": NUL}),
            201,
        ),
    ]
}

/// What somebody who is signed in may say of their account.
fn accounts() -> Vec<Case> {
    vec![
        ("PATCH /api/auth/me", json!({"name": NUL}), 422),
        ("PATCH /api/auth/me", json!({"time_zone": NUL}), 422),
        ("PATCH /api/auth/me", json!({"week_start": NUL}), 422),
        ("DELETE /api/auth/me", json!({"password": PASSWORD}), 422),
        ("POST /api/auth/confirm-email", json!({"token": NUL}), 400),
        (
            "POST /api/auth/password",
            json!({"current_password": PASSWORD, "new_password": "a long pass phrase"}),
            422,
        ),
        ("POST /api/auth/password", json!({"current_password": "x", "new_password": PASSWORD}), 422),
        ("POST /api/{user_id}/tokens", json!({"name": NUL, "scopes": ["chat"], "expires_in_days": 1}), 422),
        ("POST /api/{user_id}/tokens", json!({"name": "x", "scopes": [NUL], "expires_in_days": 1}), 422),
        ("POST /api/{user_id}/oauth/authorizations", json!({"request": NUL, "approved": true}), 400),
        (
            "POST /api/{user_id}/oauth/authorizations",
            json!({"request": "client_id=%00", "approved": true, "scopes": [NUL]}),
            400,
        ),
        ("POST /api/{user_id}/approvals/{approval_id}", json!({"decision": NUL}), 422),
        ("PATCH /api/{user_id}/conversations/{conversation_id}", json!({"title": NUL}), 422),
    ]
}

/// What is said of tasks.
fn tasks() -> Vec<Case> {
    let mut cases = Vec::new();
    for member in ["title", "description", "due", "due_time_zone", "priority", "repeat"] {
        for operation in ["PATCH /api/{user_id}/tasks/{task_id}", "PUT /api/{user_id}/tasks/{task_id}"] {
            cases.push((operation, json!({ member: NUL }), 422));
        }
        let mut task = json!({"title": "x"});
        task[member] = json!(NUL);
        cases.push(("POST /api/{user_id}/tasks", task, 422));
    }
    let tags = json!({"title": "x", "tags": ["fine", NUL]});
    cases.extend([
        ("POST /api/{user_id}/tasks", tags.clone(), 422),
        ("PATCH /api/{user_id}/tasks/{task_id}", tags.clone(), 422),
        ("PUT /api/{user_id}/tasks/{task_id}", tags, 422),
    ]);
    cases
}

/// What is said to the assistant.
fn messages() -> Vec<Case> {
    let said =
        |id: &str, text: &str| json!({"id": id, "role": "user", "parts": [{"type": "text", "text": text}]});
    let stream = "POST /api/{user_id}/chat/stream";
    let with = |member: &str, value: &str| {
        let mut body = json!({"message": "Hello"});
        body[member] = json!(value);
        body
    };
    vec![
        ("POST /api/{user_id}/chat", json!({"message": NUL}), 422),
        ("POST /api/{user_id}/chat", with("model", NUL), 422),
        ("POST /api/{user_id}/chat", with("time_zone", NUL), 422),
        ("POST /api/{user_id}/chat", with("conversation_id", NUL), 422),
        (stream, json!({"message": NUL}), 422),
        (stream, json!({"message": said("1", NUL)}), 422),
        (stream, json!({"message": said(NUL, "Hello")}), 422),
        (stream, json!({"messages": [said("1", NUL)]}), 422),
        (stream, json!({"messages": [said(NUL, "Hello")]}), 422),
        (stream, with("model", NUL), 422),
        (stream, with("time_zone", NUL), 422),
        (stream, with("conversation_id", NUL), 422),
        (stream, with("previous_text", NUL), 422),
        ("POST /api/{user_id}/chat/{conversation_id}/stop", json!({"turn_id": NUL}), 422),
        // The name of no stream that is running.
        ("POST /api/{user_id}/chat/{conversation_id}/stop", json!({"activeStreamId": NUL}), 204),
    ]
}

fn call<'a>(user: &User<'a>, operation: &str, conversation: &str) -> HttpRequest<'a> {
    let (method, path) = operation.split_once(' ').unwrap();
    let path = path
        .replace("{user_id}", &user.id)
        .replace("{task_id}", "1")
        .replace("{conversation_id}", conversation)
        .replace("{approval_id}", CLIENT)
        .replace("{provider}", "github");
    user.call(method, path)
}

#[tokio::test]
async fn a_nul_is_refused_in_every_text_of_every_body() {
    let provider = LocalProvider::start(Kind::GitHub).await;
    let own = provider.variables();
    let own = own.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let variables: Vec<_> = own.chain([("PUBLIC_URL", "https://todos.example.com")]).collect();
    let app = TestApp::with_environment(&variables).await;
    let alice = app.user("alice").await;
    alice.add_task("Milk").await.expect(201);
    app.model().on("Hello", [tests::script::text("Hello.")]);
    let conversation = alice.chat("Hello").await.expect(200)["conversation_id"].clone();
    let conversation = conversation.as_str().unwrap();
    for (operation, body, status) in
        strangers().into_iter().chain(accounts()).chain(tasks()).chain(messages())
    {
        assert!(body.to_string().contains("\\u0000"), "{operation} {body}");
        let answer = call(&alice, operation, conversation).json(&body).await;
        assert_eq!(answer.status, status, "{operation} {body}: {}", answer.text);
    }
    // Each operation of a batch is refused by itself.
    let changes = json!({"title": NUL, "description": NUL, "tags": [NUL]});
    let operations = json!({"operations": [
        {"op": "add", "task": {"title": NUL}},
        {"op": "add", "task": {"title": "x", "description": NUL}},
        {"op": "update", "id": 1, "changes": changes},
        {"op": NUL, "id": 1},
        {"op": "add", "task": {"title": "Bread"}},
    ]});
    let answer = alice.own("POST", "/tasks/batch").json(&operations).await.expect(200);
    let results: Vec<_> = answer["results"].as_array().unwrap().iter().map(|result| &result["ok"]).collect();
    assert_eq!(results, [false, false, false, false, true], "{answer}");
    assert_eq!(alice.titles().await, ["Milk", "Bread"]);
    assert_eq!(alice.task(1).await.expect(200)["version"], 1, "nothing was changed");
}

/// Bodies that are looked at elsewhere: a batch above, a file in `account_export_import`, and messages of
/// MCP, whose texts are a model's, in `changes`.
const ELSEWHERE: [&str; 3] = ["POST /api/{user_id}/tasks/batch", "POST /api/{user_id}/import", "POST /mcp"];

#[test]
fn every_operation_with_a_text_in_its_body_has_a_case() {
    let document = serde_json::to_value(server::routes::openapi_document()).unwrap();
    let cases = strangers().into_iter().chain(accounts()).chain(tasks()).chain(messages());
    let tried: BTreeSet<_> = cases.map(|(operation, ..)| operation.to_owned()).collect();
    let mut untried = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = format!("{} {path}", method.to_uppercase());
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            let has_text = holds_text(&document, schema);
            if has_text && !tried.contains(&name) && !ELSEWHERE.contains(&name.as_str()) {
                untried.push(name);
            }
        }
    }
    assert!(untried.is_empty(), "{untried:?}");
    assert!(tried.len() > 15, "{tried:?}");
}

fn holds_text(document: &Value, schema: &Value) -> bool {
    if let Some(reference) = schema["$ref"].as_str() {
        return holds_text(document, document.pointer(reference.trim_start_matches('#')).unwrap());
    }
    match schema {
        Value::Object(members) => {
            let is_text = |kind: &Value| kind == "string";
            members.get("type").is_some_and(|kind| {
                is_text(kind) || kind.as_array().is_some_and(|kinds| kinds.iter().any(is_text))
            }) || members.values().any(|member| holds_text(document, member))
        }
        Value::Array(members) => members.iter().any(|member| holds_text(document, member)),
        _ => false,
    }
}

#[tokio::test]
async fn a_nul_in_an_address_is_refused_or_names_nothing() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for query in [
        "/tasks?search=a%00b",
        "/tasks?tag=a%00b",
        "/tasks?due=%00",
        "/tasks?priority=%00",
        "/tasks?status=%00",
        "/tasks?sort=%00",
        "/tasks?parent=%00",
        "/tasks?completed_since=%00",
        "/tasks?before=%00",
        "/tasks?limit=%00",
        "/activity?task=%00",
        "/activity?day=%00",
        "/activity?before=%00",
        "/conversations?search=a%00b",
        "/conversations?offset=%00",
    ] {
        alice.own("GET", query).await.expect(422);
    }
    for path in ["/tasks/1%00", "/turns/%00", "/conversations/%00", "/nothing%00"] {
        alice.own("GET", path).await.expect(404);
    }
    for (method, path) in [
        ("POST", "/turns/%00/undo"),
        ("POST", "/changes/%00/undo"),
        ("DELETE", "/tokens/%00"),
        ("DELETE", "/sessions/%00"),
        ("DELETE", "/identities/%00"),
        ("DELETE", "/oauth/grants/%00"),
        ("DELETE", "/conversations/%00"),
    ] {
        alice.own(method, path).await.expect(404);
    }
    // Clients choose ids of chats: of this one nothing is running.
    alice.own("GET", "/chat/%00/stream").await.expect(204);
    alice.call("GET", "/api/%00/tasks").await.expect(403);
    for path in ["/calendar/%00.ics", "/assets/%00", "/api/auth/%00/url"] {
        app.get(path).await.expect(404);
    }
    for path in ["/oauth/authorize?client_id=%00", "/api/oauth/authorization?client_id=%00"] {
        app.get(path).await.expect(400);
    }
    for parameter in ["code", "code_verifier", "client_id", "redirect_uri", "refresh_token", "grant_type"] {
        let form = [("grant_type", "authorization_code"), ("client_id", CLIENT), (parameter, NUL)];
        let answer = app.call("POST", "/oauth/token").form(&form).await;
        assert_eq!(answer.status, 400, "{parameter}: {}", answer.text);
    }
    // What revokes nothing is no error (RFC 7009, 2.2).
    app.call("POST", "/oauth/revoke").form(&[("token", NUL), ("client_id", CLIENT)]).await.expect(200);
}
