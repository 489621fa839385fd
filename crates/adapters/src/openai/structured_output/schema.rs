//! The JSON schema of a model's next answer. A small model is offered only what makes sense now: else it goes
//! on changing tasks after it has done what was asked, and makes up task numbers.

use std::collections::BTreeSet;

use domain::{
    date_input,
    message::{MessageBody, ToolCall},
    ports::ToolChoice,
    time_zone::LocalNow,
    tool::{TOOLS, Tool, ToolKind, find},
};
use serde_json::{Value, json};

use super::REPLY;

/// The most numbers of tasks that are offered.
const MAX_NUMBERS: usize = 100;
/// How often a model may look at the list in one turn.
const MAX_LOOKS: usize = 2;

/// Returns the schema of the next answer. Members are written in the order of the schema, which is
/// the order of their names: the action comes first.
pub(super) fn schema(tools: ToolChoice, messages: &[MessageBody], local: LocalNow) -> Value {
    let reply = call(REPLY, object(json!({"text": {"type": "string"}}), json!(["text"])));
    if tools == ToolChoice::Forbidden {
        return reply;
    }
    let made = Made::in_newest_turn(messages);
    let numbers = numbers(messages);
    let says_day = newest_text(messages).is_some_and(|text| date_input::names_days(text, local));
    let arguments = |tool| arguments(tool, &numbers, says_day);
    let offered = TOOLS.iter().filter(|tool| made.leaves(tool)).filter_map(arguments);
    let calls = offered.map(|(name, arguments)| call(name, arguments));
    json!({"anyOf": calls.chain([reply]).collect::<Vec<_>>()})
}

