//! Personal access tokens: what a program may do with one, and what ends it.

use serde_json::{Value, json};
use server::routes::{Access, ROUTES};
use tests::{
    TestApp, User,
    script::{call, text},
};

use crate::route_table::PRIVATE;

/// A program of the person's: it is the same user with another token.
struct Program<'a> {
    id: String,
    user: User<'a>,
}

async fn program<'a>(app: &'a TestApp, owner: &User<'a>, scopes: &[&str]) -> Program<'a> {
    let fields =
        json!({"name": format!("my {}", scopes.join(" and ")), "scopes": scopes, "expires_in_days": 30});
    let made = owner.own("POST", "/tokens").json(&fields).await.expect(201);
    let token = made["token"].as_str().unwrap().to_owned();
    assert!(token.starts_with("tdo_pat_"), "a scanner knows it");
    // No log may hold it.
    let _never_sent = app.post("/", &json!({ "token": token }));
    let mut user = owner.clone();
    user.token = token;
    Program { id: made["id"].as_str().unwrap().to_owned(), user }
}

#[track_caller]
fn assert_lacks(answer: &tests::HttpResponse, scope: &str) {
    assert_eq!(answer.expect(403)["code"], "insufficient_scope", "{}", answer.text);
    let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
    assert_eq!(answer.header("www-authenticate"), Some(challenge.as_str()));
    assert!(answer.json["detail"].as_str().unwrap().contains(scope), "{}", answer.text);
}

#[tokio::test]
async fn a_token_is_shown_once_and_kept_as_a_hash() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let Program { id, user } = program(&app, &alice, &["tasks:read", "chat"]).await;
    let listed = alice.own("GET", "/tokens").await.expect(200);
    let [token] = listed["tokens"].as_array().unwrap().as_slice() else { panic!("{listed}") };
    assert_eq!((&token["id"], &token["scopes"]), (&json!(id), &json!(["tasks:read", "chat"])));
    assert_eq!(token["last_used_at"], Value::Null);
    assert!(token["expires_at"].is_string() && token["created_at"].is_string());
    assert!(!listed.to_string().contains("tdo_pat_"), "{listed}");
    let stored = app.database().query("SELECT access_token::text FROM access_token").await;
    assert!(!stored.concat().concat().contains(&user.token));

    user.tasks().await.expect(200);
    let used = alice.own("GET", "/tokens").await.expect(200)["tokens"][0]["last_used_at"].clone();
    assert!(used.is_string());
    user.tasks().await.expect(200);
    assert_eq!(alice.own("GET", "/tokens").await.expect(200)["tokens"][0]["last_used_at"], used);
    assert_eq!(user.me().await.expect(200)["id"], alice.id, "so a program learns its paths");
}

#[tokio::test]
async fn what_is_no_good_token_to_make_is_refused() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let good = json!({"name": "laptop", "scopes": ["chat"], "expires_in_days": null});
    for (member, value, field) in [
        ("name", json!(" "), "name"),
        ("name", json!("x".repeat(101)), "name"),
        ("scopes", json!([]), "scopes"),
        ("scopes", json!(["admin"]), "scopes"),
        ("scopes", json!("chat"), "scopes"),
        ("expires_in_days", json!(0), "expires_in_days"),
        ("expires_in_days", json!(367), "expires_in_days"),
        ("expires_in_days", json!("never"), "expires_in_days"),
    ] {
        let mut body = good.clone();
        body[member] = value;
        let problem = alice.own("POST", "/tokens").json(&body).await.expect(422);
        assert_eq!(problem["errors"][0]["field"], field, "{body}");
    }
    let forever = json!({"name": "laptop", "scopes": ["chat"]});
    let problem = alice.own("POST", "/tokens").json(&forever).await.expect(422);
    assert_eq!(problem["errors"][0]["field"], "expires_in_days", "no end must be said");
    let made = alice.own("POST", "/tokens").json(&good).await.expect(201);
    assert_eq!(made["expires_at"], Value::Null);
    for _ in 1..50 {
        alice.own("POST", "/tokens").json(&good).await.expect(201);
    }
    let full = alice.own("POST", "/tokens").json(&good).await.expect(422);
    assert_eq!(full["code"], "token_quota_reached");
}

