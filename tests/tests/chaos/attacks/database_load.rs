//! One account, or strangers, that ask the database for more than their share.

use std::time::Instant;

use serde_json::json;
use tests::TestApp;

use super::{flood, length, report, while_others_look, with_default_limits};

async fn fill(app: &TestApp, user: &str) {
    let fill = format!(
        "INSERT INTO todo (user_id, number, title, description)
         SELECT '{user}', n, 'task ' || n, repeat('a long description ', 60) FROM generate_series(1, 20000) AS n"
    );
    app.database().query(&fill).await;
}

async fn search(attack: &str, search: String) {
    let app = with_default_limits().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    bob.add_task("mine").await.expect(201);
    fill(&app, &alice.id).await;
    let url = format!("{}/api/{}/tasks", app.server().base(), alice.id);
    let url = url::Url::parse_with_params(&url, [("search", search)]).unwrap();
    let token = alice.token.clone();
    let searching =
        flood(40, Instant::now() + length(), move |client, _| client.get(url.clone()).bearer_auth(&token));
    let (statuses, mut noticed) = while_others_look(&bob, searching).await;
    report(attack, &format!("{statuses:?}; {}", noticed.summary()));
    noticed.is_served_all_the_time();
    assert!(statuses.contains_key(&200), "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn forty_searches_of_twenty_thousand_tasks_leave_the_database_to_others() {
    search("40 searches of 20,000 tasks", "zebra".to_owned()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forty_searches_for_a_long_text_leave_the_database_to_others() {
    search("40 searches of 20,000 tasks for 50,000 letters", "long description Z%_".repeat(2_500)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_polls_a_calendar_without_end_leaves_the_database_to_others() {
    let app = with_default_limits().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let fill = format!(
        "INSERT INTO todo (user_id, number, title, description, due_date, due_zone)
         SELECT '{}', n, 'day ' || n, repeat('a long description ', 20), current_date - 300 + n, 'UTC'
         FROM generate_series(1, 5000) AS n",
        alice.id
    );
    app.database().query(&fill).await;
    let made = alice.own("POST", "/calendar").await.expect(201);
    let url = format!("{}{}", app.server().base(), made["url"].as_str().unwrap());
    let polling = flood(40, Instant::now() + length(), move |client, _| client.get(&url));
    let (statuses, mut noticed) = while_others_look(&bob, polling).await;
    report("40 programs poll a calendar of 5,000 tasks", &format!("{statuses:?}; {}", noticed.summary()));
    noticed.is_served_all_the_time();
    assert!(statuses.contains_key(&200), "{statuses:?}");
    assert!(statuses.keys().all(|status| [200, 503].contains(status)), "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_are_refused_leave_the_database_to_others() {
    let app = with_default_limits().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let (url, token) =
        (format!("{}/api/{}/tasks?limit=0", app.server().base(), alice.id), alice.token.clone());
    let asking = flood(400, Instant::now() + length(), move |client, _| client.get(&url).bearer_auth(&token));
    let (statuses, mut noticed) = while_others_look(&bob, asking).await;
    report("400 connections of one account break a rule", &format!("{statuses:?}; {}", noticed.summary()));
    noticed.is_served_all_the_time();
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_with_made_up_refresh_tokens_leave_the_database_to_others() {
    let app = with_default_limits().await;
    let bob = app.user("bob").await;
    let url = format!("{}/api/auth/refresh", app.server().base());
    let asking = flood(400, Instant::now() + length(), move |client, number| {
        let token = format!("{number:08}{}", "A".repeat(56));
        client.post(&url).json(&json!({"refresh_token": token}))
    });
    let (statuses, mut noticed) = while_others_look(&bob, asking).await;
    report("400 connections with made-up refresh tokens", &format!("{statuses:?}; {}", noticed.summary()));
    noticed.is_served_all_the_time();
}
