//! OAuth clients: those that register, those that have a document, and those that are neither.

use serde_json::{Value, json};
use tests::{ClientDocumentServer, HttpResponse, TestApp};

use super::{PAGE, Program, REDIRECT, app, assert_refused, list};

async fn with_documents() -> (ClientDocumentServer, TestApp) {
    let documents = ClientDocumentServer::start().await;
    let app = TestApp::with_environment(&[("PUBLIC_URL", PAGE), ("OAUTH_LOOPBACK_CLIENTS", "true")]).await;
    (documents, app)
}

async fn asked(app: &TestApp, program: &Program) -> HttpResponse {
    app.get(format!("/api/oauth/authorization?{}", program.asking(&[]))).await
}

#[tokio::test]
async fn a_program_registers_as_a_public_client_whatever_it_says() {
    let app = app().await;
    let body = json!({
        "client_name": " An\u{202E} app ", "client_uri": "https://app.example", "redirect_uris": [REDIRECT, "cursor://cb"],
        "token_endpoint_auth_method": "client_secret_post", "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"], "scope": "anything", "contacts": ["me@app.example"], "application_type": "native"
    });
    let mut client = app.post("/oauth/register", &body).await.expect(201);
    assert!(client["client_id_issued_at"].as_i64().is_some_and(|at| at > 1_700_000_000));
    let members = client.as_object_mut().unwrap();
    members.remove("client_id");
    members.remove("client_id_issued_at");
    assert_eq!(
        client,
        json!({
            "client_name": "An app", "client_uri": "https://app.example", "redirect_uris": [REDIRECT, "cursor://cb"],
            "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
            "token_endpoint_auth_method": "none"
        })
    );
    for (body, error) in [
        (json!({}), "invalid_redirect_uri"),
        (json!({"redirect_uris": []}), "invalid_redirect_uri"),
        (json!({"redirect_uris": "https://app.example"}), "invalid_client_metadata"),
        (json!({"redirect_uris": ["http://app.example/cb"]}), "invalid_redirect_uri"),
        (json!({"redirect_uris": [REDIRECT, "javascript:alert(1)"]}), "invalid_redirect_uri"),
        (
            json!({"redirect_uris": [REDIRECT], "grant_types": ["client_credentials"]}),
            "invalid_client_metadata",
        ),
        (json!({"redirect_uris": [REDIRECT], "response_types": ["token"]}), "invalid_client_metadata"),
        (json!([]), "invalid_client_metadata"),
    ] {
        assert_refused(&app.post("/oauth/register", &body).await, error);
    }
    let broken =
        app.call("POST", "/oauth/register").body("no JSON").header("Content-Type", "application/json");
    assert_refused(&broken.await, "invalid_client_metadata");
}

#[tokio::test]
async fn a_flood_of_registrations_is_refused_and_what_nobody_used_goes() {
    let few = [("PUBLIC_URL", PAGE), ("REGISTRATIONS_PER_MINUTE", "3")];
    let app = TestApp::with_environment(&few).await;
    let body = json!({"redirect_uris": [REDIRECT]});
    for _ in 0..3 {
        app.post("/oauth/register", &body).await.expect(201);
    }
    let refused = app.post("/oauth/register", &body).await;
    assert_eq!(refused.expect(429)["code"], "too_many_requests");
    app.user("alice").await;

    let app = self::app().await;
    let alice = app.user("alice").await;
    let (used, unused) = (Program::register(&app).await, Program::register(&app).await);
    used.connect(&app, &alice, &["tasks:read"]).await;
    app.database().query("UPDATE oauth_client SET created_at = now() - interval '1 day', used_at = used_at - interval '90 days'").await;
    asked(&app, &unused).await.expect(200);
    Program::register(&app).await;
    assert_eq!(asked(&app, &unused).await.expect(400)["code"], "unknown_client");
    asked(&app, &used).await.expect(200);
    let grant = alice.own("GET", "/oauth/grants").await.expect(200)["grants"][0]["id"].clone();
    alice.own("DELETE", &format!("/oauth/grants/{}", grant.as_str().unwrap())).await.expect(204);
    Program::register(&app).await;
    asked(&app, &used).await.expect(400);
    // However many come, the newest stay.
    app.database()
        .query(
            "INSERT INTO oauth_client (id, name, redirect_uris, created_at)
             SELECT gen_random_uuid(), 'flood', '{app:/cb}', now() - interval '1 minute' FROM generate_series(1, 2500)",
        )
        .await;
    let newest = Program::register(&app).await;
    asked(&app, &newest).await.expect(200);
    assert_eq!(app.database().query("SELECT count(*) FROM oauth_client").await.concat(), ["2000"]);
}

