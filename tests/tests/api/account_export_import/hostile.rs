//! Files that nobody exported.

use serde_json::{Value, json};
use tests::{TestApp, User};

use super::{comparable, export, import, rename};

/// A small file that is good.
pub(super) fn good() -> Value {
    let time = "2026-11-20T08:00:00Z";
    let task = json!({
        "id": 1, "title": "Milk", "description": null, "completed": false, "due": "2026-11-27",
        "due_time_zone": "UTC", "priority": "none", "tags": ["home"], "repeat": null, "completed_at": null,
        "parent_id": null, "position": -1048576, "version": 1, "created_at": time, "updated_at": time
    });
    let call = json!({"id": "call-1", "name": "add_task", "arguments": "{\"title\": \"Milk\"}"});
    let messages = json!([
        {"role": "user", "content": "add milk", "created_at": time},
        {"role": "assistant", "content": "", "tool_calls": [call], "created_at": time},
        {"role": "tool", "content": "{\"success\": true}", "tool_call_id": "call-1", "created_at": time},
        {"role": "assistant", "content": "Done.", "created_at": time}
    ]);
    let turn = json!({
        "id": "0193d5e0-7a1b-7c3d-8e5f-000000000001", "message_id": null, "state": "answered",
        "finish_reason": "stop", "failure": null, "model": "m", "usage": null, "time_zone": "UTC",
        "week_start": "monday", "created_at": time, "ended_at": time, "messages": messages
    });
    json!({
        "format": "todo-ai-chatbot account", "version": 1,
        "account": {"name": "Ann", "last_task_id": 3},
        "settings": {"time_zone": "UTC", "week_start": "monday"},
        "tasks": [task],
        "conversations": [{
            "id": "0193d5e0-7a1b-7c3d-8e5f-00000000000c", "title": "Milk", "has_own_title": false, "model": null,
            "summary": null, "created_at": time, "updated_at": time, "turns": [turn]
        }],
        "changes": [{
            "id": 1, "kind": "added", "task_id": 1, "title": "Milk", "before": null, "after": task,
            "channel": "chat", "turn_id": "0193d5e0-7a1b-7c3d-8e5f-000000000001", "at": time, "undone_by": null, "undoes": null,
            "undoes_all": []
        }]
    })
}

/// The good file with another value at a place.
fn with(place: &str, value: Value) -> Value {
    let mut file = good();
    *file.pointer_mut(place).unwrap_or_else(|| panic!("{place}")) = value;
    file
}

/// The good file with an item twice.
fn twice(array: &str) -> Value {
    let mut file = good();
    let items = file.pointer_mut(array).unwrap().as_array_mut().unwrap();
    items.push(items[0].clone());
    file
}

/// A change that says that it took a change of another task back.
fn undo_of_another_task() -> Value {
    let mut file = good();
    let mut newer = file["changes"][0].clone();
    (newer["id"], newer["task_id"], newer["after"]["id"]) = (json!(2), json!(2), json!(2));
    newer["undoes_all"] = json!([1]);
    file["changes"].as_array_mut().unwrap().insert(0, newer);
    file
}

async fn assert_empty(user: &User<'_>) {
    let file = export(user).await;
    for name in ["tasks", "conversations", "changes"] {
        assert_eq!(file[name], json!([]), "{name}");
    }
    assert_eq!(file["account"]["last_task_id"], 0);
}

