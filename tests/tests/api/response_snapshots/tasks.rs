//! Accounts and tasks.

use insta::assert_json_snapshot;
use serde_json::json;
use tests::TestApp;

use super::{id, time};

#[tokio::test]
async fn a_token_answer() {
    let app = TestApp::start().await;
    let body = json!({"email": " Test@Example.com ", "password": "securepassword123", "name": " Test User "});
    let registered = app.post("/api/auth/register", &body).await.expect(201);
    assert_json_snapshot!(registered, {
        ".access_token" => "[token]",
        ".refresh_token" => "[token]",
        ".user.id" => id(),
        ".user.created_at" => time(),
    }, @r#"
    {
      "access_token": "[token]",
      "expires_in": 900,
      "refresh_expires_in": 2592000,
      "refresh_token": "[token]",
      "token_type": "bearer",
      "user": {
        "avatar_url": null,
        "created_at": "[time]",
        "email": "test@example.com",
        "email_confirmed": false,
        "has_password": true,
        "id": "[id]",
        "name": "Test User",
        "oauth_provider": null,
        "time_zone": "UTC",
        "week_start": "monday"
      }
    }
    "#);
    let signed_in = app.post("/api/auth/login", &body).await.expect(200);
    assert_eq!(signed_in["user"], registered["user"]);
    let members =
        |answer: &serde_json::Value| answer.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(members(&signed_in), members(&registered));
    let me = app.get("/api/auth/me").bearer(signed_in["access_token"].as_str().unwrap()).await;
    assert_eq!(me.expect(200), registered["user"]);
    let nameless = json!({"email": "nameless@example.com", "password": "securepassword123"});
    assert_eq!(app.post("/api/auth/register", &nameless).await.expect(201)["user"]["name"], json!(null));
}

#[tokio::test]
async fn a_task() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let added = alice.add_task("  Buy groceries ").await;
    assert_eq!(added.header("location"), Some(format!("/api/{}/tasks/1", alice.id).as_str()));
    assert_json_snapshot!(added.expect(201), { ".created_at" => time(), ".updated_at" => time() }, @r#"
    {
      "completed": false,
      "completed_at": null,
      "created_at": "[time]",
      "description": null,
      "due": null,
      "due_at": null,
      "due_time_zone": null,
      "id": 1,
      "open_subtasks": 0,
      "parent_id": null,
      "position": -1048576,
      "priority": "none",
      "repeat": null,
      "repeat_in_words": null,
      "tags": [],
      "title": "Buy groceries",
      "updated_at": "[time]",
      "version": 1
    }
    "#);
    assert_eq!(alice.task(1).await.expect(200), added.json);
    let change = json!({"title": "Buy milk", "description": "Two litres", "completed": true});
    let changed = alice.own("PUT", "/tasks/1").json(&change).await;
    assert_json_snapshot!(changed.expect(200), { ".completed_at" => time(), ".created_at" => time(), ".updated_at" => time() }, @r#"
    {
      "completed": true,
      "completed_at": "[time]",
      "created_at": "[time]",
      "description": "Two litres",
      "due": null,
      "due_at": null,
      "due_time_zone": null,
      "id": 1,
      "open_subtasks": 0,
      "parent_id": null,
      "position": -1048576,
      "priority": "none",
      "repeat": null,
      "repeat_in_words": null,
      "tags": [],
      "title": "Buy milk",
      "updated_at": "[time]",
      "version": 2
    }
    "#);
    let cleared = alice.update_task(1, &json!({"description": null})).await.expect(200);
    assert_eq!((&cleared["description"], &cleared["title"]), (&json!(null), &json!("Buy milk")));
    alice.delete_task(1).await.expect(204);
    alice.delete_task(1).await.expect(404);
    assert_eq!(alice.add_task("Buy bread").await.expect(201)["id"], 2);
}

#[tokio::test]
async fn a_list_of_tasks_is_newest_first_and_comes_in_pages() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for title in ["Buy milk", "50% off", "Call MUM", "Pay the rent", "milk the cow"] {
        alice.add_task(title).await.expect(201);
    }
    alice.update_task(3, &json!({"completed": true})).await.expect(200);
    let ids = async |query: &str| {
        let answer = alice.own("GET", &format!("/tasks{query}")).await.expect(200);
        answer.as_array().unwrap().iter().map(|task| task["id"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(ids("").await, [5, 4, 3, 2, 1]);
    assert_eq!(ids("?status=all").await, [5, 4, 3, 2, 1]);
    assert_eq!(ids("?status=pending").await, [5, 4, 2, 1]);
    assert_eq!(ids("?status=completed").await, [3]);
    assert_eq!(ids("?search=MILK").await, [5, 1]);
    assert_eq!(ids("?search=%25").await, [2]);
    assert_eq!(ids("?search=_").await, [0; 0]);
    assert_eq!(ids("?limit=2&before=4").await, [3, 2]);
    let mut next = Some("/tasks?limit=2".to_owned());
    let mut pages = Vec::new();
    while let Some(path) = next {
        let answer = alice.own("GET", &path).await;
        pages.push(answer.expect(200).as_array().unwrap().len());
        next = answer.header("link").map(|link| {
            let (path, relation) = link.strip_prefix('<').unwrap().split_once('>').unwrap();
            assert_eq!(relation, "; rel=\"next\"");
            path.strip_prefix(&format!("/api/{}", alice.id)).unwrap().to_owned()
        });
    }
    assert_eq!(pages, [2, 2, 1]);
}
