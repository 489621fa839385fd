//! The guide for deploying to Hugging Face that this project grew from, step by step: its requests verbatim,
//! in production mode.

use serde_json::{Value, json};
use tests::{
    TestApp, User, model_transcript,
    script::{call, text},
};

/// The body of step 6.1, byte for byte.
const REGISTER: &str = r#"{
    "email": "test@example.com",
    "password": "securepassword123",
    "name": "Test User"
  }"#;
/// The body of step 6.2, byte for byte.
const ADD: &str = r#"{
    "message": "Add a task to buy groceries"
  }"#;

/// Step 6.1.
async fn registered(app: &TestApp) -> User<'_> {
    let request = app.call("POST", "/api/auth/register").header("Content-Type", "application/json");
    let answer = request.body(REGISTER).await.expect(201);
    User::of(app, &answer, "securepassword123".to_owned())
}

/// Returns the one tool call of an answer, as its tool, its input and its result.
fn only_call(answer: &Value) -> (&str, &Value, &Value) {
    let calls = answer["tool_calls"].as_array().unwrap();
    assert_eq!(calls.len(), 1, "{answer}");
    (calls[0]["tool"].as_str().unwrap(), &calls[0]["input"], &calls[0]["result"])
}

#[tokio::test]
async fn step_4_3_the_health_check_is_as_the_guide_says() {
    let app = TestApp::start().await;
    let answer = app.get("/health").await;
    assert_eq!(answer.expect(200), json!({"status": "ok", "version": "3.0.0"}));
}

#[tokio::test]
async fn step_4_2_the_log_tells_the_story_of_the_start() {
    let app = TestApp::start().await;
    let ready = "Application ready to serve requests";
    assert!(app.server().log().wait_for(&[ready]).await, "{}", app.log());
    let log = app.log();
    let story =
        ["Starting server on ", "Initializing database", "Routers registered", "Server running on http://"];
    let found: Vec<_> = story.iter().map(|words| log.find(words)).collect();
    assert!(found.iter().all(Option::is_some) && found.is_sorted(), "{log}");
}

#[tokio::test]
async fn step_5_2_the_tables_of_the_guide_are_there() {
    let app = TestApp::start().await;
    let tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'";
    let tables: Vec<String> = app.database().query(tables).await.concat();
    for name in ["user", "todo", "conversation", "message"] {
        assert!(tables.iter().any(|table| table == name), "{name} is not among {tables:?}");
    }
}

/// Asserts that REST shows the tasks that a tool has shown; it tells more of each.
fn assert_same(by_rest: &serde_json::Value, by_tool: &serde_json::Value) {
    let (by_rest, by_tool) = (by_rest.as_array().unwrap(), by_tool.as_array().unwrap());
    assert_eq!(by_rest.len(), by_tool.len());
    for (rest, tool) in by_rest.iter().zip(by_tool) {
        for (member, value) in tool.as_object().unwrap() {
            assert_eq!(&rest[member], value, "{member}");
        }
    }
}

#[tokio::test]
async fn step_6_2_a_task_is_added_by_talking_and_rest_sees_the_same_one() {
    let reply = "I've added 'Buy groceries' to your task list.";
    let app = TestApp::with_model([call("add_task", json!({"title": "Buy groceries"})), text(reply)]).await;
    let person = registered(&app).await;
    let path = format!("/api/{}/chat", person.id);
    let request = app.call("POST", path).bearer(&person.token).header("Content-Type", "application/json");
    let answer = request.body(ADD).await.expect(200);
    assert_eq!(answer["message"], reply);
    assert_eq!(answer["finish_reason"], "stop");
    assert!(answer["conversation_id"].is_string());
    let (tool, input, result) = only_call(&answer);
    assert_eq!((tool, input), ("add_task", &json!({"title": "Buy groceries"})));
    assert_eq!(result["success"], true);
    assert_same(&person.tasks().await.expect(200), &json!([result["task"]]));
    app.model().assert_used_up();
}

#[tokio::test]
async fn step_6_3_each_of_the_tools_does_its_work() {
    let app = TestApp::start().await;
    let person = registered(&app).await;
    let script = |words, tool, arguments| app.model().on(words, [call(tool, arguments), text("Done.")]);
    script("buy groceries", "add_task", json!({"title": "Buy groceries"}));
    script("Show my tasks", "list_tasks", json!({}));
    script("organic", "update_task", json!({"task_id": 1, "title": "Buy organic groceries"}));
    script("Mark task 1", "complete_task", json!({"task_id": 1}));
    script("Delete task 1", "delete_task", json!({"task_id": 1}));

    person.chat("Add a task to buy groceries").await.expect(200);
    let shown = person.chat("Show my tasks").await.expect(200);
    let (_, _, result) = only_call(&shown);
    assert_eq!(result["total"], 1);
    assert_same(&person.tasks().await.expect(200), &result["tasks"]);

    person.chat("Change task 1 to Buy organic groceries").await.expect(200);
    assert_eq!(person.task(1).await.expect(200)["title"], "Buy organic groceries");

    person.chat("Mark task 1 as done").await.expect(200);
    assert_eq!(person.task(1).await.expect(200)["completed"], true);

    let deleted = person.chat("Delete task 1").await.expect(200);
    assert_eq!(only_call(&deleted).2["task"]["title"], "Buy organic groceries");
    person.task(1).await.expect(404);
    app.model().assert_used_up();
}

#[tokio::test]
async fn step_7_it_still_means_the_same_task_after_a_kill_9() {
    let app = TestApp::start().await;
    let person = registered(&app).await;
    let model = app.model();
    model.on("buy milk", [call("add_task", json!({"title": "Buy milk"})), text("I've added 'Buy milk'.")]);
    model.on("Mark it as done", [call("complete_task", json!({"task_id": 1})), text("'Buy milk' is done.")]);

    let first = person.chat("Add a task to buy milk").await.expect(200);
    let conversation = first["conversation_id"].as_str().unwrap();
    app.restart().await;
    let second = person.chat_in(conversation, "Mark it as done").await.expect(200);

    assert_eq!(second["conversation_id"], conversation);
    assert_eq!(person.task(1).await.expect(200)["completed"], true);
    assert_eq!(
        model_transcript::summary(&model_transcript::newest_messages(model)),
        [
            "user: Add a task to buy milk",
            "call add_task {\"title\":\"Buy milk\"}",
            "result true [1,\"Buy milk\",false]",
            "assistant: I've added 'Buy milk'.",
            "user: Mark it as done",
            "call complete_task {\"task_id\":1}",
            "result true [1,\"Buy milk\",true]",
        ]
    );
    app.model().assert_used_up();
}

#[tokio::test]
async fn the_first_task_of_a_second_person_is_task_1() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    for title in ["Buy groceries", "Buy milk"] {
        alice.add_task(title).await.expect(201);
    }
    app.model()
        .on("water the plants", [call("add_task", json!({"title": "Water the plants"})), text("Done.")]);
    let answer = bob.chat("Add a task to water the plants").await.expect(200);
    assert_eq!(only_call(&answer).2["task"]["id"], 1);
    assert_eq!(bob.task(1).await.expect(200)["title"], "Water the plants");
}
