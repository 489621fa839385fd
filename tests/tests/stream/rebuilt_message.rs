//! The message that clients rebuild from a stream, and the one that the conversation shows.

use std::{
    mem,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tests::{HttpRequest, TestApp, User};

use crate::sse_client::{READ_TIMEOUT, Reading};

/// The conversation of a stream.
pub(crate) fn conversation(chunks: &[Value]) -> String {
    let chunk = chunks.iter().find(|chunk| chunk["type"] == "data-conversation").expect("a conversation");
    chunk["data"]["id"].as_str().expect("its id").to_owned()
}

/// The assistant's message as clients rebuild it.
pub(crate) fn message(chunks: &[Value]) -> Value {
    let mut parts: Vec<Value> = Vec::new();
    for chunk in chunks {
        match chunk["type"].as_str().expect("a type") {
            "start-step" => parts.push(json!({"type": "step-start"})),
            "text-start" => parts.push(json!({"type": "text", "text": "", "state": "done"})),
            "text-delta" => {
                let text = parts.last_mut().expect("a text");
                let longer =
                    format!("{}{}", text["text"].as_str().unwrap(), chunk["delta"].as_str().unwrap());
                text["text"] = json!(longer);
            }
            "tool-input-available" => parts.push(json!({
                "type": format!("tool-{}", chunk["toolName"].as_str().unwrap()),
                "toolCallId": chunk["toolCallId"],
                "state": "input-available",
                "input": chunk["input"],
            })),
            "tool-output-available" => {
                let fits = |part: &&mut Value| part["toolCallId"] == chunk["toolCallId"];
                let part = parts.iter_mut().find(fits).expect("its call");
                part["state"] = json!("output-available");
                part["output"] = chunk["output"].clone();
            }
            _ => {}
        }
    }
    json!({"id": chunks[0]["messageId"], "role": "assistant", "parts": parts})
}

/// A message of a conversation without what clients do not keep.
pub(crate) fn shown(message: &Value) -> Value {
    json!({"id": message["id"], "role": message["role"], "parts": message["parts"]})
}

/// A message without what differs between two runs of the same script.
pub(crate) fn without_ids(message: &Value) -> Value {
    let mut parts = message["parts"].clone();
    for part in parts.as_array_mut().expect("parts") {
        if part.get("toolCallId").is_some() {
            part["toolCallId"] = json!("[id]");
        }
        forget_times(part);
    }
    parts
}

/// Removes times from a value, however deep.
pub(crate) fn forget_times(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, _| !["created_at", "updated_at", "completed_at"].contains(&name.as_str()));
            members.values_mut().for_each(forget_times);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_times),
        _ => {}
    }
}

/// All words of a message.
pub(crate) fn words(message: &Value) -> String {
    let parts = message["parts"].as_array().expect("parts");
    parts.iter().filter(|part| part["type"] == "text").filter_map(|part| part["text"].as_str()).collect()
}

/// Sends again what was answered before, and checks that the answer that stands comes from the record.
/// The header that says so is left to chance: when the database is slow the stream is open before.
pub(crate) async fn is_replayed(app: &TestApp, call: HttpRequest<'_>, standing: &[Value]) {
    let asked = app.model().requests().len();
    let chunks = Reading::of(call).await.rest().await;
    assert_eq!(message(&chunks), message(standing));
    assert_eq!(app.model().requests().len(), asked, "the model is not asked again");
}

/// Waits for a turn's end and returns the conversation's newest message.
pub(crate) async fn settled(user: &User<'_>, conversation: &str) -> Value {
    let started_at = Instant::now();
    loop {
        let mut shown = user.conversation(conversation).await.expect(200);
        if shown["running_turn_id"].is_null() {
            let messages = shown["messages"].as_array_mut().map(mem::take).unwrap_or_default();
            return messages.into_iter().next_back().expect("a message");
        }
        assert!(started_at.elapsed() < READ_TIMEOUT, "the turn does not end");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
