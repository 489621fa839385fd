//! Days, priorities, tags and repeats by REST and by talking; stale changes; where a person is.

#![expect(clippy::disallowed_methods, reason = "what is due today depends on the real clock of the server")]

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde_json::{Value, json};
use tests::{
    TestApp, User,
    script::{call, text},
};

/// The date where clocks are so many hours ahead of UTC all year.
pub(crate) fn today(offset_hours: i64) -> NaiveDate {
    (Utc::now() + chrono::TimeDelta::hours(offset_hours)).date_naive()
}

pub(crate) async fn add(alice: &User<'_>, body: Value) -> Value {
    alice.own("POST", "/tasks").json(&body).await.expect(201)
}

async fn titles(alice: &User<'_>, query: &str) -> Vec<String> {
    let tasks = alice.own("GET", &format!("/tasks{query}")).await.expect(200);
    let tasks = tasks.as_array().unwrap().iter();
    tasks.map(|task| task["title"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_day_is_kept_as_it_was_meant() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let due = |task: &Value| [task["due"].clone(), task["due_time_zone"].clone(), task["due_at"].clone()];
    let body = json!({"title": "Rent", "due": "2027-07-01T09:00"});
    let by_header = alice.own("POST", "/tasks").header("Time-Zone", "europe/berlin").json(&body).await;
    let by_header = by_header.expect(201);
    assert_eq!(
        due(&by_header),
        [json!("2027-07-01T09:00"), json!("Europe/Berlin"), json!("2027-07-01T07:00:00Z")]
    );
    let body = json!({"title": "Far", "due": "2027-07-01T09:00", "due_time_zone": "Pacific/Auckland"});
    let by_member = add(&alice, body).await;
    assert_eq!(by_member["due_at"], "2027-06-30T21:00:00Z");
    let day = add(&alice, json!({"title": "Day", "due": "2028-02-29"})).await;
    assert_eq!(due(&day), [json!("2028-02-29"), json!("UTC"), Value::Null]);
    assert_eq!(
        due(&add(&alice, json!({"title": "Some day"})).await),
        [Value::Null, Value::Null, Value::Null]
    );

    // The account's zone counts where a request names none.
    alice.call("PATCH", "/api/auth/me").json(&json!({"time_zone": "Asia/Kathmandu"})).await.expect(200);
    let body = json!({"due": "2027-07-01T09:00"});
    let moved = alice.update_task(4, &body).await.expect(200);
    assert_eq!(
        due(&moved),
        [json!("2027-07-01T09:00"), json!("Asia/Kathmandu"), json!("2027-07-01T03:15:00Z")]
    );
    let cleared = alice.update_task(4, &json!({"due": null})).await.expect(200);
    assert_eq!(due(&cleared), [Value::Null, Value::Null, Value::Null]);

    // The doubled hour is its first one, the skipped one an hour later (RFC 5545 3.3.5).
    for (zone, due, at) in [
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30:00Z"),
        ("Europe/Berlin", "2027-03-28T02:30", "2027-03-28T01:30:00Z"),
        ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30:00Z"),
        ("Australia/Lord_Howe", "2027-04-04T01:45", "2027-04-03T14:45:00Z"),
    ] {
        let task = add(&alice, json!({"title": "Clock", "due": due, "due_time_zone": zone})).await;
        assert_eq!(task["due_at"], at, "{zone} {due}");
    }
    for (body, field) in [
        (json!({"title": "x", "due": "2026-11-27T09:00Z"}), "due"),
        (json!({"title": "x", "due": "tomorrow"}), "due"),
        (json!({"title": "x", "due": "2026-02-30"}), "due"),
        (json!({"title": "x", "due": "2026-11-27", "due_time_zone": "Mars/Base"}), "due_time_zone"),
        (json!({"title": "x", "priority": "huge"}), "priority"),
        (json!({"title": "x", "tags": ["a,b"]}), "tags"),
        (json!({"title": "x", "repeat": "now and then"}), "repeat"),
    ] {
        let problem = alice.own("POST", "/tasks").json(&body).await.expect(422);
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    let request = alice.own("GET", "/tasks?due=today").header("Time-Zone", "Mars/Base");
    assert_eq!(request.await.expect(422)["errors"][0]["field"], "time_zone");
}

#[tokio::test]
async fn lists_of_days_are_those_of_where_the_person_is() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    // Honolulu and Kiritimati are 24 hours apart and never change their clocks.
    let (honolulu, kiritimati) = (today(-10), today(14));
    for (title, day) in [("west", honolulu), ("east", kiritimati), ("later", kiritimati + Days::new(30))] {
        add(&alice, json!({"title": title, "due": day.to_string()})).await;
    }
    add(&alice, json!({"title": "old", "due": (honolulu - Days::new(3)).to_string(), "priority": "high"}))
        .await;
    add(&alice, json!({"title": "undated", "tags": ["Caf\u{e9}"]})).await;
    let sees = async |zone: &str, query: &str, expected: &[&str]| {
        let tasks = alice.own("GET", &format!("/tasks{query}")).header("Time-Zone", zone).await.expect(200);
        let titles: Vec<_> = tasks.as_array().unwrap().iter().map(|task| task["title"].clone()).collect();
        // A day that began meanwhile has other tasks.
        if [today(-10), today(14)] == [honolulu, kiritimati] {
            assert_eq!(json!(titles), json!(expected), "{zone}: {query}");
        }
    };
    sees("Pacific/Honolulu", "?due=today", &["west"]).await;
    sees("Pacific/Kiritimati", "?due=today", &["east"]).await;
    sees("Pacific/Honolulu", "?due=tomorrow", &["east"]).await;
    sees("Pacific/Kiritimati", "?due=overdue", &["old", "west"]).await;
    sees("Pacific/Honolulu", "?due=overdue", &["old"]).await;
    sees("UTC", "?due=none", &["undated"]).await;
    let range = format!("?due={}..", kiritimati);
    sees("UTC", &range, &["east", "later"]).await;
    assert_eq!(titles(&alice, "?sort=due").await, ["old", "west", "east", "later", "undated"]);
    assert_eq!(titles(&alice, "?sort=priority&limit=2").await, ["old", "undated"]);
    assert_eq!(titles(&alice, "?priority=high").await, ["old"]);
    assert_eq!(titles(&alice, "?tag=CAFE%CC%81").await, ["undated"]);
    let first = alice.own("GET", "/tasks?sort=due&limit=2").await;
    let link = first.header("link").unwrap().to_owned();
    assert!(link.contains("sort=due&limit=2&offset=2"), "{link}");
    assert_eq!(titles(&alice, "?sort=due&limit=2&offset=2").await, ["east", "later"]);
    alice.update_task(1, &json!({"completed": true})).await.expect(200);
    sees("Pacific/Kiritimati", "?due=overdue&status=pending", &["old"]).await;
    sees("UTC", "?completed_since=yesterday", &["west"]).await;
    for query in ["?due=soon", "?sort=size", "?priority=huge", "?completed_since=once", "?offset=-1"] {
        alice.own("GET", &format!("/tasks{query}")).await.expect(422);
    }
}

#[tokio::test]
async fn a_stale_change_is_told_what_the_task_is_now() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let added = alice.add_task("Milk").await;
    let etag = added.header("etag").unwrap().to_owned();
    assert_eq!((etag.as_str(), &added.expect(201)["version"]), ("\"1\"", &json!(1)));
    let patch = |tag: &str, title: &str| {
        alice.own("PATCH", "/tasks/1").header("If-Match", tag).json(&json!({"title": title}))
    };
    let renamed = patch(&etag, "Oat milk").await;
    assert_eq!(renamed.header("etag"), Some("\"2\""));
    assert_eq!(alice.task(1).await.header("etag"), Some("\"2\""));
    let stale = patch(&etag, "Soy milk").await.expect(412);
    assert_eq!(stale["code"], "task_changed");
    assert_eq!((&stale["task"]["title"], &stale["task"]["version"]), (&json!("Oat milk"), &json!(2)));
    alice.own("DELETE", "/tasks/1").header("If-Match", &*etag).await.expect(412);
    patch("W/\"2\"", "weak tags match nothing").await.expect(412);
    patch("\"1\", \"2\"", "one tag").await.expect(422);
    alice.own("PATCH", "/tasks/9").header("If-Match", "\"1\"").json(&json!({"title": "x"})).await.expect(404);
    patch("*", "Any milk").await.expect(200);
    patch("\"3\"", "Rice milk").await.expect(200);
    alice.own("DELETE", "/tasks/1").header("If-Match", "\"4\"").await.expect(204);
}

#[tokio::test]
async fn a_repeating_task_is_done_and_comes_back() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let body = json!({
        "title": "Rent", "due": "2094-01-31T09:00", "repeat": "every month on the last day",
        "priority": "urgent", "tags": ["#Home", "money"]
    });
    let request = || alice.own("POST", "/tasks").key("k").header("Time-Zone", "Europe/Berlin").json(&body);
    let task = request().await.expect(201);
    assert_eq!((&task["repeat"], &task["priority"]), (&json!("FREQ=MONTHLY;BYMONTHDAY=-1"), &json!("high")));
    assert_eq!(task["repeat_in_words"], "every month on the last day");
    assert_eq!(task["tags"], json!(["Home", "money"]));
    assert_eq!(request().await.expect(201), task, "the same task under its key");
    let done = alice.update_task(1, &json!({"completed": true})).await.expect(200);
    assert_eq!((&done["completed"], &done["due"]), (&json!(false), &json!("2094-02-28T09:00")));
    let skipped = alice.update_task(1, &json!({"skip": true})).await.expect(200);
    assert_eq!(skipped["due"], "2094-03-31T09:00");
    let stopped = alice.update_task(1, &json!({"repeat": null, "tags": []})).await.expect(200);
    assert_eq!((&stopped["repeat"], &stopped["tags"]), (&Value::Null, &json!([])));
    let refused = alice.update_task(1, &json!({"skip": true})).await.expect(422);
    assert!(refused["detail"].as_str().unwrap().contains("does not repeat"), "{refused}");
    let done = alice.update_task(1, &json!({"completed": true})).await.expect(200);
    let since: DateTime<Utc> = done["completed_at"].as_str().unwrap().parse().unwrap();
    assert!((Utc::now() - since).num_seconds() < 60);
    let begins = alice.update_task(1, &json!({"repeat": "weekdays", "due": "2094-04-03"})).await.expect(200);
    assert_eq!(begins["due"], "2094-04-05", "the 3rd is a Saturday");
}

