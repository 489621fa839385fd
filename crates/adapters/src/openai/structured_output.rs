//! Tools without tool calls: the model answers one JSON object under a schema, `{"action",
//! "arguments"}`. For servers that constrain what a model may write (llama.cpp, Ollama, vLLM, LM
//! Studio, OpenAI): a model too small for native tool calls still chooses well among a few.
//!
//! Saying something is an action too (`reply`): given one key for words and another for tools, a small
//! model always takes the words.

mod schema;

use domain::{
    message::MessageBody,
    ports::{ModelReply, ModelRequest, RequestedCall, TextSink},
    prompt::fill,
};
use serde_json::{Map, Value, json};

/// The action that says something.
const REPLY: &str = "reply";

const PROMPT: &str = include_str!("structured_output.txt");

/// Returns the body of a request. A local server is on this machine or its owner's network.
///
/// # Errors
/// Never in practice: all of its parts can be written as JSON.
pub(super) fn body(
    model: &str,
    request: &ModelRequest<'_>,
    answer_tokens: Option<usize>,
    is_local: bool,
) -> Result<Vec<u8>, serde_json::Error> {
    let system = json!({"role": "system", "content": fill(PROMPT, request.facts)});
    let messages: Vec<Value> = std::iter::once(system).chain(conversation(request.messages)).collect();
    let mut body = json!({
        "model": model,
        "messages": messages,
        "response_format": {"type": "json_schema", "json_schema": {"name": "next", "schema": schema::schema(request.tools, request.messages, request.facts.local)}},
        "stream": true,
        "stream_options": {"include_usage": true},
    });
    if is_local {
        // The likeliest object is wanted. Elsewhere this is left out: some providers' models refuse it.
        body["temperature"] = json!(0);
    }
    if let Some(tokens) = answer_tokens {
        body["max_tokens"] = json!(tokens);
    }
    serde_json::to_vec(&body)
}

/// Reads the object in a reply's text as a call or as words, and hands out the words. Text that is no such
/// object counts as words: it comes from a server that does not enforce the schema.
pub(super) fn parse_object_reply(mut reply: ModelReply, words: TextSink<'_>) -> ModelReply {
    let object: Option<Map<String, Value>> = serde_json::from_str(reply.text.trim()).ok();
    let object = object.unwrap_or_default();
    let arguments = object.get("arguments");
    match object.get("action").and_then(Value::as_str) {
        Some(REPLY) => {
            let text = arguments.and_then(|arguments| arguments.get("text")?.as_str());
            reply.text = text.unwrap_or_default().to_owned();
        }
        Some(tool) => {
            let arguments = arguments.map(Value::to_string).unwrap_or_default();
            reply.calls.push(RequestedCall { name: tool.to_owned(), arguments, ..RequestedCall::default() });
            reply.text.clear();
        }
        // The object broke off: only the words in it are shown, not its JSON.
        None if reply.text.trim_start().starts_with('{') => reply.text = words_of_half(&reply.text),
        None => {}
    }
    if !reply.text.is_empty() {
        words(&reply.text);
    }
    reply
}

/// The conversation in the format of this mode, each call right before its result.
fn conversation(messages: &[MessageBody]) -> impl Iterator<Item = Value> {
    messages.iter().enumerate().flat_map(|(index, message)| match message {
        MessageBody::User(text) => vec![json!({"role": "user", "content": text})],
        MessageBody::Assistant { text, calls } if calls.is_empty() => {
            vec![json!({"role": "assistant", "content": written(REPLY, &json!({ "text": text }))})]
        }
        MessageBody::Assistant { calls, .. } => {
            let results = &messages[index + 1..];
            let exchanges = calls.iter().flat_map(|call| {
                let asked = written(&call.name, &json!(call.arguments));
                let result = results.iter().find_map(|result| match result {
                    MessageBody::Tool { call_id, content } if *call_id == call.id => Some(content.as_str()),
                    _ => None,
                });
                let told = format!("Result: {}", result.unwrap_or_default());
                [json!({"role": "assistant", "content": asked}), json!({"role": "user", "content": told})]
            });
            exchanges.collect()
        }
        MessageBody::Tool { .. } => Vec::new(),
    })
}

/// The words in an object that breaks off in the middle of them.
fn words_of_half(text: &str) -> String {
    let closed = ["\"}}", "}}", "}"]
        .iter()
        .find_map(|end| serde_json::from_str::<Value>(&format!("{text}{end}")).ok());
    let words = closed.as_ref().and_then(|object| object.pointer("/arguments/text")?.as_str());
    words.unwrap_or_default().to_owned()
}

