//! The rules for `messages`: who may speak when, and that every tool call is
//! answered exactly once, in place.

use std::collections::HashSet;

use serde_json::{Map, Value};
use stand_in_english::role;

use super::{ReasoningFieldRules, Violation, is_name};

/// Which members a message of each role may have; others are refused somewhere.
const MEMBERS: &[(&str, &[&str])] = &[
    ("system", &["role", "content"]),
    ("user", &["role", "content"]),
    ("assistant", &["role", "content", "tool_calls", "reasoning_content", "reasoning_details"]),
    ("tool", &["role", "content", "tool_call_id"]),
];

pub(crate) fn check(messages: &[Value], demands: ReasoningFieldRules) -> Vec<Violation> {
    let mut found = frame(messages);
    let mut open: Vec<&str> = Vec::new();
    let newest = messages.iter().rposition(|message| role(message) == "user").unwrap_or_default();
    for (position, message) in messages.iter().enumerate() {
        let at = |member: &str| format!("messages.[{position}].{member}");
        found.extend(members(message, &at));
        let beside = beside_calls(message, position > newest, demands);
        found.extend(beside.map(|text| Violation::new(at("role"), text)));
        if role(message) == "tool" {
            let id = message.get("tool_call_id").and_then(Value::as_str).unwrap_or_default();
            match open.iter().position(|wanted| *wanted == id) {
                Some(place) => drop(open.swap_remove(place)),
                None => found.push(Violation::new(at("role"), ORPHAN)),
            }
            continue;
        }
        found.extend(unanswered(&open, position));
        open = match message.get("tool_calls") {
            Some(calls) if role(message) == "assistant" => {
                found.extend(tool_calls(calls, &at));
                calls.as_array().into_iter().flatten().filter_map(|call| call.get("id")?.as_str()).collect()
            }
            _ => Vec::new(),
        };
    }
    found.extend(unanswered(&open, messages.len()));
    found
}

const ORPHAN: &str = "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls', each answered once.";

/// What holds for the list as a whole.
fn frame(messages: &[Value]) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut say = |message: &str| found.push(Violation::new("messages", message));
    if messages.first().is_none_or(|first| role(first) != "system") {
        say("The first message must be the system message.");
    }
    if messages.iter().skip(1).any(|message| role(message) == "system") {
        say("The system message must be the first and only one.");
    }
    if !messages.iter().any(|message| role(message) == "user") {
        say("There must be a user message.");
    }
    if messages.last().is_some_and(|last| !matches!(role(last), "user" | "tool")) {
        say("The conversation must end with a user or tool message.");
    }
    found
}

fn unanswered(open: &[&str], position: usize) -> Option<Violation> {
    let message = format!(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each \
         'tool_call_id'. The following tool_call_ids did not have response messages: {}",
        open.join(", ")
    );
    (!open.is_empty()).then(|| Violation::new(format!("messages.[{position}].role"), message))
}

/// What holds for one message by itself.
fn members(message: &Value, at: &dyn Fn(&str) -> String) -> Vec<Violation> {
    let Some(object) = message.as_object() else {
        return vec![Violation::new(at(""), "Invalid type: expected an object.")];
    };
    let role = role(message);
    let Some((_, allowed)) = MEMBERS.iter().find(|(known, _)| *known == role) else {
        return vec![Violation::new(at("role"), format!("Invalid value: '{role}'."))];
    };
    let unknown = object.keys().filter(|name| !allowed.contains(&name.as_str()));
    let mut found: Vec<_> = unknown
        .map(|name| {
            Violation::new(
                at(name),
                format!("Additional properties are not allowed ('{name}' was unexpected)."),
            )
        })
        .collect();
    found.extend(words(object, role).map(|message| Violation::new(at("content"), message)));
    found
}

