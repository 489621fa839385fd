//! A full account, of which the planner of the database knows next to nothing.
//!
//! Statistics are gathered now and then. Until then PostgreSQL thinks of an account that has filled up as it
//! was, or as others are, and may choose a plan that looks at every row for every row. A statement that takes
//! longer than its timeout is a 503, here.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{
    TestApp, User,
    script::{call, text},
};
use tokio::time::sleep;

/// Two thousand accounts with one of everything, which is what the planner knows; and what this one has
/// since filled up with.
async fn fill(app: &TestApp, alice: &User<'_>) {
    let own = &alice.id;
    let statements = format!(
        "INSERT INTO \"user\" (id, email, password_hash)
             SELECT gen_random_uuid(), number || '@example.com', '' FROM generate_series(1, 2000) AS number;
         INSERT INTO todo (user_id, number, title) SELECT id, 1, 'Milk' FROM \"user\";
         INSERT INTO conversation (id, user_id, title, last_seq, message_count) SELECT id, id, 'Milk', 2, 2 FROM \"user\";
         INSERT INTO turn (id, user_id, conversation_id, first_seq, lease_until, state, step, closing_seq, finish_reason, ended_at)
             SELECT id, id, id, 1, now(), 'answered', 0, 2, 'stop', now() FROM \"user\";
         INSERT INTO message (conversation_id, seq, turn_id, role, content)
             SELECT id, seq, id, CASE seq WHEN 1 THEN 'user' ELSE 'assistant' END, 'Milk' FROM \"user\", generate_series(1, 2) AS seq;
         INSERT INTO todo_change (user_id, number, door, turn_id, after)
             SELECT user_id, number, 'chat', user_id, jsonb_strip_nulls(to_jsonb(todo)) - '{{user_id,title_key,description_key,tag_keys}}'::text[] || '{{\"version\": 1}}' FROM todo;
         ALTER TABLE todo SET (autovacuum_enabled = off);
         ALTER TABLE todo_change SET (autovacuum_enabled = off);
         ALTER TABLE conversation SET (autovacuum_enabled = off);
         ALTER TABLE turn SET (autovacuum_enabled = off);
         ALTER TABLE message SET (autovacuum_enabled = off);
         ANALYZE;
         INSERT INTO todo (user_id, number, title, tags, due_date, due_zone, priority, parent)
             SELECT '{own}', number, 'Task ' || number, ARRAY['tag' || number % 50],
                 CASE WHEN number % 3 = 0 THEN current_date + (number % 400)::int END,
                 CASE WHEN number % 3 = 0 THEN 'UTC' END, number % 4,
                 CASE WHEN number BETWEEN 1001 AND 3000 THEN 7 END
             FROM generate_series(2, 19000) AS number;
         UPDATE \"user\" SET last_task_number = 19000 WHERE id = '{own}';
         INSERT INTO todo_change (user_id, number, door, after)
             SELECT user_id, number, 'rest', jsonb_strip_nulls(to_jsonb(todo)) - '{{user_id,title_key,description_key,tag_keys}}'::text[] || '{{\"version\": 1}}'
             FROM todo WHERE user_id = '{own}' AND number > 14500;
         INSERT INTO conversation (id, user_id, title, last_seq, message_count)
             SELECT gen_random_uuid(), '{own}', 'Talk ' || number, 2, 2 FROM generate_series(1, 4000) AS number;
         INSERT INTO turn (id, user_id, conversation_id, first_seq, lease_until, state, step, closing_seq, finish_reason, ended_at)
             SELECT gen_random_uuid(), '{own}', id, 1, now(), 'answered', 0, 2, 'stop', now()
             FROM conversation WHERE user_id = '{own}' AND title LIKE 'Talk %';
         INSERT INTO message (conversation_id, seq, turn_id, role, content)
             SELECT conversation_id, seq, id, CASE seq WHEN 1 THEN 'user' ELSE 'assistant' END, 'Task of ' || id
             FROM turn, generate_series(1, 2) AS seq WHERE user_id = '{own}' AND conversation_id <> id;
         INSERT INTO turn (id, user_id, conversation_id, first_seq, lease_until, state, step, closing_seq, finish_reason, ended_at)
             SELECT gen_random_uuid(), '{own}', '{own}', number * 2 + 1, now(), 'answered', 0, number * 2 + 2, 'stop', now()
             FROM generate_series(1, 5000) AS number;
         INSERT INTO message (conversation_id, seq, turn_id, role, content)
             SELECT conversation_id, first_seq + plus, id, CASE plus WHEN 0 THEN 'user' ELSE 'assistant' END, 'Words of ' || id
             FROM turn, generate_series(0, 1) AS plus WHERE conversation_id = '{own}' AND first_seq > 1;
         UPDATE conversation SET last_seq = 10002, message_count = 10002 WHERE id = '{own}'"
    );
    app.database().query(&statements).await;
}