fn object(properties: Value, required: Value) -> Value {
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

fn call(name: &str, arguments: Value) -> Value {
    object(json!({"action": {"const": name}, "arguments": arguments}), json!(["action", "arguments"]))
}

/// A tool with the schema of its arguments; none when it wants a task's number and nobody has named
/// one yet. A new task has a title, and a day when the person has said one: small models fill in
/// whatever they may.
fn arguments(tool: &Tool, numbers: &BTreeSet<i64>, says_day: bool) -> Option<(&'static str, Value)> {
    let mut schema = tool.schema();
    if schema["properties"]["task_id"].is_object() && !tool.reads_only {
        // It has numbers to choose from, and needs one.
        schema["required"] = json!(["task_id"]);
    }
    let properties = schema["properties"].as_object_mut()?;
    properties.remove("ref");
    match properties.get_mut("task_id") {
        Some(_) if numbers.is_empty() && !tool.reads_only => return None,
        Some(_) if numbers.is_empty() => drop(properties.remove("task_id")),
        Some(number) => *number = json!({ "enum": numbers }),
        None => drop(properties.remove("description")),
    }
    if !says_day && tool.kind == ToolKind::ListChanges {
        return None;
    }
    if !says_day {
        properties.retain(|name, _| name != "due" && name != "done_since");
    }
    Some((tool.name, schema))
}

/// What the person said last.
fn newest_text(messages: &[MessageBody]) -> Option<&str> {
    messages.iter().rev().find_map(|message| match message {
        MessageBody::User(text) => Some(text.as_str()),
        _ => None,
    })
}

/// The numbers of tasks that the person or a result has named.
fn numbers(messages: &[MessageBody]) -> BTreeSet<i64> {
    let mut numbers = BTreeSet::new();
    for message in messages.iter().rev() {
        match message {
            MessageBody::User(text) => {
                let words = text.split(|c: char| !c.is_ascii_digit()).filter(|word| word.len() <= 9);
                numbers.extend(words.filter_map(|word| word.parse::<i64>().ok()));
            }
            MessageBody::Tool { content, .. } => {
                let result: Value = serde_json::from_str(content).unwrap_or_default();
                let tasks = result["tasks"].as_array().into_iter().flatten().chain(result.get("task"));
                numbers.extend(tasks.filter_map(|task| task["id"].as_i64()));
            }
            MessageBody::Assistant { .. } => {}
        }
        if numbers.len() >= MAX_NUMBERS {
            break;
        }
    }
    numbers
}

/// What was done since the person spoke.
struct Made<'a> {
    calls: Vec<(&'a ToolCall, bool)>,
}

impl<'a> Made<'a> {
    fn in_newest_turn(messages: &'a [MessageBody]) -> Self {
        let spoke = messages.iter().rposition(|message| matches!(message, MessageBody::User(_)));
        let turn = &messages[spoke.map_or(0, |position| position + 1)..];
        let has_succeeded = |call: &ToolCall| {
            turn.iter().any(|message| match message {
                MessageBody::Tool { call_id, content } => {
                    *call_id == call.id
                        && serde_json::from_str::<Value>(content)
                            .is_ok_and(|result| result["success"] == true)
                }
                _ => false,
            })
        };
        let calls = turn.iter().flat_map(|message| match message {
            MessageBody::Assistant { calls, .. } => calls.as_slice(),
            _ => &[],
        });
        Self { calls: calls.map(|call| (call, has_succeeded(call))).collect() }
    }

    /// Whether a tool makes sense after this: after a change only more changes of its kind, and
    /// nothing after a call that was only repeated.
    fn leaves(&self, tool: &Tool) -> bool {
        let reads = |name: &str| find(name).is_some_and(|tool| tool.reads_only);
        if let [.., (before, _), (last, _)] = self.calls[..]
            && (&before.name, &before.arguments) == (&last.name, &last.arguments)
        {
            return false;
        }
        let mut changes = self.calls.iter().filter(|(call, succeeded)| *succeeded && !reads(&call.name));
        if let Some((change, _)) = changes.next() {
            return tool.name == change.name;
        }
        let looks = self.calls.iter().filter(|(call, _)| reads(&call.name)).count();
        !tool.reads_only || looks < MAX_LOOKS
    }
}

#[cfg(test)]
mod tests {
    use domain::time_zone::PersonalTime;
    use serde_json::Map;

    use super::*;

    fn local() -> LocalNow {
        PersonalTime::utc(chrono::DateTime::UNIX_EPOCH).local
    }

    fn user(text: &str) -> MessageBody {
        MessageBody::User(text.into())
    }

    fn exchange(id: &str, name: &str, argument: &str, result: Value) -> [MessageBody; 2] {
        let arguments = Map::from_iter([("a".to_owned(), json!(argument))]);
        let call =
            ToolCall { id: id.into(), name: name.into(), arguments, provider_data: Default::default() };
        let said = MessageBody::Assistant { text: String::new(), calls: vec![call] };
        [said, MessageBody::Tool { call_id: id.into(), content: result.to_string() }]
    }

    fn offered(messages: &[MessageBody]) -> Vec<String> {
        let schema = schema(ToolChoice::Auto, messages, local());
        let all = schema["anyOf"].as_array().unwrap().iter();
        all.map(|one| one["properties"]["action"]["const"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_number_is_offered_once_somebody_has_named_it() {
        assert_eq!(offered(&[user("remove milk")]), ["list_tasks", "add_task", "undo_last", "reply"]);
        assert_eq!(offered(&[user("remove task 3")]).len(), 7);
        let listed =
            exchange("a", "list_tasks", "", json!({"success": true, "tasks": [{"id": 7}, {"id": 9}]}));
        let messages = [vec![user("remove milk")], listed.to_vec()].concat();
        let schema = schema(ToolChoice::Auto, &messages, local());
        assert!(schema.to_string().contains(r#""task_id":{"enum":[7,9]}"#), "{schema}");
        assert_eq!(offered(&messages).len(), 7);
    }

    #[test]
    fn what_was_done_is_offered_once_the_person_has_said_a_day() {
        assert!(offered(&[user("what did I do today?")]).contains(&"list_changes".to_owned()));
        assert!(!offered(&[user("what is on my list?")]).contains(&"list_changes".to_owned()));
    }

    #[test]
    fn a_day_is_offered_once_the_person_has_said_one() {
        let offers_due =
            |text: &str| schema(ToolChoice::Auto, &[user(text)], local()).to_string().contains("\"due\"");
        for text in ["remind me to pay rent on friday at 9am", "what is due today?", "milk in 3 days!"] {
            assert!(offers_due(text), "{text}");
        }
        assert!(!offers_due("buy milk and bread"));
    }

    #[test]
    fn after_a_change_only_its_kind_goes_on_and_repeating_ends_it() {
        let added =
            |id, title| exchange(id, "add_task", title, json!({"success": true, "task": {"id": 1}})).to_vec();
        let one = [vec![user("add milk and bread")], added("a", "milk")].concat();
        assert_eq!(offered(&one), ["add_task", "reply"]);
        let two = [one.clone(), added("b", "bread")].concat();
        assert_eq!(offered(&two), ["add_task", "reply"]);
        let again = [one, added("b", "milk")].concat();
        assert_eq!(offered(&again), ["reply"]);
        assert_eq!(offered(&[again, vec![user("and 2?")]].concat()).len(), 7, "a new turn begins anew");
        let failed = exchange("a", "add_task", "", json!({"success": false})).to_vec();
        assert_eq!(offered(&[vec![user("add task 1")], failed].concat()).len(), 7);
    }

    #[test]
    fn a_model_without_tools_can_only_write_text() {
        let schema = schema(ToolChoice::Forbidden, &[user("hello")], local());
        assert_eq!(schema["properties"]["action"]["const"], REPLY);
    }
}
