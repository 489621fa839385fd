//! The log lines and metrics of requests.

use std::time::Instant;

use tests::TestApp;

#[tokio::test]
async fn of_a_flood_of_refusals_little_is_logged_and_all_is_counted() {
    const TOKEN: &str = "a-token-for-the-scraper-of-these-tests";
    const FLOOD: usize = 600;
    let app = TestApp::everyday_with(&[("METRICS_TOKEN", TOKEN)]).await;
    let alice = app.user("alice").await;
    let started_at = Instant::now();
    for _ in 0..FLOOD {
        alice.own("GET", "/tasks").bearer("garbage").await.expect(401);
    }
    let seconds = started_at.elapsed().as_secs() as usize + 2;
    alice.chat("add buy milk").await.expect(200);
    assert!(app.server().log().wait_for(&["a turn was answered"]).await, "one line tells of the turn");
    let log = app.log();
    let lines = log.lines().filter(|line| line.contains("/tasks 401")).count();
    assert!((1..=5 * seconds).contains(&lines), "{lines} lines in {seconds} s");
    let turn = log.lines().find(|line| line.contains("a turn was answered")).unwrap();
    for part in
        ["turn.id=", "conversation.id=", "ending=\"stop\"", "tool_calls=1", "prompt_tokens=", "duration_ms="]
    {
        assert!(turn.contains(part), "{part} in {turn}");
    }

    app.get("/metrics").await.expect(401);
    app.get("/metrics").bearer("another-token-of-the-same-length-as-it").await.expect(401);
    let metrics = app.get("/metrics").bearer(TOKEN).await;
    assert_eq!(metrics.status, 200);
    for line in [
        format!(
            r#"todo_http_requests_total{{method="GET",route="/api/{{user_id}}/tasks",status="401"}} {FLOOD}"#
        ),
        r#"todo_turns_total{ending="stop"} 1"#.to_owned(),
        r#"todo_model_tokens_total{model="#.to_owned(),
        r#"todo_model_request_duration_seconds_count{model="#.to_owned(),
        r#"todo_database_connections{state="idle"}"#.to_owned(),
    ] {
        assert!(metrics.text.contains(&line), "{line} is missing in\n{}", metrics.text);
    }
    assert!(!metrics.text.contains(&alice.id), "no user is told of");
}

#[tokio::test]
async fn without_a_token_for_them_there_are_no_metrics() {
    let app = TestApp::start().await;
    app.get("/metrics").await.expect(404);
    app.get("/metrics").bearer("").await.expect(404);
}
