//! The history that a model reads of a turn whose message was edited after it had made steps.

use serde_json::{Map, json};

use crate::{
    calls_of_current_answer::has_undone,
    message::{Message, MessageBody, ProviderData, ToolCall},
    step::{Action, PlannedCall, PlannedStep, call_id},
    tool::MESSAGE_EDITED,
    turn::RunningTurn,
};

/// The place in a step of a call that is on no record: no step has so many calls.
const UNRECORDED_CALL: usize = 36 * 36 - 1;

/// History for the model in this turn. After an edit, a note is inserted that earlier calls answered the old
/// text, unless they were undone.
pub(crate) fn history(turn: &RunningTurn) -> Vec<Message> {
    let mut history = turn.history.clone();
    let Some(steps) = turn.edited_after.filter(|steps| *steps > 0) else { return history };
    let has_calls = |message: &Message| {
        message.turn == turn.lease.turn && calls_of(message).is_some_and(|calls| !calls.is_empty())
    };
    let mut all = (0..history.len()).filter(|index| has_calls(&history[*index]));
    let next = usize::try_from(steps).ok().and_then(|steps| all.nth(steps));
    let calls_after = next.and_then(|index| calls_of(&history[index])).into_iter().flatten();
    let recorded = |call: &ToolCall| turn.done.iter().find(|done| done.id == call.id);
    if calls_after.filter_map(recorded).any(has_undone) {
        return history;
    }
    let position = next.unwrap_or(history.len());
    history.splice(position..position, note(turn, steps));
    history
}

fn calls_of(message: &Message) -> Option<&Vec<ToolCall>> {
    match &message.body {
        MessageBody::Assistant { calls, .. } => Some(calls),
        _ => None,
    }
}

fn note(turn: &RunningTurn, steps: i32) -> Vec<Message> {
    let result = json!({
        "success": true,
        "note": "The calls before this one answered other words, which the person has replaced since by those \
                 that you read. What they did stays done. Answer the new words.",
    });
    let call = ToolCall {
        id: call_id(turn.lease.turn, steps, UNRECORDED_CALL),
        name: MESSAGE_EDITED.to_owned(),
        arguments: Map::new(),
        provider_data: ProviderData::default(),
    };
    let planned = PlannedCall { call, action: Action::Answer(result.clone()) };
    let executed = planned.with_result(result);
    let step = PlannedStep { text: String::new(), calls: vec![planned], local: turn.time.local };
    let messages = step.messages(&[executed]).into_iter();
    messages.map(|body| Message { turn: turn.lease.turn, body }).collect()
}
