//! The authorisation matrix: every route × every caller × every id.

use serde_json::{Value, json};
use tests::{HttpRequest, HttpResponse, TestApp, User};

use crate::{
    access_jwt,
    route_table::{Known, PRIVATE, private},
};

/// Who has no token does not get as far as to be asked for a password.
const WRONG_PASSWORD: &str = "not the pass phrase";
const RANDOM: &str = "0193d5e0-7a1b-7c3d-8e5f-0123456789ab";

/// Somebody with a task, a conversation and a turn of their own.
struct Owner<'a> {
    user: User<'a>,
    conversation: String,
    turn: String,
    change: String,
    token: String,
    session: String,
    grant: String,
}

impl<'a> Owner<'a> {
    async fn new(app: &'a TestApp, name: &str) -> Self {
        let user = app.user(name).await;
        user.add_task(&format!("secret errand of {name}")).await.expect(201);
        let answer = user.chat(&format!("Add a task to meet the friend of {name}")).await.expect(200);
        let text = |member: &str| answer[member].as_str().unwrap().to_owned();
        let (conversation, turn) = (text("conversation_id"), text("turn_id"));
        // Undone and that undone again: both the turn and the last change may be undone.
        let undone = user.undo_turn(&turn).await.expect(200);
        let redone = user.undo_change(undone["changes"][0]["id"].as_i64().unwrap()).await.expect(200);
        let change = redone["changes"][0]["id"].to_string();
        // A question of theirs, under the id of the turn.
        let asked = format!(
            "INSERT INTO approval (id, user_id, conversation_id, turn_id, call_id, tool, arguments, tasks, expires_at)
             SELECT id, user_id, conversation_id, id, 'c', 'delete_task', '{{}}',
                 '[{{\"id\": 1, \"title\": \"secret errand of {name}\", \"revision\": 1}}]', now() + interval '1 h'
             FROM turn WHERE id = '{turn}'"
        );
        app.database().query(&asked).await;
        let fields =
            json!({"name": format!("program of {name}"), "scopes": ["chat"], "expires_in_days": null});
        let token = user.own("POST", "/tokens").json(&fields).await.expect(201);
        let sessions = user.own("GET", "/sessions").await.expect(200);
        let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
        let (token, session) = (id(&token), id(&sessions["sessions"][0]));
        let connected = format!(
            "INSERT INTO oauth_grant (id, user_id, token_version, client_id, client_name, scopes, code_hash,
                 redirect_uri, code_challenge, secret_hash, rotated_at, expires_at)
             VALUES (gen_random_uuid(), '{}', 0, 'c', 'program of {name}', '{{tasks:read}}', sha256('a'),
                 'app:/cb', repeat('x', 43), sha256('b'), now(), now() + interval '1 h')
             RETURNING id",
            user.id
        );
        let grant = app.database().query(&connected).await[0][0].clone();
        Self { conversation, turn, change, token, session, grant, user }
    }

    /// The id of what the route's path names.
    fn thing(&self, route: &Known) -> &str {
        match route.thing() {
            Some("conversation") => &self.conversation,
            Some("turn" | "approval") => &self.turn,
            Some("change") => &self.change,
            Some("token") => &self.token,
            Some("session") => &self.session,
            Some("grant") => &self.grant,
            _ => "2",
        }
    }

    /// Everything that they can see of their own.
    async fn everything(&self) -> Vec<String> {
        let calls = [
            self.user.me(),
            self.user.tasks(),
            self.user.conversations(),
            self.user.conversation(&self.conversation),
            self.user.turn(&self.turn),
            self.user.own("GET", "/approvals"),
            self.user.own("GET", "/tokens"),
            self.user.own("GET", "/sessions"),
            self.user.own("GET", "/oauth/grants"),
        ];
        let mut seen = Vec::new();
        for call in calls {
            seen.push(call.await.expect(200).to_string());
        }
        seen
    }
}

fn call<'a>(app: &'a TestApp, route: &Known, user: &str, thing: &str) -> HttpRequest<'a> {
    let call = app.call(route.method(), route.path(user, thing));
    match (route.body)(WRONG_PASSWORD) {
        Some(body) => call.json(&body),
        None => call,
    }
}

/// Ids that a caller may try in the place of one of theirs.
fn tried<'o>(route: &Known, own: &'o Owner<'_>, other: &'o Owner<'_>) -> [&'o str; 4] {
    let random = if matches!(route.thing(), Some("task" | "change")) { "999999" } else { RANDOM };
    [own.thing(route), other.thing(route), random, "%00..;x"]
}

/// Fails when somebody is shown what is another's.
fn assert_shows_nothing_of(name: &str, answer: &HttpResponse) {
    let all = format!("{}{:?}", answer.text, answer.headers);
    for words in [
        format!("secret errand of {name}"),
        format!("friend of {name}"),
        format!("program of {name}"),
        format!("{name}@example.com"),
    ] {
        assert!(!all.contains(&words), "{all}");
    }
}

/// Fails unless both say the same. A stream that is open already, because the database took its
/// time, can say it only inside.
fn assert_refused_like(reference: &HttpResponse, answer: &HttpResponse, route: &Known) {
    if route.name.ends_with("/chat/stream") && answer.status == 200 {
        let said = format!("\"errorText\":{}", reference.json["detail"]);
        assert!(answer.text.contains(&said) && !answer.text.contains("text-delta"), "{}", answer.text);
        return;
    }
    assert_eq!(answer.anonymous(), reference.anonymous(), "{}", route.name);
}

