//! Budgets of accounts: what one account does costs nobody else anything, and is told in a sentence.

#[path = "account_limits/token_budget_of_replicas.rs"]
mod token_budget_of_replicas;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::{
    TestApp, User,
    script::{call, status, text},
};
use tokio::task::JoinSet;

const TIGHT: &[(&str, &str)] = &[
    ("TURNS_AT_ONCE", "2"),
    ("TURNS_PER_5_MINUTES", "5"),
    ("CHANGES_PER_MINUTE", "6"),
    ("MAX_TASKS", "4"),
    ("MAX_CONVERSATIONS", "3"),
    ("CHANGES_KEPT", "20"),
];

async fn usage(alice: &User<'_>) -> Value {
    alice.own("GET", "/usage").await.expect(200)
}

#[tokio::test]
async fn two_turns_of_an_account_run_at_once_on_all_replicas_together() {
    const MESSAGES: usize = 12;
    let app = TestApp::everyday_with(&[("TURNS_AT_ONCE", "2")]).await;
    let second = app.replica().await;
    let alice = app.user("alice").await;
    app.model().on("slow", [text("There.").held()]);
    let mut asking = JoinSet::new();
    let person = tests::chaos::Person::register(app.server().base(), "bob").await;
    for number in 0..MESSAGES {
        let base = if number % 2 == 0 { app.server().base().to_owned() } else { second.base().to_owned() };
        let person = person.clone();
        asking.spawn(async move {
            let request = (reqwest::Method::POST, "/chat".to_owned(), Some(json!({"message": "slow"})));
            person.send(&base, request, None).await.expect("an answer")
        });
    }
    // Somebody else is not concerned.
    alice.chat("hello").await.expect(200);
    // No turn ends before all others were refused.
    for _ in 2..MESSAGES {
        let refused = asking.join_next().await.unwrap().unwrap();
        assert_eq!((refused.status, &refused.body["code"]), (429, &json!("too_many_turns_at_once")));
        assert!(refused.has_retry_after);
    }
    app.model().release();
    for answer in asking.join_all().await {
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    assert_eq!(app.model().requests().len(), 3, "nobody else has cost a token");
    let request = (reqwest::Method::POST, "/chat".to_owned(), Some(json!({"message": "hello"})));
    assert_eq!(person.send(app.server().base(), request, None).await.expect("an answer").status, 200);
}

#[tokio::test]
async fn turns_are_counted_whatever_is_deleted_and_a_retry_costs_nothing() {
    let app = TestApp::everyday_with(TIGHT).await;
    let alice = app.user("alice").await;
    for number in 0..4 {
        let answer = alice.chat("hello").key(&format!("k{number}")).await.expect(200);
        let id = answer["conversation_id"].as_str().unwrap();
        alice.own("DELETE", &format!("/conversations/{id}")).await.expect(204);
    }
    alice.chat("hello").key("last").await.expect(200);
    assert_eq!(usage(&alice).await["turns"], json!({"used": 5, "limit": 5}));
    let refused = alice.chat("hello again").await;
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((200..=300).contains(&wait), "{wait}");
    let problem = refused.expect(429);
    assert_eq!(problem["code"], "too_many_turns");
    assert!(problem["detail"].as_str().unwrap().contains("5 messages within five minutes"), "{problem}");
    alice.chat("hello").key("last").await.expect(200);
    let stream = alice.own("POST", "/chat/stream").json(&json!({"message": "hello"})).await;
    // A stream that takes longer to be refused is open by then, and says it in itself.
    let is_told = stream.status == 429 || stream.text.contains("5 messages within five minutes");
    assert!(is_told, "{}: {}", stream.status, stream.text);
    let listed = alice.conversations().await.expect(200);
    assert_eq!(listed["total"], 1, "what was refused has left nothing");

    app.database().query("UPDATE account_usage SET window_start = now() - interval '6 minutes'").await;
    alice.chat("hello").await.expect(200);
    assert_eq!(usage(&alice).await["turns"]["used"], 1, "another window");
}

/// Does something that counts by the day, once more when the database's day ended meanwhile.
async fn within_a_day<T>(app: &TestApp, doing: impl AsyncFn() -> T) -> T {
    let day = async || app.database().query("SELECT (now() AT TIME ZONE 'UTC')::date").await;
    loop {
        let before = day().await;
        let done = doing().await;
        if before == day().await {
            return done;
        }
    }
}

#[tokio::test]
async fn a_day_s_tokens_are_an_account_s_own() {
    let app = TestApp::everyday_with(&[("DAILY_TOKEN_BUDGET", "500")]).await;
    let alice = app.user("alice").await;
    let (total, today, refused) = within_a_day(&app, async || {
        let answer = alice.chat("Add a task to buy milk").await.expect(200);
        let today = usage(&alice).await["tokens_today"].clone();
        (answer["usage"]["total_tokens"].as_i64().unwrap(), today, alice.chat("Show my tasks").await)
    })
    .await;
    assert!(total > 500);
    // The title that follows counts too.
    assert!(today["used"].as_i64().unwrap() >= total && today["limit"] == 500, "{today}");
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=86_400).contains(&wait), "{wait}");
    assert_eq!(refused.expect(429)["code"], "token_budget_used_up");
    alice.add_task("By hand").await.expect(201);
    app.user("bob").await.chat("hello").await.expect(200);
    app.database().query("UPDATE account_usage SET day = day - 1").await;
    alice.chat("Show my tasks").await.expect(200);
}