/// What is wrong with the account or its tasks, and the field that is named.
fn with_broken_tasks() -> Vec<(Value, &'static str)> {
    vec![
        (with("/format", json!("another")), "format"),
        (with("/version", json!(2)), "version"),
        (with("/account/last_task_id", json!(-1)), "account.last_task_id"),
        (with("/account/name", json!("x".repeat(101))), "account.name"),
        (with("/settings/time_zone", json!("Mars/Olympus")), "settings.time_zone"),
        (with("/tasks", json!({})), "tasks"),
        (with("/tasks/0", json!("Milk")), "tasks[0]"),
        (with("/tasks/0/id", json!("1")), "tasks[0].id"),
        (with("/tasks/0/id", json!(0)), "tasks[0].id"),
        (with("/tasks/0/id", json!(i64::MAX)), "tasks[0].id"),
        (with("/tasks/0/title", json!(" ")), "tasks[0].title"),
        (with("/tasks/0/title", json!("nul \u{0}")), "tasks[0].title"),
        (with("/tasks/0/title", json!("x".repeat(256))), "tasks[0].title"),
        (with("/tasks/0/due", json!("tomorrow")), "tasks[0].due"),
        (with("/tasks/0/due_time_zone", Value::Null), "tasks[0].due_time_zone"),
        (with("/tasks/0/priority", json!("utmost")), "tasks[0].priority"),
        (with("/tasks/0/tags", json!(["a".repeat(41)])), "tasks[0].tags"),
        (with("/tasks/0/repeat", json!("every blue moon")), "tasks[0].repeat"),
        (with("/tasks/0/version", json!(i64::MAX)), "tasks[0].version"),
        (with("/tasks/0/position", json!(i64::MAX)), "tasks[0].position"),
        (with("/tasks/0/parent_id", json!(1)), "tasks[0].parent_id"),
        (with("/tasks/0/created_at", json!("yesterday")), "tasks[0].created_at"),
        (twice("/tasks"), "tasks[1].id"),
    ]
}

/// What is wrong with conversations or changes, and the field that is named.
fn with_broken_talk() -> Vec<(Value, &'static str)> {
    const TURN: &str = "/conversations/0/turns/0";
    let turn = |member: &str, value: Value| with(&format!("{TURN}/{member}"), value);
    let message = |member: &str, value: Value| with(&format!("{TURN}/messages/{member}"), value);
    // Readable by themselves, and no more inside the message that they are kept in.
    let deep = format!("{{\"a\": {}1{}}}", "[".repeat(126), "]".repeat(126));
    vec![
        (twice("/conversations"), "conversations[1].id"),
        (twice("/conversations/0/turns"), "conversations[0].turns[1].id"),
        (with("/conversations/0/id", json!("mine")), "conversations[0].id"),
        (with("/conversations/0/title", json!("")), "conversations[0].title"),
        (with("/conversations/0/summary", json!({"text": "s", "messages": 0})), "conversations[0].summary"),
        (turn("state", json!("resting")), "conversations[0].turns[0].state"),
        (turn("finish_reason", json!("tired")), "conversations[0].turns[0].state"),
        (turn("messages", json!([])), "conversations[0].turns[0].messages"),
        (message("0/role", json!("assistant")), "conversations[0].turns[0].messages"),
        (message("3/role", json!("user")), "conversations[0].turns[0].messages"),
        (message("0/role", json!("system")), "conversations[0].turns[0].messages[0].role"),
        (message("0/content", json!("nul \u{0}")), "conversations[0].turns[0].messages[0].content"),
        (message("3/content", json!("")), "conversations[0].turns[0].messages[3].content"),
        (message("3/content", json!("x".repeat(300_000))), "conversations[0].turns[0].messages[3].content"),
        (message("2/tool_call_id", Value::Null), "conversations[0].turns[0].messages[2].tool_call_id"),
        (
            message("1/tool_calls/0/arguments", json!("{\"a\": \"\\u0000\"}")),
            "conversations[0].turns[0].messages[1].arguments",
        ),
        (message("1/tool_calls/0/arguments", json!(deep)), "conversations[0].turns[0].messages[1].arguments"),
        (
            message("1/tool_calls/0/arguments", json!("[1e999]")),
            "conversations[0].turns[0].messages[1].arguments",
        ),
        (with("/changes/0/task_id", json!(2)), "changes[0].task_id"),
        (with("/changes/0/after", Value::Null), "changes[0].after"),
        (twice("/changes"), "changes[1].id"),
        (with("/changes/0/undoes_all", json!([1])), "changes[0].undoes_all"),
        (with("/changes/0/undoes_all", json!([7])), "changes[0].undoes_all"),
        (undo_of_another_task(), "changes[0].undoes_all"),
        (with("/changes/0/undoes_all", json!(vec![0; 1_001])), "changes[0].undoes_all"),
        (with("/changes/0/after/parent_id", json!(1)), "changes[0].parent_id"),
        (with("/changes/0/channel", json!("back door")), "changes[0].channel"),
        (with("/changes/0/at", json!("2026-99-99T00:00:00Z")), "changes[0].at"),
    ]
}

