//! A person's tasks as a calendar: who may read it, what it holds, and what it costs.
//!
//! That other programs understand it is shown in `tests/clients/calendar.test.mjs`.

use std::time::Duration;

use serde_json::json;
use tests::{TestApp, User};

/// Makes a calendar, or gives it another address, and returns that.
async fn make(user: &User<'_>) -> String {
    let answer = user.own("POST", "/calendar").await.expect(201);
    answer["url"].as_str().unwrap().to_owned()
}

async fn is_active(user: &User<'_>) -> bool {
    user.own("GET", "/calendar").await.expect(200)["active"].as_bool().unwrap()
}

/// The secret in an address.
fn secret(url: &str) -> &str {
    url.strip_prefix("/calendar/").unwrap().strip_suffix(".ics").unwrap()
}

async fn add(user: &User<'_>, title: &str, due: &str) {
    let body = json!({"title": title, "due": due, "due_time_zone": "Europe/Berlin"});
    user.own("POST", "/tasks").json(&body).await.expect(201);
}

#[tokio::test]
async fn a_calendar_has_one_address_that_is_changed_and_taken_away() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    assert!(!is_active(&alice).await);
    let first = make(&alice).await;
    assert!(is_active(&alice).await);
    assert_eq!(secret(&first).len(), 43, "32 bytes in base64url: {first}");
    app.get(&first).await.expect(200);

    let second = make(&alice).await;
    assert_ne!(first, second);
    app.get(&first).await.expect(404);
    app.get(&second).await.expect(200);

    alice.own("DELETE", "/calendar").await.expect(204);
    alice.own("DELETE", "/calendar").await.expect(204);
    assert!(!is_active(&alice).await);
    app.get(&second).await.expect(404);
}

#[tokio::test]
async fn a_calendar_holds_what_its_owner_has_to_do_and_no_more() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    add(&bob, "of Bob's", "2026-11-27").await;
    add(&alice, "Pay rent", "2026-11-27").await;
    add(&alice, "Call Ann", "2026-11-27T09:00").await;
    add(&alice, "done already", "2026-11-27").await;
    alice.update_task(3, &json!({"completed": true})).await.expect(200);
    alice.add_task("without a day").await.expect(201);
    let calendar = app.get(make(&alice).await).await;
    calendar.expect(200);
    assert_eq!(calendar.header("content-type"), Some("text/calendar; charset=utf-8"));
    let text = &calendar.text;
    assert_eq!(text.matches("BEGIN:VEVENT\r\n").count(), 2, "{text}");
    assert!(
        text.contains("SUMMARY:Pay rent\r\n") && text.contains("DTSTART;VALUE=DATE:20261127\r\n"),
        "{text}"
    );
    assert!(text.contains("SUMMARY:Call Ann\r\n"), "{text}");
    assert!(text.contains("DTSTART;TZID=Europe/Berlin:20261127T090000\r\n"), "{text}");
    assert!(text.contains("TZID:Europe/Berlin\r\n"), "{text}");
    assert!(!text.contains(&alice.id) && !text.contains(&alice.email), "{text}");
}

#[tokio::test]
async fn a_calendar_is_read_as_events_or_as_todos() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    add(&alice, "Pay rent", "2026-11-27").await;
    add(&alice, "Call Ann", "2026-11-27T09:00").await;
    let url = make(&alice).await;
    let todos = app.get(format!("{url}?as=todos")).await;
    todos.expect(200);
    let count = |text: &str, part: &str| text.matches(part).count();
    assert_eq!((count(&todos.text, "BEGIN:VTODO\r\n"), count(&todos.text, "BEGIN:VEVENT")), (2, 0));
    assert!(todos.text.contains("DUE;VALUE=DATE:20261127\r\n"), "{}", todos.text);
    assert!(todos.text.contains("DUE;TZID=Europe/Berlin:20261127T090000\r\n"), "{}", todos.text);
    let events = app.get(format!("{url}?as=events")).await;
    assert_eq!(events.text, app.get(&url).await.text);
    assert_ne!(events.header("etag"), todos.header("etag"));
    let refused = app.get(format!("{url}?as=journal")).await;
    assert_eq!(refused.expect(422)["detail"], "A calendar can be read as events or as todos.");
}

#[tokio::test]
async fn a_calendar_without_tasks_is_one() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let calendar = app.get(make(&alice).await).await;
    calendar.expect(200);
    assert!(calendar.text.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"), "{}", calendar.text);
    assert!(calendar.text.ends_with("END:VCALENDAR\r\n"), "{}", calendar.text);
}

