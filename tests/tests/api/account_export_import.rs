//! An account as a file: exported, imported into an empty one, and what must not get in.

#[path = "account_export_import/hostile.rs"]
mod hostile;
#[path = "account_export_import/imports.rs"]
mod imports;
#[path = "account_export_import/large.rs"]
mod large;

use std::collections::HashMap;

use serde_json::{Value, json};
use tests::{HttpResponse, TestApp, User};

/// The account as a file.
async fn export(user: &User<'_>) -> Value {
    user.own("GET", "/export").await.expect(200)
}

async fn import(user: &User<'_>, file: &Value) -> HttpResponse {
    user.own("POST", "/import").header("Content-Type", "application/json").body(file.to_string()).await
}

/// A person with tasks of every kind, conversations, and a history.
async fn somebody_with_everything(app: &TestApp) -> User<'_> {
    let alice = app.user("alice").await;
    let settings = json!({"time_zone": "Europe/Berlin", "week_start": "sunday", "name": "Alice \u{1F980}"});
    alice.call("PATCH", "/api/auth/me").json(&settings).await.expect(200);
    let answer = alice.chat("Add a task to buy milk").await.expect(200);
    let conversation = answer["conversation_id"].as_str().unwrap();
    alice.chat_in(conversation, "Mark task 1 as done").await.expect(200);
    alice.chat_in(conversation, "Show my tasks").await.expect(200);
    rename(&alice, &answer).await;
    let rent = json!({"title": "Pay rent \u{2014} \"now\"", "description": "two\nlines\t\\", "due": "2026-11-27T09:00",
        "priority": "high", "tags": ["home", "Geld"], "repeat": "every month on the 27th"});
    alice.own("POST", "/tasks").json(&rent).await.expect(201);
    alice.update_task(2, &json!({"completed": true})).await.expect(200);
    alice.own("POST", "/tasks").json(&json!({"title": "some day", "due": "2026-12-24"})).await.expect(201);
    alice.add_task("to be deleted").await.expect(201);
    alice.delete_task(4).await.expect(204);
    alice.own("POST", "/tasks").json(&json!({"title": "a part", "parent_id": 3})).await.expect(201);
    alice.update_task(5, &json!({"after_id": 1})).await.expect(200);
    undo_twice(&alice).await;
    rename(&alice, &alice.chat("hello there").await.expect(200)).await;
    alice
}

/// Changes task 3, takes that back, and takes that back; and takes a change back that stays taken back.
async fn undo_twice(user: &User<'_>) {
    user.update_task(3, &json!({"title": "another day"})).await.expect(200);
    undo_newest(user).await;
    undo_newest(user).await;
    user.update_task(3, &json!({"title": "no day"})).await.expect(200);
    undo_newest(user).await;
}

/// Takes the newest change back.
async fn undo_newest(user: &User<'_>) {
    let newest = user.own("GET", "/activity?limit=1").await.expect(200)["changes"][0]["id"].clone();
    user.own("POST", &format!("/changes/{newest}/undo")).await.expect(200);
}

/// Gives the conversation of an answer a title, so that no model finds one while it is looked at.
async fn rename(user: &User<'_>, answer: &Value) {
    let path = format!("/conversations/{}", answer["conversation_id"].as_str().unwrap());
    user.own("PATCH", &path).json(&json!({"title": "Errands"})).await.expect(200);
}

/// A file without what differs from account to account: the account's own id, address and times, and
/// the ids that the server gives to turns and changes, each of which is replaced by its place.
fn comparable(file: &Value) -> Value {
    let mut file = file.clone();
    for member in ["id", "email", "created_at"] {
        assert!(file["account"].as_object_mut().unwrap().remove(member).is_some());
    }
    assert!(file.as_object_mut().unwrap().remove("exported_at").is_some());
    let mut places = HashMap::new();
    for conversation in file["conversations"].as_array_mut().unwrap() {
        for turn in conversation["turns"].as_array_mut().unwrap() {
            let place = format!("turn {}", places.len());
            places.insert(turn["id"].as_str().unwrap().to_owned(), place.clone());
            turn["id"] = json!(place);
        }
    }
    let changes = file["changes"].as_array_mut().unwrap();
    let of_changes: HashMap<i64, usize> =
        changes.iter().enumerate().map(|(place, change)| (change["id"].as_i64().unwrap(), place)).collect();
    let place = |id: &mut Value| {
        if let Some(known) = id.as_i64() {
            *id = json!(of_changes[&known]);
        }
    };
    for change in changes {
        for member in ["id", "undoes", "undone_by"] {
            place(&mut change[member]);
        }
        change["undoes_all"].as_array_mut().unwrap().iter_mut().for_each(place);
        if let Some(id) = change["turn_id"].as_str() {
            change["turn_id"] = json!(places[id]);
        }
    }
    file
}

