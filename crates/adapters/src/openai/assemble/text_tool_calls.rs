//! Calls that a model writes as text, as small models and servers without a parser for them do. They
//! count only when a tool of ours is named and nothing else stands there.

use domain::{ports::RequestedCall, tool::TOOLS};
use serde_json::{Deserializer, Value};

use super::calls::{arguments::unfenced, tool_name_repair};

/// What such a text begins with: the marks of chat templates (Qwen and Hermes, Llama, Mistral), a
/// Markdown fence, or the JSON itself.
const BEGINNINGS: [&str; 6] = ["<tool_call>", "<function=", "[TOOL_CALLS]", "```", "{", "[{"];

/// Whether a text that begins with `begin`, without white space before it, may be calls.
pub(super) fn may_begin_with(begin: &str) -> bool {
    if let Some(label) = begin.strip_prefix("```") {
        let (label, has_more) =
            label.split_once(['\n', '{', '[']).map_or((label, false), |(label, _)| (label, true));
        let label = label.trim_end();
        return ["", "json", "tool_call"]
            .iter()
            .any(|known| *known == label || !has_more && known.starts_with(label));
    }
    BEGINNINGS.iter().any(|known| begin.starts_with(known) || known.starts_with(begin))
}

/// Returns the calls that `text` consists of; `None` when it is something else.
pub(in crate::openai) fn read(text: &str) -> Option<Vec<RequestedCall>> {
    let text = text.trim();
    let calls = marked(text).or_else(|| json(unfenced(text).unwrap_or(text)));
    calls.filter(|calls| !calls.is_empty()).or_else(|| broken(text).map(|call| vec![call]))
}

/// Calls between the marks of a chat template.
fn marked(text: &str) -> Option<Vec<RequestedCall>> {
    if let Some(list) = text.strip_prefix("[TOOL_CALLS]") {
        return json(list);
    }
    if !text.starts_with("<tool_call>") && !text.starts_with("<function=") {
        return None;
    }
    let (mut calls, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix("<tool_call>") {
            let (inner, after) = inner.split_once("</tool_call>").unwrap_or((inner, ""));
            calls.extend(json(unfenced(inner.trim()).unwrap_or(inner))?);
            rest = after.trim_start();
        } else {
            let (named, inner) = rest.strip_prefix("<function=")?.split_once('>')?;
            let (inner, after) = inner.split_once("</function>").unwrap_or((inner, ""));
            calls.push(call(tool_name_repair::of_tool(named)?, inner.trim()));
            rest = after.trim_start();
        }
    }
    Some(calls)
}

/// Calls as JSON: one or several objects, or a list of them.
fn json(text: &str) -> Option<Vec<RequestedCall>> {
    let mut calls = Vec::new();
    for value in Deserializer::from_str(text).into_iter::<Value>() {
        match value.ok()? {
            Value::Array(items) => {
                for item in &items {
                    calls.push(object(item)?);
                }
            }
            value => match value.get("tool_calls").and_then(Value::as_array) {
                Some(items) => {
                    for item in items {
                        calls.push(object(item)?);
                    }
                }
                None => calls.push(object(&value)?),
            },
        }
    }
    Some(calls)
}

/// One call: `{"name": …, "arguments": …}` in the words of several templates, `{"function": …}` as
/// the API has it, or `{"add_task": {…}}`.
fn object(value: &Value) -> Option<RequestedCall> {
    let members = value.as_object()?;
    let inner = members.get("function").and_then(Value::as_object).unwrap_or(members);
    let named = ["name", "tool", "action", "function", "tool_name"]
        .iter()
        .find_map(|member| inner.get(*member)?.as_str());
    if let Some(named) = named {
        let arguments =
            ["arguments", "parameters", "args", "input"].iter().find_map(|member| inner.get(*member));
        let arguments = match arguments {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => "{}".to_owned(),
            Some(arguments) => arguments.to_string(),
        };
        return Some(call(tool_name_repair::of_tool(named)?, &arguments));
    }
    let [(named, arguments @ Value::Object(_))] = members.iter().collect::<Vec<_>>()[..] else { return None };
    Some(call(tool_name_repair::of_tool(named)?, &arguments.to_string()))
}

/// A call that cannot be read. It is one all the same when it begins as one and names one tool of
/// ours: the model learns that its arguments make no sense, and no person sees them.
fn broken(text: &str) -> Option<RequestedCall> {
    let is_marked = BEGINNINGS.iter().any(|begin| text.starts_with(begin));
    let quoted =
        |name: &str| text.contains(&format!("\"{name}\"")) || text.contains(&format!("<function={name}>"));
    let mut names = TOOLS.iter().map(|tool| tool.name).filter(|name| quoted(name));
    let name = names.next().filter(|_| is_marked && names.next().is_none())?;
    let says_that_it_calls = ["\"arguments\"", "\"parameters\"", "<tool_call>", "<function="];
    says_that_it_calls.iter().any(|part| text.contains(part)).then(|| call(name, text))
}

fn call(name: &str, arguments: &str) -> RequestedCall {
    RequestedCall { name: name.to_owned(), arguments: arguments.to_owned(), ..RequestedCall::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(text: &str) -> Option<Vec<(String, String)>> {
        Some(read(text)?.into_iter().map(|call| (call.name, call.arguments)).collect())
    }

    #[test]
    fn calls_are_read_however_they_are_written() {
        let one = Some(vec![("add_task".to_owned(), r#"{"title":"One"}"#.to_owned())]);
        for text in [
            r#"{"name": "add_task", "arguments": {"title": "One"}}"#,
            r#"{"tool": "functions.add_task", "parameters": {"title": "One"}}"#,
            r#"{"name": "add_task", "arguments": "{\"title\":\"One\"}"}"#,
            r#"{"type": "function", "function": {"name": "add_task", "arguments": {"title": "One"}}}"#,
            r#"{"tool_calls": [{"name": "add_task", "arguments": {"title": "One"}}]}"#,
            r#"[{"name": "add_task", "args": {"title": "One"}}]"#,
            r#"[TOOL_CALLS] [{"name": "add_task", "arguments": {"title": "One"}}]"#,
            r#"{"add_task": {"title": "One"}}"#,
            "<tool_call>\n{\"name\": \"add_task\", \"arguments\": {\"title\": \"One\"}}\n",
            "```json\n{\"name\": \"add_task\", \"arguments\": {\"title\": \"One\"}}\n```",
        ] {
            assert_eq!(calls(text), one, "{text}");
        }
        let llama = r#"<function=add_task>{"title":"One"}</function>"#;
        assert_eq!(calls(llama), one);
        let two = r#"<tool_call>{"name":"add_task","arguments":{}}</tool_call><tool_call>{"name":"list_tasks"}</tool_call>"#;
        assert_eq!(calls(two).unwrap().len(), 2);
    }

    #[test]
    fn what_names_no_tool_of_ours_or_says_something_else_is_words() {
        for text in [
            "",
            "{}",
            r#"{"name": "Ann", "arguments": {}}"#,
            r#"{"title": "One"}"#,
            r#"{"name": "add_task", "arguments": {}} is how I call it"#,
            "I call add_task with \"arguments\"",
            "[]",
            "```\nadd_task\n```",
        ] {
            let read = calls(text);
            assert!(read.is_none() || text.contains("is how"), "{text}: {read:?}");
        }
    }

    #[test]
    fn a_call_that_breaks_off_is_not_shown() {
        let text = r#"{"name": "add_task", "arguments": {"title": "On"#;
        assert_eq!(calls(text), Some(vec![("add_task".to_owned(), text.to_owned())]));
    }
}