#[tokio::test]
async fn what_breaks_a_rule_is_named_and_nothing_of_the_file_is_kept() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for (file, field) in with_broken_tasks().into_iter().chain(with_broken_talk()) {
        let refused = import(&alice, &file).await.expect(422);
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
        let sentence = refused["detail"].as_str().unwrap();
        assert!(sentence.ends_with('.') && !sentence.contains("line "), "{sentence}");
    }
    let mut missing = good();
    missing.as_object_mut().unwrap().remove("changes");
    assert_eq!(import(&alice, &missing).await.expect(422)["detail"], "The changes is missing.");
    assert_empty(&alice).await;
    import(&alice, &good()).await.expect(200);
}

#[tokio::test]
async fn what_is_no_file_at_all_is_refused_as_every_other_body_is() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let send = async |body: String, kind: &str| {
        alice.own("POST", "/import").header("Content-Type", kind).body(body).await
    };
    let json = "application/json";
    let cut = good().to_string();
    send(cut[..cut.len() - 1].to_owned(), json).await.expect(400);
    send(format!("{cut} {cut}"), json).await.expect(400);
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    send(deep.clone(), json).await.expect(400);
    send(format!("{{\"deep\": {deep}}}"), json).await.expect(400);
    send(cut.replacen("\"Ann\"", &deep, 1), json).await.expect(400);
    send(cut.clone(), "text/plain").await.expect(415);
    // By these two fields the page knows that a file is no export.
    for (other, field) in [("[]", "body"), ("{\"name\": \"x\"}", "format")] {
        assert_eq!(send(other.to_owned(), json).await.expect(422)["errors"][0]["field"], field);
    }
    send(String::new(), json).await.expect(400);
    let twice = cut.replacen("\"format\"", "\"version\": 1, \"format\"", 1);
    assert_eq!(send(twice, json).await.expect(422)["errors"][0]["field"], "version");
    let huge = send(" ".repeat(16 * 1024 * 1024 + 1), json).await;
    assert_eq!(huge.expect(413)["code"], "payload_too_large");
    let brackets = format!("{{\"tasks\": [{}]}}", ["{}"; 100].join(","));
    assert_eq!(send(brackets, json).await.status, 422);
    assert_empty(&alice).await;
}

#[tokio::test]
async fn ids_and_times_of_others_give_nothing_away() {
    let app = TestApp::everyday().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let answer = alice.chat("Add a task to buy milk").await.expect(200);
    rename(&alice, &answer).await;
    let before = export(&alice).await;
    let mut file = good();
    file["conversations"][0]["id"] = answer["conversation_id"].clone();
    file["conversations"][0]["turns"][0]["id"] = answer["turn_id"].clone();
    file["changes"][0]["turn_id"] = answer["turn_id"].clone();
    file["tasks"][0]["updated_at"] = json!("2999-01-01T00:00:00Z");
    file["changes"][0]["at"] = json!("2999-01-01T00:00:00Z");
    import(&bob, &file).await.expect(200);
    let of_bob = export(&bob).await;
    assert_eq!(of_bob["conversations"][0]["id"], answer["conversation_id"], "ids are each user's own");
    assert_ne!(of_bob["conversations"][0]["turns"][0]["id"], answer["turn_id"]);
    let title = &of_bob["conversations"][0]["title"];
    assert_eq!(title, "Milk");
    for time in [&of_bob["tasks"][0]["updated_at"], &of_bob["changes"][0]["at"]] {
        assert!(time.as_str().unwrap().starts_with("20"), "nothing was done in the future: {time}");
    }
    assert_eq!(comparable(&export(&alice).await), comparable(&before));
    bob.turn(answer["turn_id"].as_str().unwrap()).await.expect(404);
    let id = answer["conversation_id"].as_str().unwrap();
    bob.own("DELETE", &format!("/conversations/{id}")).await.expect(204);
    alice.conversation(id).await.expect(200);
}

