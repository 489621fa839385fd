//! Authorization requests that are rejected before the person is asked.

use serde_json::json;
use tests::{HttpResponse, TestApp};

use super::{PAGE, Program, REDIRECT, RESOURCE, STATE, app, assert_refused, members, query};

async fn ask(app: &TestApp, query: &str) -> HttpResponse {
    app.get(format!("/oauth/authorize?{query}")).await
}

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_is_not_the_programs() {
    let app = app().await;
    let alice = app.user("alice").await;
    let program = Program::register(&app).await;
    for address in [
        "",
        "https://evil.example/callback",
        "http://127.0.0.1/other",
        "http://127.0.0.1/callback/",
        "http://127.0.0.1/callback?more=1",
        "http://127.0.0.1/callback#part",
        "https://127.0.0.1/callback",
        "http://localhost/callback",
        "http://127.0.0.1:80@evil.example/callback",
        "http://127.0.0.1.evil.example/callback",
        "http://127.0.0.1:1/x/../callback",
        "//evil.example/callback",
        "javascript:alert(1)",
    ] {
        let request = program.asking(&[("redirect_uri", address)]);
        let page = ask(&app, &request).await;
        page.expect(400);
        assert!(page.header("location").is_none() && page.text.contains("<h1>"), "{address}");
        assert!(!page.text.contains("evil"), "{}", page.text);
        let problem = app.get(format!("/api/oauth/authorization?{request}")).await.expect(400);
        let code = if address.is_empty() { "invalid_authorization_request" } else { "redirect_not_allowed" };
        assert_eq!(problem["code"], code, "{address}");
        let body = json!({"request": request, "approved": true, "scopes": ["tasks:read"]});
        alice.own("POST", "/oauth/authorizations").json(&body).await.expect(400);
    }
    // Twice is not once, whichever of the two is good.
    for twice in ["https://evil.example/", REDIRECT] {
        let request = format!("{}&{}", program.asking(&[]), query(&[("redirect_uri", twice)]));
        assert!(ask(&app, &request).await.header("location").is_none());
    }
    for id in ["", "nobody", "0193e2a4-7a51-7c3e-9d3c-0f2f0f0e3a10", "https://evil.example"] {
        let request = program.asking(&[("client_id", id)]);
        let page = ask(&app, &request).await;
        assert!(page.status == 400 && page.header("location").is_none(), "{id}");
        let problem = app.get(format!("/api/oauth/authorization?{request}")).await.expect(400);
        let code = if id.is_empty() { "invalid_authorization_request" } else { "unknown_client" };
        assert_eq!(problem["code"], code, "{id}");
    }
    let endless = format!("{}&more={}", program.asking(&[]), "x".repeat(9_000));
    ask(&app, &endless).await.expect(400);
}

