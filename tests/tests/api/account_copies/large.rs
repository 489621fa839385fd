//! Accounts that are large: what an export holds in memory.

use tests::{TestApp, User};

use super::export;

/// The most that the server may grow by while it sends many times as much, in MiB.
const MOST_MIB: u64 = 40;

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
    assert!(peak - before < MOST_MIB, "{} MiB for {bytes} bytes", peak - before);
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
