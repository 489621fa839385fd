//! Conversations: answers of the chat, and how they are found again.

use insta::{assert_compact_json_snapshot, assert_json_snapshot};
use serde_json::json;
use tests::{
    TestApp, User,
    script::{call, text},
};

use super::{count, id, time};

/// The answer to who wants a task added, of a model that also deletes one that is not there.
async fn answered() -> serde_json::Value {
    let work =
        call("add_task", json!({"title": "Buy groceries"})).call("delete_task", json!({"task_id": 42}));
    let app = TestApp::with_model([work, text("I've added 'Buy groceries' to your task list.")]).await;
    let answer = app.user("alice").await.chat("Add a task to buy groceries").await.expect(200);
    assert_eq!(answer["effects"], json!([{"kind": "added", "task_id": 1, "title": "Buy groceries"}]));
    answer
}

#[tokio::test]
async fn a_chat_answer() {
    let answer = answered().await;
    assert_json_snapshot!(answer, {
        ".conversation_id" => id(),
        ".turn_id" => id(),
        ".effects" => "[effects]",
        ".tool_calls[].result.task.created_at" => time(),
        ".tool_calls[].result.task.updated_at" => time(),
        ".usage.prompt_tokens" => count(),
        ".usage.completion_tokens" => count(),
        ".usage.total_tokens" => count(),
    }, @r#"
    {
      "approvals": [],
      "conversation_id": "[id]",
      "effects": "[effects]",
      "finish_reason": "stop",
      "message": "I've added 'Buy groceries' to your task list.",
      "model": "gpt-4o-mini",
      "notice": null,
      "tool_calls": [
        {
          "input": {
            "title": "Buy groceries"
          },
          "result": {
            "success": true,
            "task": {
              "completed": false,
              "created_at": "[time]",
              "description": null,
              "id": 1,
              "title": "Buy groceries",
              "updated_at": "[time]",
              "version": 1
            }
          },
          "tool": "add_task"
        },
        {
          "input": {
            "task_id": 42
          },
          "result": {
            "code": "NOT_FOUND",
            "error": "There is no task 42.",
            "success": false
          },
          "tool": "delete_task"
        }
      ],
      "turn_id": "[id]",
      "usage": {
        "completion_tokens": "[count]",
        "prompt_tokens": "[count]",
        "total_tokens": "[count]"
      }
    }
    "#);
}

/// Talks about milk and says thanks; returns the person and the conversation.
async fn talked(app: &TestApp) -> (User<'_>, String) {
    let work = call("add_task", json!({"title": "Buy milk"})).say("One moment.");
    app.model().enqueue([work, text("Done."), text("You are welcome.")]);
    let alice = app.user("alice").await;
    let answer = alice.chat("Add a task to buy milk").await.expect(200);
    let conversation = answer["conversation_id"].as_str().unwrap().to_owned();
    alice.chat_in(&conversation, "Thank you").await.expect(200);
    (alice, conversation)
}

#[tokio::test]
async fn a_list_of_conversations() {
    let app = TestApp::start().await;
    let (alice, _) = talked(&app).await;
    assert_json_snapshot!(alice.conversations().await.expect(200), {
        ".conversations[].id" => id(),
        ".conversations[].created_at" => time(),
        ".conversations[].updated_at" => time(),
    }, @r#"
    {
      "conversations": [
        {
          "created_at": "[time]",
          "id": "[id]",
          "message_count": 4,
          "title": "Add a task to buy milk",
          "updated_at": "[time]"
        }
      ],
      "limit": 20,
      "offset": 0,
      "total": 1
    }
    "#);
}

#[tokio::test]
async fn what_was_said_in_a_conversation() {
    let app = TestApp::start().await;
    let (alice, conversation) = talked(&app).await;
    let view = alice.conversation(&conversation).await.expect(200);
    assert_json_snapshot!(view, {
        ".id" => id(),
        ".created_at" => time(),
        ".updated_at" => time(),
        ".messages[2:]" => "[…]",
        ".messages[].id" => "[id]",
        ".messages[].turn_id" => id(),
        ".messages[].created_at" => time(),
        ".messages[].tool_calls" => "[calls]",
        ".messages[].parts" => "[parts]",
    }, @r#"
    {
      "created_at": "[time]",
      "id": "[id]",
      "messages": [
        {
          "content": "Add a task to buy milk",
          "created_at": "[time]",
          "id": "[id]",
          "parts": "[parts]",
          "role": "user",
          "turn_id": "[id]"
        },
        {
          "content": "One moment.\n\nDone.",
          "created_at": "[time]",
          "effects": [
            {
              "kind": "added",
              "task_id": 1,
              "title": "Buy milk"
            }
          ],
          "finish_reason": "stop",
          "id": "[id]",
          "notice": null,
          "parts": "[parts]",
          "role": "assistant",
          "tool_calls": "[calls]",
          "turn_id": "[id]"
        },
        "[…]",
        "[…]"
      ],
      "model": null,
      "running_turn_id": null,
      "title": "Add a task to buy milk",
      "updated_at": "[time]"
    }
    "#);
}

#[tokio::test]
async fn the_parts_of_what_was_said() {
    let app = TestApp::start().await;
    let (alice, conversation) = talked(&app).await;
    let view = alice.conversation(&conversation).await.expect(200);
    assert_compact_json_snapshot!(view["messages"][0]["parts"], @r#"[{"text": "Add a task to buy milk", "type": "text"}]"#);
    assert_compact_json_snapshot!(view["messages"][1]["parts"], {
        "[].toolCallId" => "[call]",
        "[].output.task.created_at" => time(),
        "[].output.task.updated_at" => time(),
    }, @r#"
    [
      {
        "type": "step-start"
      },
      {
        "state": "done",
        "text": "One moment.",
        "type": "text"
      },
      {
        "input": {
          "title": "Buy milk"
        },
        "output": {
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
        "state": "output-available",
        "toolCallId": "[call]",
        "type": "tool-add_task"
      },
      {
        "type": "step-start"
      },
      {
        "state": "done",
        "text": "Done.",
        "type": "text"
      }
    ]
    "#);
    assert_eq!(view["messages"][1]["tool_calls"][0]["result"], view["messages"][1]["parts"][2]["output"]);
}

#[tokio::test]
async fn a_conversation_is_renamed_and_deleted_without_its_tasks() {
    let app = TestApp::start().await;
    let (alice, conversation) = talked(&app).await;
    let path = format!("/conversations/{conversation}");
    let renamed = alice.own("PATCH", &path).json(&json!({"title": " Groceries "})).await.expect(200);
    assert_eq!(renamed["title"], "Groceries");
    alice.own("DELETE", &path).await.expect(204);
    alice.conversation(&conversation).await.expect(404);
    assert_eq!(alice.titles().await, ["Buy milk"]);
}

#[tokio::test]
async fn the_status_of_a_turn() {
    let app = TestApp::with_model([call("add_task", json!({"title": "Buy milk"})), text("Done.")]).await;
    let alice = app.user("alice").await;
    let answer = alice.chat("Add a task to buy milk").await.expect(200);
    let status = alice.turn(answer["turn_id"].as_str().unwrap()).await.expect(200);
    assert_eq!((&status["answer"], &status["tool_calls"]), (&answer, &answer["tool_calls"]));
    assert_json_snapshot!(status, {
        ".turn_id" => id(),
        ".conversation_id" => id(),
        ".answer" => "[the chat's answer]",
        ".tool_calls" => "[those of the answer]",
    }, @r#"
    {
      "answer": "[the chat's answer]",
      "conversation_id": "[id]",
      "error": null,
      "state": "answered",
      "tool_calls": "[those of the answer]",
      "turn_id": "[id]"
    }
    "#);
}
