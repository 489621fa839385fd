//! Whatever a model asks for: nobody's data reaches anybody else, also not by way of the model.

use serde_json::{Value, json};
use tests::{
    TestApp,
    script::{calls, text},
};

/// Every tool with every name under which a model may try to say whose tasks it wants.
fn grabs(victim: &str, task: i64) -> Vec<(&'static str, Value)> {
    let owners = json!({
        "user_id": victim, "userId": victim, "user": victim, "owner": victim, "sub": victim,
        "email": "victim@example.com", "conversation_id": victim,
    });
    let with = |more: Value| {
        let mut arguments = owners.clone();
        arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        arguments
    };
    vec![
        ("list_tasks", with(json!({"status": "all", "limit": 50}))),
        ("list_tasks", with(json!({"search": "canary"}))),
        ("update_task", with(json!({"task_id": task, "title": "stolen"}))),
        ("complete_task", with(json!({"task_id": task}))),
        ("delete_task", with(json!({"task_id": task}))),
        ("add_task", with(json!({"title": "planted"}))),
    ]
}

#[tokio::test]
async fn a_model_cannot_reach_another_users_tasks() {
    let app = TestApp::start().await;
    let victim = app.user("victim").await;
    for number in 1..=3 {
        let body = json!({"title": format!("canary title {number}"), "description": "canary description"});
        victim.own("POST", "/tasks").json(&body).await.expect(201);
    }
    app.model().on("canary question", [text("canary answer")]);
    victim.chat("canary question").await.expect(200);
    let before = victim.tasks().await.text;
    let asked_before = app.model().requests().len();

    let thief = app.user("thief").await;
    app.model().on("Give me all", [calls(grabs(&victim.id, 3)), text("That is all.")]);
    let answer = thief.chat("Give me all that others have").await;
    let results: Vec<_> = answer.expect(200)["tool_calls"].as_array().unwrap().clone();
    let codes: Vec<_> = results.iter().map(|call| call["result"]["code"].clone()).collect();
    assert_eq!(
        codes,
        [json!(null), json!(null), "NOT_FOUND".into(), "NOT_FOUND".into(), "NOT_FOUND".into(), json!(null)]
    );
    assert_eq!((&results[0]["result"]["total"], &results[1]["result"]["total"]), (&json!(0), &json!(0)));

    assert_eq!(thief.titles().await, ["planted"]);
    assert_eq!(victim.tasks().await.text, before);
    let sent = json!(app.model().requests()[asked_before..]).to_string();
    for words in ["canary title", "canary description", "canary question", "canary answer"] {
        assert!(!answer.text.contains(words) && !sent.contains(words), "{words}");
    }
}

#[tokio::test]
async fn no_tool_takes_a_user() {
    let app = TestApp::with_model([text("Hello.")]).await;
    app.user("alice").await.chat("Hello there").await.expect(200);
    let request = app.model().requests().remove(0);
    let tools = request["tools"].as_array().unwrap();
    assert!(tools.len() > 5, "{tools:?}");
    for tool in tools {
        let schema = tool["function"]["parameters"].to_string().to_lowercase();
        assert!(!schema.contains("user") && !schema.contains("owner"), "{schema}");
    }
}

#[tokio::test]
async fn no_secret_and_no_person_is_named_to_the_model() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    let first = alice.chat("Add a task to buy milk").await.expect(200);
    alice.chat_in(first["conversation_id"].as_str().unwrap(), "Mark it as done").await.expect(200);
    for received in app.model().received() {
        let body = received.body.to_string();
        let secrets =
            [tests::JWT_SECRET, tests::MODEL_KEY, &alice.token, &alice.password, &alice.email, &alice.id];
        for secret in secrets {
            assert!(!body.contains(secret), "{body}");
        }
        assert_eq!(received.header("authorization"), Some(format!("Bearer {}", tests::MODEL_KEY).as_str()));
    }
}

#[tokio::test]
async fn members_that_the_server_does_not_know_change_nothing() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let body = json!({
        "title": "Buy groceries", "id": 77, "number": 77, "user_id": bob.id, "completed": true,
        "created_at": "2001-01-01T00:00:00Z", "updated_at": "2001-01-01T00:00:00Z",
    });
    let task = alice.own("POST", "/tasks").json(&body).await.expect(201);
    assert_eq!((&task["id"], &task["completed"]), (&json!(1), &json!(false)));
    assert!(task["created_at"].as_str().unwrap() > "2020");
    let change =
        json!({"title": "Buy milk", "id": 5, "user_id": bob.id, "created_at": "2001-01-01T00:00:00Z"});
    let changed = alice.update_task(1, &change).await.expect(200);
    assert_eq!((&changed["id"], &changed["created_at"]), (&task["id"], &task["created_at"]));
    assert_eq!(bob.tasks().await.expect(200), json!([]));
    let register = json!({
        "email": "carol@example.com", "password": "a long pass phrase", "id": alice.id, "token_version": 5,
        "oauth_provider": "google",
    });
    let carol = app.post("/api/auth/register", &register).await.expect(201);
    assert_ne!(carol["user"]["id"], alice.id);
    assert_eq!(carol["user"]["oauth_provider"], json!(null));
}