#[tokio::test]
async fn each_scope_opens_its_own_routes() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let task = alice.add_task("Water the plants").await.expect(201)["id"].as_i64().unwrap();
    let read = program(&app, &alice, &["tasks:read"]).await.user;
    let write = program(&app, &alice, &["tasks:write"]).await.user;
    let chat = program(&app, &alice, &["chat"]).await.user;

    read.tasks().await.expect(200);
    read.task(task).await.expect(200);
    read.own("GET", "/activity").await.expect(200);
    read.own("GET", "/usage").await.expect(200);
    assert_lacks(&read.add_task("Not mine to add").await, "tasks:write");
    assert_lacks(&read.delete_task(task).await, "tasks:write");
    assert_lacks(&read.chat("Hello").await, "chat");

    write.update_task(task, &json!({"completed": true})).await.expect(200);
    let added = write.add_task("By a program").await.expect(201)["id"].as_i64().unwrap();
    let log = read.own("GET", "/activity").await.expect(200);
    write.undo_change(log["changes"][0]["id"].as_i64().unwrap()).await.expect(200);
    read.task(added).await.expect(404);
    write.own("GET", "/approvals").await.expect(200);
    assert_lacks(&write.tasks().await, "tasks:read");

    app.model().enqueue([text("Hello.")]);
    let said = chat.chat("Hello").await.expect(200);
    chat.conversations().await.expect(200);
    chat.conversation(said["conversation_id"].as_str().unwrap()).await.expect(200);
    let turn = said["turn_id"].as_str().unwrap();
    chat.turn(turn).await.expect(200);
    assert_lacks(&chat.tasks().await, "tasks:read");
    assert_lacks(&chat.undo_turn(turn).await, "tasks:write");
    assert_lacks(&chat.own("GET", "/approvals").await, "tasks:write");
}

#[tokio::test]
async fn no_token_changes_the_account_or_gives_access_to_it() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let Program { id, user: program } = program(&app, &alice, &["tasks:read", "tasks:write", "chat"]).await;
    let is_closed = |name: &str| {
        ["/auth/", "/tokens", "/oauth/", "/sessions", "/identities", "/calendar", "/export", "/import"]
            .iter()
            .any(|part| name.contains(part))
            && name != "GET /api/auth/me"
    };
    let mut closed = 0;
    for route in PRIVATE.iter().filter(|route| is_closed(route.name)) {
        let mut call = program.call(route.method(), route.path(&alice.id, &id));
        if let Some(body) = (route.body)(&alice.password) {
            call = call.json(&body);
        }
        let answer = call.await;
        assert_eq!(answer.expect(403)["code"], "insufficient_scope", "{}", route.name);
        let challenge = answer.header("www-authenticate");
        assert_eq!(challenge, Some("Bearer error=\"insufficient_scope\""), "{}", route.name);
        closed += 1;
    }
    let never = ROUTES.iter().filter(|route| {
        let (Access::User(programs) | Access::UserSelfThrottled(programs)) = route.access else {
            return false;
        };
        programs == server::middleware::authentication::ProgramAccess::Denied
    });
    assert_eq!(closed, never.count(), "and these are all");
    alice.me().await.expect(200);
    program.tasks().await.expect(200);
}