#[tokio::test]
async fn a_message_carries_where_the_person_is() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    app.model()
        .on("rent", [call("add_task", json!({"title": "Pay rent", "due": "tomorrow 9am"})), text("Done.")]);
    let say = |body: Value| alice.own("POST", "/chat").json(&body);
    let day = |task: &Value| task["due"].as_str().unwrap().split('T').next().unwrap().to_owned();
    for (zone, offset) in [("Pacific/Honolulu", -10), ("Pacific/Kiritimati", 14)] {
        let before = today(offset);
        let answer = say(json!({"message": "rent", "time_zone": zone})).await.expect(200);
        let task = answer["tool_calls"][0]["result"]["task"].clone();
        let expected = [before, today(offset)].map(|day| (day + Days::new(1)).to_string());
        assert!(expected.contains(&day(&task)), "{zone}: {task}");
        let date: NaiveDate = day(&task).parse().unwrap();
        let when = format!("{}, 9:00", date.format("%A, %-d %B"));
        assert!(task["when"].as_str().unwrap().starts_with(&when[..when.len() - 6]), "{task}");
        assert!(task["when"].as_str().unwrap().ends_with(", 9:00"), "in the person's own time: {task}");
        let prompt = app.model().requests().last().unwrap()["messages"][0]["content"].clone();
        assert!(prompt.as_str().unwrap().contains(&format!("({zone})")), "{prompt}");
    }
    let header = say(json!({"message": "rent"})).header("Time-Zone", "Asia/Tokyo").await.expect(200);
    assert_eq!(header["finish_reason"], "stop");
    alice.call("PATCH", "/api/auth/me").json(&json!({"time_zone": "America/St_Johns"})).await.expect(200);
    let stream = json!({"message": "rent"});
    alice.own("POST", "/chat/stream").json(&stream).await.expect(200);
    let zones = alice.tasks().await.expect(200);
    let zones: Vec<_> = zones.as_array().unwrap().iter().map(|task| task["due_time_zone"].clone()).collect();
    assert_eq!(zones, ["America/St_Johns", "Asia/Tokyo", "Pacific/Kiritimati", "Pacific/Honolulu"]);
    let wrong = say(json!({"message": "rent", "time_zone": "Mars/Base"})).await.expect(422);
    assert_eq!(wrong["errors"][0]["field"], "time_zone");
}

