//! Messages made shorter for the model. What is stored stays as it is.

use serde_json::{Value, json};

use super::{estimated_tokens, tokens};
use crate::message::MessageBody;

/// Texts are shortened to these many bytes, step by step, until a request fits.
const LIMITS: [usize; 7] = [8_192, 4_096, 2_048, 1_024, 512, 256, 128];

/// Returns a message without the members of results that no model needs: times, ids of approvals, and
/// what is null. They are half of a list's tokens.
pub(super) fn strip_unneeded_fields(message: MessageBody) -> MessageBody {
    let MessageBody::Tool { call_id, content } = message else { return message };
    let content = match serde_json::from_str::<Value>(&content) {
        Ok(mut result) => {
            let tasks = result.get_mut("tasks").and_then(Value::as_array_mut);
            tasks.into_iter().flatten().for_each(strip_task);
            let outcomes = result.get_mut("results").and_then(Value::as_array_mut).into_iter().flatten();
            outcomes.filter_map(|outcome| outcome.get_mut("task")).for_each(strip_task);
            if let Some(task) = result.get_mut("task") {
                strip_task(task);
            }
            if let Some(approval) = result.get_mut("approval").and_then(Value::as_object_mut) {
                approval.retain(|name, _| name == "state" || name == "tasks");
            }
            result.to_string()
        }
        Err(_not_json) => content,
    };
    MessageBody::Tool { call_id, content }
}

fn strip_task(task: &mut Value) {
    if let Some(members) = task.as_object_mut() {
        let is_needed = |name: &str| !matches!(name, "created_at" | "updated_at" | "version");
        members.retain(|name, value| !value.is_null() && is_needed(name));
    }
}

/// Returns messages that fit into `budget` tokens: the oldest thoughts are left out first, as nobody said
/// them, and then the longest texts are shortened, until all fit or no longer become shorter.
pub(super) fn fit_to_budget(mut messages: Vec<MessageBody>, budget: usize) -> Vec<MessageBody> {
    let mut used = tokens(&messages);
    for message in &mut messages {
        if used <= budget {
            return messages;
        }
        used -= estimated_tokens(message);
        drop_unsigned_reasoning(message);
        used += estimated_tokens(message);
    }
    for limit in LIMITS {
        if tokens(&messages) <= budget {
            break;
        }
        messages.iter_mut().for_each(|message| shorten(message, limit));
    }
    messages
}

fn drop_unsigned_reasoning(message: &mut MessageBody) {
    if let MessageBody::Assistant { calls, .. } = message {
        calls.iter_mut().for_each(|call| call.provider_data.drop_unsigned_reasoning());
    }
}

fn shorten(message: &mut MessageBody, limit: usize) {
    match message {
        MessageBody::User(text) => *text = without_middle(text, limit),
        MessageBody::Assistant { text, calls } => {
            *text = without_middle(text, limit);
            for call in calls {
                call.arguments.values_mut().for_each(|value| shorten_strings(value, limit));
            }
        }
        MessageBody::Tool { content, .. } if content.len() > limit => {
            *content = shorter_result(content, limit)
        }
        MessageBody::Tool { .. } => {}
    }
}

/// A result in about `limit` bytes: fewer tasks, and then shorter texts.
fn shorter_result(content: &str, limit: usize) -> String {
    let Ok(mut result) = serde_json::from_str::<Value>(content) else {
        return without_middle(content, limit);
    };
    let mut bytes = content.len();
    if let Some(tasks) = result.get_mut("tasks").and_then(Value::as_array_mut) {
        let all = tasks.len();
        while bytes > limit && tasks.len() > 1 {
            bytes -= tasks.pop().map_or(0, |task| task.to_string().len() + 1);
        }
        let kept = tasks.len();
        if kept < all {
            result["note"] = json!(format!("Only the first {kept} are shown here."));
        }
    }
    if bytes > limit {
        shorten_strings(&mut result, limit / 2);
    }
    result.to_string()
}

