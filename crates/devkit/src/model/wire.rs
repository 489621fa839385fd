//! Writes a reply as the bytes an OpenAI-compatible provider would send.

use serde_json::{Value, json};

mod calls;

use calls::{call_deltas, call_id};

use super::{request::Request, script::Reply};

/// What a reply takes over from its request.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    /// Differs between requests and is the same when one is repeated.
    pub(crate) seed: u64,
    pub(crate) model: String,
    pub(crate) include_usage: bool,
    pub(crate) prompt_tokens: usize,
}

impl Context {
    pub(crate) fn of(request: &Request) -> Self {
        Self {
            seed: request.fingerprint(),
            model: request.model().to_owned(),
            include_usage: request.include_usage(),
            prompt_tokens: request.body.to_string().len() / 4,
        }
    }

    /// A fixed one, for [`Reply::sse`].
    pub(crate) fn example() -> Self {
        Self { seed: 1, model: "stand-in".to_owned(), include_usage: true, prompt_tokens: 100 }
    }

    fn completion_id(&self) -> String {
        format!("chatcmpl-{:016x}", self.seed)
    }

    fn usage(&self, reply: &Reply) -> Value {
        let words = reply.text.as_deref().unwrap_or_default().len();
        let calls: usize = reply.calls.iter().map(|call| call.tool.len() + call.arguments.len()).sum();
        let completion = (words + calls).div_ceil(4);
        json!({
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": completion,
            "total_tokens": self.prompt_tokens + completion,
        })
    }
}

impl Reply {
    /// Returns the event stream that this reply makes, to change it or to cut it
    /// at an exact byte: `raw(reply.sse()).cut_after(100)`. What the stand-in
    /// itself sends differs in model name, id and token counts.
    pub fn sse(&self) -> String {
        events(self, &Context::example()).concat()
    }
}

/// Returns the events of a stream, each with its blank line.
pub(crate) fn events(reply: &Reply, context: &Context) -> Vec<String> {
    let mut deltas = vec![
        json!({"role": "assistant", "content": if reply.calls.is_empty() { json!("") } else { Value::Null }}),
    ];
    deltas.extend(pieces(reply.text.as_deref().unwrap_or_default()).map(|piece| json!({"content": piece})));
    for position in 0..reply.calls.len() {
        deltas.extend(
            call_deltas(reply, position, context).into_iter().map(|call| json!({"tool_calls": [call]})),
        );
    }
    let mut events: Vec<String> = deltas
        .into_iter()
        .map(|delta| chunk(context, json!([choice(delta, Value::Null)]), Value::Null))
        .collect();
    if !reply.shape.no_finish {
        let end = choice(json!({}), json!(finish_reason(reply)));
        events.push(chunk(context, json!([end]), Value::Null));
    }
    if context.include_usage && !reply.shape.without_usage {
        events.push(chunk(context, json!([]), context.usage(reply)));
    }
    if !reply.shape.no_done {
        events.push("data: [DONE]\n\n".to_owned());
    }
    events
}

/// Returns the answer to a request without `stream`.
pub(crate) fn completion(reply: &Reply, context: &Context) -> String {
    let mut message = json!({"role": "assistant", "content": reply.text, "refusal": null});
    if !reply.calls.is_empty() {
        let calls = reply.calls.iter().enumerate().map(|(position, call)| {
            let mut value =
                json!({"type": "function", "function": {"name": call.tool, "arguments": call.arguments}});
            if let Some(id) = call_id(reply.shape.ids, context.seed, position) {
                value["id"] = json!(id);
            }
            value
        });
        message["tool_calls"] = calls.collect();
    }
    let mut answer = json!({
        "id": context.completion_id(),
        "object": "chat.completion",
        "created": CREATED,
        "model": context.model,
        "choices": [{"index": 0, "message": message, "logprobs": null, "finish_reason": finish_reason(reply)}],
        "usage": context.usage(reply),
    });
    if reply.shape.without_usage {
        answer["usage"] = Value::Null;
    }
    answer.to_string()
}

/// Returns an error body as OpenAI writes it.
pub(crate) fn error(status: u16, message: &str, param: Option<&str>) -> String {
    let kind = match status {
        400..=499 if status != 429 => "invalid_request_error",
        429 => "rate_limit_exceeded",
        _ => "server_error",
    };
    json!({"error": {"message": message, "type": kind, "param": param, "code": null}}).to_string()
}

/// Replies have to be the same for ever, so they all were made at one time.
const CREATED: u64 = 1_767_225_600;

fn chunk(context: &Context, choices: Value, usage: Value) -> String {
    let mut chunk = json!({
        "id": context.completion_id(),
        "object": "chat.completion.chunk",
        "created": CREATED,
        "model": context.model,
        "choices": choices,
    });
    if context.include_usage {
        chunk["usage"] = usage;
    }
    format!("data: {chunk}\n\n")
}

fn choice(delta: Value, finish_reason: Value) -> Value {
    json!({"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish_reason})
}

fn finish_reason(reply: &Reply) -> &str {
    let natural = if reply.calls.is_empty() { "stop" } else { "tool_calls" };
    reply.finish.as_deref().unwrap_or(natural)
}

/// Splits at words, as models stream them; a long word is one piece.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(' ')
}

#[cfg(test)]
mod tests {
    use super::{super::script::*, *};

    pub(super) fn parsed(reply: &Reply) -> Vec<Value> {
        let stream = reply.sse();
        let data = stream.split("\n\n").filter_map(|event| event.strip_prefix("data: "));
        data.filter(|data| *data != "[DONE]").map(|data| serde_json::from_str(data).unwrap()).collect()
    }

    #[test]
    fn words_stream_and_come_together_again() {
        let chunks = parsed(&text("Das ist schön."));
        let words: String =
            chunks.iter().filter_map(|chunk| chunk.pointer("/choices/0/delta/content")?.as_str()).collect();
        assert_eq!(words, "Das ist schön.");
        let last = chunks.last().unwrap();
        assert_eq!(last["choices"], json!([]));
        assert!(last["usage"]["total_tokens"].as_u64().unwrap() > 100);
        assert_eq!(chunks[chunks.len() - 2]["choices"][0]["finish_reason"], "stop");
    }

    #[test]
    fn a_plain_answer_holds_everything_at_once() {
        let reply = call("add_task", json!({"title": "x"})).say("Wait").without_usage();
        let answer: Value = serde_json::from_str(&completion(&reply, &Context::example())).unwrap();
        let message = &answer["choices"][0]["message"];
        assert_eq!(message["content"], "Wait");
        assert_eq!(message["tool_calls"][0]["function"]["arguments"], r#"{"title":"x"}"#);
        assert_eq!(answer["choices"][0]["finish_reason"], "tool_calls");
        assert!(answer["usage"].is_null());
    }
}