#[tokio::test]
async fn eighty_forged_tokens_are_refused_alike() {
    let app = TestApp::start().await;
    let replica = app.replica().await;
    let alice = app.user("alice").await;
    let good = program(&app, &alice, &["tasks:read"]).await;
    let expired = program(&app, &alice, &["tasks:read"]).await;
    let made_elsewhere = TestApp::start().await;
    let stranger = made_elsewhere.user("alice").await;
    let unknown = program(&made_elsewhere, &stranger, &["tasks:read"]).await.user.token;
    let end = format!("UPDATE access_token SET expires_at = now() WHERE id = '{}'", expired.id);
    app.database().query(&end).await;
    let revoked = program(&app, &alice, &["tasks:read"]).await;
    revoked.user.tasks().at(&replica).await.expect(200);
    alice.own("DELETE", &format!("/tokens/{}", revoked.id)).await.expect(204);

    let mut forged = vec![expired.user.token, revoked.user.token, unknown, "tdo_pat_".to_owned()];
    let good = &good.user.token;
    forged.push(good.to_uppercase());
    forged.push(format!("{good}0"));
    forged.push(good[..good.len() - 1].to_owned());
    forged.push(good.replacen("tdo_pat_", "tdo_oat_", 1));
    // Each place of a good one in turn, and then two of them.
    for position in (0..good.len()).chain(0..15) {
        let mut bytes = good.clone().into_bytes();
        bytes[position] = if bytes[position] == b'a' { b'b' } else { b'a' };
        if forged.len() > good.len() + 8 {
            bytes.swap(20, 40);
        }
        forged.push(String::from_utf8(bytes).unwrap());
    }
    assert_eq!(forged.len(), 80);
    let reference = app.get("/api/auth/me").bearer("garbage").await;
    assert_eq!((reference.status, &reference.json["code"]), (401, &json!("invalid_token")));
    for token in &forged {
        for path in [format!("/api/{}/tasks", alice.id), "/api/auth/me".to_owned()] {
            let answer = app.get(path).bearer(token).at(&replica).await;
            assert_eq!(answer.anonymous(), reference.anonymous(), "{token}");
            assert_eq!(answer.header("www-authenticate"), reference.header("www-authenticate"), "{token}");
        }
    }
    // Also where a program may never go, and below somebody else's path.
    let bob = app.user("bob").await;
    for path in [format!("/api/{}/tokens", alice.id), format!("/api/{}/tasks", bob.id)] {
        let answer = app.get(path).bearer(&forged[1]).at(&replica).await;
        assert_eq!(answer.anonymous(), reference.anonymous(), "what is known for a minute is checked");
    }
}

#[tokio::test]
async fn token_revocation_applies_at_once_on_another_replica() {
    let app = TestApp::start().await;
    let replica = app.replica().await;
    let alice = app.user("alice").await;
    let scopes = ["tasks:read", "tasks:write", "chat"];
    let first = program(&app, &alice, &scopes).await;
    first.user.tasks().at(&replica).await.expect(200);
    alice.own("DELETE", &format!("/tokens/{}", first.id)).await.expect(204);
    let Program { user, .. } = first;
    for call in [
        user.tasks(),
        user.task(1),
        user.add_task("Too late"),
        user.add_task("Too late").key("late"),
        user.update_task(1, &json!({"title": "Too late"})),
        user.delete_task(1),
        user.chat("Too late"),
        user.conversations(),
        user.own("GET", "/usage"),
        user.own("GET", "/approvals"),
        user.me(),
    ] {
        call.at(&replica).await.expect(401);
    }
    let second = program(&app, &alice, &scopes).await.user;
    second.tasks().at(&replica).await.expect(200);
    let change = json!({"current_password": alice.password, "new_password": "another pass phrase"});
    let answer = alice.call("POST", "/api/auth/password").json(&change).await.expect(200);
    second.tasks().at(&replica).await.expect(401);
    let alice = User::of(&app, &answer, "another pass phrase".to_owned());
    let third = program(&app, &alice, &scopes).await.user;
    third.tasks().at(&replica).await.expect(200);
    alice.call("POST", "/api/auth/logout-everywhere").await.expect(204);
    third.tasks().at(&replica).await.expect(401);
}

#[tokio::test]
async fn a_token_is_its_owners_alone() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let of_bob = program(&app, &bob, &["tasks:read"]).await;
    let path = format!("/tokens/{}", of_bob.id);
    assert_eq!(alice.own("DELETE", &path).await.expect(404)["code"], "token_not_found");
    alice.call("DELETE", format!("/api/{}{path}", bob.id)).await.expect(403);
    alice.call("GET", format!("/api/{}/tokens", bob.id)).await.expect(403);
    assert_eq!(alice.own("GET", "/tokens").await.expect(200), json!({"tokens": []}));
    let elsewhere = of_bob.user.call("GET", format!("/api/{}/tasks", alice.id)).await;
    assert_eq!(elsewhere.expect(403)["code"], "forbidden");
    of_bob.user.tasks().await.expect(200);
}