#[tokio::test]
async fn what_a_provider_does_not_count_is_estimated_and_the_title_with_it() {
    let app = TestApp::everyday_with(&[("DAILY_TOKEN_BUDGET", "500")]).await;
    let alice = app.user("alice").await;
    app.model().write_texts([text("Greetings").without_usage()]);
    app.model().on("hello", [text("Hello.").without_usage()]);
    let answer = alice.chat("hello").await.expect(200);
    let total = answer["usage"]["total_tokens"].as_i64().unwrap();
    assert!(total > 900, "{total}: prompt and tools count");
    let started_at = Instant::now();
    while usage(&alice).await["tokens_today"]["used"].as_i64().unwrap() <= total {
        assert!(started_at.elapsed() < Duration::from_secs(20), "the title counts for nothing");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(alice.chat("hello again").await.expect(429)["code"], "token_budget_used_up");
}

#[tokio::test]
async fn the_tokens_of_a_turn_that_failed_count_too() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    // With a task added it stays as a failed turn; with a look at the list only it is gone.
    for tool in [call("add_task", json!({"title": "milk"})), call("list_tasks", json!({}))] {
        let used = async || usage(&alice).await["tokens_today"]["used"].as_i64().unwrap();
        let (before, after) = within_a_day(&app, async || {
            let before = used().await;
            app.model().enqueue([tool.clone(), status(401).body("{}")]);
            alice.chat("Show me everything").await.expect(502);
            (before, used().await)
        })
        .await;
        assert!(after > before + 500, "{before} and {after}");
    }
    app.model().assert_clean();
}