#[tokio::test]
async fn an_account_has_a_place_and_a_week() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let me = alice.me().await.expect(200);
    assert_eq!((&me["time_zone"], &me["week_start"]), (&json!("UTC"), &json!("monday")));
    let change = json!({"time_zone": "europe/LONDON", "week_start": "sunday", "name": null});
    let changed = alice.call("PATCH", "/api/auth/me").json(&change).await.expect(200);
    assert_eq!((&changed["time_zone"], &changed["name"]), (&json!("Europe/London"), &Value::Null));
    assert_eq!(alice.me().await.expect(200), changed);
    for body in [json!({}), json!({"time_zone": "Nowhere"}), json!({"week_start": "noon"})] {
        alice.call("PATCH", "/api/auth/me").json(&body).await.expect(422);
    }
    let body = json!({"email": "b@example.com", "password": "securepassword123", "time_zone": "Asia/Tokyo"});
    assert_eq!(app.post("/api/auth/register", &body).await.expect(201)["user"]["time_zone"], "Asia/Tokyo");
    // A browser may know a place that the server does not.
    let body = json!({"email": "c@example.com", "password": "securepassword123", "time_zone": "Mars/Base"});
    assert_eq!(app.post("/api/auth/register", &body).await.expect(201)["user"]["time_zone"], "UTC");
    alice.call("POST", "/api/auth/logout-everywhere").await.expect(204);
    alice.call("PATCH", "/api/auth/me").json(&json!({"week_start": "monday"})).await.expect(401);
}

