//! What no row can be, whoever writes it: each constraint of the schema refuses what it is there for.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use tokio_postgres::Client;

use crate::postgres::fresh_database::{database, session, texts};

const ID: &str = "00000000-0000-0000-0000-000000000001";
const OTHER: &str = "00000000-0000-0000-0000-000000000002";
const LATER: &str = "2030-01-01T00:00:00Z";

/// A good row of each table, in an order in which they can be inserted.
fn good_rows() -> Vec<(&'static str, Value)> {
    let hash = hash();
    vec![
        ("user", json!({"id": ID, "email": "a@example.com", "password_hash": ""})),
        ("todo", json!({"user_id": ID, "number": 1, "title": "Milk", "tags": []})),
        ("conversation", json!({"id": ID, "user_id": ID, "title": "Hello", "client_id": ID})),
        (
            "turn",
            json!({"id": ID, "user_id": ID, "conversation_id": ID, "idempotency_key": "k", "body_hash": hash,
                   "state": "running", "first_seq": 1, "lease_until": LATER}),
        ),
        (
            "message",
            json!({"conversation_id": ID, "seq": 1, "turn_id": ID, "role": "user", "content": "Hello"}),
        ),
        (
            "todo_change",
            json!({"user_id": ID, "number": 1, "door": "rest", "after": {}, "idempotency_key": "k",
                   "body_hash": hash}),
        ),
        ("todo_batch", json!({"user_id": ID, "idempotency_key": "k", "body_hash": hash, "outcomes": []})),
        ("regeneration", json!({"user_id": ID, "idempotency_key": "k", "body_hash": hash, "turn_id": ID})),
        ("deleted_conversation_key", json!({"user_id": ID, "idempotency_key": "k"})),
        (
            "approval",
            json!({"id": ID, "user_id": ID, "conversation_id": ID, "turn_id": ID, "call_id": "c",
                   "tool": "delete_task", "arguments": {}, "tasks": [], "expires_at": LATER}),
        ),
        ("session", json!({"id": ID, "user_id": ID, "secret_hash": hash, "expires_at": LATER})),
        (
            "one_time_token",
            json!({"secret_hash": hash, "user_id": ID, "purpose": "confirm_email", "by_mail": true,
                   "expires_at": LATER}),
        ),
        ("identity", json!({"provider": "github", "subject": "1", "user_id": ID})),
        (
            "provider_sign_in",
            json!({"state_hash": hash, "provider": "github", "pkce_verifier": text(43), "expires_at": LATER}),
        ),
        (
            "access_token",
            json!({"id": ID, "user_id": ID, "name": "laptop", "scopes": ["chat"], "audience": "api",
                   "secret_hash": hash}),
        ),
        ("oauth_client", json!({"id": ID, "name": "Editor", "redirect_uris": ["http://localhost"]})),
        (
            "oauth_grant",
            json!({"id": ID, "user_id": ID, "token_version": 0, "client_id": ID, "client_name": "Editor",
                   "scopes": ["tasks:read"], "code_hash": hash, "redirect_uri": "http://localhost",
                   "code_challenge": text(43), "expires_at": LATER}),
        ),
        ("calendar", json!({"user_id": ID, "secret_hash": hash})),
        ("account_usage", json!({"user_id": ID})),
    ]
}

/// What a good row is changed to, and the constraint that refuses it.
fn bad_rows() -> Vec<(&'static str, Value, &'static str)> {
    [accounts(), todos(), turns(), programs()].concat()
}

fn accounts() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("user", json!({"email": "a@"}), "user_email_check"),
        ("user", json!({"email": text(255)}), "user_email_check"),
        ("user", json!({"name": ""}), "user_name_check"),
        ("user", json!({"name": text(101)}), "user_name_check"),
        ("user", json!({"week_start": "friday"}), "user_week_start_check"),
        ("user", json!({"avatar_url": text(501)}), "user_avatar_url_check"),
        ("user", json!({"oauth_provider": "nobody"}), "user_oauth_provider_check"),
        ("user", json!({"id": OTHER}), "user_email_unique"),
        ("session", json!({"secret_hash": "\\x00"}), "session_secret_hash_check"),
        ("session", json!({"previous_hash": "\\x00"}), "session_previous_hash_check"),
        ("session", json!({"user_agent": text(201)}), "session_user_agent_check"),
        ("one_time_token", json!({"secret_hash": "\\x00"}), "one_time_token_secret_hash_check"),
        ("one_time_token", json!({"purpose": "other"}), "one_time_token_purpose_check"),
        ("identity", json!({"provider": "nobody"}), "identity_provider_check"),
        ("identity", json!({"subject": ""}), "identity_subject_check"),
        ("provider_sign_in", json!({"state_hash": "\\x00"}), "provider_sign_in_state_hash_check"),
        ("provider_sign_in", json!({"provider": "nobody"}), "provider_sign_in_provider_check"),
        ("provider_sign_in", json!({"pkce_verifier": text(42)}), "provider_sign_in_pkce_verifier_check"),
        ("calendar", json!({"secret_hash": "\\x00"}), "calendar_secret_hash_check"),
        ("calendar", json!({"user_id": OTHER}), "calendar_secret_hash_key"),
    ]
}