#[tokio::test]
async fn a_file_holds_everything_that_its_person_can_see() {
    let app = TestApp::everyday().await;
    let alice = somebody_with_everything(&app).await;
    let answer = alice.own("GET", "/export").await;
    let file = answer.expect(200);
    let name = answer.header("content-disposition").unwrap();
    assert!(name.starts_with("attachment; filename=\"todo-export-2") && name.ends_with(".json\""), "{name}");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!((&file["format"], &file["version"]), (&json!("todo-ai-chatbot account"), &json!(1)));
    assert_eq!(
        (&file["account"]["last_task_id"], &file["account"]["name"]),
        (&json!(5), &json!("Alice \u{1F980}"))
    );
    assert_eq!(file["settings"], json!({"time_zone": "Europe/Berlin", "week_start": "sunday"}));
    // Tasks and changes are as the API shows them.
    assert_eq!(file["tasks"], alice.tasks().await.expect(200));
    let mut changes = file["changes"].clone();
    let undoes: Vec<Value> = changes
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .map(|change| change.as_object_mut().unwrap().remove("undoes_all").unwrap())
        .collect();
    assert_eq!(changes, alice.own("GET", "/activity?limit=100").await.expect(200)["changes"]);
    let newest = |place: usize| json!([changes[place]["id"]]);
    assert_eq!(undoes[..5], [newest(1), json!([]), newest(3), newest(4), json!([])]);
    let turns: Vec<usize> = file["conversations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["turns"].as_array().unwrap().len())
        .collect();
    assert_eq!(turns, [3, 1]);
    let messages = file["conversations"][0]["turns"][0]["messages"].as_array().unwrap();
    let roles: Vec<&str> = messages.iter().map(|message| message["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["user", "assistant", "tool", "assistant"]);
    assert_eq!(messages[1]["tool_calls"][0]["name"], "add_task");
    assert_eq!(messages[2]["tool_call_id"], messages[1]["tool_calls"][0]["id"]);
}

#[tokio::test]
async fn a_file_holds_no_secret_and_nothing_of_anybody_else() {
    let app = TestApp::everyday().await;
    let alice = somebody_with_everything(&app).await;
    let bob = app.user("bob").await;
    bob.chat("Add a task to meet the spy").await.expect(200);
    alice.own("POST", "/calendar").await.expect(201);
    alice.own("POST", "/tasks").key("a-key-of-alices").json(&json!({"title": "keyed"})).await.expect(201);
    let text = alice.own("GET", "/export").await.text;
    for secret in ["argon2", "password", "hash", "secret", "a-key-of-alices", "spy", bob.id.as_str()] {
        assert!(!text.contains(secret), "{secret}");
    }
    assert!(!text.contains(&alice.token) && !text.contains(&alice.password));
}

#[tokio::test]
async fn a_turn_that_has_no_end_is_exported_as_such() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    orphaned_turn(&app, &alice).await;
    let turns = export(&alice).await["conversations"][0]["turns"].clone();
    assert_eq!((&turns[0]["state"], &turns[1]["state"]), (&json!("answered"), &json!("running")));
    assert_eq!((&turns[1]["finish_reason"], &turns[1]["ended_at"]), (&Value::Null, &Value::Null));
}

/// A conversation whose second turn is as it is when its worker is gone.
async fn orphaned_turn(app: &TestApp, user: &User<'_>) {
    let answer = user.chat("Add a task to buy milk").await.expect(200);
    let conversation = answer["conversation_id"].as_str().unwrap();
    user.chat_in(conversation, "Add a task to buy bread").await.expect(200);
    let orphaned =
        "UPDATE turn SET state = 'running', ended_at = NULL, finish_reason = NULL, closing_seq = NULL
        WHERE first_seq > 1";
    app.database().query(orphaned).await;
}