#[tokio::test]
async fn a_full_account_is_served_whatever_the_planner_knows_of_it() {
    let app = TestApp::everyday_with(&[("CHANGES_PER_MINUTE", "0"), ("TURNS_PER_5_MINUTES", "1000")]).await;
    let alice = app.user("alice").await;
    fill(&app, &alice).await;
    for path in [
        "/tasks?limit=100&offset=18000",
        "/tasks?search=task+18",
        "/tasks?status=completed",
        "/tasks?sort=position",
        "/tasks?tag=tag7&sort=priority",
        "/tasks?parent=7",
        "/tasks?due=overdue",
        "/activity",
        "/activity?task=15000",
        "/usage",
        "/conversations?search=words",
        "/export",
    ] {
        alice.own("GET", path).await.expect(200);
    }
    alice.conversation(&alice.id).await.expect(200);

    let change = |number| json!({"op": "update", "id": 5100 + number, "changes": {"completed": true}});
    let operations: Vec<Value> = (0..100).map(change).collect();
    let batch = json!({ "operations": operations });
    alice.own("POST", "/tasks/batch").json(&batch).key("b").await.expect(200);
    for change in [json!({"after_id": 18000}), json!({"parent_id": 9}), json!({"parent_id": null})] {
        alice.own("PATCH", "/tasks/12").json(&change).await.expect(200);
    }
    let newest = alice.own("GET", "/activity").await.expect(200)["changes"][0]["id"].as_i64().unwrap();
    alice.undo_change(newest).await.expect(200);

    app.model().on("find", [call("list_tasks", json!({"search": "Task 18"})), text("There.")]);
    app.model().on("away", [call("delete_task", json!({"task_id": 7})), text("Gone.")]);
    alice.chat_in(&alice.id, "find").await.expect(200);
    let turn = alice.chat("away").await.expect(200)["turn_id"].as_str().unwrap().to_owned();
    let subtasks = format!("SELECT count(*) FROM todo WHERE user_id = '{}' AND parent = 7", alice.id);
    let below = async || app.database().query(&subtasks).await[0][0].clone();
    assert_eq!(below().await, "0");
    alice.undo_turn(&turn).await.expect(200);
    assert_eq!(below().await, "2000");

    alice.delete_task(7).await.expect(204);
    alice.own("DELETE", &format!("/conversations/{}", alice.id)).await.expect(204);
    alice.leave().await.expect(204);
}

/// How many rows of a table were read since it is counted.
async fn rows_read(app: &TestApp, table: &str) -> i64 {
    let others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    // A session tells what it has read when it ends.
    app.database().query(&format!("SELECT pg_terminate_backend(pid) {others}")).await;
    while app.database().query(&format!("SELECT count(*) {others}")).await[0][0] != "0" {
        sleep(Duration::from_millis(20)).await;
    }
    let count =
        format!("SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables WHERE relname = '{table}'");
    app.database().query(&count).await[0][0].parse().unwrap()
}

#[tokio::test]
async fn of_a_long_conversation_the_newest_turns_are_read_and_no_others() {
    let app = TestApp::everyday_with(&[]).await;
    let alice = app.user("alice").await;
    fill(&app, &alice).await;
    app.model().on("newest", [text("It is.")]);
    let turn = alice.chat_in(&alice.id, "newest").await.expect(200)["turn_id"].as_str().unwrap().to_owned();
    let place = format!("/conversations/{}", alice.id);
    let before = rows_read(&app, "turn").await;
    for query in ["?limit=1", "?limit=50", &format!("?limit=50&before={turn}")] {
        alice.own("GET", &format!("{place}{query}")).await.expect(200);
    }
    alice.chat_in(&alice.id, "newest").await.expect(200);
    let read = rows_read(&app, "turn").await - before;
    assert!((1..1_000).contains(&read), "{read} rows of 5,002 turns were read");
}

/// Two conversations of 32,000 messages each. One has the account's id.
async fn talk_for_years(app: &TestApp, alice: &User<'_>) {
    let statements = format!(
        "INSERT INTO conversation (id, user_id, title, last_seq, message_count)
             SELECT CASE number WHEN 1 THEN '{own}' ELSE gen_random_uuid() END, '{own}', 'Talk', 32000, 32000
             FROM generate_series(1, 2) AS number;
         INSERT INTO turn (id, user_id, conversation_id, first_seq, lease_until, state, step, closing_seq, finish_reason, ended_at)
             SELECT gen_random_uuid(), user_id, id, number * 2 - 1, now(), 'answered', 0, number * 2, 'stop', now()
             FROM conversation, generate_series(1, 16000) AS number;
         INSERT INTO message (conversation_id, seq, turn_id, role, content)
             SELECT conversation_id, first_seq + plus, id, CASE plus WHEN 0 THEN 'user' ELSE 'assistant' END, 'Milk'
             FROM turn, generate_series(0, 1) AS plus",
        own = alice.id
    );
    app.database().query(&statements).await;
}

#[tokio::test]
async fn years_of_talking_are_deleted_by_a_slow_database_wholly_or_not_at_all() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    talk_for_years(&app, &alice).await;
    let left = async || app.database().query("SELECT count(*) FROM message").await[0][0].clone();
    let be_slow = "CREATE FUNCTION be_slow() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN PERFORM pg_sleep(TG_ARGV[0]::float); RETURN NULL; END $$";
    app.database().query(be_slow).await;

    // The last statement runs into its timeout: nothing of what was deleted before it is gone.
    let at_the_end = "CREATE TRIGGER slow AFTER DELETE ON \"user\" FOR EACH ROW EXECUTE FUNCTION be_slow(4)";
    app.database().query(at_the_end).await;
    alice.leave().await.expect(503);
    assert_eq!(left().await, "64000");

    // Two milliseconds for each ten turns: too much for one statement.
    let all_the_time = "DROP TRIGGER slow ON \"user\";
         CREATE TRIGGER slow AFTER DELETE ON turn FOR EACH ROW WHEN (OLD.first_seq % 20 = 1)
             EXECUTE FUNCTION be_slow(0.002)";
    app.database().query(all_the_time).await;
    alice.own("DELETE", &format!("/conversations/{}", alice.id)).await.expect(204);
    assert_eq!(left().await, "32000");
    alice.leave().await.expect(204);
    assert_eq!(left().await, "0");
}
