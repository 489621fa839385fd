//! Parses calls that are written in the syntax of a chat template, one or several, and what follows them.

use domain::{ports::RequestedCall, tool};
use serde_json::{Deserializer, Map, Value};

use super::{begins_with_mark, broken, call, json_before};
use crate::openai::assemble::calls::{arguments::strip_code_fence, tool_name_repair};

/// Marks that stand around calls and between them.
const AROUND: [&str; 8] = [
    "</tool_call>",
    "<｜tool▁calls▁begin｜>",
    "<｜tool▁calls▁end｜>",
    "<｜end▁of▁sentence｜>",
    "<|tool_calls_section_begin|>",
    "<|tool_calls_section_end|>",
    "<|eom_id|>",
    "<|eot_id|>",
];

/// Marks that end calls.
const ENDS: [&str; 8] = [
    "</tool_call>",
    "</function>",
    "<｜tool▁call▁end｜>",
    "<｜tool▁calls▁end｜>",
    "<|tool_call_end|>",
    "<|tool_calls_section_end|>",
    "<|eom_id|>",
    "<|eot_id|>",
];

/// Some calls, and what comes after them.
type Before<'a> = (Vec<RequestedCall>, &'a str);

/// Returns the calls that `text` begins with. Words after them are of no use: they were said before the deed.
pub(super) fn parse(text: &str) -> Option<Vec<RequestedCall>> {
    if !begins_with_mark(text) {
        return None;
    }
    let (mut calls, mut rest) = (Vec::new(), text);
    loop {
        rest = AROUND.iter().find_map(|mark| rest.strip_prefix(mark)).unwrap_or(rest).trim_start();
        if AROUND.iter().any(|mark| rest.starts_with(mark)) {
            continue;
        }
        let Some((found, after)) = next(rest) else { break };
        calls.extend(found);
        rest = after.trim_start();
    }
    if calls.is_empty() {
        return None;
    }
    // Others were made, and of this one the model learns as well.
    calls.extend(broken(rest).filter(|_| begins_with_mark(rest)));
    Some(calls)
}

/// Whether nothing follows the last mark in `text` that ends calls, or there is none.
pub(super) fn ends_with_call(text: &str) -> bool {
    let last = ENDS.iter().filter_map(|mark| text.rfind(mark).map(|at| at + mark.len())).max();
    last.is_none_or(|end| text[end..].trim().is_empty())
}

fn next(text: &str) -> Option<Before<'_>> {
    if let Some(inner) = text.strip_prefix("<tool_call>") {
        return between_tool_call_marks(inner.trim_start());
    }
    if text.starts_with("<function=") {
        return function(text);
    }
    if let Some(list) = text.strip_prefix("[TOOL_CALLS]") {
        return json_before(list).or_else(|| named_before_arguments(list));
    }
    if let Some(objects) = text.strip_prefix("<|python_tag|>") {
        return with_semicolons(objects);
    }
    if let Some(inner) = text.strip_prefix("<｜tool▁call▁begin｜>") {
        return after_separator(inner);
    }
    kimi(text.strip_prefix("<|tool_call_begin|>")?)
}

/// As Qwen, Hermes and GLM write them. Qwen3-Coder has a function there, and forgets one mark or the other.
fn between_tool_call_marks(inner: &str) -> Option<Before<'_>> {
    if inner.starts_with("<function=") {
        return function(inner);
    }
    if let Some(found) = json_before(inner) {
        return Some(found);
    }
    let (inner, after) = inner.split_once("</tool_call>").unwrap_or((inner, ""));
    let fenced = strip_code_fence(inner.trim()).and_then(json_before).map(|(calls, _)| calls);
    Some((fenced.or_else(|| name_and_pairs(inner).map(|call| vec![call]))?, after))
}

/// The call that a text begins with, `<function=add_task>…</function>`, and what comes after it.
fn function(text: &str) -> Option<Before<'_>> {
    let (named, inner) = text.strip_prefix("<function=")?.split_once('>')?;
    let name = tool_name_repair::find_tool(named)?;
    let Some((inner, after)) = inner.split_once("</function>") else {
        return Some((vec![call(name, inner.trim())], ""));
    };
    let arguments = parameters(name, inner.trim()).unwrap_or_else(|| inner.trim().to_owned());
    Some((vec![call(name, &arguments)], after))
}

/// The arguments that are written as `<parameter=title>…</parameter>`, one or more.
fn parameters(name: &str, text: &str) -> Option<String> {
    let (mut pairs, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        let (named, value) = rest.strip_prefix("<parameter=")?.split_once('>')?;
        let (value, after) = value.split_once("</parameter>")?;
        pairs.push((named, value.trim()));
        rest = after.trim_start();
    }
    if pairs.is_empty() { None } else { typed(name, pairs) }
}