fn shorten_strings(value: &mut Value, limit: usize) {
    match value {
        Value::String(text) => *text = without_middle(text, limit),
        Value::Array(items) => items.iter_mut().for_each(|item| shorten_strings(item, limit)),
        Value::Object(members) => members.values_mut().for_each(|member| shorten_strings(member, limit)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The beginning and the end of a text that is longer than `limit` bytes.
fn without_middle(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let end = text.len() - limit / 4;
    let end = (end..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    let begin = (0..=limit * 3 / 4).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    format!("{}… {}", text[..begin].trim_end(), &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        message::{Message, ProviderData, ToolCall},
        prompt_history::request,
        turn_and_conversation_ids::TurnId,
    };

    fn listing(count: usize) -> String {
        let task = |id| {
            json!({"id": id, "title": format!("Task number {id}"), "description": null, "completed": false,
                               "created_at": "2026-11-20T12:00:00Z", "updated_at": "2026-11-20T12:00:00Z"})
        };
        json!({"success": true, "tasks": (1..=count).map(task).collect::<Vec<_>>(), "total": count})
            .to_string()
    }

    fn thinking(id: &str, data: Value) -> MessageBody {
        let call = ToolCall {
            id: id.into(),
            name: "list_tasks".into(),
            arguments: Default::default(),
            provider_data: ProviderData(data.as_object().unwrap().clone()),
        };
        MessageBody::Assistant { text: String::new(), calls: vec![call] }
    }

    fn tool(content: String) -> MessageBody {
        MessageBody::Tool { call_id: "a".into(), content }
    }

    #[test]
    fn a_result_is_sent_without_times_and_nothing_else_is_lost() {
        let MessageBody::Tool { content, .. } = strip_unneeded_fields(tool(listing(1))) else { panic!() };
        let expected = json!({"success": true, "tasks": [{"id": 1, "title": "Task number 1", "completed": false}], "total": 1});
        assert_eq!(serde_json::from_str::<Value>(&content).unwrap(), expected);
        assert_eq!(strip_unneeded_fields(tool("no JSON".into())), tool("no JSON".into()));
    }

    #[test]
    fn whatever_is_said_fits_into_a_small_context_and_stays_sound() {
        let turn = TurnId(uuid::Uuid::nil());
        let history: Vec<Message> = [
            MessageBody::User("milk ".repeat(2_000)),
            thinking("a", json!({"reasoning_content": "hmm ".repeat(2_000)})),
            tool(listing(50)),
        ]
        .map(|body| Message { turn, body })
        .into();
        for budget in [20_000, 3_000, 1_000, 400] {
            let messages = request(&history, budget);
            assert!(tokens(&messages) <= budget, "{} in {budget}", tokens(&messages));
            assert_eq!(crate::testing::fit_to_send(&messages), Ok(()));
            let MessageBody::Tool { content, .. } = &messages[2] else { panic!("{messages:?}") };
            let result: Value = serde_json::from_str(content).unwrap();
            assert_eq!((&result["success"], &result["total"]), (&json!(true), &json!(50)));
            let MessageBody::User(text) = &messages[0] else { panic!("{messages:?}") };
            assert!(text.starts_with("milk") && text.ends_with("milk "));
        }
    }

    #[test]
    fn the_oldest_thoughts_go_first_and_no_signature_and_no_text_with_them() {
        let turn = TurnId(uuid::Uuid::nil());
        let thought = || json!("hmm ".repeat(1_800));
        let signed = || json!([{"type": "reasoning.encrypted", "data": "x".repeat(100)}]);
        let result = |id: &str| MessageBody::Tool { call_id: id.into(), content: listing(5) };
        let all = [
            MessageBody::User("What is to be done today?".into()),
            thinking("a", json!({"reasoning_content": thought(), "extra_content": {"signature": "a"}})),
            result("a"),
            thinking("b", json!({"reasoning_content": thought(), "reasoning_details": signed()})),
            result("b"),
            thinking("c", json!({"reasoning_content": thought()})),
            result("c"),
        ];
        let history: Vec<Message> = all.clone().map(|body| Message { turn, body }).into();
        let has = |messages: &[MessageBody], member: &str| -> Vec<usize> {
            let is_there = |message: &MessageBody| match message {
                MessageBody::Assistant { calls, .. } => calls[0].provider_data.0.contains_key(member),
                _ => false,
            };
            (0..messages.len()).filter(|index| is_there(&messages[*index])).collect()
        };
        for (budget, thoughts) in [(20_000, vec![1, 3, 5]), (4_500, vec![3, 5]), (2_700, vec![5])] {
            let messages = request(&history, budget);
            assert!(tokens(&messages) <= budget, "{} in {budget}", tokens(&messages));
            assert_eq!(has(&messages, "reasoning_content"), thoughts, "{budget}");
            assert_eq!(
                (has(&messages, "extra_content"), has(&messages, "reasoning_details")),
                (vec![1], vec![3])
            );
            assert_eq!(messages[0], all[0], "{budget}");
            let tasks = |message: &MessageBody| match message {
                MessageBody::Tool { content, .. } => {
                    serde_json::from_str::<Value>(content).unwrap()["tasks"].clone()
                }
                _ => panic!("{message:?}"),
            };
            assert_eq!(tasks(&messages[2]).as_array().unwrap().len(), 5, "{budget}");
        }
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        let text = "ü😀".repeat(200);
        for limit in [16, 17, 18, 19, 128] {
            let short = without_middle(&text, limit);
            assert!(short.contains('…') && short.len() < text.len(), "{short}");
        }
    }
}