/// A call as the model writes one. The action comes first, so that it is chosen before its arguments.
fn written(tool: &str, arguments: &Value) -> String {
    format!("{{\"action\": {}, \"arguments\": {arguments}}}", json!(tool))
}

#[cfg(test)]
mod tests {
    use std::{sync::Mutex, time::Instant};

    use domain::{
        message::ToolCall,
        ports::{ModelFinish, ToolChoice},
        prompt::PromptFacts,
        time_zone::PersonalTime,
        tool::TOOLS,
    };

    use super::*;

    /// By `o200k_base`. A model that needs this mode has a small context.
    const MAX_TOKENS: usize = 450;

    #[test]
    fn the_prompt_is_short() {
        let local = PersonalTime::utc(chrono::DateTime::UNIX_EPOCH).local;
        let tokens = tiktoken_rs::o200k_base()
            .unwrap()
            .encode_ordinary(&fill(PROMPT, PromptFacts { local, summary: None }))
            .len();
        assert!(tokens <= MAX_TOKENS && tokens > MAX_TOKENS / 4, "{tokens} tokens");
        assert!(TOOLS.iter().all(|tool| PROMPT.contains(tool.name)));
    }

    #[test]
    fn a_conversation_alternates_and_ends_with_what_is_to_be_answered() {
        let call = |id: &str| ToolCall {
            id: id.into(),
            name: "add_task".into(),
            arguments: Map::from_iter([("title".to_owned(), json!("Milk"))]),
            provider_data: Default::default(),
        };
        let result =
            |id: &str| MessageBody::Tool { call_id: id.into(), content: format!("{{\"of\":\"{id}\"}}") };
        let messages = [
            MessageBody::User("Hello".into()),
            MessageBody::Assistant { text: "Hello!".into(), calls: vec![] },
            MessageBody::User("Add two".into()),
            MessageBody::Assistant { text: String::new(), calls: vec![call("a"), call("b")] },
            result("a"),
            result("b"),
        ];
        let request = ModelRequest {
            system: "",
            facts: PromptFacts {
                local: PersonalTime::utc(chrono::DateTime::UNIX_EPOCH).local,
                summary: Some("Ann likes tea."),
            },
            messages: &messages,
            tools: ToolChoice::Auto,
            deadline: Instant::now(),
        };
        let body = body("m", &request, Some(512), true).unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        let roles: Vec<_> = body["messages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|message| message["role"].as_str().unwrap())
            .collect();
        assert_eq!(roles, ["system", "user", "assistant", "user", "assistant", "user", "assistant", "user"]);
        assert!(body["messages"][0]["content"].as_str().unwrap().ends_with("Ann likes tea."));
        assert_eq!(body["messages"][7]["content"], "Result: {\"of\":\"b\"}");
        assert_eq!((&body["max_tokens"], &body["tools"]), (&json!(512), &Value::Null));
    }

    #[test]
    fn an_object_is_a_call_or_words() {
        let heard = |text: &str| {
            let said = Mutex::new(String::new());
            let reply =
                ModelReply { text: text.into(), calls: vec![], finish: ModelFinish::Stop, usage: None };
            let reply = parse_object_reply(reply, &|words| said.lock().unwrap().push_str(words));
            assert_eq!(*said.lock().unwrap(), reply.text);
            (reply.text, reply.calls.into_iter().map(|call| (call.name, call.arguments)).collect::<Vec<_>>())
        };
        assert_eq!(
            heard(r#"{"action": "reply", "arguments": {"text": "Hello!"}}"#),
            ("Hello!".to_owned(), vec![])
        );
        let call = ("add_task".to_owned(), r#"{"title":"Milk"}"#.to_owned());
        assert_eq!(
            heard(" {\"action\": \"add_task\", \"arguments\": {\"title\": \"Milk\"}}\n"),
            (String::new(), vec![call])
        );
        assert_eq!(heard("just words"), ("just words".to_owned(), vec![]));
        let half = r#"{"action": "reply", "arguments": {"text": "You have mil"#;
        assert_eq!(heard(half), ("You have mil".to_owned(), vec![]));
        assert_eq!(heard(r#"{"action": "reply", ""#), (String::new(), vec![]));
    }
}