#[tokio::test]
async fn the_tokens_of_a_turn_whose_conversation_is_deleted_count_too() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let story = text("Once upon a time there was a list");
    // The first is interrupted while the model talks, the second finds nothing to commit its answer to.
    let replies = [story.clone().hang_after(500), story.after(Duration::from_millis(400))];
    for (count, reply) in (1..).zip(replies) {
        let before = usage(&alice).await["tokens_today"]["used"].as_i64().unwrap();
        app.model().enqueue([reply]);
        let chat = format!("0193d5e0-7a1b-7c3d-8e5f-01234567890{count}");
        let body = json!({"id": chat, "message": "Tell me a story"});
        let deleted = async {
            assert!(app.model().wait_for_requests(count, Duration::from_secs(5)).await);
            alice.own("DELETE", &format!("/conversations/{chat}")).await.expect(204);
        };
        tokio::join!(alice.own("POST", "/chat/stream").json(&body), deleted);
        let started_at = Instant::now();
        while usage(&alice).await["tokens_today"]["used"].as_i64().unwrap() == before {
            assert!(started_at.elapsed() < Duration::from_secs(5), "it was for nothing");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test]
async fn a_list_is_changed_so_often_and_grows_so_long() {
    let app = TestApp::everyday_with(TIGHT).await;
    let alice = app.user("alice").await;
    for number in 0..4 {
        alice.add_task(&format!("task {number}")).await.expect(201);
    }
    let full = alice.add_task("one more").key("k").await.expect(422);
    assert_eq!(full["code"], "task_quota_reached");
    assert!(full["detail"].as_str().unwrap().contains("4 tasks"), "{full}");
    app.model().on("please", [call("add_task", json!({"title": "Five"})), text("It is full.")]);
    let told = alice.chat("please").await.expect(200);
    let result = &told["tool_calls"][0]["result"];
    assert_eq!((&result["success"], &result["code"]), (&json!(false), &json!("LIMIT")));

    alice.delete_task(1).await.expect(204);
    alice.update_task(2, &json!({"completed": true})).await.expect(200);
    let refused = alice.update_task(3, &json!({"completed": true})).await;
    assert!(refused.header("retry-after").is_some());
    assert_eq!(refused.expect(429)["code"], "too_many_changes");
    assert_eq!(alice.add_task("again").await.expect(429)["code"], "too_many_changes");
    assert_eq!(alice.delete_task(3).await.expect(429)["code"], "too_many_changes");
    assert_eq!(alice.delete_task(77).await.expect(429)["code"], "too_many_changes");
    assert_eq!(alice.titles().await, ["task 1", "task 2", "task 3"]);
    app.user("bob").await.add_task("mine").await.expect(201);
    app.database().query("UPDATE todo_change SET created_at = created_at - interval '2 minutes'").await;
    alice.add_task("again").await.expect(201);
    assert_eq!(alice.delete_task(77).await.expect(404)["code"], "task_not_found");
}

#[tokio::test]
async fn conversations_are_as_many_as_may_be() {
    let app = TestApp::everyday_with(TIGHT).await;
    let alice = app.user("alice").await;
    for _ in 0..3 {
        alice.chat("hello").await.expect(200);
    }
    let refused = alice.chat("hello").await.expect(422);
    assert_eq!(refused["code"], "conversation_quota_reached");
    let body = json!({"id": "a chat of my own", "message": "hello"});
    let stream = alice.own("POST", "/chat/stream").json(&body).await;
    let is_told = stream.status == 422 || stream.text.contains("conversations already");
    assert!(is_told, "{}: {}", stream.status, stream.text);
    let used = usage(&alice).await;
    assert_eq!((&used["conversations"]["used"], &used["turns"]["used"]), (&json!(3), &json!(3)));
    assert!(used["stored_bytes"].as_i64().unwrap() > 30);
}

/// Changes task 1, without a key, until older records than the number that is kept are gone: they are
/// looked for at some changes only, which is nobody's promise.
async fn change_until_some_are_forgotten(app: &TestApp, alice: &User<'_>) {
    let oldest = "SELECT min(id) FROM todo_change WHERE idempotency_key IS NULL";
    let mut known = String::new();
    for number in 0..5_000 {
        alice.update_task(1, &json!({"title": format!("task {number}")})).await.expect(200);
        let seen = app.database().query(oldest).await.concat().concat();
        if !known.is_empty() && seen != known {
            return;
        }
        known = seen;
    }
    panic!("nothing is forgotten");
}

#[tokio::test]
async fn records_of_changes_are_kept_for_thirty_days_and_under_a_key_for_longer() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    for title in ["old", "in time"] {
        alice.add_task(title).await.expect(201);
    }
    let keyed = alice.add_task("old, with a key").key("k").await.expect(201);
    app.database()
        .query(
            "UPDATE todo_change SET created_at = now() - interval '31 days' WHERE number IN (1, 3);
             UPDATE todo_change SET created_at = now() - interval '29 days' WHERE number = 2",
        )
        .await;
    change_until_some_are_forgotten(&app, &alice).await;
    let kept = "SELECT after->>'title' FROM todo_change WHERE before IS NULL ORDER BY id";
    assert_eq!(app.database().query(kept).await.concat(), ["in time", "old, with a key"]);
    assert_eq!(alice.add_task("old, with a key").key("k").await.expect(201), keyed, "a retry");
}

#[tokio::test]
async fn so_many_records_of_changes_are_kept() {
    let app = TestApp::everyday_with(&[("CHANGES_KEPT", "50")]).await;
    let alice = app.user("alice").await;
    alice.add_task("task").await.expect(201);
    // So many are forgotten at once, and the change that comes with it may be recorded after it.
    let kept = loop {
        change_until_some_are_forgotten(&app, &alice).await;
        let kept = app.database().query("SELECT count(*) FROM todo_change").await;
        match kept[0][0].parse::<u32>().unwrap() {
            52.. => {}
            kept => break kept,
        }
    };
    assert!(kept >= 50, "{kept}");
    let newest =
        app.database().query("SELECT after->>'title' FROM todo_change ORDER BY id DESC LIMIT 1").await;
    assert_eq!(newest[0][0], alice.titles().await[0]);
}

#[tokio::test]
async fn a_key_is_kept_whatever_records_are_forgotten() {
    let app = TestApp::everyday_with(&[("CHANGES_KEPT", "20")]).await;
    let alice = app.user("alice").await;
    let first = alice.add_task("once").key("k").await.expect(201);
    change_until_some_are_forgotten(&app, &alice).await;
    assert_eq!(alice.add_task("once").key("k").await.expect(201), first);
    assert_eq!(alice.titles().await.len(), 1, "a retry adds nothing");
}

