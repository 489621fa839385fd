//! Floods that fill the log.

use std::time::Instant;

use serde_json::json;
use tests::TestApp;

use super::{ATTACKER, flood, length, report, with_default_limits};

const MIB: f64 = 1_048_576.0;

async fn logged(
    attack: &str,
    app: &TestApp,
    request: impl Fn(&reqwest::Client, usize) -> reqwest::RequestBuilder + Clone + Send + Sync + 'static,
) -> (f64, usize) {
    let (before, started_at) = (app.log().len(), Instant::now());
    let statuses = flood(16, started_at + length(), request).await;
    let seconds = started_at.elapsed().as_secs_f64();
    let written = (app.log().len() - before) as f64;
    let requests = statuses.values().sum::<usize>();
    report(
        attack,
        &format!(
            "{requests} requests, {:.2} MiB of log, {:.2} MiB a minute; {statuses:?}",
            written / MIB,
            written / MIB * 60.0 / seconds
        ),
    );
    (written / seconds, requests)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_refusals_does_not_fill_the_log() {
    let app = with_default_limits().await;
    let alice = app.user("alice").await;
    let (base, id, token) = (app.server().base().to_owned(), alice.id.clone(), alice.token.clone());
    let (bytes_a_second, requests) =
        logged("a flood of refusals", &app, move |client, number| match number % 4 {
            0 => client.get(format!("{base}/api/{id}/tasks")).bearer_auth("garbage"),
            1 => client.get(format!("{base}/nowhere")),
            2 => client.get(format!("{base}/api/{id}/tasks?limit=0")).bearer_auth(&token),
            _ => {
                let body = json!({"email": "victim@example.com", "password": "wrong password"});
                client.post(format!("{base}/api/auth/login")).header("x-forwarded-for", ATTACKER).json(&body)
            }
        })
        .await;
    // Five lines a second of each kind, of some 200 bytes.
    assert!(bytes_a_second < 20_000.0, "{bytes_a_second} bytes a second");
    assert!(requests > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_who_is_served_does_not_fill_the_log() {
    let app = with_default_limits().await;
    let base = app.server().base().to_owned();
    let (bytes_a_second, requests) =
        logged("a flood of requests that are served", &app, move |client, number| match number % 2 {
            0 => client.get(format!("{base}/api/info")),
            _ => client.get(format!("{base}/favicon.svg")),
        })
        .await;
    // Fifty lines a second of each route.
    assert!(bytes_a_second < 40_000.0, "{bytes_a_second} bytes a second");
    assert!(requests > 0);
}
