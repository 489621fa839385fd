//! Programs that people connect by OAuth 2.1: what goes over the wire, and what is refused.

#[path = "oauth/clients.rs"]
mod clients;
#[path = "oauth/rejected_authorization_requests.rs"]
mod rejected_authorization_requests;
#[path = "oauth/tokens.rs"]
mod tokens;

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tests::{HttpRequest, HttpResponse, TestApp, User};
use url::{Url, form_urlencoded::Serializer};

const PAGE: &str = "https://todos.example.com";
const RESOURCE: &str = "https://todos.example.com/mcp";
const REDIRECT: &str = "http://127.0.0.1/callback";
const VERIFIER: &str = "a-verifier-that-nobody-else-knows-0123456789-abcdef";
const STATE: &str = "state & more";
const BOTH: [&str; 2] = ["tasks:read", "tasks:write"];

async fn app() -> TestApp {
    TestApp::with_environment(&[("PUBLIC_URL", PAGE)]).await
}

fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

fn query<'a>(parameters: impl IntoIterator<Item = &'a (&'a str, &'a str)>) -> String {
    let pairs = parameters.into_iter().map(|(name, value)| (*name, *value));
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// What came back to a program in the query of its address.
fn members(address: &str) -> HashMap<String, String> {
    Url::parse(address).expect("an address").query_pairs().into_owned().collect()
}

/// A program that has registered.
#[derive(Debug, Clone)]
struct Program {
    id: String,
    redirect: String,
}

/// Tokens of a program.
#[derive(Debug, Clone)]
struct Tokens {
    access: String,
    refresh: String,
}

impl Tokens {
    #[track_caller]
    fn of(answer: &HttpResponse) -> Self {
        let answer = answer.expect(200);
        assert_eq!((&answer["token_type"], &answer["expires_in"]), (&json!("Bearer"), &json!(3600)));
        let text = |member: &str| answer[member].as_str().unwrap().to_owned();
        Self { access: text("access_token"), refresh: text("refresh_token") }
    }
}

impl Program {
    async fn register(app: &TestApp) -> Self {
        let body = json!({"client_name": "A program", "redirect_uris": [REDIRECT]});
        let id = app.post("/oauth/register", &body).await.expect(201)["client_id"].clone();
        // A port that it has learnt when it began to listen.
        let redirect = "http://127.0.0.1:49152/callback".to_owned();
        Self { id: id.as_str().unwrap().to_owned(), redirect }
    }

    fn request(&self) -> Vec<(&str, String)> {
        vec![
            ("response_type", "code".to_owned()),
            ("client_id", self.id.clone()),
            ("redirect_uri", self.redirect.clone()),
            ("scope", BOTH.join(" ")),
            ("state", STATE.to_owned()),
            ("resource", RESOURCE.to_owned()),
            ("code_challenge", challenge(VERIFIER)),
            ("code_challenge_method", "S256".to_owned()),
        ]
    }

    /// Its request with these parameters in place of its own; without those whose value is empty.
    fn asking(&self, other: &[(&str, &str)]) -> String {
        let mut request = self.request();
        request.retain(|(name, _)| !other.iter().any(|(known, _)| known == name));
        let own = request.iter().map(|(name, value)| (*name, value.as_str()));
        query(&own.chain(other.iter().copied().filter(|(_, value)| !value.is_empty())).collect::<Vec<_>>())
    }

    /// The person lets it in.
    async fn code(&self, person: &User<'_>, scopes: &[&str]) -> String {
        let body = json!({"request": self.asking(&[]), "approved": true, "scopes": scopes});
        let answer = person.own("POST", "/oauth/authorizations").json(&body).await.expect(200);
        let address = answer["redirect_to"].as_str().unwrap();
        assert!(address.starts_with(&format!("{}?code=", self.redirect)), "{address}");
        let members = members(address);
        assert_eq!((members["state"].as_str(), members["iss"].as_str()), (STATE, PAGE));
        members["code"].clone()
    }

    /// Presents a code, with these parameters in place of its own.
    fn exchange<'a>(&self, app: &'a TestApp, code: &str, other: &[(&str, &str)]) -> HttpRequest<'a> {
        let own = [
            ("grant_type", "authorization_code"),
            ("client_id", &self.id),
            ("code", code),
            ("redirect_uri", &self.redirect),
            ("code_verifier", VERIFIER),
            ("resource", RESOURCE),
        ];
        form(app, "/oauth/token", &own, other)
    }

    fn refresh<'a>(&self, app: &'a TestApp, token: &str, other: &[(&str, &str)]) -> HttpRequest<'a> {
        let own = [("grant_type", "refresh_token"), ("client_id", &self.id), ("refresh_token", token)];
        form(app, "/oauth/token", &own, other)
    }

    async fn connect(&self, app: &TestApp, person: &User<'_>, scopes: &[&str]) -> Tokens {
        let code = self.code(person, scopes).await;
        noted(app, Tokens::of(&self.exchange(app, &code, &[]).await))
    }
}