/// Providers that want back the thoughts beside calls want them until the person speaks again. Others refuse
/// members that they do not know.
fn beside_calls(
    message: &Value,
    is_of_newest_turn: bool,
    demands: ReasoningFieldRules,
) -> Option<&'static str> {
    let has = |name: &&str| message.get(*name).is_some();
    let may_reason = (is_of_newest_turn || demands.reasoning) && has(&"tool_calls");
    let has_reasoning = ["reasoning_content", "reasoning_details"].iter().any(has);
    (has_reasoning && !may_reason).then_some("Reasoning belongs to the calls of the newest turn.")
}

fn words(message: &Map<String, Value>, role: &str) -> Option<&'static str> {
    let calls = message.get("tool_calls").is_some();
    match message.get("content") {
        Some(Value::String(text)) if !text.trim().is_empty() => None,
        Some(Value::String(_) | Value::Null) | None if role == "assistant" && calls => None,
        Some(Value::String(_)) => Some("The content must not be empty."),
        None | Some(Value::Null) => Some("Invalid value for 'content': expected a string, got null."),
        Some(_) => Some("Invalid type for 'content': expected a string."),
    }
}

fn tool_calls(calls: &Value, at: &dyn Fn(&str) -> String) -> Vec<Violation> {
    let path = at("tool_calls");
    let Some(calls) = calls.as_array().filter(|calls| !calls.is_empty()) else {
        return vec![Violation::new(path, "[] is too short - 'tool_calls'")];
    };
    let mut ids = HashSet::new();
    let mut found = Vec::new();
    for call in calls {
        let id = call.get("id").and_then(Value::as_str).unwrap_or_default();
        if !is_name(id, 40) {
            let message = format!("Invalid id '{id}': expected 1 to 40 of a-z, A-Z, 0-9, _ and -.");
            found.push(Violation::new(&path, message));
        }
        if !ids.insert(id) {
            found.push(Violation::new(&path, format!("Duplicate tool call id '{id}'.")));
        }
        found.extend(function(call).map(|message| Violation::new(&path, message)));
    }
    found
}

fn function(call: &Value) -> Option<String> {
    if call.get("type").is_none_or(|kind| kind != "function") {
        return Some("Invalid type: expected 'function'.".to_owned());
    }
    let objects = [Some(call), call.get("function")].map(|part| part.and_then(Value::as_object));
    let mut members = objects.into_iter().flatten().flat_map(Map::keys);
    if let Some(name) = members.find(|name| !CALL_MEMBERS.contains(&name.as_str())) {
        return Some(format!("Additional properties are not allowed ('{name}' was unexpected)."));
    }
    let name = call.pointer("/function/name").and_then(Value::as_str).unwrap_or_default();
    if !is_name(name, 64) {
        return Some(format!("Invalid function name '{name}': expected '^[a-zA-Z0-9_-]{{1,64}}$'."));
    }
    let arguments = call.pointer("/function/arguments").and_then(Value::as_str);
    let parsed = arguments.and_then(|arguments| serde_json::from_str::<Map<String, Value>>(arguments).ok());
    parsed.is_none().then(|| format!("The arguments of '{name}' must be a string that holds a JSON object."))
}

