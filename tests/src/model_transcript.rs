//! Reads the requests that the model was sent, for tests.

use crate::StandIn;
use serde_json::{Value, json};

/// Returns the messages of the newest request, the system prompt left out.
pub fn newest_messages(model: &StandIn) -> Vec<Value> {
    let request = model.requests().pop().expect("the model was asked");
    request["messages"].as_array().expect("a request has messages")[1..].to_vec()
}

/// Returns what stands in a transcript, in short: `user: …`, `call add_task {…}`, `result …`.
pub fn summary(messages: &[Value]) -> Vec<String> {
    messages.iter().flat_map(lines).collect()
}

fn lines(message: &Value) -> Vec<String> {
    let said = message["content"].as_str().unwrap_or_default();
    match message["role"].as_str().unwrap_or_default() {
        "tool" => {
            let result: Value = serde_json::from_str(said).expect("a result is JSON");
            let task = json!([result["task"]["id"], result["task"]["title"], result["task"]["completed"]]);
            vec![format!("result {} {task}", result["success"])]
        }
        role => {
            let calls = message["tool_calls"].as_array().into_iter().flatten();
            let calls = calls.map(|call| {
                let name = call["function"]["name"].as_str().unwrap_or_default();
                format!("call {name} {}", call["function"]["arguments"].as_str().unwrap_or_default())
            });
            let words = (!said.is_empty()).then(|| format!("{role}: {said}"));
            words.into_iter().chain(calls).collect()
        }
    }
}