#[tokio::test]
async fn an_account_keeps_so_many_bytes_and_goes_on_when_it_deleted_some() {
    let app = TestApp::everyday_with(&[("MAX_STORED_MIB", "1"), ("TURNS_AT_ONCE", "2")]).await;
    let alice = app.user("alice").await;
    alice.add_task("small").await.expect(201);
    let long = "x".repeat(100_000);
    app.model().on("tell me", [text(&long)]);
    let mut conversations = Vec::new();
    let refused = loop {
        let answer = alice.chat("tell me").await;
        if answer.status != 200 {
            break answer.expect(422);
        }
        conversations.push(answer.expect(200)["conversation_id"].as_str().unwrap().to_owned());
        assert!(conversations.len() < 15, "nothing is refused");
    };
    assert_eq!(refused["code"], "storage_quota_reached");
    assert!(refused["detail"].as_str().unwrap().contains("1 MiB"), "{refused}");
    assert!((9..=11).contains(&conversations.len()), "{}", conversations.len());
    let used = usage(&alice).await;
    assert_eq!(used["stored_bytes_limit"], 1024 * 1024);
    assert!(used["stored_bytes"].as_i64().unwrap() >= 900_000, "{used}");

    // Nothing that takes room goes, everything else does.
    assert_eq!(alice.add_task("more").await.expect(422)["code"], "storage_quota_reached");
    assert_eq!(alice.add_task("more").key("k").await.expect(422)["code"], "storage_quota_reached");
    let longer = json!({"description": "y".repeat(2_000)});
    assert_eq!(alice.update_task(1, &longer).await.expect(422)["code"], "storage_quota_reached");
    assert_eq!(alice.update_task(77, &longer).await.expect(404)["code"], "task_not_found");
    assert_eq!(alice.delete_task(77).await.expect(404)["code"], "task_not_found");
    alice.update_task(1, &json!({"completed": true})).await.expect(200);
    app.user("bob").await.add_task("mine").await.expect(201);

    for id in &conversations[..2] {
        alice.own("DELETE", &format!("/conversations/{id}")).await.expect(204);
    }
    alice.chat("hello").await.expect(200);
    alice.add_task("more").key("k").await.expect(201);
    alice.update_task(1, &longer).await.expect(200);
}

#[tokio::test]
async fn old_records_are_forgotten_quickly_whatever_the_planner_knows_of_an_account() {
    let app = TestApp::everyday_with(&[("CHANGES_PER_MINUTE", "0")]).await;
    let alice = app.user("alice").await;
    // Most accounts have changed one thing; what this one has done since is in no statistics yet.
    let fill = format!(
        "INSERT INTO \"user\" (id, email, password_hash)
             SELECT gen_random_uuid(), number || '@example.com', '' FROM generate_series(1, 2000) AS number;
         INSERT INTO todo_change (user_id, number, door, after) SELECT id, 1, 'rest', '{{}}' FROM \"user\";
         ANALYZE todo_change;
         INSERT INTO todo_change (user_id, number, door, after)
             SELECT '{}', 1, 'rest', '{{}}' FROM generate_series(1, 5000)",
        alice.id
    );
    app.database().query(&fill).await;
    let count = format!("SELECT count(*) FROM todo_change WHERE user_id = '{}'", alice.id);
    let kept = async || app.database().query(&count).await[0][0].parse::<u32>().unwrap();
    let mut added = 0;
    // Old ones are looked for once in 64 changes or so; 5,000 are kept.
    while kept().await >= 5_000 + added {
        assert!(added < 3_000, "nothing is forgotten");
        alice.add_task("Water the plants").await.expect(201);
        added += 1;
    }
}

#[tokio::test]
async fn answers_to_old_batches_are_forgotten_quickly_whatever_the_planner_knows_of_an_account() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let fill = format!(
        "INSERT INTO \"user\" (id, email, password_hash)
             SELECT gen_random_uuid(), number || '@example.com', '' FROM generate_series(1, 2000) AS number;
         INSERT INTO todo_batch (user_id, idempotency_key, body_hash, outcomes)
             SELECT id, 'first', sha256('first'), '[]' FROM \"user\";
         ANALYZE todo_batch;
         INSERT INTO todo_batch (user_id, idempotency_key, body_hash, outcomes)
             SELECT '{}', number, sha256('first'), '[]' FROM generate_series(1, 20000) AS number",
        alice.id
    );
    app.database().query(&fill).await;
    let batch = json!({"operations": [{"op": "add", "task": {"title": "Water the plants"}}]});
    alice.own("POST", "/tasks/batch").json(&batch).key("one-more").await.expect(200);
}
