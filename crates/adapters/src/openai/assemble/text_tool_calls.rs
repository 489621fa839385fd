//! Calls that a model writes as text, as small models and servers without a parser for them do. They
//! count only when a tool of ours is named and nothing else stands there.

use domain::{ports::RequestedCall, tool::TOOLS};
use serde_json::{Deserializer, Map, Value};

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
        return json(list).or_else(|| named_before_arguments(text));
    }
    if !text.starts_with("<tool_call>") && !text.starts_with("<function=") {
        return None;
    }
    let (mut calls, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        // Qwen3-Coder has a function between these marks, of which it forgets one or the other.
        let inner = rest.strip_prefix("<tool_call>").map_or(rest, str::trim_start);
        let after = if inner.starts_with("<function=") {
            let (call, after) = function(inner)?;
            calls.push(call);
            let after = after.trim_start();
            after.strip_prefix("</tool_call>").unwrap_or(after)
        } else {
            let (inner, after) =
                rest.strip_prefix("<tool_call>")?.split_once("</tool_call>").unwrap_or((inner, ""));
            calls.extend(json(unfenced(inner.trim()).unwrap_or(inner))?);
            after
        };
        rest = after.trim_start();
    }
    Some(calls)
}

/// The call that a text begins with, `<function=add_task>…</function>`, and what comes after it.
fn function(text: &str) -> Option<(RequestedCall, &str)> {
    let (named, inner) = text.strip_prefix("<function=")?.split_once('>')?;
    let name = tool_name_repair::of_tool(named)?;
    let Some((inner, after)) = inner.split_once("</function>") else {
        return Some((call(name, inner.trim()), ""));
    };
    let arguments = parameters(name, inner.trim()).unwrap_or_else(|| inner.trim().to_owned());
    Some((call(name, &arguments), after))
}

/// The arguments that are written as `<parameter=title>…</parameter>`, one or more: what the tool takes as
/// text as it stands there, the rest as JSON.
fn parameters(name: &str, text: &str) -> Option<String> {
    let schema = TOOLS.iter().find(|tool| tool.name == name)?.schema();
    let (mut arguments, mut rest) = (Map::new(), text);
    while !rest.is_empty() {
        let (named, value) = rest.strip_prefix("<parameter=")?.split_once('>')?;
        let (value, after) = value.split_once("</parameter>")?;
        let value = value.trim();
        let kind = &schema["properties"][named]["type"];
        let takes =
            |one: &str| kind == one || kind.as_array().is_some_and(|kinds| kinds.iter().any(|k| k == one));
        let is_text = takes("string") && !(takes("null") && value == "null");
        let json = serde_json::from_str(value).ok().filter(|_| !is_text);
        arguments.insert(named.to_owned(), json.unwrap_or_else(|| value.into()));
        rest = after.trim_start();
    }
    (!arguments.is_empty()).then(|| Value::from(arguments).to_string())
}

/// Calls as newer templates of Mistral's have them: `[TOOL_CALLS]add_task[ARGS]{…}`, once or more.
fn named_before_arguments(text: &str) -> Option<Vec<RequestedCall>> {
    let (mut calls, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        let begin = rest.strip_prefix("[TOOL_CALLS]")?;
        let (named, arguments) = begin.split_at(begin.find('{')?);
        let named =
            named.split('[').next().map(str::trim).filter(|name| !name.contains(char::is_whitespace))?;
        let mut objects = Deserializer::from_str(arguments).into_iter::<Map<String, Value>>();
        objects.next()?.ok()?;
        let (arguments, after) = arguments.split_at(objects.byte_offset());
        calls.push(call(tool_name_repair::of_tool(named)?, arguments));
        rest = after.trim_start();
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
    let quoted = |name: &str| {
        let forms = [format!("\"{name}\""), format!("<function={name}>"), format!("]{name}[")];
        forms.iter().any(|form| text.contains(form))
    };
    let mut names = TOOLS.iter().map(|tool| tool.name).filter(|name| quoted(name));
    let name = names.next().filter(|_| is_marked && names.next().is_none())?;
    let says_that_it_calls = ["\"arguments\"", "\"parameters\"", "<tool_call>", "<function=", "[ARGS]"];
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
    fn parameters_in_marks_of_their_own_are_read_as_what_the_tool_takes() {
        let called = |name: &str, arguments: &str| (name.to_owned(), arguments.to_owned());
        let function = "<function=add_task>\n<parameter=title>\n2024 <b> \"x\"\nand\n</parameter>\n\
                        <parameter=tags>\n[\"a\"]\n</parameter>\n<parameter=parent>3</parameter>\n</function>";
        let add = called("add_task", r#"{"parent":3,"tags":["a"],"title":"2024 <b> \"x\"\nand"}"#);
        for text in [
            function.to_owned(),
            format!("<tool_call>\n{function}\n</tool_call>"),
            // As Qwen3-Coder writes them when it forgets one mark.
            format!("{function}\n</tool_call>"),
            format!("<tool_call>\n{function}"),
        ] {
            assert_eq!(calls(&text), Some(vec![add.clone()]), "{text}");
        }
        let three = format!(
            "<tool_call>\n{function}\n</tool_call>\n<tool_call>\n<function=update_task>\n<parameter=task_id>\n7\n\
             </parameter>\n<parameter=due>\nnull\n</parameter>\n<parameter=title>null</parameter></function>\n\
             <function=list_tasks>\n</function>\n</tool_call>"
        );
        let update = called("update_task", r#"{"due":null,"task_id":7,"title":"null"}"#);
        assert_eq!(calls(&three), Some(vec![add, update, called("list_tasks", "")]));
        // One that breaks off is none that can be made.
        for half in ["<function=add_task>\n<parameter=title>\nMi", "<tool_call><function=add_task><parameter"]
        {
            let [(name, arguments)] = calls(half).unwrap().try_into().unwrap();
            assert!(name == "add_task" && serde_json::from_str::<Value>(&arguments).is_err(), "{half}");
        }
    }

    #[test]
    fn names_before_their_arguments_are_read() {
        let one = r#"[TOOL_CALLS]add_task[ARGS]{"title": "[TOOL_CALLS]"}"#;
        let called = ("add_task".to_owned(), r#"{"title": "[TOOL_CALLS]"}"#.to_owned());
        for text in [
            one,
            r#"[TOOL_CALLS] add_task [ARGS] {"title": "[TOOL_CALLS]"}"#,
            r#"[TOOL_CALLS]add_task[CALL_ID]a1B2c3D4e[ARGS]{"title": "[TOOL_CALLS]"}"#,
            r#"[TOOL_CALLS]add_task{"title": "[TOOL_CALLS]"}"#,
        ] {
            assert_eq!(calls(text), Some(vec![called.clone()]), "{text}");
        }
        let two = format!("{one}[TOOL_CALLS]list_tasks[ARGS]{{}}");
        assert_eq!(calls(&two), Some(vec![called, ("list_tasks".to_owned(), "{}".to_owned())]));
        let half = r#"[TOOL_CALLS]add_task[ARGS]{"title": "On"#;
        assert_eq!(calls(half), Some(vec![("add_task".to_owned(), half.to_owned())]));
        for words in
            ["[TOOL_CALLS]", "[TOOL_CALLS] is a mark", "[TOOL_CALLS]nothing[ARGS]{}", "[TOOL_CALLS] add_task"]
        {
            assert_eq!(calls(words), None, "{words}");
        }
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
