//! Accounts that are large: what an export holds in memory, and what an import may take.

use serde_json::{Value, json};
use tests::{TestApp, User};

use super::{comparable, export, import};

/// The most that the server may grow by while it sends many times as much, in MiB.
const MAX_MIB: u64 = 40;

/// The most that it may grow by while it reads a file of 16 MiB, in MiB.
const MAX_MIB_OF_IMPORT: u64 = 80;

/// Fills an account with about 60 MiB: tasks, a long conversation, and changes.
async fn fill(app: &TestApp, user: &User<'_>, mebibytes: usize) {
    let turns = mebibytes * 24;
    let fill = format!(
        "INSERT INTO todo (user_id, number, title, description)
             SELECT '{id}', number, 'task ' || number, repeat('words of it ', 160) FROM generate_series(1, 2000) AS number;
         UPDATE \"user\" SET last_task_number = 2000 WHERE id = '{id}';
         INSERT INTO todo_change (user_id, number, door, after, created_at)
             SELECT user_id, number, 'rest', to_jsonb(todo) - 'user_id', created_at FROM todo
             WHERE user_id = '{id}' ORDER BY number;
         INSERT INTO conversation (id, user_id, title, last_seq, message_count)
             VALUES (gen_random_uuid(), '{id}', 'long', {turns} * 2, {turns} * 2);
         INSERT INTO turn (id, user_id, conversation_id, state, first_seq, closing_seq, lease_until, finish_reason, ended_at)
             SELECT gen_random_uuid(), '{id}', conversation.id, 'answered', number * 2 - 1, number * 2, now(), 'stop', now()
             FROM conversation, generate_series(1, {turns}) AS number WHERE user_id = '{id}';
         INSERT INTO message (conversation_id, seq, turn_id, role, content)
             SELECT conversation_id, first_seq, id, 'user', 'tell me more' FROM turn WHERE user_id = '{id}';
         INSERT INTO message (conversation_id, seq, turn_id, role, content)
             SELECT conversation_id, closing_seq, id, 'assistant', repeat('words that are said ' || first_seq || ' ', 1800)
             FROM turn WHERE user_id = '{id}'",
        id = user.id
    );
    app.database().query(&fill).await;
}

#[tokio::test]
async fn a_large_account_is_exported_within_little_memory_also_to_who_reads_slowly() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    fill(&app, &alice, 60).await;
    let server = app.server();
    let before = server.memory().await;
    let mut peak = before;
    let mut response = alice.own("GET", "/export").open().await.unwrap();
    let (mut bytes, mut next_look) = (0, 0);
    while let Some(chunk) = response.chunk().await.unwrap() {
        bytes += chunk.len();
        if bytes >= next_look {
            peak = peak.max(server.memory().await);
            next_look += 4 * 1024 * 1024;
        }
    }
    assert!(bytes > 55 * 1024 * 1024, "{bytes}");
    assert!(peak - before < MAX_MIB, "{} MiB for {bytes} bytes", peak - before);
    // Nothing was left out on the way.
    let file = export(&alice).await;
    assert_eq!(file["tasks"].as_array().unwrap().len(), 2_000);
    assert_eq!(file["changes"].as_array().unwrap().len(), 2_000);
    let turns = file["conversations"][0]["turns"].as_array().unwrap();
    assert_eq!(turns.len(), 60 * 24);
    assert!(turns.iter().all(|turn| turn["messages"].as_array().unwrap().len() == 2));
}

#[tokio::test]
async fn an_account_is_exported_once_at_a_time_and_breaks_off_for_who_is_signed_out() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    fill(&app, &alice, 20).await;
    let mut first = alice.own("GET", "/export").open().await.unwrap();
    assert!(first.chunk().await.unwrap().is_some());
    let busy = alice.own("GET", "/export").await;
    assert_eq!(busy.expect(503)["code"], "busy");
    // Nobody else waits, and the account's own requests are served.
    export(&bob).await;
    alice.own("GET", "/tasks?limit=1").await.expect(200);
    alice.call("POST", "/api/auth/logout-everywhere").await.expect(204);
    let ending = loop {
        match first.chunk().await {
            Ok(Some(_)) => {}
            end => break end,
        }
    };
    assert!(ending.is_err(), "what broke off does not look like a whole file");
}

#[tokio::test]
async fn a_file_of_nearly_the_most_bytes_is_imported_and_the_same_again() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    fill(&app, &alice, 6).await;
    let file = export(&alice).await;
    let size = file.to_string().len();
    assert!((13 * 1024 * 1024..16 * 1024 * 1024).contains(&size), "{size}");
    let started_at = std::time::Instant::now();
    let counts: Value = import(&bob, &file).await.expect(200);
    let took = started_at.elapsed();
    assert_eq!(counts["tasks"], json!(2_000), "{took:?}");
    assert_eq!(comparable(&export(&bob).await), comparable(&file));
}

#[tokio::test]
async fn a_file_of_a_hundred_thousand_messages_holds_little_while_it_is_read() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let file = many_messages();
    assert!((12 * 1024 * 1024..16 * 1024 * 1024).contains(&file.len()), "{}", file.len());
    let server = app.server();
    let before = server.memory().await;
    let mut peak = before;
    let sent =
        async { alice.own("POST", "/import").header("Content-Type", "application/json").body(file).await };
    tokio::pin!(sent);
    let answer = loop {
        tokio::select! {
            answer = &mut sent => break answer,
            memory = server.memory() => peak = peak.max(memory),
        }
    };
    // The last of them breaks a rule: all the others were read and held by then.
    assert_eq!(answer.expect(422)["errors"][0]["field"], "conversations[0].turns[1].messages");
    assert!(peak - before < MAX_MIB_OF_IMPORT, "{} MiB", peak - before);
}

/// A file of nothing but messages that are as short as can be.
fn many_messages() -> String {
    let time = "2026-11-20T08:00:00Z";
    let message = |role: &str| format!(r#"{{"role":"{role}","content":"x","created_at":"{time}"}}"#);
    let said = vec![message("assistant"); 99_999].join(",");
    let turn = |number: u8, first: &str| {
        format!(
            r#"{{"id":"0193d5e0-7a1b-7c3d-8e5f-00000000000{number}","state":"answered","finish_reason":"stop",
            "time_zone":"UTC","week_start":"monday","created_at":"{time}","messages":[{},{said}]}}"#,
            message(first)
        )
    };
    format!(
        r#"{{"format":"todo-ai-chatbot account","version":1,"account":{{"last_task_id":0}},
        "settings":{{"time_zone":"UTC","week_start":"monday"}},"tasks":[],"changes":[],
        "conversations":[{{"id":"0193d5e0-7a1b-7c3d-8e5f-00000000000c","title":"long","has_own_title":false,
        "created_at":"{time}","updated_at":"{time}","turns":[{},{}]}}]}}"#,
        turn(1, "user"),
        turn(2, "assistant")
    )
}
