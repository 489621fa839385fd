//! The change log over the API: what was changed in a list, by whom and when.

use serde_json::{Value, json};
use tests::{
    TestApp, User,
    script::{call, text},
};

use crate::due_dates_in_chat::midday_zone;

async fn activity(user: &User<'_>, query: &str) -> Value {
    user.own("GET", &format!("/activity{query}")).await.expect(200)
}

fn kinds(activity: &Value) -> Vec<&str> {
    let changes = activity["changes"].as_array().unwrap();
    changes.iter().map(|change| change["kind"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn every_change_is_shown_with_who_made_it_and_how_the_task_was() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    alice.add_task("Buy milk").await.expect(201);
    app.model().on("done", [call("complete_task", json!({"task_id": 1})), text("Done.")]);
    let answer = alice.chat("it is done").await.expect(200);
    alice.delete_task(1).await.expect(204);

    let all = activity(&alice, "").await;
    assert_eq!(kinds(&all), ["deleted", "completed", "added"]);
    assert_eq!(all["next_before"], Value::Null);
    let [deleted, completed, added] = all["changes"].as_array().unwrap().as_slice() else {
        panic!("{all}");
    };
    assert_eq!((&added["before"], &added["channel"]), (&Value::Null, &json!("rest")));
    assert_eq!((&added["turn_id"], &added["conversation_id"]), (&Value::Null, &Value::Null));
    assert_eq!((&added["task_id"], &added["title"]), (&json!(1), &json!("Buy milk")));
    assert_eq!(completed["channel"], "chat");
    assert_eq!(completed["turn_id"], answer["turn_id"]);
    assert_eq!(completed["conversation_id"], answer["conversation_id"]);
    assert_eq!((&completed["before"], &completed["after"]["completed"]), (&added["after"], &json!(true)));
    assert_eq!((&deleted["before"], &deleted["after"]), (&completed["after"], &Value::Null));

    // The conversation goes, the change stays.
    let conversation = answer["conversation_id"].as_str().unwrap();
    alice.own("DELETE", &format!("/conversations/{conversation}")).await.expect(204);
    let completed = activity(&alice, "").await["changes"][1].clone();
    assert_eq!((&completed["channel"], &completed["turn_id"]), (&json!("chat"), &Value::Null));
    assert_eq!(kinds(&activity(&bob, "").await), [""; 0]);
}

#[tokio::test]
async fn pages_hold_every_change_once_and_a_task_has_its_own() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for number in 0..7 {
        alice.add_task(&format!("task {number}")).await.expect(201);
    }
    alice.update_task(3, &json!({"priority": "high"})).await.expect(200);
    let all = activity(&alice, "").await;
    let mut seen = Vec::new();
    let mut query = "?limit=3".to_owned();
    loop {
        let page = activity(&alice, &query).await;
        seen.extend(page["changes"].as_array().unwrap().iter().cloned());
        match page["next_before"].as_i64() {
            Some(before) => query = format!("?limit=3&before={before}"),
            None => break,
        }
    }
    assert_eq!(json!(seen), all["changes"]);
    assert_eq!(kinds(&activity(&alice, "?task=3").await), ["updated", "added"]);
    assert_eq!(kinds(&activity(&alice, "?task=99").await), [""; 0]);
}

#[tokio::test]
async fn a_day_is_that_of_the_person_s_clock() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for title in ["before midnight", "after midnight"] {
        alice.add_task(title).await.expect(201);
    }
    // Midnight in Tokyo is 15:00 UTC.
    for (number, at) in [(1, "2026-11-20T14:59:59Z"), (2, "2026-11-20T15:00:00Z")] {
        let moved = format!("UPDATE todo_change SET created_at = '{at}' WHERE number = {number}");
        app.database().query(&moved).await;
    }
    let titles = async |day: &str, zone: &str| {
        let answer = alice.own("GET", &format!("/activity?day={day}")).header("Time-Zone", zone).await;
        let changes = answer.expect(200)["changes"].as_array().unwrap().clone();
        changes.iter().map(|change| change["title"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(titles("2026-11-20", "Asia/Tokyo").await, ["before midnight"]);
    assert_eq!(titles("2026-11-21", "Asia/Tokyo").await, ["after midnight"]);
    assert_eq!(titles("2026-11-20", "UTC").await, ["after midnight", "before midnight"]);
    alice.call("PATCH", "/api/auth/me").json(&json!({"time_zone": "Asia/Tokyo"})).await.expect(200);
    assert_eq!(kinds(&activity(&alice, "?day=2026-11-21").await), ["added"]);
    let here = json!({"time_zone": midday_zone().name()});
    alice.call("PATCH", "/api/auth/me").json(&here).await.expect(200);
    alice.add_task("now").await.expect(201);
    assert_eq!(kinds(&activity(&alice, "?day=today").await), ["added"]);
    assert_eq!(kinds(&activity(&alice, "?day=yesterday").await), [""; 0]);
}

#[tokio::test]
async fn what_the_query_must_not_be_is_said_in_a_sentence() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for (query, field) in [
        ("?day=whenever", "day"),
        ("?day=2026-13-40", "day"),
        ("?task=0", "task"),
        ("?task=milk", "task"),
        ("?limit=101", "limit"),
        ("?limit=0", "limit"),
        ("?before=-1", "before"),
    ] {
        let refused = alice.own("GET", &format!("/activity{query}")).await.expect(422);
        assert_eq!(refused["errors"][0]["field"], field, "{query}: {refused}");
    }
    alice.call("POST", "/api/auth/logout-everywhere").await.expect(204);
    alice.own("GET", "/activity").await.expect(401);
}

#[tokio::test]
async fn records_of_earlier_versions_are_shown() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let old = r#"{"number": 4, "title": "From before", "description": null, "completed": false,
        "created_at": "2026-11-20T08:00:00.1+00:00", "updated_at": "2026-11-20T08:00:00.1+00:00"}"#;
    let insert = format!(
        "INSERT INTO todo_change (user_id, number, door, after) VALUES ('{}', 4, 'rest', '{old}')",
        alice.id
    );
    app.database().query(&insert).await;
    let change = activity(&alice, "").await["changes"][0].clone();
    assert_eq!((&change["kind"], &change["channel"]), (&json!("added"), &json!("rest")));
    assert_eq!((&change["after"]["title"], &change["after"]["tags"]), (&json!("From before"), &json!([])));
}

