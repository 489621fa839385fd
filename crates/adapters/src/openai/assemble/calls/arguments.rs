//! Parses the arguments of a call into one JSON object, whatever a server has put around it.

use serde::de::IgnoredAny;
use serde_json::{Deserializer, Map, Value};

/// How many layers of strings and fences are taken off.
const MAX_WRAPPERS: usize = 3;

/// Returns the arguments of each call that `raw` holds: one, unless a server has glued several
/// together. What is no JSON is returned as it is.
pub(super) fn split_calls(raw: &str) -> Vec<String> {
    let raw = unwrapped(raw);
    let Some(mut objects) = objects(&raw) else { return vec![raw] };
    // Some servers send `{}` before the pieces.
    objects.retain(|(object, _)| !object.is_empty());
    if objects.is_empty() {
        vec!["{}".to_owned()]
    } else {
        objects.into_iter().map(|(_, text)| text).collect()
    }
}

/// Whether `arguments` are complete, so that a new call may follow. After what stands for nothing the real
/// ones may still come.
pub(super) fn are_complete(arguments: &str) -> bool {
    !matches!(arguments.trim(), "{}" | "[]" | "null") && serde_json::from_str::<IgnoredAny>(arguments).is_ok()
}

/// Whether the last object of `arguments` is the one that `fragment` consists of.
pub(super) fn end_with(arguments: &str, fragment: &str) -> bool {
    let Ok(whole) = serde_json::from_str::<Map<String, Value>>(fragment) else { return false };
    objects(arguments).and_then(|mut objects| objects.pop()).is_some_and(|(last, _)| last == whole)
}

/// Returns the objects that `text` consists of, with the text of each: one after the other, with commas
/// between them or in an array, and nulls. `None` when there is none, or anything else in it.
fn objects(text: &str) -> Option<Vec<(Map<String, Value>, String)>> {
    let (mut objects, mut rest, mut found) = (Vec::new(), text.trim(), false);
    while !rest.is_empty() {
        let mut values = Deserializer::from_str(rest).into_iter::<Value>();
        let value = values.next()?.ok()?;
        let (own, after) = rest.split_at(values.byte_offset());
        match value {
            Value::Object(object) => objects.push((object, own.trim().to_owned())),
            Value::Array(items) => {
                for item in items {
                    let text = item.to_string();
                    let Value::Object(object) = item else { return None };
                    objects.push((object, text));
                }
            }
            Value::Null => {
                rest = after.trim_start();
                continue;
            }
            _ => return None,
        }
        found = true;
        let after = after.trim_start();
        rest = after.strip_prefix(',').unwrap_or(after).trim_start();
    }
    found.then_some(objects)
}

/// Without a Markdown fence around it, and without being a string of JSON in a string of JSON.
fn unwrapped(raw: &str) -> String {
    let mut text = raw.trim().to_owned();
    for _ in 0..MAX_WRAPPERS {
        let inner = match serde_json::from_str(&text) {
            Ok(Value::String(inner)) => Some(inner),
            _ => strip_code_fence(&text).map(str::to_owned),
        };
        match inner.filter(|inner| inner.trim_start().starts_with(['{', '[', '"', '`'])) {
            Some(inner) => text = inner.trim().to_owned(),
            None => break,
        }
    }
    text
}

/// Returns what stands in the Markdown fence that `text` consists of.
pub(in crate::openai::assemble) fn strip_code_fence(text: &str) -> Option<&str> {
    let fenced = text.strip_prefix("```")?.strip_suffix("```")?;
    let (language, inner) = fenced.split_at(fenced.find(['\n', '{', '['])?);
    language.chars().all(char::is_alphanumeric).then(|| inner.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_around_an_object_is_taken_off() {
        let cases: &[(&str, &[&str])] = &[
            ("", &[""]),
            ("  ", &[""]),
            ("{}", &["{}"]),
            (r#"{"a": 1}"#, &[r#"{"a": 1}"#]),
            (r#"{"a":1}{"b": 2} {"b":2}"#, &[r#"{"a":1}"#, r#"{"b": 2}"#, r#"{"b":2}"#]),
            (r#"{"a":1} , {"b": 2},"#, &[r#"{"a":1}"#, r#"{"b": 2}"#]),
            (r#"[{"a":1},{"b":2}]"#, &[r#"{"a":1}"#, r#"{"b":2}"#]),
            (r#""[{\"a\":1}]""#, &[r#"{"a":1}"#]),
            (r#"[]{"a":1}"#, &[r#"{"a":1}"#]),
            (r#"null{"a":1}"#, &[r#"{"a":1}"#]),
            ("[]", &["{}"]),
            ("null", &["null"]),
            ("[1]", &["[1]"]),
            (r#"{"a":1},,{"b":2}"#, &[r#"{"a":1},,{"b":2}"#]),
            (r#"{}{"a":1}"#, &[r#"{"a":1}"#]),
            ("{}{}", &["{}"]),
            (r#"{"a":1}{"b""#, &[r#"{"a":1}{"b""#]),
            (r#"{"a":1}, and so on"#, &[r#"{"a":1}, and so on"#]),
            (r#""{\"a\":1}""#, &[r#"{"a":1}"#]),
            (r#""\"{\\\"a\\\":1}\"""#, &[r#"{"a":1}"#]),
            (r#""just words""#, &[r#""just words""#]),
            ("```json\n{\"a\":1}\n```", &[r#"{"a":1}"#]),
            ("```{\"a\":1}```", &[r#"{"a":1}"#]),
            ("```\n{\"a\":1}\n``` and more", &["```\n{\"a\":1}\n``` and more"]),
            ("7", &["7"]),
        ];
        for (raw, expected) in cases {
            assert_eq!(split_calls(raw), *expected, "{raw}");
        }
    }
}
