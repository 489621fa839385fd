//! A conversation as JSON: messages with their parts, in the shape that chat frontends keep them.

use domain::{
    conversation::{ConversationView, Ending, StepView, TurnView},
    turn::ExecutedCall,
};
use serde_json::{Value, json};

/// Returns a conversation with the turns of its page.
pub(super) fn conversation(view: &ConversationView) -> Value {
    json!({
        "id": view.id,
        "title": view.title,
        "created_at": view.created_at,
        "updated_at": view.updated_at,
        "running_turn_id": view.running_turn,
        "messages": view.turns.iter().flat_map(messages).collect::<Vec<_>>(),
    })
}

/// What was said and, once a step is committed, the one answer to it.
fn messages(turn: &TurnView) -> impl Iterator<Item = Value> + use<> {
    let id = turn.client_message_id.clone().unwrap_or_else(|| format!("{}-user", turn.turn));
    let question = json!({
        "id": id,
        "role": "user",
        "content": turn.said,
        "parts": [{"type": "text", "text": turn.said}],
        "turn_id": turn.turn,
        "created_at": turn.said_at,
    });
    std::iter::once(question).chain(answer(turn))
}

fn answer(turn: &TurnView) -> Option<Value> {
    let first = turn.steps.first()?;
    let words = turn.steps.iter().map(|step| step.text.as_str()).filter(|text| !text.is_empty());
    let calls: Vec<&ExecutedCall> = turn.steps.iter().flat_map(|step| &step.calls).collect();
    let finish_reason = match turn.ending {
        Ending::Finished(reason) => Some(reason),
        Ending::Running | Ending::Failed => None,
    };
    Some(json!({
        "id": turn.turn,
        "role": "assistant",
        "content": words.collect::<Vec<_>>().join("\n\n"),
        "tool_calls": calls,
        "parts": turn.steps.iter().flat_map(parts).collect::<Vec<_>>(),
        "turn_id": turn.turn,
        "finish_reason": finish_reason,
        "created_at": first.at,
    }))
}

fn parts(step: &StepView) -> Vec<Value> {
    let begin = json!({"type": "step-start"});
    let words = (!step.text.is_empty()).then(|| json!({"type": "text", "text": step.text, "state": "done"}));
    let calls = step.calls.iter().map(|call| {
        json!({
            "type": format!("tool-{}", call.tool),
            "toolCallId": call.id,
            "state": "output-available",
            "input": call.input,
            "output": call.result,
        })
    });
    std::iter::once(begin).chain(words).chain(calls).collect()
}

#[cfg(test)]
mod tests;