#[tokio::test]
async fn what_else_is_wrong_the_program_is_told_with_its_state_and_who_says_it() {
    let app = app().await;
    let program = Program::register(&app).await;
    for (name, value, error) in [
        ("response_type", "", "invalid_request"),
        ("response_type", "token", "unsupported_response_type"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
        ("code_challenge_method", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("resource", "https://todos.example.com", "invalid_target"),
        ("resource", "https://evil.example/mcp", "invalid_target"),
        ("scope", "chat", "invalid_scope"),
        ("scope", "openid email", "invalid_scope"),
    ] {
        let request = program.asking(&[(name, value)]);
        let answer = ask(&app, &request).await;
        answer.expect(302);
        let location = answer.header("location").unwrap();
        assert!(location.starts_with(&format!("{}?error=", program.redirect)), "{location}");
        let members = members(location);
        assert_eq!(members["error"], error, "{name}={value}");
        assert_eq!((members["state"].as_str(), members["iss"].as_str()), (STATE, PAGE));
        assert!(!members.contains_key("code"));
        let problem = app.get(format!("/api/oauth/authorization?{request}")).await.expect(400);
        assert_eq!(problem["code"], "invalid_authorization_request", "{name}={value}");
    }
    // Somebody could have registered any address to have people sent there by way of ours: they decide.
    let phishing = json!({"client_name": "Your bank", "redirect_uris": ["https://evil.example/cb?a=\"b"]});
    assert_refused(&app.post("/oauth/register", &phishing).await, "invalid_redirect_uri");
    let phishing = json!({"client_name": "Your bank", "redirect_uris": ["https://evil.example/cb?a='b"]});
    let id = app.post("/oauth/register", &phishing).await.expect(201)["client_id"].clone();
    let evil =
        Program { id: id.as_str().unwrap().to_owned(), redirect: "https://evil.example/cb?a='b".to_owned() };
    let page = ask(&app, &evil.asking(&[("code_challenge_method", "plain")])).await;
    assert!(page.status == 400 && page.header("location").is_none(), "{page:?}");
    assert!(
        page.text.contains("must be S256.") && page.text.contains("Back to evil.example"),
        "{}",
        page.text
    );
    let link = format!("href=\"{}&amp;error=invalid_request&amp;", evil.redirect);
    assert!(page.text.contains(&link), "{}", page.text);
    ask(&app, &evil.asking(&[])).await.expect(200);

    let stateless = ask(&app, &program.asking(&[("state", ""), ("response_type", "x")])).await;
    assert!(!members(stateless.header("location").unwrap()).contains_key("state"));
    let two = format!("{}&{}", program.asking(&[]), query(&[("resource", "https://evil.example/mcp")]));
    assert_eq!(members(ask(&app, &two).await.header("location").unwrap())["error"], "invalid_target");
    let two = format!("{}&{}", program.asking(&[]), query(&[("code_challenge_method", "plain")]));
    assert_eq!(members(ask(&app, &two).await.header("location").unwrap())["error"], "invalid_request");
}

#[tokio::test]
async fn a_program_may_ask_for_less_and_for_what_is_not_here_as_well() {
    let app = app().await;
    let program = Program::register(&app).await;
    for (scope, expected) in [
        ("", vec!["tasks:read", "tasks:write"]),
        ("tasks:read", vec!["tasks:read"]),
        ("offline_access tasks:write chat", vec!["tasks:write"]),
    ] {
        let request = program.asking(&[("scope", scope), ("resource", "")]);
        let asked = app.get(format!("/api/oauth/authorization?{request}")).await.expect(200);
        assert_eq!((&asked["scopes"], &asked["resource"]), (&json!(expected), &RESOURCE.into()));
        ask(&app, &request).await.expect(200);
    }
}

#[tokio::test]
async fn an_address_that_is_not_configured_is_the_one_that_is_asked_for_if_it_is_ours() {
    let app = TestApp::with_environment(&[("MCP_ALLOWED_HOSTS", "todo.example.com")]).await;
    let issuer = async |host: &str| {
        let answer = app.get("/.well-known/oauth-authorization-server").header("Host", host).await;
        answer.json["issuer"].as_str().map_or_else(|| answer.json["code"].clone(), Into::into)
    };
    assert_eq!(issuer("todo.example.com").await, "https://todo.example.com");
    assert_eq!(issuer("localhost:7860").await, "http://localhost:7860");
    assert_eq!(issuer("evil.example").await, "host_not_allowed");
    let space = TestApp::with_environment(&[("SPACE_HOST", "ann-todos.hf.space")]).await;
    let resource = space.get("/.well-known/oauth-protected-resource").await.expect(200);
    assert_eq!(resource["resource"], "https://ann-todos.hf.space/mcp");
    // The address that is configured is also a name under which programs may ask.
    let own = TestApp::with_environment(&[("PUBLIC_URL", PAGE)]).await;
    let alice = own.user("alice").await;
    let at = |host: &str| super::list(&own, &alice.token).header("Host", host);
    at("todos.example.com").await.expect(200);
    at("evil.example").await.expect(403);
}
