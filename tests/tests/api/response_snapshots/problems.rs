//! Problems: words for people, and codes for programs.

use insta::assert_json_snapshot;
use serde_json::json;
use tests::{TestApp, script::call};

use super::{id, time};

#[tokio::test]
async fn problems() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let invalid =
        alice.own("POST", "/tasks").json(&json!({"title": " ", "description": "x".repeat(2001)})).await;
    assert_json_snapshot!(invalid.expect(422), { ".request_id" => id() }, @r#"
    {
      "code": "validation_error",
      "detail": "The title must not be empty. The description may have at most 2000 characters.",
      "errors": [
        {
          "field": "title",
          "message": "The title must not be empty."
        },
        {
          "field": "description",
          "message": "The description may have at most 2000 characters."
        }
      ],
      "request_id": "[id]",
      "status": 422,
      "title": "Unprocessable Entity",
      "type": "about:blank"
    }
    "#);
    assert_json_snapshot!(alice.task(7).await.expect(404), { ".request_id" => id() }, @r#"
    {
      "code": "task_not_found",
      "detail": "There is no such task.",
      "request_id": "[id]",
      "status": 404,
      "title": "Not Found",
      "type": "about:blank"
    }
    "#);
    let chosen = alice.task(7).header("X-Request-Id", "chosen-by-the-client").await;
    assert_eq!(chosen.expect(404)["request_id"], "chosen-by-the-client");
}

#[tokio::test]
async fn a_turn_that_failed_half_way_says_what_it_had_done() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let bad = tests::script::status(401);
    app.model().on("buy milk", [call("add_task", json!({"title": "Buy milk"})), bad]);
    let failed = alice.chat("Add a task to buy milk").await.expect(502);
    assert_json_snapshot!(failed, {
        ".request_id" => id(),
        ".turn_id" => id(),
        ".conversation_id" => id(),
        ".tool_calls[].result.task.created_at" => time(),
        ".tool_calls[].result.task.updated_at" => time(),
    }, @r#"
    {
      "code": "model_misconfigured",
      "conversation_id": "[id]",
      "detail": "The assistant is not set up correctly.",
      "request_id": "[id]",
      "status": 502,
      "title": "Bad Gateway",
      "tool_calls": [
        {
          "input": {
            "title": "Buy milk"
          },
          "result": {
            "success": true,
            "task": {
              "completed": false,
              "created_at": "[time]",
              "description": null,
              "id": 1,
              "title": "Buy milk",
              "updated_at": "[time]",
              "version": 1
            }
          },
          "tool": "add_task"
        }
      ],
      "turn_id": "[id]",
      "type": "about:blank"
    }
    "#);
    let status = alice.turn(failed["turn_id"].as_str().unwrap()).await.expect(200);
    assert_eq!((&status["state"], &status["error"]["code"]), (&json!("failed"), &failed["code"]));
    let view = alice.conversation(failed["conversation_id"].as_str().unwrap()).await.expect(200);
    let closing = view["messages"][1]["content"].as_str().unwrap();
    assert!(closing.contains("Buy milk"), "{closing}");
}
