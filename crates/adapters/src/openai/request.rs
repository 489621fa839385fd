//! The body of a request: only what every OpenAI-compatible server takes.
//!
//! No `temperature` and no `parallel_tool_calls`: some models refuse each of them. `max_tokens` only
//! when the context is known to be small: the models that refuse it (OpenAI's newest) have large ones.

use std::collections::BTreeMap;

use domain::{
    message::{MessageBody, ToolCall},
    ports::{ModelRequest, ToolChoice},
    tool::{TOOLS, Tool},
};
use serde::{Serialize, Serializer, ser::Error as _};
use serde_json::{Map, Value, json};

use super::{opaque_provider_fields, reasoning_field_rules::ReasoningFieldRules};

/// Returns the tools as the API wants them. They are the same in every request.
pub(super) fn tools() -> Value {
    let function = |tool: &Tool| {
        let (name, description, parameters) = (tool.name, tool.description, tool.schema());
        json!({"type": "function", "function": {"name": name, "description": description, "parameters": parameters}})
    };
    TOOLS.iter().map(function).collect()
}

/// Returns the body of a request.
///
/// Tools are listed even when they may not be called: without them some servers refuse a conversation that
/// holds calls. Only a request for a plain text lists none.
pub(super) fn body(
    model: &str,
    tools: &Value,
    request: &ModelRequest<'_>,
    rules: ReasoningFieldRules,
    answer_tokens: Option<usize>,
) -> Result<Vec<u8>, serde_json::Error> {
    let system = Message::System { content: request.system };
    let body = Body {
        model,
        messages: std::iter::once(system).chain(conversation(request.messages, rules)).collect(),
        tools: (request.tools != ToolChoice::NotListed).then_some(tools),
        tool_choice: (request.tools == ToolChoice::Forbidden).then_some("none"),
        stream: true,
        stream_options: StreamOptions { include_usage: true },
        max_tokens: answer_tokens,
    };
    serde_json::to_vec(&body)
}

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tools: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<&'static str>,
    stream: bool,
    stream_options: StreamOptions,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<usize>,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Serialize)]
#[serde(tag = "role", rename_all = "lowercase")]
enum Message<'a> {
    System {
        content: &'a str,
    },
    User {
        content: &'a str,
    },
    Assistant {
        /// Null beside calls, neither empty nor missing: the only form that every server accepts.
        content: Option<&'a str>,
        #[serde(flatten)]
        reasoning: BTreeMap<&'a str, &'a Value>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        tool_calls: Vec<Call<'a>>,
    },
    Tool {
        tool_call_id: &'a str,
        content: &'a str,
    },
}

#[derive(Serialize)]
struct Call<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    function: Function<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra_content: Option<&'a Value>,
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    #[serde(serialize_with = "as_text")]
    arguments: &'a Map<String, Value>,
}

/// The API wants the arguments as a string that holds JSON.
fn as_text<S: Serializer>(arguments: &Map<String, Value>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&serde_json::to_string(arguments).map_err(S::Error::custom)?)
}

fn conversation(messages: &[MessageBody], rules: ReasoningFieldRules) -> impl Iterator<Item = Message<'_>> {
    let newest_turn = messages.iter().rposition(|message| matches!(message, MessageBody::User(_)));
    let newest_turn = newest_turn.unwrap_or_default();
    messages.iter().enumerate().map(move |(index, message)| {
        let is_of_newest_turn = index > newest_turn;
        Message::of(message, if is_of_newest_turn { rules } else { rules.for_older_turn() })
    })
}

impl<'a> Message<'a> {
    fn of(message: &'a MessageBody, rules: ReasoningFieldRules) -> Self {
        match message {
            MessageBody::User(text) => Self::User { content: text },
            MessageBody::Assistant { text, calls } => {
                let stand_in = rules.placeholder_reasoning().filter(|_| !calls.is_empty());
                let own = calls
                    .iter()
                    .flat_map(|call| opaque_provider_fields::reasoning(&call.provider_data))
                    // An empty one is none to a provider that requires it.
                    .filter(|(_, value)| stand_in.is_none() || value.as_str() != Some(""));
                let extra_content = |index, own| match index {
                    0 => rules.extra_content_with_signature(own),
                    _ => rules.extra_content(own),
                };
                let calls_with_index = calls.iter().enumerate();
                let tool_calls = calls_with_index.map(|(index, call)| {
                    let own = opaque_provider_fields::of_call(&call.provider_data);
                    Call { extra_content: extra_content(index, own), ..Call::from(call) }
                });
                Self::Assistant {
                    content: (calls.is_empty() || !text.trim().is_empty()).then_some(text),
                    reasoning: stand_in.into_iter().chain(own).collect(),
                    tool_calls: tool_calls.collect(),
                }
            }
            MessageBody::Tool { call_id, content } => Self::Tool { tool_call_id: call_id, content },
        }
    }
}

impl<'a> From<&'a ToolCall> for Call<'a> {
    fn from(call: &'a ToolCall) -> Self {
        let function = Function { name: &call.name, arguments: &call.arguments };
        Self { id: &call.id, kind: "function", function, extra_content: None }
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        message::ProviderData,
        prompt::{PromptFacts, system_prompt},
        time_zone::PersonalTime,
    };

    use super::*;

    #[test]
    fn an_empty_thought_does_not_stand_where_one_is_required() {
        let sent = |reasoning: &str, requires_reasoning: bool| {
            let data = json!({"reasoning_content": reasoning}).as_object().cloned().unwrap_or_default();
            let (id, name) = ("a".to_owned(), "list_tasks".to_owned());
            let call = ToolCall { id, name, arguments: Map::new(), provider_data: ProviderData(data) };
            let message = MessageBody::Assistant { text: String::new(), calls: vec![call] };
            let rules = ReasoningFieldRules { requires_reasoning, ..ReasoningFieldRules::default() };
            serde_json::to_value(Message::of(&message, rules)).unwrap()["reasoning_content"].clone()
        };
        assert_eq!(sent("", true), "(not on record)");
        assert_eq!(sent("", false), "");
        assert_eq!(sent("hm", true), "hm");
    }

    /// The most tokens of prompt and tools, by `o200k_base`, the tokenizer of OpenAI's models since
    /// GPT-4o. Every request carries them, and a small model on a laptop reads some fifty a second. Each
    /// tool takes its part; references to what the person saw ("the second one") took forty, and save a
    /// look at the list. The tool that tells what was done at which time takes forty-seven.
    const MAX_TOKENS: usize = 1060;

    #[test]
    fn prompt_and_tools_are_short() {
        let local = PersonalTime::utc(chrono::DateTime::UNIX_EPOCH).local;
        let text = system_prompt(PromptFacts { local, summary: None }) + &tools().to_string();
        let tokens = tiktoken_rs::o200k_base().unwrap().encode_ordinary(&text).len();
        assert!(tokens <= MAX_TOKENS, "{tokens} tokens");
        assert!(tokens > MAX_TOKENS / 3, "{tokens} tokens: is it all there?");
    }
}