fn todos() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("todo", json!({"number": 0}), "todo_number_check"),
        ("todo", json!({"title": ""}), "todo_title_check"),
        ("todo", json!({"title": text(256)}), "todo_title_check"),
        ("todo", json!({"description": ""}), "todo_description_check"),
        ("todo", json!({"description": text(2001)}), "todo_description_check"),
        ("todo", json!({"priority": 4}), "todo_priority_check"),
        ("todo", json!({"tags": vec!["tag"; 11]}), "todo_tags_check"),
        (
            "todo",
            json!({"repeat": text(201), "due_date": "2030-01-01", "due_zone": "UTC"}),
            "todo_repeat_check",
        ),
        ("todo", json!({"due_date": "2030-01-01"}), "todo_due_is_whole"),
        ("todo", json!({"due_time": "12:00"}), "todo_due_is_whole"),
        ("todo", json!({"repeat": "FREQ=DAILY"}), "todo_due_is_whole"),
        ("todo", json!({"parent": 1}), "todo_check"),
        ("todo", json!({"number": 2, "parent": 3}), "todo_parent_exists"),
        ("todo_change", json!({"door": "window"}), "todo_change_door_check"),
        ("todo_change", json!({"after": null}), "todo_change_check"),
        ("todo_change", json!({"body_hash": null}), "todo_change_check1"),
        ("todo_change", json!({"idempotency_key": text(256)}), "todo_change_idempotency_key_check"),
        ("todo_change", json!({"body_hash": "\\x00"}), "todo_change_body_hash_check"),
        ("todo_change", json!({}), "todo_change_key_unique"),
        ("todo_batch", json!({"idempotency_key": ""}), "todo_batch_idempotency_key_check"),
        ("todo_batch", json!({"body_hash": "\\x00"}), "todo_batch_body_hash_check"),
    ]
}

fn turns() -> Vec<(&'static str, Value, &'static str)> {
    let ended = json!({"id": OTHER, "state": "failed", "failure": "f", "closing_seq": 2, "ended_at": LATER});
    let with = |change: Value| merged(&ended, &change);
    let calls = json!([{"id": "1"}]);
    vec![
        ("conversation", json!({"title": ""}), "conversation_title_check"),
        ("conversation", json!({"title": text(256)}), "conversation_title_check"),
        ("conversation", json!({"summary": text(8001), "summary_seq": 1}), "conversation_summary_check"),
        ("conversation", json!({"summary": "s"}), "conversation_summary_holds_something"),
        ("conversation", json!({"model": text(201)}), "conversation_model_check"),
        ("conversation", json!({"id": OTHER}), "conversation_client_id"),
        ("turn", json!({"id": OTHER, "idempotency_key": "k2", "first_seq": 2}), "turn_one_running"),
        ("turn", with(json!({"idempotency_key": "k2"})), "turn_in_order"),
        ("turn", with(json!({"first_seq": 2})), "turn_key_unique"),
        ("turn", json!({"client_message_id": ""}), "turn_client_message_id_check"),
        ("turn", json!({"idempotency_key": ""}), "turn_idempotency_key_check"),
        ("turn", json!({"body_hash": "\\x00"}), "turn_body_hash_check"),
        ("turn", json!({"body_hash": null}), "turn_check"),
        ("turn", json!({"state": "asleep", "ended_at": LATER}), "turn_state_check"),
        ("turn", json!({"first_seq": 0}), "turn_first_seq_check"),
        ("turn", json!({"finish_reason": "tired"}), "turn_finish_reason_check"),
        ("turn", with(json!({"finish_reason": "stop"})), "turn_check1"),
        ("turn", json!({"state": "answered", "ended_at": LATER}), "turn_check2"),
        ("turn", with(json!({"closing_seq": null})), "turn_check3"),
        ("turn", json!({"ended_at": LATER}), "turn_check4"),
        ("turn", with(json!({"ended_at": null})), "turn_check4"),
        ("message", json!({"seq": 0}), "message_seq_check"),
        ("message", json!({"role": "system"}), "message_role_check"),
        ("message", json!({"role": "assistant", "tool_calls": []}), "message_tool_calls_check"),
        ("message", json!({"role": "tool"}), "message_check"),
        ("message", json!({"tool_call_id": "1"}), "message_check"),
        ("message", json!({"tool_calls": calls}), "message_check1"),
        ("message", json!({"content": ""}), "message_check2"),
        ("approval", json!({"call_id": ""}), "approval_call_id_check"),
        ("approval", json!({"arguments": []}), "approval_arguments_check"),
        ("approval", json!({"tasks": {}}), "approval_tasks_check"),
        ("approval", json!({"state": "asleep", "result": {}}), "approval_state_check"),
        ("approval", json!({"state": "approved"}), "approval_check"),
        ("approval", json!({"call_id": null}), "approval_is_of_a_turn_or_a_program"),
    ]
}