/// Has it checked that no log holds them.
fn noted(app: &TestApp, tokens: Tokens) -> Tokens {
    for token in [&tokens.access, &tokens.refresh] {
        let _never_sent = app.post("/", &json!({ "token": token }));
    }
    tokens
}

fn form<'a>(app: &'a TestApp, path: &str, own: &[(&str, &str)], other: &[(&str, &str)]) -> HttpRequest<'a> {
    let mut all: Vec<_> =
        own.iter().filter(|(name, _)| !other.iter().any(|(known, _)| known == name)).collect();
    all.extend(other.iter().filter(|(_, value)| !value.is_empty()));
    app.call("POST", path).form(&all.into_iter().copied().collect::<Vec<_>>())
}

/// Calls a tool with an access token.
fn tool<'a>(app: &'a TestApp, token: &str, name: &str, arguments: Value) -> HttpRequest<'a> {
    let call = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": arguments}
    });
    let call = app.post("/mcp", &call).bearer(token).header("Accept", "application/json, text/event-stream");
    call.header("MCP-Protocol-Version", "2025-11-25")
}

fn list<'a>(app: &'a TestApp, token: &str) -> HttpRequest<'a> {
    tool(app, token, "list_tasks", json!({}))
}

#[track_caller]
fn assert_refused(answer: &HttpResponse, error: &str) {
    assert_eq!(answer.expect(400)["error"], error, "{}", answer.text);
    assert!(answer.json["error_description"].as_str().is_some_and(|text| text.ends_with('.')));
}

