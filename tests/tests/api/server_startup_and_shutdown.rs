//! The life of a process: a database that comes late, and an end in order.

use std::time::{Duration, Instant};

use devkit::postgres::{LocalPostgres, Options, Shutdown};
use serde_json::json;
use tests::{
    TestApp,
    script::{call, status, text},
};

#[tokio::test]
async fn a_server_without_its_database_lives_says_so_and_is_ready_once_it_appears() {
    let private = tokio::task::spawn_blocking(|| LocalPostgres::start(Options::temporary()).unwrap());
    let postgres = private.await.unwrap();
    postgres.stop(Shutdown::Fast).unwrap();
    let server = TestApp::production(&postgres.url("postgres"), "http://127.0.0.1:1/v1").start().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let get = |path: &str| client.get(format!("{}{path}", server.base())).send();

    assert_eq!(get("/health").await.unwrap().status(), 200);
    assert_eq!(get("/").await.unwrap().status(), 200);
    let register = json!({"email": "alice@example.com", "password": "a long pass phrase"});
    let refused = client.post(format!("{}/api/auth/register", server.base())).json(&register).send();
    for answer in [get("/ready").await.unwrap(), refused.await.unwrap()] {
        assert_eq!(answer.status(), 503);
        assert!(answer.headers().contains_key("retry-after"));
        let problem: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(problem["code"], "database_unavailable");
    }

    let postgres = tokio::task::spawn_blocking(move || postgres.restart(Shutdown::Fast).map(|()| postgres));
    let postgres = postgres.await.unwrap().unwrap();
    let appeared = Instant::now();
    while get("/ready").await.unwrap().status() != 200 {
        assert!(appeared.elapsed() < Duration::from_secs(30), "{}", server.log().text());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let answer = client.post(format!("{}/api/auth/register", server.base())).json(&register).send();
    assert_eq!(answer.await.unwrap().status(), 201);
    server.kill_9();
    tokio::task::spawn_blocking(move || drop(postgres)).await.unwrap();
}

#[tokio::test]
async fn a_sigterm_lets_a_running_turn_finish_and_refuses_new_ones() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let last = text("Done.").held();
    app.model().on("buy milk", [call("add_task", json!({"title": "Buy milk"})), last]);
    app.model().on("Too early", [text("Indeed.")]);
    let turn = alice.chat("Add a task to buy milk");
    let end = async {
        assert!(app.model().wait_for_requests(2, Duration::from_secs(10)).await);
        app.server().sigterm();
        let signalled_at = Instant::now();
        // Asked until the word has got around; the port stays open while the turn runs.
        let refused = loop {
            let answer = alice.chat("Too early?").await;
            if answer.status == 503 || signalled_at.elapsed() > Duration::from_secs(6) {
                break answer;
            }
        };
        assert_eq!(refused.expect(503)["code"], "shutting_down");
        app.model().release();
        let ended = app.server().exit_within(Duration::from_secs(8)).await;
        assert_eq!(ended.and_then(|status| status.code()), Some(0), "{}", app.log());
    };
    let (answer, ()) = tokio::join!(turn.attempt(), end);
    assert_eq!(answer.unwrap().expect(200)["message"], "Done.");
}

#[tokio::test]
async fn a_turn_that_does_not_end_in_time_goes_on_elsewhere_under_its_key() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let replica = app.replica().await;
    let stuck = text("Done.").but_first(status(200).hang());
    app.model().on("buy milk", [call("add_task", json!({"title": "Buy milk"})), stuck]);
    let turn = alice.chat("Add a task to buy milk").key("key-1");
    let end = async {
        assert!(app.model().wait_for_requests(2, Duration::from_secs(10)).await);
        app.server().sigterm();
        let started_at = Instant::now();
        let ended = app.server().exit_within(Duration::from_secs(8)).await;
        assert_eq!(
            ended.and_then(|status| status.code()),
            Some(0),
            "{:?} {}",
            started_at.elapsed(),
            app.log()
        );
    };
    let (first, ()) = tokio::join!(turn.clone().attempt(), end);
    if let Ok(first) = first {
        assert_eq!(first.status, 503, "{}", first.text);
    }
    let answer = turn.at(&replica).until_served(Duration::from_secs(10)).await;
    assert_eq!(answer.expect(200)["message"], "Done.");
    assert_eq!(alice.tasks().at(&replica).await.expect(200).as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_idle_server_ends_at_once() {
    let app = TestApp::start().await;
    let server = app.server();
    let signalled_at = Instant::now();
    server.sigterm();
    let ended = server.exit_within(Duration::from_secs(8)).await;
    assert_eq!(ended.and_then(|status| status.code()), Some(0));
    // Who waits for something waits for seven seconds.
    assert!(signalled_at.elapsed() < Duration::from_secs(6), "it took {:?}", signalled_at.elapsed());
}

/// A database that sleeps while nobody asks is not woken by who looks whether we live.
#[tokio::test]
async fn who_looks_whether_the_server_lives_asks_the_database_nothing() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    // Of each of the server's connections, when it was last asked something.
    let last_asked = "SELECT pid, backend_start, query_start FROM pg_stat_activity
                      WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY pid";
    let before = app.database().query(last_asked).await;
    assert!(!before.is_empty());
    for _ in 0..200 {
        for path in ["/health", "/", "/api/info"] {
            assert_eq!(app.get(path).await.status, 200, "{path}");
        }
    }
    assert_eq!(app.database().query(last_asked).await, before);
    alice.me().await.expect(200);
    assert_ne!(app.database().query(last_asked).await, before, "what is asked shows there");
}