/// As GLM writes them: `add_task<arg_key>title</arg_key><arg_value>Milk</arg_value>`.
fn name_and_pairs(text: &str) -> Option<RequestedCall> {
    let (named, mut rest) = text.split_at(text.find("<arg_key>").unwrap_or(text.len()));
    let name = Some(named.trim()).filter(|named| !named.contains(char::is_whitespace));
    let name = tool_name_repair::find_tool(name?)?;
    let mut pairs = Vec::new();
    while !rest.trim().is_empty() {
        let (key, value) = rest.trim_start().strip_prefix("<arg_key>")?.split_once("</arg_key>")?;
        let (value, after) = value.trim_start().strip_prefix("<arg_value>")?.split_once("</arg_value>")?;
        pairs.push((key.trim(), value.trim()));
        rest = after;
    }
    Some(call(name, &typed(name, pairs)?))
}

/// Arguments as JSON: what the tool takes as text as it stands there, the rest as JSON.
fn typed(name: &str, pairs: Vec<(&str, &str)>) -> Option<String> {
    let schema = tool::find(name)?.schema();
    let typed = |(named, value): (&str, &str)| {
        let kind = &schema["properties"][named]["type"];
        let takes =
            |one: &str| kind == one || kind.as_array().is_some_and(|kinds| kinds.iter().any(|k| k == one));
        let is_text = takes("string") && !(takes("null") && value == "null");
        let json = serde_json::from_str(value).ok().filter(|_| !is_text);
        (named.to_owned(), json.unwrap_or_else(|| value.into()))
    };
    Some(Value::Object(pairs.into_iter().map(typed).collect()).to_string())
}

/// As newer templates of Mistral's have them: `add_task[ARGS]{…}`, in one line.
fn named_before_arguments(text: &str) -> Option<Before<'_>> {
    let (named, arguments) = text.split_at(text.find(['{', '\n']).filter(|at| text[*at..].starts_with('{'))?);
    let named = named.split('[').next().map(str::trim).filter(|name| !name.contains(char::is_whitespace))?;
    let (arguments, after) = arguments_before(arguments)?;
    Some((vec![call(tool_name_repair::find_tool(named)?, arguments)], after))
}

/// As Llama writes them: `{…}; {…}`.
fn with_semicolons(text: &str) -> Option<Before<'_>> {
    let (mut calls, mut rest) = json_before(text)?;
    while let Some((more, after)) = rest.trim_start().strip_prefix(';').and_then(json_before) {
        calls.extend(more);
        rest = after;
    }
    Some((calls, rest))
}

/// As DeepSeek writes them: `function<｜tool▁sep｜>add_task` and a fence of JSON, or
/// `add_task<｜tool▁sep｜>{…}` in one line.
fn after_separator(text: &str) -> Option<Before<'_>> {
    let (kind_or_name, rest) = text.split_once("<｜tool▁sep｜>")?;
    let (name_or_nothing, arguments) = rest.split_at(rest.find(['{', '`'])?);
    if name_or_nothing.contains('\n') && arguments.starts_with('{') {
        return None;
    }
    let named = if name_or_nothing.trim().is_empty() { kind_or_name } else { name_or_nothing };
    let name = tool_name_repair::find_tool(named.trim())?;
    let (arguments, after) = arguments_before(without_fence(arguments))?;
    let after = without_fence(after.trim_start());
    Some((
        vec![call(name, arguments)],
        after.trim_start().strip_prefix("<｜tool▁call▁end｜>").unwrap_or(after),
    ))
}

/// As Kimi writes them: `functions.add_task:0<|tool_call_argument_begin|>{…}<|tool_call_end|>`.
fn kimi(text: &str) -> Option<Before<'_>> {
    let (named, arguments) = text.split_once("<|tool_call_argument_begin|>")?;
    let name = tool_name_repair::find_tool(named.trim())?;
    let (arguments, after) =
        arguments_before(arguments.trim_start_matches(' ')).filter(|_| !arguments.starts_with('\n'))?;
    Some((vec![call(name, arguments)], after.trim_start().strip_prefix("<|tool_call_end|>").unwrap_or(after)))
}

/// The JSON object that `text` begins with, as it stands there, and what comes after it.
fn arguments_before(text: &str) -> Option<(&str, &str)> {
    let mut objects = Deserializer::from_str(text).into_iter::<Map<String, Value>>();
    objects.next()?.ok()?;
    Some(text.split_at(objects.byte_offset()))
}

fn without_fence(text: &str) -> &str {
    text.strip_prefix("```").map_or(text, |inner| inner.strip_prefix("json").unwrap_or(inner).trim_start())
}