/// Checks what a program learns of the server at this address.
async fn check_documents(app: &TestApp, base: &str) {
    let resource = app.get("/.well-known/oauth-protected-resource/mcp").await.expect(200);
    assert_eq!(resource["resource"], format!("{base}/mcp"));
    assert_eq!(app.get("/.well-known/oauth-protected-resource").await.expect(200), resource);
    assert_eq!(resource["authorization_servers"], json!([base]));
    let server = app.get("/.well-known/oauth-authorization-server").await.expect(200);
    assert_eq!(server["issuer"], base);
    for (member, path) in [
        ("authorization_endpoint", "/oauth/authorize"),
        ("token_endpoint", "/oauth/token"),
        ("registration_endpoint", "/oauth/register"),
        ("revocation_endpoint", "/oauth/revoke"),
    ] {
        assert_eq!(server[member], format!("{base}{path}"));
    }
    assert_eq!(server["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(server["token_endpoint_auth_methods_supported"], json!(["none"]));
    let flags = ["authorization_response_iss_parameter_supported", "client_id_metadata_document_supported"];
    assert!(flags.iter().all(|flag| server[flag] == true), "{server}");
}

#[tokio::test]
async fn a_program_finds_its_way_from_a_refusal_to_the_list() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    alice.add_task("Water the plants").await.expect(201);
    let base = app.server().base().to_owned();
    let refused = list(&app, "none").without("Authorization").await;
    assert_eq!(refused.expect(401)["code"], "missing_token");
    let metadata = format!("{base}/.well-known/oauth-protected-resource/mcp");
    let challenge_to = format!("Bearer resource_metadata=\"{metadata}\", scope=\"tasks:read tasks:write\"");
    assert_eq!(refused.header("www-authenticate"), Some(challenge_to.as_str()));

    check_documents(&app, &base).await;
    let program = Program::register(&app).await;
    let resource = format!("{base}/mcp");
    let request = program.asking(&[("resource", &resource)]);
    let page = app.get(format!("/oauth/authorize?{request}")).await;
    page.expect(200);
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let asked = app.get(format!("/api/oauth/authorization?{request}")).await.expect(200);
    let client = json!({"client_id": program.id, "name": "A program", "uri": null});
    assert_eq!(
        asked,
        json!({
            "client": client, "redirect_host": "127.0.0.1", "redirect_is_local": true, "scopes": BOTH,
            "resource": resource
        })
    );
    let yes = json!({"request": request, "approved": true, "scopes": BOTH});
    let answer = alice.own("POST", "/oauth/authorizations").json(&yes).await.expect(200);
    let members = members(answer["redirect_to"].as_str().unwrap());
    assert_eq!((&members["iss"], &members["state"]), (&base, &STATE.to_owned()));
    let tokens = program.exchange(&app, &members["code"], &[("resource", &resource)]).await;
    assert_eq!(tokens.expect(200)["scope"], "tasks:read tasks:write");
    assert_eq!(tokens.header("cache-control"), Some("no-store"));
    let tokens = noted(&app, Tokens::of(&tokens));
    let listed = list(&app, &tokens.access).await.expect(200);
    assert_eq!(listed["result"]["structuredContent"]["total"], 1, "{listed}");
    let added = tool(&app, &tokens.access, "add_task", json!({"title": "By a program"})).await.expect(200);
    assert_eq!(added["result"]["isError"], false, "{added}");
    let log = alice.own("GET", "/activity").await.expect(200);
    assert_eq!(log["changes"][0]["channel"], "mcp");
}

#[tokio::test]
async fn oauth_tokens_work_only_at_mcp() {
    let app = app().await;
    let alice = app.user("alice").await;
    let program = Program::register(&app).await;
    let tokens = program.connect(&app, &alice, &["tasks:read"]).await;
    list(&app, &tokens.access).await.expect(200);
    let lacking = tool(&app, &tokens.access, "add_task", json!({"title": "Not mine to add"})).await;
    // It waits for the person, and says with which scope it need not.
    assert_eq!(lacking.expect(200)["result"]["structuredContent"]["code"], "NOT_ALLOWED");
    let challenge = lacking.header("www-authenticate").unwrap();
    let place = format!("resource_metadata=\"{PAGE}/.well-known/oauth-protected-resource/mcp\"");
    assert_eq!(
        challenge,
        format!("Bearer error=\"insufficient_scope\", scope=\"tasks:write\", {place}"),
        "so that it can ask for more"
    );
    let garbage = app.get("/api/auth/me").bearer("garbage").await;
    for path in ["/api/auth/me".to_owned(), format!("/api/{}/tasks", alice.id)] {
        let answer = app.get(path).bearer(&tokens.access).await;
        answer.expect(401);
        assert_eq!(answer.anonymous(), garbage.anonymous());
    }
    // Nor is another program let in by one.
    let body = json!({"request": program.asking(&[]), "approved": true, "scopes": ["tasks:read"]});
    let as_program =
        |token: &str| app.post(format!("/api/{}/oauth/authorizations", alice.id), &body).bearer(token);
    as_program(&tokens.access).await.expect(401);
    let fields = json!({"name": "mine", "scopes": BOTH, "expires_in_days": 1});
    let personal = alice.own("POST", "/tokens").json(&fields).await.expect(201)["token"].clone();
    let refused = as_program(personal.as_str().unwrap()).await;
    assert_eq!(refused.expect(403)["code"], "insufficient_scope");

    let listed = alice.own("GET", "/oauth/grants").await.expect(200);
    let [grant] = listed["grants"].as_array().unwrap().as_slice() else { panic!("{listed}") };
    assert_eq!((&grant["client_name"], &grant["scopes"]), (&json!("A program"), &json!(["tasks:read"])));
    assert!(grant["created_at"].is_string() && grant["last_used_at"].is_string(), "{grant}");
    let own = alice.own("GET", "/tokens").await.expect(200);
    assert_eq!(own["tokens"].as_array().map(Vec::len), Some(1), "what OAuth gives is not among them");
    let stored = app
        .database()
        .query("SELECT access_token::text FROM access_token UNION SELECT oauth_grant::text FROM oauth_grant")
        .await;
    let stored = stored.concat().concat();
    assert!(!stored.contains(&tokens.access) && !stored.contains(&tokens.refresh), "{stored}");
}

#[tokio::test]
async fn a_no_is_carried_to_the_program_and_gives_nothing() {
    let app = app().await;
    let alice = app.user("alice").await;
    let program = Program::register(&app).await;
    let no = json!({"request": program.asking(&[]), "approved": false});
    let answer = alice.own("POST", "/oauth/authorizations").json(&no).await.expect(200);
    let members = members(answer["redirect_to"].as_str().unwrap());
    assert_eq!((members["error"].as_str(), members["state"].as_str()), ("access_denied", STATE));
    assert_eq!((members["iss"].as_str(), members.contains_key("code")), (PAGE, false));
    assert_eq!(alice.own("GET", "/oauth/grants").await.expect(200), json!({"grants": []}));
    let read_only = program.asking(&[("scope", "tasks:read")]);
    for scopes in [json!([]), json!(["tasks:write"]), json!(BOTH), json!(["chat"])] {
        let body = json!({"request": read_only, "approved": true, "scopes": scopes});
        let problem = alice.own("POST", "/oauth/authorizations").json(&body).await.expect(422);
        assert_eq!(problem["errors"][0]["field"], "scopes", "{problem}");
    }
}