#[tokio::test]
async fn an_unchanged_calendar_is_not_sent_again() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    add(&alice, "Pay rent", "2026-11-27").await;
    let url = make(&alice).await;
    let first = app.get(&url).await;
    let tag = first.header("etag").unwrap().to_owned();
    assert_eq!(first.header("cache-control"), Some("private, no-cache"));

    let again = app.get(&url).header("If-None-Match", &tag).await;
    assert_eq!((again.status, again.text.as_str()), (304, ""));
    assert_eq!(again.header("etag"), Some(tag.as_str()));
    assert_eq!(again.header("cache-control"), Some("private, no-cache"));
    // Proxies that compress make tags weak.
    assert_eq!(app.get(&url).header("If-None-Match", format!("\"x\", W/{tag}")).await.status, 304);
    assert_eq!(app.get(&url).header("If-None-Match", "\"x\"").await.status, 200);

    alice.update_task(1, &json!({"title": "Pay the rent"})).await.expect(200);
    let changed = app.get(&url).header("If-None-Match", &tag).await;
    changed.expect(200);
    assert_ne!(changed.header("etag"), Some(tag.as_str()));
    assert!(changed.text.contains("SUMMARY:Pay the rent\r\n"), "{}", changed.text);
    assert!(changed.text.contains("SEQUENCE:2\r\n"), "{}", changed.text);

    let head = app.call("HEAD", &url).await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
    assert_eq!(head.header("etag"), changed.header("etag"));
}

#[tokio::test]
async fn what_is_no_address_of_a_calendar_is_answered_as_what_is_nowhere() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let url = make(&alice).await;
    let nowhere = app.get("/nowhere").await.anonymous();
    let others = [
        "x".repeat(43),
        "x".to_owned(),
        secret(&url).to_lowercase(),
        format!("{}A", secret(&url)),
        "%00".to_owned(),
    ];
    for other in
        others.map(|secret| format!("/calendar/{secret}.ics")).into_iter().chain(["/calendar/".to_owned()])
    {
        let answer = app.get(&other).await;
        assert_eq!((answer.status, answer.anonymous()), (404, nowhere.clone()), "{other}");
    }
    assert_eq!(app.call("POST", &url).await.status, 405);
    // Who is signed in is no better off without the secret.
    alice.call("GET", "/calendar/me.ics").await.expect(404);
}

#[tokio::test]
async fn a_revoked_token_changes_no_calendar() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let url = make(&alice).await;
    alice.call("POST", "/api/auth/logout-everywhere").await.expect(204);
    for method in ["GET", "POST", "DELETE"] {
        alice.own(method, "/calendar").await.expect(401);
    }
    // A calendar is given to other programs, which are not signed in: it stays until it is turned off.
    app.get(&url).await.expect(200);
}

#[tokio::test]
async fn with_its_account_a_calendar_is_gone() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let url = make(&alice).await;
    alice.leave().await.expect(204);
    app.get(&url).await.expect(404);
    assert_eq!(app.database().query("SELECT * FROM calendar").await.len(), 0);
}

#[tokio::test]
async fn the_secret_is_neither_stored_nor_logged() {
    let app = TestApp::with_environment(&[("RUST_LOG", "debug")]).await;
    let alice = app.user("alice").await;
    let url = make(&alice).await;
    let secret = secret(&url);
    app.get(&url).await.expect(200);
    app.call("HEAD", &url).await;
    app.call("DELETE", &url).await.expect(405);
    app.get(format!("/calendar/{secret}")).await.expect(404);
    app.get(format!("/calendar/{secret}.ics/more")).await.expect(404);
    app.database().query("ALTER TABLE calendar RENAME TO moved").await;
    app.expect_bug();
    assert_eq!(app.get(&url).attempt().await.unwrap().status, 500);
    app.database().query("ALTER TABLE moved RENAME TO calendar").await;
    alice.own("DELETE", "/calendar").until_served(Duration::from_secs(5)).await.expect(204);
    app.get(&url).await.expect(404);
    let log = app.log();
    assert!(log.contains("GET /calendar/{secret}.ics 200"), "{log}");
    assert!(!log.contains(secret), "{log}");
    let stored = app.database().query("SELECT * FROM calendar").await;
    assert!(!format!("{stored:?}").contains(secret), "{stored:?}");
}

#[tokio::test]
async fn a_calendar_is_bounded_and_shows_what_comes_next() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let fill = format!(
        "INSERT INTO todo (user_id, number, title, due_date, due_zone)
         SELECT '{}', n, 'day ' || n, (now() AT TIME ZONE 'UTC')::date - 2500 + n, 'Europe/Berlin'
         FROM generate_series(1, 5000) AS n",
        alice.id
    );
    app.database().query(&fill).await;
    let text = app.get(make(&alice).await).await.text;
    assert_eq!(text.matches("BEGIN:VEVENT\r\n").count(), 1_000);
    for (days, is_shown) in [(0, true), (900, true), (1_100, false), (-30, false)] {
        let date = format!("SELECT to_char((now() AT TIME ZONE 'UTC')::date + {days}, 'YYYYMMDD')");
        let date = &app.database().query(&date).await[0][0];
        assert_eq!(text.contains(&format!("DTSTART;VALUE=DATE:{date}\r\n")), is_shown, "{days} days: {date}");
    }
    assert!(text.len() < 512 * 1024, "{}", text.len());
}