#[tokio::test]
async fn without_a_good_token_every_private_route_is_401() {
    let app = TestApp::everyday().await;
    let alice = Owner::new(&app, "alice").await;
    let bob = Owner::new(&app, "bob").await;
    let gone = app.user("gone").await;
    gone.leave().await.expect(204);
    let before = alice.everything().await;
    let late = access_jwt::expired(&alice.user);
    // MCP says in the challenge how a program is connected (RFC 9728).
    let reference = async |call: HttpRequest<'_>| (call.clone().await, call.bearer("garbage").await);
    let of_api = reference(app.get("/api/auth/me")).await;
    let of_mcp = reference(app.post("/mcp", &json!({}))).await;
    for route in PRIVATE {
        let (missing, bad) = if route.name == "POST /mcp" { &of_mcp } else { &of_api };
        for thing in tried(route, &alice, &bob) {
            let answer = call(&app, route, &alice.user.id, thing).await;
            assert_eq!(answer.anonymous(), missing.anonymous(), "{} {thing}", route.name);
            for token in ["garbage", "a.b.c", late.as_str()] {
                let answer = call(&app, route, &alice.user.id, thing).bearer(token).await;
                assert_eq!(answer.anonymous(), bad.anonymous(), "{} {thing} {token}", route.name);
            }
            if thing.starts_with('%') && route.thing().is_some() {
                // What cannot be an id is not looked up, so nobody is asked whether the account is there.
                continue;
            }
            let answer = call(&app, route, &gone.id, thing).bearer(&gone.token).await;
            assert_refused_like(bad, &answer, route);
        }
    }
    for (missing, bad) in [of_api, of_mcp] {
        assert_eq!((missing.status, bad.status), (401, 401));
    }
    assert_eq!(alice.everything().await, before);
}

#[tokio::test]
async fn below_another_users_path_everything_is_403_and_the_same() {
    let app = TestApp::everyday().await;
    let alice = Owner::new(&app, "alice").await;
    let bob = Owner::new(&app, "bob").await;
    let before = alice.everything().await;
    let reference = alice.user.tasks().bearer(&bob.user.token).await;
    assert_eq!(reference.status, 403);
    for route in PRIVATE.iter().filter(|route| route.is_below_a_user()) {
        for thing in tried(route, &bob, &alice) {
            for path in [alice.user.id.as_str(), RANDOM, "me", "0", "%20"] {
                let answer = call(&app, route, path, thing).bearer(&bob.user.token).await;
                assert_eq!(answer.anonymous(), reference.anonymous(), "{} {path} {thing}", route.name);
            }
        }
    }
    assert_eq!(alice.everything().await, before);
}

#[tokio::test]
async fn what_is_anothers_is_answered_as_what_does_not_exist() {
    let app = TestApp::everyday().await;
    let alice = Owner::new(&app, "alice").await;
    let bob = Owner::new(&app, "bob").await;
    // Bob has more tasks, so that there are numbers that only he has.
    bob.user.add_task("secret errand of bob").await.expect(201);
    let before = bob.everything().await;
    for route in PRIVATE {
        let Some(status) = route.to_stranger else { continue };
        let foreign = if route.thing() == Some("task") { "3" } else { bob.thing(route) };
        let mut answers = Vec::new();
        for thing in
            [foreign, tried(route, &alice, &bob)[2], "not-an-id", "-1", "1e3", "99999999999999999999"]
        {
            let answer = call(&app, route, &alice.user.id, thing).bearer(&alice.user.token).await;
            assert_eq!(answer.status, status, "{} {thing}: {}", route.name, answer.text);
            assert_shows_nothing_of("bob", &answer);
            answers.push(answer.anonymous());
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "{}: {answers:?}", route.name);
    }
    assert_eq!(bob.everything().await, before);
}

#[tokio::test]
async fn a_foreign_conversation_cannot_be_talked_in() {
    let app = TestApp::everyday().await;
    let alice = Owner::new(&app, "alice").await;
    let bob = Owner::new(&app, "bob").await;
    let before = bob.everything().await;
    let foreign = alice.user.chat_in(&bob.conversation, "Show my tasks").await;
    let random = alice.user.chat_in(RANDOM, "Show my tasks").await;
    foreign.expect(404);
    assert_eq!(foreign.anonymous(), random.anonymous());
    alice.user.chat_in("not-an-id", "Show my tasks").await.expect(422);
    let streamed = alice.user.own("POST", "/chat/stream");
    let streamed =
        streamed.json(&json!({"message": "Show my tasks", "conversation_id": bob.conversation})).await;
    assert_refused_like(&foreign, &streamed, private("POST /api/{user_id}/chat/stream"));
    assert_eq!(bob.everything().await, before);
}

#[tokio::test]
async fn the_owner_is_served_on_every_route() {
    let app = TestApp::everyday().await;
    for (number, route) in PRIVATE.iter().enumerate() {
        let owner = Owner::new(&app, &format!("owner-{number}")).await;
        let mut call = owner.user.call(route.method(), route.path(&owner.user.id, owner.thing(route)));
        if let Some(body) = (route.body)(&owner.user.password) {
            call = call.json(&body);
        }
        let answer = call.await;
        assert_eq!(answer.status, route.to_owner, "{}: {}", route.name, answer.text);
        let is_stream =
            answer.header("content-type").is_some_and(|kind| kind.starts_with("text/event-stream"));
        let is_json = answer.json != Value::Null || answer.text.is_empty();
        assert!(is_json || is_stream, "{}: {}", route.name, answer.text);
    }
}