#[tokio::test]
async fn quotas_hold_and_nothing_of_what_is_too_much_is_kept() {
    let variables = [("MAX_TASKS", "3"), ("MAX_CONVERSATIONS", "1"), ("MAX_STORED_MIB", "1")];
    let app = TestApp::with_environment(&variables).await;
    let alice = app.user("alice").await;
    let mut many = good();
    for id in 2..=4 {
        let mut task = many["tasks"][0].clone();
        task["id"] = json!(id);
        many["tasks"].as_array_mut().unwrap().push(task);
    }
    assert_eq!(import(&alice, &many).await.expect(422)["code"], "task_quota_reached");
    let mut talkative = good();
    let mut second = talkative["conversations"][0].clone();
    second["id"] = json!("0193d5e0-7a1b-7c3d-8e5f-00000000000d");
    second["turns"] = json!([]);
    talkative["conversations"].as_array_mut().unwrap().push(second);
    assert_eq!(import(&alice, &talkative).await.expect(422)["code"], "conversation_quota_reached");
    let mut long = good();
    let turn = long["conversations"][0]["turns"][0].clone();
    for number in 2..=12 {
        let mut turn = turn.clone();
        turn["id"] = json!(format!("0193d5e0-7a1b-7c3d-8e5f-0000000000{number:02}"));
        turn["messages"][3]["content"] = json!("long words ".repeat(10_000));
        long["conversations"][0]["turns"].as_array_mut().unwrap().push(turn);
    }
    assert_eq!(import(&alice, &long).await.expect(422)["code"], "storage_quota_reached");
    assert_empty(&alice).await;
    import(&alice, &good()).await.expect(200);
}

#[tokio::test]
async fn of_two_imports_at_once_one_is_made() {
    let app = TestApp::start().await;
    let second = app.replica().await;
    let alice = app.user("alice").await;
    let send = |file: Value| {
        alice.own("POST", "/import").header("Content-Type", "application/json").body(file.to_string())
    };
    let (here, there) = tokio::join!(async { send(good()).await }, async { send(good()).at(&second).await });
    let mut statuses = [here.status, there.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{} {}", here.text, there.text);
    assert_eq!(export(&alice).await["tasks"].as_array().unwrap().len(), 1);
}

/// Texts of a file that follow from others and are not read.
const NOT_READ: [&str; 2] = ["/changes/0/kind", "/changes/0/title"];

/// The places of all texts below a place.
fn texts(place: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(place.to_owned()),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, item)| texts(&format!("{place}/{at}"), item, found));
        }
        Value::Object(members) => {
            members.iter().for_each(|(name, member)| texts(&format!("{place}/{name}"), member, found));
        }
        _ => {}
    }
}

#[tokio::test]
async fn a_nul_in_any_text_of_a_file_is_refused() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let mut places = Vec::new();
    texts("", &good(), &mut places);
    assert!(places.len() > 40, "{places:?}");
    for place in places.iter().filter(|place| !NOT_READ.contains(&place.as_str())) {
        let text = good().pointer(place).and_then(Value::as_str).map(str::to_owned).unwrap();
        for text in [format!("{text}\u{0}"), "\u{0}".to_owned()] {
            let answer = import(&alice, &with(place, json!(text))).await;
            assert_eq!(answer.status, 422, "{place}: {}", answer.text);
        }
    }
    assert_empty(&alice).await;
    for (number, place) in NOT_READ.iter().enumerate() {
        assert!(places.contains(&(*place).to_owned()), "{place}");
        let user = app.user(&format!("user-{number}")).await;
        import(&user, &with(place, json!("\u{0}"))).await.expect(200);
        assert!(!export(&user).await.to_string().contains("\\u0000"), "{place}");
    }
}