#[tokio::test]
async fn chat_scope_alone_cannot_change_tasks() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for number in 1..=5 {
        alice.add_task(&format!("Task {number}")).await.expect(201);
    }
    let before = alice.tasks().await.expect(200);
    let chat = program(&app, &alice, &["chat"]).await.user;
    app.model().enqueue([call("add_task", json!({"title": "Mine"})), text("I may not add it.")]);
    let refused = chat.chat("Add a task").await.expect(200);
    let result = &refused["tool_calls"][0]["result"];
    assert_eq!((&result["success"], &result["code"]), (&json!(false), &json!("NOT_ALLOWED")));
    assert!(result["error"].as_str().unwrap().contains("tasks:write"), "{result}");
    assert_eq!(refused["effects"], json!([]));
    assert_eq!(alice.tasks().await.expect(200), before);

    // It waits for the person, who says yes where they are signed in.
    let waiting = alice.own("GET", "/approvals").await.expect(200);
    let question = &waiting["approvals"][0];
    assert_eq!((&question["sentence"], &question["tasks"]), (&json!("Add “Mine”?"), &json!([])));
    let yes = json!({"decision": "approve"});
    let path = format!("/approvals/{}", question["id"].as_str().unwrap());
    let approved = alice.own("POST", &path).json(&yes).await.expect(200);
    assert_eq!(approved["result"]["task"]["title"], "Mine");
    alice.own("POST", &path).json(&yes).await.expect(200);
    assert_eq!(alice.titles().await.len(), 6, "it is done once");
    let before = alice.tasks().await.expect(200);

    // Nor does it answer for the person, by a card or by a plain yes.
    let four = call("delete_task", json!({"task_id": [1, 2, 3, 4]}));
    app.model().enqueue([four, text("Shall I delete the four of them?")]);
    let asked = alice.chat("Delete the first four").await.expect(200);
    let approval = &asked["approvals"][0];
    let id = approval["id"].as_str().unwrap();
    let answer = chat.own("POST", &format!("/approvals/{id}")).json(&json!({"decision": "approve"})).await;
    assert_lacks(&answer, "tasks:write");
    let part = json!({
        "type": "tool-delete_task", "toolCallId": "c", "state": "approval-responded",
        "input": approval["arguments"], "approval": {"id": id, "approved": true},
    });
    let card = json!({"messages": [{"id": asked["turn_id"], "role": "assistant", "parts": [part]}]});
    assert_lacks(&chat.own("POST", "/chat/stream").json(&card).await, "tasks:write");
    app.model().enqueue([text("I cannot do that.")]);
    chat.chat_in(asked["conversation_id"].as_str().unwrap(), "yes").await.expect(200);
    assert_eq!(alice.tasks().await.expect(200), before);

    // Who may write as well does both.
    let both = program(&app, &alice, &["chat", "tasks:write"]).await.user;
    app.model().enqueue([call("add_task", json!({"title": "Mine"})), text("I've added 'Mine'.")]);
    both.chat("Add a task").await.expect(200);
    assert_eq!(alice.titles().await.len(), 7);
}

#[tokio::test]
async fn chat_scope_alone_cannot_undo_by_regenerating() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    app.model().enqueue([call("add_task", json!({"title": "Buy milk"})), text("I've added 'Buy milk'.")]);
    let said = alice.chat("Add milk").await.expect(200);
    let chat = program(&app, &alice, &["chat"]).await.user;
    let again = |undo: Value| {
        let mut body = json!({
            "id": said["conversation_id"], "trigger": "regenerate-message",
            "messages": [{"role": "user", "parts": [{"type": "text", "text": "Add milk"}]}],
        });
        if !undo.is_null() {
            body["undo_replaced"] = undo;
        }
        chat.own("POST", "/chat/stream").json(&body)
    };
    assert_lacks(&again(json!(true)).await, "tasks:write");
    app.model().enqueue([text("Milk is on your list.")]);
    again(Value::Null).await.expect(200);
    assert_eq!(alice.titles().await, ["Buy milk"]);
}

#[tokio::test]
async fn a_person_is_told_what_their_program_may_not_do() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    let chat = program(&app, &alice, &["chat"]).await.user;
    let answer = chat.chat("Add a task to buy milk").await.expect(200);
    assert!(answer["message"].as_str().unwrap().contains("tasks:write"), "{answer}");
    assert_eq!(alice.titles().await, [""; 0]);
}