#[tokio::test]
async fn a_program_is_known_by_the_document_at_its_address() {
    let (documents, app) = with_documents().await;
    let alice = app.user("alice").await;
    let id = documents.keep("/client.json", &[REDIRECT]);
    let program = Program { id: id.clone(), redirect: "http://127.0.0.1:1234/callback".to_owned() };
    let told = asked(&app, &program).await.expect(200);
    let client = json!({"client_id": id, "name": "A program with a document", "uri": "https://app.example"});
    assert_eq!(told["client"], client);
    let tokens = program.connect(&app, &alice, &["tasks:read"]).await;
    assert_eq!(documents.asked(), 1, "it is kept for a while");
    list(&app, &tokens.access).await.expect(200);
    program.refresh(&app, &tokens.refresh, &[]).await.expect(200);
    let listed = alice.own("GET", "/oauth/grants").await.expect(200);
    assert_eq!(listed["grants"][0]["client_uri"], "https://app.example");
    let replica = app.replica().await;
    app.get(format!("/api/oauth/authorization?{}", program.asking(&[]))).at(&replica).await.expect(200);
    assert_eq!(documents.asked(), 2);
}

#[tokio::test]
async fn a_document_that_is_none_or_about_somebody_else_is_of_no_use() {
    let (documents, app) = with_documents().await;
    let good = documents.keep("/good", &[REDIRECT]);
    let document = |id: &str| json!({"client_id": id, "client_name": "Evil", "redirect_uris": [REDIRECT]});
    documents.answer("/another", 200, "", &document(&good));
    documents.answer("/none", 200, "", &json!("no document"));
    documents.answer("/error", 500, "", &document(&documents.address("/error")));
    documents.answer("/moved", 302, &format!("Location: {good}\r\n"), &Value::Null);
    let long = json!({"client_id": documents.address("/long"), "redirect_uris": [REDIRECT], "x": "x".repeat(16_384)});
    documents.answer("/long", 200, "", &long);
    documents.keep("/script", &["javascript:alert(1)"]);
    for path in ["/another", "/none", "/error", "/moved", "/long", "/script", "/missing"] {
        let program = Program { id: documents.address(path), redirect: REDIRECT.to_owned() };
        let before = documents.asked();
        assert_eq!(asked(&app, &program).await.expect(400)["code"], "unknown_client", "{path}");
        assert_eq!(documents.asked(), before + 1, "{path}: nothing else is asked for");
        let page = app.get(format!("/oauth/authorize?{}", program.asking(&[]))).await;
        assert!(page.status == 400 && page.header("location").is_none(), "{path}");
    }
    // Who makes up addresses is stopped.
    let mut last = 400;
    for number in 0..31 {
        let program = Program { id: documents.address(&format!("/{number}")), redirect: REDIRECT.to_owned() };
        last = asked(&app, &program).await.status;
    }
    assert_eq!(last, 429);
    let known = documents.asked();
    assert!(known <= 31, "{known}");
}

#[tokio::test]
async fn nothing_inside_is_asked_for_whatever_the_address() {
    let documents = ClientDocumentServer::start().await;
    let id = documents.keep("/client.json", &[REDIRECT]);
    let app = app().await;
    let port = id.rsplit(':').next().unwrap();
    for id in [
        id.clone(),
        format!("https://127.0.0.1:{port}"),
        format!("https://localhost:{port}"),
        format!("http://localhost:{port}"),
        format!("https://[::1]:{port}"),
        format!("https://[::ffff:7f00:1]:{port}"),
        "https://10.0.0.1/client.json".to_owned(),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "https://[fd00:ec2::254]/latest".to_owned(),
        "file:///etc/passwd".to_owned(),
    ] {
        let program = Program { id: id.clone(), redirect: REDIRECT.to_owned() };
        assert_eq!(asked(&app, &program).await.expect(400)["code"], "unknown_client", "{id}");
    }
    assert_eq!(documents.asked(), 0);
}