#[tokio::test]
async fn the_assistant_says_what_was_done() {
    let app = TestApp::everyday().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let here = json!({"time_zone": midday_zone().name()});
    alice.call("PATCH", "/api/auth/me").json(&here).await.expect(200);
    bob.add_task("meet the spy").await.expect(201);
    alice.chat("Add a task to buy milk").await.expect(200);
    // By REST: no turn of the conversation has done it, and the answer may say it all the same.
    alice.update_task(1, &json!({"completed": true})).await.expect(200);
    for question in ["What did I do today?", "what did I do this week?", "What changed today?"] {
        let answer = alice.chat(question).await.expect(200);
        assert_eq!(answer["tool_calls"][0]["tool"], "list_changes", "{question}: {answer}");
        let said = answer["message"].as_str().unwrap();
        assert!(said.contains("completed 'Buy milk'") && said.contains("added 'Buy milk'"), "{said}");
        assert!(!said.contains("spy"), "{said}");
        assert_eq!((&answer["effects"], &answer["notice"]), (&json!([]), &Value::Null), "{answer}");
    }
    let answer = alice.chat("What did I do yesterday?").await.expect(200);
    assert_eq!(answer["message"], "Nothing was changed yesterday.");
}

#[tokio::test]
async fn every_look_at_the_log_goes_by_an_index() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let fill = "INSERT INTO \"user\" (id, email, password_hash)
            SELECT gen_random_uuid(), number || '@example.com', '' FROM generate_series(1, 1000) AS number;
        INSERT INTO todo_change (user_id, number, door, after, created_at)
            SELECT id, number % 50 + 1, 'rest', '{}', now() - number * interval '1 minute'
            FROM \"user\", generate_series(1, 100) AS number;
        ANALYZE todo_change";
    app.database().query(fill).await;
    let own = format!("todo_change.user_id = '{}'", alice.id);
    for (condition, index) in [
        ("", "todo_change_of_user"),
        ("AND todo_change.number = 7", "todo_change_of_task"),
        (
            "AND todo_change.created_at >= now() - interval '5 minutes' AND todo_change.created_at < now()",
            "todo_change_by_time",
        ),
    ] {
        let query = format!(
            "EXPLAIN SELECT * FROM todo_change LEFT JOIN turn ON turn.id = turn_id
             LEFT JOIN conversation ON conversation.id = turn.conversation_id
             WHERE {own} {condition} ORDER BY todo_change.id DESC LIMIT 51"
        );
        let plan = app.database().query(&query).await.concat().concat();
        assert!(plan.contains(index), "{condition}: {plan}");
    }
}
