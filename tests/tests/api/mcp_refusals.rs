//! Messages that are none of the Model Context Protocol's, or of a revision of it that is not spoken here.

use serde_json::{Value, json};
use tests::{HttpRequest, TestApp};

use crate::mcp::{NEWEST, message, plain, program, tool};

#[tokio::test]
async fn what_is_no_message_of_the_protocol_is_refused_in_its_own_words() {
    let app = TestApp::start().await;
    let program = program(&app, &app.user("alice").await, &["tasks:read"]).await;
    let attempt = async |call: HttpRequest<'_>| {
        let answer = call.attempt().await.unwrap();
        assert_eq!(answer.header("content-type"), Some("application/json"), "{}", answer.text);
        (answer.status, answer.json["error"]["code"].as_i64().unwrap())
    };
    let list = || message(&program, "tools/list", json!({}), json!({}));
    assert_eq!(attempt(list().body("{")).await, (400, -32700));
    assert_eq!(attempt(list().body("[]")).await, (400, -32600));
    assert_eq!(attempt(list().header("Mcp-Method", "tools/call")).await, (400, -32020));
    assert_eq!(attempt(list().header("MCP-Protocol-Version", "2020-01-01")).await.0, 400);
    assert_eq!(attempt(message(&program, "tools/listen", json!({}), json!({}))).await, (404, -32601));
    let unknown = tool(&program, "drop_tables", json!({})).await.expect(200);
    assert_eq!(unknown["error"]["code"], -32602, "{unknown}");

    assert_eq!(
        list().header("Content-Type", "text/plain").await.expect(415)["code"],
        "unsupported_media_type"
    );
    assert_eq!(list().header("Accept", "application/json").await.expect(406)["code"], "not_acceptable");
    assert_eq!(list().body(vec![b' '; 33 * 1024]).await.expect(413)["code"], "payload_too_large");
    for method in ["GET", "DELETE"] {
        assert_eq!(program.call(method, "/mcp").await.expect(405)["code"], "method_not_allowed");
    }
}

#[tokio::test]
async fn a_version_that_is_not_spoken_here_is_refused_with_the_id_of_the_request_and_those_that_are() {
    let app = TestApp::start().await;
    let program = program(&app, &app.user("alice").await, &["tasks:read"]).await;
    for (message, id) in [
        (json!({"jsonrpc": "2.0", "id": 7, "method": "ping"}), json!(7)),
        (json!({"jsonrpc": "2.0", "id": "seven", "method": "tools/list"}), json!("seven")),
        (json!({"jsonrpc": "2.0", "method": "notifications/initialized"}), Value::Null),
    ] {
        let unknown = plain(&program, &message).header("MCP-Protocol-Version", "2020-01-01");
        let answer = unknown.attempt().await.unwrap();
        let error = &answer.json["error"];
        assert_eq!((answer.status, &answer.json["id"]), (400, &id), "{}", answer.text);
        assert_eq!((&error["code"], &error["data"]["requested"]), (&json!(-32022), &json!("2020-01-01")));
        let spoken = error["data"]["supported"].as_array().unwrap();
        assert!(spoken.contains(&json!(NEWEST)) && spoken.contains(&json!("2025-11-25")), "{error}");
    }
}
