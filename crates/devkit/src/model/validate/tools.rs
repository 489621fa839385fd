//! The rules for `tools` and `tool_choice`.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{Violation, is_name};

pub(crate) fn check(body: &Map<String, Value>) -> Vec<Violation> {
    let mut found = Vec::new();
    let tools = match body.get("tools") {
        None => &[],
        Some(Value::Array(tools)) if !tools.is_empty() => tools.as_slice(),
        Some(_) => {
            found.push(Violation::new("tools", "[] is too short - 'tools'"));
            &[]
        }
    };
    if let Some(choice) = body.get("tool_choice") {
        if !body.contains_key("tools") {
            let message = "'tool_choice' is only allowed when 'tools' are specified.";
            found.push(Violation::new("tool_choice", message));
        }
        if !choice.is_object() && !["none", "auto", "required"].iter().any(|known| choice == known) {
            found.push(Violation::new("tool_choice", format!("Invalid value: {choice}.")));
        }
    }
    let mut names = HashSet::new();
    for (position, tool) in tools.iter().enumerate() {
        let at = |member: &str| format!("tools[{position}].{member}");
        found.extend(definition(tool, &at));
        let name = tool.pointer("/function/name").and_then(Value::as_str).unwrap_or_default();
        if !names.insert(name) {
            found.push(Violation::new(at("function.name"), format!("Tool names must be unique: '{name}'.")));
        }
    }
    found
}

fn definition(tool: &Value, at: &dyn Fn(&str) -> String) -> Vec<Violation> {
    let mut found = Vec::new();
    if tool.get("type").is_none_or(|kind| kind != "function") {
        found.push(Violation::new(at("type"), "Invalid value: expected 'function'."));
    }
    let member = |name: &str| tool.get("function").and_then(|function| function.get(name));
    if !member("name").and_then(Value::as_str).is_some_and(|name| is_name(name, 64)) {
        let message = "Invalid name: expected a string that matches the pattern '^[a-zA-Z0-9_-]{1,64}$'.";
        found.push(Violation::new(at("function.name"), message));
    }
    if member("description").and_then(Value::as_str).is_none_or(|text| text.trim().is_empty()) {
        found.push(Violation::new(at("function.description"), "A description is needed."));
    }
    let path = at("function.parameters");
    match member("parameters") {
        Some(schema) if schema.get("type").is_some_and(|kind| kind == "object") => {
            if !schema.get("properties").is_some_and(Value::is_object) {
                found.push(Violation::new(&path, "Invalid schema: object schema missing properties."));
            }
            if let Some(keyword) = unsupported_keyword(schema) {
                let message = format!("Invalid schema: '{keyword}' is not known to every provider.");
                found.push(Violation::new(path, message));
            }
        }
        _ => found.push(Violation::new(path, "Invalid schema: schema must be of \"type\": \"object\".")),
    }
    found
}

/// Returns the first of `$schema`, `$ref`, `$defs`, …, which Gemini's endpoint refuses.
fn unsupported_keyword(schema: &Value) -> Option<&str> {
    match schema {
        Value::Object(members) => members.iter().find_map(|(name, value)| {
            if name.starts_with('$') { Some(name.as_str()) } else { unsupported_keyword(value) }
        }),
        Value::Array(items) => items.iter().find_map(unsupported_keyword),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::{check as check_body, good, violations_with};
    use super::*;

    #[test]
    fn a_choice_needs_tools_and_a_known_value() {
        let mut body = good();
        body.as_object_mut().unwrap().remove("tools");
        assert_eq!(check_body(&body).len(), 1);
        assert_eq!(violations_with("/tools", json!([])).len(), 1);
        assert_eq!(violations_with("/tool_choice", json!("any")).len(), 1);
        assert_eq!(violations_with("/tool_choice", json!("none")), Vec::<String>::new());
    }

    #[test]
    fn each_part_of_a_definition_is_checked() {
        let cases = [
            ("/type", json!("tool")),
            ("/function/name", json!("add task")),
            ("/function/name", json!("x".repeat(65))),
            ("/function/description", json!("")),
            ("/function/parameters", json!({"type": "string"})),
            ("/function/parameters", json!(null)),
            ("/function/parameters", json!({"type": "object"})),
            ("/function/parameters/$schema", json!("https://json-schema.org")),
            ("/function/parameters/properties", json!({"a": {"$ref": "#/$defs/A"}})),
        ];
        for (place, value) in cases {
            let found = violations_with(&format!("/tools/0{place}"), value.clone());
            assert_eq!(found.len(), 1, "{place} {value}: {found:?}");
        }
    }

    #[test]
    fn two_tools_cannot_have_one_name() {
        let tool = good()["tools"][0].clone();
        assert_eq!(violations_with("/tools", Value::Array(vec![tool.clone(), tool])).len(), 1);
    }
}