fn programs() -> Vec<(&'static str, Value, &'static str)> {
    let other_hash = format!("\\x{}", "01".repeat(32));
    vec![
        ("access_token", json!({"name": ""}), "access_token_name_check"),
        ("access_token", json!({"scopes": []}), "access_token_scopes_check"),
        ("access_token", json!({"scopes": ["admin"]}), "access_token_scopes_check"),
        ("access_token", json!({"secret_hash": "\\x00"}), "access_token_secret_hash_check"),
        ("access_token", json!({"id": OTHER}), "access_token_secret_hash_key"),
        ("oauth_client", json!({"name": ""}), "oauth_client_name_check"),
        ("oauth_client", json!({"uri": text(501)}), "oauth_client_uri_check"),
        ("oauth_client", json!({"redirect_uris": []}), "oauth_client_redirect_uris_check"),
        ("oauth_grant", json!({"client_id": ""}), "oauth_grant_client_id_check"),
        ("oauth_grant", json!({"client_name": ""}), "oauth_grant_client_name_check"),
        ("oauth_grant", json!({"client_uri": text(501)}), "oauth_grant_client_uri_check"),
        ("oauth_grant", json!({"scopes": ["chat"]}), "oauth_grant_scopes_check"),
        ("oauth_grant", json!({"code_hash": "\\x00"}), "oauth_grant_code_hash_check"),
        ("oauth_grant", json!({"redirect_uri": ""}), "oauth_grant_redirect_uri_check"),
        ("oauth_grant", json!({"code_challenge": text(42)}), "oauth_grant_code_challenge_check"),
        (
            "oauth_grant",
            json!({"secret_hash": "\\x00", "rotated_at": LATER}),
            "oauth_grant_secret_hash_check",
        ),
        ("oauth_grant", json!({"previous_hash": "\\x00"}), "oauth_grant_previous_hash_check"),
        ("oauth_grant", json!({"secret_hash": other_hash}), "oauth_grant_check"),
    ]
}

fn text(length: usize) -> String {
    "x".repeat(length)
}

fn hash() -> String {
    format!("\\x{}", "00".repeat(32))
}

fn merged(row: &Value, change: &Value) -> Value {
    let members = |value: &Value| value.as_object().unwrap().clone();
    Value::Object(members(row).into_iter().chain(members(change)).collect::<Map<_, _>>())
}

/// Inserts a row and returns the constraint that refused it, if one did. Columns that are not named have
/// their defaults.
async fn insert(session: &Client, table: &str, row: &Value) -> Option<String> {
    let columns: Vec<_> = row.as_object().unwrap().keys().map(|name| format!("\"{name}\"")).collect();
    let columns = columns.join(", ");
    let row = row.to_string().replace('\'', "''");
    let statement = format!(
        "INSERT INTO \"{table}\" ({columns}) SELECT {columns} FROM jsonb_populate_record(NULL::\"{table}\", '{row}')"
    );
    let error = session.batch_execute(&statement).await.err()?;
    let refused = error.as_db_error().unwrap_or_else(|| panic!("{table} {row}: {error}"));
    Some(refused.constraint().unwrap_or_else(|| panic!("{table} {row}: {refused}")).to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_row_can_be_is_refused_by_a_constraint_each() {
    let (_database, name) = database().await;
    let (session, _connection) = session(&name).await;
    let mut tried = BTreeSet::new();
    for (table, row) in good_rows() {
        assert_eq!(insert(&session, table, &row).await, None, "{table}");
        // Its numbers are the database's.
        if table != "todo_change" {
            let twice = insert(&session, table, &row).await.unwrap();
            assert_eq!(twice, format!("{table}_pkey"), "{table}");
            tried.insert(twice);
        }
    }
    let mut wrong = Vec::new();
    for (table, change, constraint) in bad_rows() {
        let good = good_rows().into_iter().find(|(name, _)| *name == table).unwrap().1;
        let refused = insert(&session, table, &merged(&good, &change)).await;
        if refused.as_deref() != Some(constraint) {
            wrong.push(format!("{table} {change}: {refused:?}, and not {constraint}"));
        }
        tried.insert(constraint.to_owned());
    }
    assert_eq!(wrong, [""; 0]);
    // But for the foreign keys: the names of those to an account have a test of their own.
    let all = "SELECT conname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
               WHERE relnamespace = 'public'::regnamespace AND contype = 'c'
               UNION SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
               WHERE relnamespace = 'public'::regnamespace AND indisunique
                   AND relname NOT IN ('__diesel_schema_migrations_pkey', 'todo_change_pkey')";
    let all: BTreeSet<_> = texts(&name, all).await.into_iter().collect();
    let untried: Vec<_> = all.difference(&tried).collect();
    assert_eq!(untried, [""; 0], "each constraint is tried");
}
