//! What nobody may read: secrets nowhere, and in the log no word of what people say.
//!
//! The kit looks through the log of every test; here everything that could go wrong goes wrong.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{
    JWT_SECRET, MODEL_KEY, TestApp, User,
    script::{call, raw, status, text},
};

/// Where texts of people could get from into a log: good requests and all kinds of bad ones.
async fn provoke(app: &TestApp, alice: &User<'_>) {
    app.model().on("canary one", [call("add_task", json!({"title": "canary title"})), text("canary words")]);
    app.model().on("canary two", [raw("data: {\"canary\": \"not a chunk\"}\n\n")]);
    app.model().on("canary three", [status(401).body(format!("Incorrect API key provided: {MODEL_KEY}"))]);
    let echo =
        json!({"error": {"message": "canary five: buy groceries", "code": "canary", "param": "canary"}});
    app.model().on("canary five", [status(400).body(echo.to_string())]);
    app.model().on("canary six", [raw(format!("data: {echo}\n\n"))]);
    let passing = status(500).header("retry-after-ms", "1").body(echo.to_string());
    app.model().on("canary seven", [text("canary words").but_first(passing)]);
    app.model().on("canary four", [call("canary_tool", json!({"canary": 1})), text("canary words")]);
    alice.chat("canary one: buy groceries").key("canary-key-of-a-request").await.expect(200);
    for which in ["two", "three", "five", "six"] {
        let answer = alice.chat(&format!("canary {which}: buy groceries")).await;
        assert_eq!(answer.status, 502, "{}", answer.text);
        assert!(!answer.text.contains(MODEL_KEY) && !answer.text.contains("canary"), "{}", answer.text);
    }
    alice.chat("canary four: buy groceries").await.expect(200);
    alice.chat("canary seven: buy groceries").await.expect(200);
    alice.add_task(&"canary title that is too long".repeat(20)).await.expect(422);
    alice.update_task(1, &json!({"description": "canary description"})).await.expect(200);
    let sign_in = json!({"email": "canary-email@example.com", "password": "canary password"});
    app.post("/api/auth/login", &sign_in).await.expect(401);
    app.post("/api/auth/login", &json!({"email": "canary\r\nINFO forged line", "password": "x"}))
        .await
        .expect(422);
    alice.own("GET", "/tasks?search=canary+search&token=canary-token").await.expect(200);
    app.get("/canary/path?secret=canary").await.expect(404);
    app.call("POST", "/api/auth/login")
        .header("Content-Type", "application/json")
        .body("{\"canary\":")
        .await
        .expect(400);
    app.get("/api/auth/me").bearer("canary.bearer.token").await.expect(401);
    app.get("/health")
        .header("User-Agent", "canary agent")
        .header("X-Forwarded-For", "canary")
        .await
        .expect(200);
    app.get("/health").header("X-Request-Id", "canary request id").await.expect(200);
}

#[tokio::test]
async fn nothing_that_people_send_and_no_secret_is_in_the_log() {
    let app = TestApp::with_environment(&[("RUST_LOG", "debug")]).await;
    let alice = app.user("canary-user").await;
    provoke(&app, &alice).await;
    let log = app.log();
    for line in log.lines() {
        assert!(!line.contains("canary"), "{line}");
    }
    for secret in [JWT_SECRET, MODEL_KEY, &alice.token, &alice.password, &alice.email] {
        assert!(!log.contains(secret), "{secret}");
    }
    assert!(!log.contains("\u{1b}") && !log.contains("\nINFO forged"), "{log}");
}

#[tokio::test]
async fn the_log_says_why_and_of_which_model_a_request_is_sent_again() {
    let again = |code: u16| status(code).header("retry-after-ms", "1").body(r#"{"error": "overloaded"}"#);
    let app = TestApp::with_model([again(503), again(429), text("Hello.")]).await;
    app.user("alice").await.chat("Hello").await.expect(200);
    let log = app.log();
    let retries: Vec<&str> =
        log.lines().filter(|line| line.contains("a model request failed, retrying")).collect();
    let causes = ["the model is unavailable: status 503: overloaded", "the model is busy"];
    assert_eq!(retries.len(), causes.len(), "{log}");
    for (retry, cause) in retries.into_iter().zip(causes) {
        assert!(retry.contains(cause) && retry.contains("gpt-4o-mini"), "{retry}");
    }
}

#[tokio::test]
async fn every_line_of_a_json_log_is_an_object_that_shows_nothing_either() {
    let app = TestApp::with_environment(&[("LOG_FORMAT", "json")]).await;
    let alice = app.user("canary-user").await;
    provoke(&app, &alice).await;
    let log = app.log();
    assert!(!log.contains("canary"), "{log}");
    for line in log.lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
        assert!(
            line["level"].is_string() && line["timestamp"].is_string() && line["message"].is_string(),
            "{line}"
        );
    }
}

#[tokio::test]
async fn passwords_are_stored_as_argon2id_alone() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let rows = app.database().query("SELECT * FROM \"user\"").await;
    assert!(rows[0].iter().any(|cell| cell.starts_with("$argon2id$v=19$m=")), "{rows:?}");
    assert!(!format!("{rows:?}").contains(&alice.password));
    let text = everything_stored(&app).await;
    assert!(!text.contains(&alice.token) && !text.contains(&alice.password), "{text}");
}

#[tokio::test]
async fn a_model_that_repeats_our_key_is_neither_shown_nor_stored_with_it() {
    let said = format!("I was sent Bearer {MODEL_KEY} with it.");
    let model = [call("add_task", json!({"title": said, "description": MODEL_KEY})).say(&said), text(&said)];
    let app = TestApp::with_model(model).await;
    let alice = app.user("alice").await;
    let answer = alice.chat("Add what you were sent").await.expect(200);
    assert_eq!(answer["message"], "I was sent Bearer … with it.");
    assert_eq!(answer["tool_calls"][0]["result"]["task"]["title"], "I was sent Bearer … with it.");
    assert!(!answer.to_string().contains(MODEL_KEY), "{answer}");
    assert!(!everything_stored(&app).await.contains(MODEL_KEY));
}

/// All rows of all tables, as text.
async fn everything_stored(app: &TestApp) -> String {
    let tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'";
    let mut text = String::new();
    for table in app.database().query(tables).await.concat() {
        let rows = app.database().query(&format!("SELECT t::text FROM \"{table}\" t")).await;
        text += &format!("{table}: {rows:?}\n");
    }
    text
}

#[tokio::test]
async fn a_failing_database_shows_nothing_of_itself() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    app.expect_bug();
    app.database().query("ALTER TABLE todo RENAME TO canary_todo").await;
    let answer = alice.tasks().attempt().await.unwrap();
    answer.expect(500);
    for word in ["todo", "relation", "SELECT", "postgres", "127.0.0.1", "src/"] {
        assert!(!answer.json["detail"].to_string().contains(word), "{}", answer.text);
    }
    app.database().query("ALTER TABLE canary_todo RENAME TO todo").await;
    alice.tasks().until_served(Duration::from_secs(5)).await.expect(200);
}
