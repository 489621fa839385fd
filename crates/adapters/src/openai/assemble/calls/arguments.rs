//! Arguments as the domain reads them: one JSON object, whatever a server has put around it.

use serde::de::IgnoredAny;
use serde_json::{Deserializer, Value};

/// How many layers of strings and fences are taken off.
const MAX_WRAPPERS: usize = 3;

/// Returns the arguments of each call that `raw` holds: one, unless a server has glued several
/// together. What is no JSON is returned as it is.
pub(super) fn of_calls(raw: &str) -> Vec<String> {
    let raw = unwrapped(raw);
    let mut objects = objects(&raw);
    if objects.len() < 2 {
        return vec![raw];
    }
    // Some servers send `{}` before the pieces, or the whole object once more after them.
    objects.retain(|(object, _)| object.as_object().is_some_and(|members| !members.is_empty()));
    objects.dedup_by(|(object, _), (before, _)| object == before);
    if objects.is_empty() {
        vec!["{}".to_owned()]
    } else {
        objects.into_iter().map(|(_, text)| text).collect()
    }
}

/// Whether `arguments` are complete, so that a new call may follow. After `{}` the real ones may still come.
pub(super) fn are_complete(arguments: &str) -> bool {
    arguments.trim() != "{}" && serde_json::from_str::<IgnoredAny>(arguments).is_ok()
}

/// Returns all objects that `text` consists of, with the text of each; none when there is anything
/// else in it.
fn objects(text: &str) -> Vec<(Value, String)> {
    let (mut objects, mut begin) = (Vec::new(), 0);
    let mut values = Deserializer::from_str(text).into_iter::<Value>();
    while let Some(value) = values.next() {
        let Ok(value @ Value::Object(_)) = value else { return Vec::new() };
        objects.push((value, text[begin..values.byte_offset()].trim().to_owned()));
        begin = values.byte_offset();
    }
    objects
}

/// Without a Markdown fence around it, and without being a string of JSON in a string of JSON.
fn unwrapped(raw: &str) -> String {
    let mut text = raw.trim().to_owned();
    for _ in 0..MAX_WRAPPERS {
        let inner = match serde_json::from_str(&text) {
            Ok(Value::String(inner)) => Some(inner),
            _ => unfenced(&text).map(str::to_owned),
        };
        match inner.filter(|inner| inner.trim_start().starts_with(['{', '"', '`'])) {
            Some(inner) => text = inner.trim().to_owned(),
            None => break,
        }
    }
    text
}

/// Returns what stands in the Markdown fence that `text` consists of.
pub(in crate::openai::assemble) fn unfenced(text: &str) -> Option<&str> {
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
            (r#"{"a":1}{"b": 2} {"b":2}"#, &[r#"{"a":1}"#, r#"{"b": 2}"#]),
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
            assert_eq!(of_calls(raw), *expected, "{raw}");
        }
    }
}
