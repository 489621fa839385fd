//! Calls that a model writes as text, as small models and servers without a parser for them do. In the
//! words of a chat template they may follow an answer; as bare JSON they count only when nothing else stands
//! there.

mod chat_templates;

use domain::{ports::RequestedCall, tool::TOOLS};
use serde_json::{Deserializer, Value};

use super::calls::{arguments::strip_code_fence, tool_name_repair};
use crate::openai::lone_surrogates;

/// A mark that begins calls in the words of a chat template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CallMark {
    pub(super) text: &'static str,
    /// Whether it may follow a word: a token of its own, that no person types. The others begin a line.
    pub(super) is_special: bool,
}

/// Those of Qwen, Hermes and GLM, of Llama, Mistral, DeepSeek, and Kimi.
pub(super) const MARKS: [CallMark; 8] = [
    CallMark { text: "<tool_call>", is_special: false },
    CallMark { text: "<function=", is_special: false },
    CallMark { text: "[TOOL_CALLS]", is_special: true },
    CallMark { text: "<|python_tag|>", is_special: true },
    CallMark { text: "<｜tool▁calls▁begin｜>", is_special: true },
    CallMark { text: "<｜tool▁call▁begin｜>", is_special: true },
    CallMark { text: "<|tool_calls_section_begin|>", is_special: true },
    CallMark { text: "<|tool_call_begin|>", is_special: true },
];

/// What bare JSON begins with, but for a Markdown fence.
const JSON: [&str; 2] = ["{", "[{"];

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
    let beginnings = MARKS.iter().map(|mark| mark.text).chain(JSON).chain(["```"]);
    beginnings.into_iter().any(|known| begin.starts_with(known) || known.starts_with(begin))
}

/// Whether `text` begins with a mark.
pub(super) fn begins_with_mark(text: &str) -> bool {
    MARKS.iter().any(|mark| text.starts_with(mark.text))
}

/// Returns the calls that `text` is, or begins with in the words of a chat template; `None` when it is
/// something else.
pub(in crate::openai) fn parse(text: &str) -> Option<Vec<RequestedCall>> {
    let text = lone_surrogates::replace_lone_surrogates(text.trim());
    let calls = chat_templates::parse(&text).or_else(|| json(strip_code_fence(&text).unwrap_or(&text)));
    calls.or_else(|| broken(&text).map(|call| vec![call]))
}

/// Returns the calls that `text`, with a mark in the middle of a line, begins with: one that cannot be read
/// may only be spoken of there.
pub(super) fn read_after_words(text: &str) -> Option<Vec<RequestedCall>> {
    let text = lone_surrogates::replace_lone_surrogates(text);
    chat_templates::parse(&text).filter(|calls| calls.iter().all(|call| !is_unreadable(call)))
}

/// Returns the calls that `text`, with a mark at the beginning of a line after words, begins with. One that
/// cannot be read is only spoken of there when it names no tool of ours and words follow its end.
pub(super) fn read_on_line_after_words(text: &str) -> Option<Vec<RequestedCall>> {
    let names_a_tool = || TOOLS.iter().any(|tool| text.contains(tool.name));
    parse(text).filter(|calls| {
        !calls.iter().any(is_unreadable) || names_a_tool() || chat_templates::ends_with_call(text)
    })
}

/// Returns all calls that somebody would read in `text` who repeats it, or a part of it.
pub(in crate::openai) fn find_all(text: &str) -> Vec<RequestedCall> {
    let marked =
        MARKS.iter().flat_map(|mark| text.match_indices(mark.text)).filter_map(|(at, _)| parse(&text[at..]));
    parse(text).into_iter().chain(marked).flatten().collect()
}

/// Whether the same special token stands in both texts.
pub(in crate::openai) fn share_special_token(one: &str, other: &str) -> bool {
    MARKS.iter().any(|mark| one.contains(mark.text) && other.contains(mark.text))
}

/// Calls as JSON: one or several objects, or a list of them.
fn json(text: &str) -> Option<Vec<RequestedCall>> {
    json_before(text).filter(|(_, after)| after.trim().is_empty()).map(|(calls, _)| calls)
}

/// The calls as JSON that `text` begins with, and what comes after them.
fn json_before(text: &str) -> Option<(Vec<RequestedCall>, &str)> {
    let (mut calls, mut end) = (Vec::new(), 0);
    let mut values = Deserializer::from_str(text).into_iter::<Value>();
    while let Some(Ok(value)) = values.next() {
        let list = value.as_array().or_else(|| value.get("tool_calls")?.as_array());
        let found = match list {
            Some(items) => items.iter().map(object).collect::<Option<Vec<_>>>(),
            None => object(&value).map(|call| vec![call]),
        };
        let Some(found) = found else { break };
        calls.extend(found);
        end = values.byte_offset();
    }
    (!calls.is_empty()).then(|| (calls, &text[end..]))
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
        return Some(call(tool_name_repair::find_tool(named)?, &arguments));
    }
    let [(named, arguments @ Value::Object(_))] = members.iter().collect::<Vec<_>>()[..] else { return None };
    Some(call(tool_name_repair::find_tool(named)?, &arguments.to_string()))
}

/// A call that cannot be read. It is one all the same when it begins as one: the model learns that it makes
/// no sense, and no person sees it. As JSON, and as words that only speak of a mark, it has to name one tool
/// of ours.
fn broken(text: &str) -> Option<RequestedCall> {
    let is_json = JSON.iter().any(|begin| text.starts_with(begin)) || text.starts_with("```");
    if is_json {
        let says_that_it_calls = ["\"arguments\"", "\"parameters\""].iter().any(|part| text.contains(part));
        return named_tool(|name| text.contains(&format!("\"{name}\"")))
            .filter(|_| says_that_it_calls)
            .map(|name| call(name, text));
    }
    let inner = MARKS.iter().find_map(|mark| text.strip_prefix(mark.text))?.trim_start();
    let first = inner.split_whitespace().next().unwrap_or_default();
    let is_attempt = first.is_empty()
        || first.contains(['{', '[', '<', '>', '(', '`'])
        || inner.contains("<arg_key>")
        || tool_name_repair::find_tool(first).is_some();
    let name = named_tool(|name| text.contains(name)).unwrap_or_default();
    is_attempt.then(|| call(name, text))
}

/// The only tool of ours for which this is so.
fn named_tool(is_named: impl Fn(&str) -> bool) -> Option<&'static str> {
    let mut names = TOOLS.iter().map(|tool| tool.name).filter(|name| is_named(name));
    names.next().filter(|_| names.next().is_none())
}

fn is_unreadable(call: &RequestedCall) -> bool {
    call.name.is_empty() || begins_with_mark(&call.arguments)
}

fn call(name: &str, arguments: &str) -> RequestedCall {
    RequestedCall { name: name.to_owned(), arguments: arguments.to_owned(), ..RequestedCall::default() }
}

#[cfg(test)]
mod tests;
