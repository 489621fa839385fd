//! One account that fills the database.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use reqwest::{Client, RequestBuilder};
use serde_json::json;
use tests::TestApp;

use super::{OWNER, flood, length, report, with_default_limits};

/// What a flood may add within its time: what the budgets of some minutes allow, and no more.
const MAX_MIB: f64 = 16.0;

async fn size(app: &TestApp) -> f64 {
    let rows = app.database().query("SELECT pg_database_size(current_database())").await;
    rows[0][0].parse::<f64>().unwrap() / 1_048_576.0
}

async fn growth(
    attack: &str,
    app: &TestApp,
    connections: usize,
    request: impl Fn(&Client, usize) -> RequestBuilder + Clone + Send + Sync + 'static,
) {
    let (before, started_at) = (size(app).await, Instant::now());
    let statuses = flood(connections, started_at + length(), request).await;
    let grown = size(app).await - before;
    let a_minute = grown * 60.0 / started_at.elapsed().as_secs_f64();
    report(attack, &format!("{grown:.1} MiB, {a_minute:.1} MiB a minute; {statuses:?}"));
    assert!(grown < MAX_MIB, "{grown} MiB");
    assert!(statuses.contains_key(&200), "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_changes_one_task_in_a_loop_does_not_fill_the_database() {
    let app = with_default_limits().await;
    let alice = app.user("alice").await;
    alice.add_task("task").await.expect(201);
    let (url, token) = (format!("{}/api/{}/tasks/1", app.server().base(), alice.id), alice.token.clone());
    let count = Arc::new(AtomicUsize::new(0));
    growth("one account changes one task", &app, 8, move |client, _| {
        let text = format!("{:02000}", count.fetch_add(1, Ordering::Relaxed));
        client.patch(&url).bearer_auth(&token).json(&json!({"description": text}))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_renames_one_conversation_in_a_loop_does_not_fill_the_database() {
    let app = with_default_limits().await;
    let alice = app.user("alice").await;
    let hello = alice.chat("hello").await.expect(200);
    let id = hello["conversation_id"].as_str().unwrap();
    let url = format!("{}/api/{}/conversations/{id}", app.server().base(), alice.id);
    let (token, count) = (alice.token.clone(), Arc::new(AtomicUsize::new(0)));
    growth("one account renames one conversation", &app, 8, move |client, _| {
        let title = format!("{:060}", count.fetch_add(1, Ordering::Relaxed));
        client.patch(&url).bearer_auth(&token).json(&json!({"title": title}))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signs_in_in_a_loop_does_not_fill_the_database() {
    let app = with_default_limits().await;
    let alice = app.user("alice").await;
    let url = format!("{}/api/auth/login", app.server().base());
    let body = json!({"email": alice.email, "password": alice.password});
    growth("one account signs in", &app, 8, move |client, _| {
        client.post(&url).header("x-forwarded-for", OWNER).json(&body)
    })
    .await;
    let sessions = app.database().query("SELECT count(*) FROM session").await;
    assert!(sessions[0][0].parse::<usize>().unwrap() <= 100, "{sessions:?}");
}
