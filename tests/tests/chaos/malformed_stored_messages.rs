//! Malformed messages in the database, of an older version or a hand: no conversation breaks on them.

use tests::{TestApp, User};

/// What is wrong, and the messages of a turn: number, role, content, calls, call that is answered.
const POISON: [(&str, &str); 13] = [
    (
        "a call has no result",
        r#"(3, 'user', 'x', NULL, NULL),
           (4, 'assistant', '', '[{"id": "a", "name": "add_task", "arguments": {}}]', NULL)"#,
    ),
    ("a result has no call", r#"(3, 'user', 'x', NULL, NULL), (4, 'tool', '{"success": true}', NULL, 'a')"#),
    (
        "a result answers another call",
        r#"(3, 'user', 'x', NULL, NULL),
           (4, 'assistant', '', '[{"id": "a", "name": "add_task", "arguments": {}}]', NULL),
           (5, 'tool', '{"success": true}', NULL, 'b')"#,
    ),
    (
        "two calls of a message have one id",
        r#"(3, 'user', 'x', NULL, NULL),
           (4, 'assistant', '', '[{"id": "a", "name": "add_task", "arguments": {}},
                                  {"id": "a", "name": "list_tasks", "arguments": {}}]', NULL),
           (5, 'tool', '{"success": true}', NULL, 'a'), (6, 'tool', '{"success": true}', NULL, 'a')"#,
    ),
    (
        "two messages have calls with one id",
        r#"(3, 'user', 'x', NULL, NULL),
           (4, 'assistant', '', '[{"id": "a", "name": "add_task", "arguments": {}}]', NULL),
           (5, 'tool', '{"success": true}', NULL, 'a'),
           (6, 'assistant', '', '[{"id": "a", "name": "list_tasks", "arguments": {}}]', NULL),
           (7, 'tool', '{"success": true}', NULL, 'a')"#,
    ),
    (
        "arguments are half a text",
        r#"(3, 'user', 'x', NULL, NULL),
           (4, 'assistant', '', '[{"id": "a", "name": "add_task", "arguments": "{\"title\": \"Mi"}]', NULL),
           (5, 'tool', '{"success": true}', NULL, 'a')"#,
    ),
    (
        "a call has neither name nor arguments",
        r#"(3, 'user', 'x', NULL, NULL), (4, 'assistant', 'Hm.', '[{"id": "a"}]', NULL)"#,
    ),
    ("calls are no objects", r#"(3, 'user', 'x', NULL, NULL), (4, 'assistant', '', '[1, null, "x"]', NULL)"#),
    (
        "a call has no id",
        r#"(3, 'user', 'x', NULL, NULL),
           (4, 'assistant', '', '[{"id": "", "name": "add_task", "arguments": {}}]', NULL)"#,
    ),
    (
        "a result is no JSON",
        r#"(3, 'user', 'x', NULL, NULL),
           (4, 'assistant', '', '[{"id": "a", "name": "add_task", "arguments": {}}]', NULL),
           (5, 'tool', 'Traceback (most recent call last)', NULL, 'a')"#,
    ),
    ("the assistant says a blank", "(3, 'user', 'x', NULL, NULL), (4, 'assistant', ' ', NULL, NULL)"),
    ("the person says a blank", "(3, 'user', ' ', NULL, NULL)"),
    ("the person says nothing", "(4, 'assistant', 'Hm.', NULL, NULL)"),
];

#[tokio::test]
async fn a_poisoned_conversation_can_be_read_and_goes_on() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    for (what, messages) in POISON {
        let conversation = poisoned(&app, &alice, messages).await;
        let shown = alice.conversation(&conversation).await;
        assert_eq!(shown.status, 200, "{what}: {}", shown.text);
        let turn = format!("SELECT id FROM turn WHERE conversation_id = '{conversation}' AND first_seq = 3");
        let status = alice.turn(&app.database().query(&turn).await[0][0]).await;
        assert_eq!(status.status, 200, "{what}: {}", status.text);
        for _ in 0..2 {
            let answer = alice.chat_in(&conversation, "are you there?").await;
            assert_eq!(answer.status, 200, "{what}: {}", answer.text);
        }
        let shown = alice.conversation(&conversation).await.expect(200);
        assert!(shown["messages"].as_array().unwrap().len() >= 6, "{what}: {shown}");
    }
    app.model().assert_clean();
}

/// Returns a conversation with a turn in it that consists of these messages and last words.
async fn poisoned(app: &TestApp, alice: &User<'_>, messages: &str) -> String {
    let opened = alice.chat("hello").await.expect(200);
    let id = opened["conversation_id"].as_str().unwrap().to_owned();
    let statements = format!(
        "WITH place AS (UPDATE conversation SET last_seq = 9 WHERE id = '{id}' RETURNING id, user_id),
              poisoned AS (
                  INSERT INTO turn (id, user_id, conversation_id, first_seq, state, finish_reason, closing_seq,
                                    lease_until, ended_at)
                  SELECT gen_random_uuid(), user_id, id, 3, 'answered', 'stop', 9, now(), now() FROM place
                  RETURNING id, conversation_id)
         INSERT INTO message (conversation_id, turn_id, seq, role, content, tool_calls, tool_call_id)
         SELECT conversation_id, id, seq, role, content, calls::jsonb, call_id
         FROM poisoned, (VALUES {messages}, (9, 'assistant', 'Done.', NULL, NULL))
              AS said (seq, role, content, calls, call_id)"
    );
    app.database().query(&statements).await;
    id
}
