//! Fairness: an account's requests leave room for everybody else's, in the database and in memory.

use std::time::Duration;

use serde_json::json;
use tests::{TestApp, User};
use tokio_postgres::NoTls;

use crate::mcp;

/// What the database was asked goes on when its client is gone, and so does its place in the account's share.
#[tokio::test(flavor = "multi_thread")]
async fn requests_whose_connection_is_reset_keep_to_their_account_s_share() {
    // A call of the round before may still wait for its turn: each round counts its own statements.
    const WAITING: &str = "SELECT count(*) FROM pg_stat_activity
                           WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ";
    let app = TestApp::everyday().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let program = mcp::program(&app, &alice, &["tasks:read"]).await;
    let made = alice.own("POST", "/calendar").await.expect(201);
    let searching = mcp::tool(&program, "list_tasks", json!({"search": "milk"}));
    searching.clone().await.expect(200);
    let (session, connection) = tokio_postgres::connect(&app.database().url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    // Of a pool of eight connections, two are an account's.
    for (name, call, statement, most) in [
        ("a search", alice.own("GET", "/tasks?search=milk"), "NOT LIKE '%FROM calendar%'", 2),
        ("a program's search", searching, "NOT LIKE '%FROM calendar%'", 2),
        ("a calendar", app.get(made["url"].as_str().unwrap()), "LIKE '%FROM calendar%'", 1),
    ] {
        session.batch_execute("BEGIN; LOCK TABLE todo IN ACCESS EXCLUSIVE MODE").await.unwrap();
        for _ in 0..10 {
            call.clone().reset_after(Duration::from_millis(50)).await;
        }
        bob.me().await.expect(200);
        let waiting: usize =
            app.database().query(&format!("{WAITING}{statement}")).await[0][0].parse().unwrap();
        session.batch_execute("COMMIT").await.unwrap();
        assert!((1..=most).contains(&waiting), "{name}: the database works on {waiting} of them");
        assert_eq!(call.until_served(Duration::from_secs(10)).await.status, 200, "{name}");
    }
}

#[tokio::test]
async fn conversations_are_listed_by_pages() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    for _ in 0..3 {
        alice.chat("hello").await.expect(200);
    }
    let all = alice.conversations().await.expect(200)["conversations"].clone();
    for offset in 0..4 {
        let page = alice.own("GET", &format!("/conversations?limit=2&offset={offset}")).await.expect(200);
        let expected: Vec<_> = all.as_array().unwrap().iter().skip(offset).take(2).collect();
        assert_eq!(page["conversations"], json!(expected), "{offset}");
        assert_eq!((&page["total"], &page["limit"], &page["offset"]), (&json!(3), &json!(2), &json!(offset)));
    }
}

#[tokio::test]
async fn a_page_of_a_conversation_is_bounded_in_bytes() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    let hello = alice.chat("hello").await.expect(200);
    let id = hello["conversation_id"].as_str().unwrap().to_owned();
    for _ in 0..20 {
        alice.chat_in(&id, "and now?").await.expect(200);
    }
    for long in [
        "UPDATE message SET content = repeat('long words ', 15000) WHERE role = 'assistant'",
        "UPDATE message SET content = 'short', tool_calls = jsonb_build_array(jsonb_build_object(
             'id', 'c', 'name', 'add_task', 'arguments', jsonb_build_object('title', repeat('long words ', 15000))
         )) WHERE role = 'assistant'",
    ] {
        app.database().query(long).await;
        let (pages, messages) = read_by_pages(&alice, &id).await;
        assert_eq!(messages, 42, "nothing is left out");
        assert!(pages > 3, "{pages}");
    }
}

/// Reads a conversation to its beginning; returns how many pages it has, and messages.
async fn read_by_pages(user: &User<'_>, id: &str) -> (usize, usize) {
    let mut path = format!("/api/{}/conversations/{id}?limit=200", user.id);
    let (mut pages, mut messages) = (0, 0);
    loop {
        let page = user.call("GET", path.clone()).await;
        let link = page.header("link").map(str::to_owned);
        let bytes = page.text.len();
        messages += page.expect(200)["messages"].as_array().unwrap().len();
        pages += 1;
        // A text stands twice in a message: as content and as a part.
        assert!(bytes < 3 * 1024 * 1024, "{bytes}");
        let Some(link) = link else { return (pages, messages) };
        path = link.split(['<', '>']).nth(1).unwrap().to_owned();
    }
}