#[tokio::test]
async fn one_call_of_the_assistant_changes_many_tasks() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for title in ["one", "two", "three"] {
        alice.add_task(title).await.expect(201);
    }
    let move_all =
        call("update_task", json!({"task_id": [1, 2, 9], "due": "2094-04-03", "add_tags": ["trip"]}));
    app.model().on("move", [move_all, text("Moved.")]);
    let answer = alice.chat("move").await.expect(200);
    let result = &answer["tool_calls"][0]["result"];
    assert_eq!(result["success"], true);
    let told: Vec<_> =
        result["results"].as_array().unwrap().iter().map(|one| one["success"].clone()).collect();
    assert_eq!(told, [json!(true), json!(true), json!(false)]);
    assert_eq!(result["results"][0]["task"]["when"], "Saturday, 3 April 2094");
    assert_eq!(titles(&alice, "?tag=trip&due=2094-04-03").await, ["one", "two"]);
    app.model().on("all done", [call("complete_task", json!({"task_id": [1, 2, 3]})), text("")]);
    let words = alice.chat("all done").await.expect(200)["message"].clone();
    for title in ["one", "two", "three"] {
        assert!(words.as_str().unwrap().contains(&format!("“{title}”, as done")), "{words}");
    }
}

#[tokio::test]
async fn a_list_that_did_not_change_is_not_sent_again() {
    let app = TestApp::start().await;
    let [alice, bob] = [app.user("alice").await, app.user("bob").await];
    for title in ["Milk", "Rent", "Tea"] {
        alice.add_task(title).await;
        bob.add_task(title).await;
    }
    let page = async |tag: Option<&str>| {
        let request = alice.own("GET", "/tasks?limit=2");
        match tag {
            Some(tag) => request.header("If-None-Match", tag).await,
            None => request.await,
        }
    };
    let first = page(None).await;
    let tag = first.header("ETag").unwrap();
    let again = page(Some(tag)).await;
    assert_eq!((again.status, again.text.as_str(), again.header("ETag")), (304, "", Some(tag)));
    assert_eq!(again.header("Link"), first.header("Link"));
    assert_eq!(page(Some(&format!("\"x\", {tag}"))).await.status, 304);
    assert_eq!(page(Some("\"x\"")).await.expect(200), first.expect(200));
    assert_ne!(bob.own("GET", "/tasks?limit=2").await.header("ETag"), Some(tag));

    alice.update_task(3, &json!({"completed": true})).await.expect(200);
    let changed = page(Some(tag)).await;
    assert_eq!(changed.expect(200)[0]["completed"], true);
    assert_ne!(changed.header("ETag"), Some(tag));

    // The page says the same, and is the last one now.
    alice.delete_task(1).await.expect(204);
    let tag = changed.header("ETag").unwrap();
    let last = page(Some(tag)).await;
    assert_eq!((last.expect(200), last.header("Link")), (changed.expect(200), None));
}
