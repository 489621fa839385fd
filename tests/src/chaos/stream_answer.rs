//! The answer that a whole stream amounts to, in the form of the JSON answer.

use serde_json::{Value, json};

use super::Answer;
use crate::stream_chunks::{self, of_type};

impl Answer {
    /// Reads a stream to its end; nothing when it broke off.
    pub(super) fn of_stream(text: &str, is_replayed: bool) -> Option<Self> {
        let chunks = stream_chunks::parse(text);
        let all = |kind: &'static str| of_type(&chunks, kind);
        if all("error").next().is_some() {
            // The server working on it stopped; else the turn itself failed, and may be asked for again.
            let interrupted = all("data-interrupted").next();
            let (status, code) = match interrupted {
                Some(chunk) => (503, chunk["data"]["code"].clone()),
                None => (502, json!("turn_failed")),
            };
            return Some(Self { status, has_retry_after: true, is_replayed, body: json!({ "code": code }) });
        }
        all("finish").next()?;
        let last_text = all("text-start").next_back().map(|start| &start["id"]);
        let deltas = all("text-delta").filter(|delta| Some(&delta["id"]) == last_text);
        let words: String = deltas.filter_map(|delta| delta["delta"].as_str()).collect();
        let body = json!({
            "conversation_id": all("data-conversation").next()?["data"]["id"],
            "turn_id": all("data-turn").next()?["data"]["id"],
            "message": words,
            "tool_calls": tool_calls(&chunks),
        });
        Some(Self { status: 200, has_retry_after: false, is_replayed, body })
    }
}

fn tool_calls(chunks: &[Value]) -> Value {
    let call = |input: &Value| {
        let is_its_own = |output: &&Value| output["toolCallId"] == input["toolCallId"];
        let mut results = of_type(chunks, "tool-output-available");
        let result = results.find(is_its_own).map(|output| &output["output"]);
        json!({"tool": input["toolName"], "input": input["input"], "result": result})
    };
    of_type(chunks, "tool-input-available").map(call).collect()
}