const CALL_MEMBERS: &[&str] = &["id", "type", "function", "name", "arguments", "extra_content"];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::{check as check_body, good, violations_with};

    /// Removes one message of the good request.
    fn without(position: usize) -> usize {
        let mut body = good();
        body["messages"].as_array_mut().unwrap().remove(position);
        check_body(&body).len()
    }

    #[test]
    fn the_system_message_comes_first_and_once() {
        assert_eq!(without(0), 1);
        assert_eq!(violations_with("/messages/5/role", json!("system")).len(), 1);
    }

    #[test]
    fn a_user_message_is_required() {
        assert!(violations_with("/messages", json!([{"role": "system", "content": "x"}])).len() >= 2);
        assert_eq!(without(6), 1);
    }

    #[test]
    fn each_call_is_answered_exactly_once_and_in_place() {
        assert_eq!(without(3), 1, "answer missing");
        assert!(violations_with("/messages/3/tool_call_id", json!("a")).len() >= 2, "answered twice");
        assert!(violations_with("/messages/3/tool_call_id", json!("zzz")).len() >= 2, "orphan");
        assert_eq!(without(2), 2, "answers without calls");
        let mut body = good();
        body["messages"].as_array_mut().unwrap().swap(4, 5);
        assert_eq!(check_body(&body).len(), 2, "words between calls and answers");
        let mut body = good();
        body["messages"].as_array_mut().unwrap().truncate(4);
        assert_eq!(check_body(&body).len(), 1, "the end before all answers");
    }

    #[test]
    fn thoughts_go_back_in_their_turn_only() {
        let signature = json!({"google": {"thought_signature": "s"}});
        assert!(violations_with("/messages/2/tool_calls/0/extra_content", signature).is_empty());
        assert_eq!(violations_with("/messages/2/reasoning_content", json!("plan")).len(), 1);
        let mut body = good();
        body["messages"].as_array_mut().unwrap().truncate(5);
        body["messages"][2]["tool_calls"][0]["extra_content"] = json!({});
        body["messages"][2]["reasoning_content"] = json!("plan");
        assert_eq!(check_body(&body), []);
    }

    #[test]
    fn what_a_provider_demands_beside_calls_has_to_be_there() {
        use super::super::ReasoningFieldRules;
        let signature = ReasoningFieldRules { signature: true, ..ReasoningFieldRules::default() };
        let reasoning = ReasoningFieldRules { reasoning: true, ..ReasoningFieldRules::default() };
        let mut body = good();
        assert_eq!((signature.refusal(&body), reasoning.refusal(&body).is_some()), (None, true));
        body["messages"][2]["reasoning_content"] = json!("plan");
        assert_eq!((super::super::check(&body, reasoning), reasoning.refusal(&body)), (vec![], None));
        body["messages"].as_array_mut().unwrap().truncate(5);
        assert!(signature.refusal(&body).is_some_and(|refusal| refusal.contains("thought_signature")));
        body["messages"][2]["tool_calls"][0]["extra_content"] = json!({"google": {"thought_signature": "s"}});
        assert_eq!(signature.refusal(&body), None);
    }

    #[test]
    fn ids_are_unique_short_and_not_empty() {
        for id in [json!("b"), json!(""), json!(null), json!("x".repeat(41)), json!("a b")] {
            assert!(!violations_with("/messages/2/tool_calls/0/id", id.clone()).is_empty(), "{id}");
        }
    }

    #[test]
    fn arguments_are_a_string_with_an_object() {
        for arguments in
            [json!({}), json!(""), json!("null"), json!("[]"), json!("{\"title\":"), json!("\"{}\"")]
        {
            let found = violations_with("/messages/2/tool_calls/0/function/arguments", arguments.clone());
            assert_eq!(found.len(), 1, "{arguments}: {found:?}");
        }
        assert_eq!(violations_with("/messages/2/tool_calls/0/function/name", json!("a.b")).len(), 1);
        assert_eq!(violations_with("/messages/2/tool_calls/0/type", json!("tool")).len(), 1);
        assert_eq!(violations_with("/messages/2/tool_calls/0/function", json!(null)).len(), 1);
        assert_eq!(violations_with("/messages/2/tool_calls/0/index", json!(0)).len(), 1);
    }

    #[test]
    fn no_message_is_empty_or_strange() {
        assert_eq!(violations_with("/messages/5/content", json!(null)).len(), 1);
        assert_eq!(violations_with("/messages/5/content", json!("")).len(), 1);
        assert_eq!(violations_with("/messages/5/tool_calls", json!([])).len(), 1);
        assert_eq!(violations_with("/messages/1/content", json!([])).len(), 1);
        assert_eq!(violations_with("/messages/1/content", json!(" ")).len(), 1);
        assert_eq!(violations_with("/messages/1/role", json!("robot")).len(), 1);
        assert_eq!(violations_with("/messages/1/id", json!("7")).len(), 1);
        assert_eq!(violations_with("/messages/5/refusal", json!(null)).len(), 1);
        assert_eq!(violations_with("/messages/5", json!("hi")).len(), 1);
    }
}
