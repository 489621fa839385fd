//! The final message of a turn that has none of the model's: our own words, of what is on record only.

use crate::{
    approval::{ApprovalState, Question},
    message::ExecutedCall,
    tool::{CallEffect, EffectKind, effects_of_calls},
    turn::FinishReason,
};

/// The final message of a turn that was stopped before it said anything.
pub const STOPPED: &str = "Stopped.";

/// The final message of a turn whose model ended without a word.
pub fn text_for<'a>(done: impl IntoIterator<Item = &'a ExecutedCall>, reason: FinishReason) -> String {
    let done: Vec<&ExecutedCall> = done.into_iter().collect();
    let effects = effects(done.iter().copied());
    match reason {
        FinishReason::ContentFilter => with_effects(
            "The model's provider filtered its answer out, so there is nothing to show.",
            &effects,
        ),
        FinishReason::Length => with_effects("The answer was cut off before its first word.", &effects),
        FinishReason::StepLimit => {
            with_effects("This took more steps than one turn may have, so I stopped here.", &effects)
        }
        FinishReason::Stop | FinishReason::Cancelled => {
            let said = (!effects.is_empty()).then(|| sentence(&effects));
            let words: Vec<String> = said.into_iter().chain(questions(&done)).collect();
            match words.as_slice() {
                [] => "I have no answer to that. Could you say it in other words?".to_owned(),
                words => words.join(" "),
            }
        }
    }
}

/// What the turn asks the person.
fn questions(done: &[&ExecutedCall]) -> impl Iterator<Item = String> {
    let asked = done.iter().copied().filter_map(Question::of_call);
    let waiting = asked.filter(|question| question.state == ApprovalState::Waiting);
    waiting.map(|question| question.sentence())
}

/// The final message of a turn that broke off after it had taken effect.
pub fn text_after_failure<'a>(done: impl IntoIterator<Item = &'a ExecutedCall>) -> String {
    with_effects("I was interrupted before I could answer.", &effects(done))
}

/// What a model is told, in the conversation, of a turn that the person stopped.
pub fn marked_as_stopped(words: &str) -> String {
    format!("{words}\n[The person stopped this answer here.]")
}

/// A sentence about what was done; `None` when that is nothing.
pub fn effects_in_words(effects: &[CallEffect]) -> Option<String> {
    let texts: Vec<String> = effects.iter().map(effect_text).collect();
    (!texts.is_empty()).then(|| sentence(&texts))
}

fn with_effects(words: &str, effects: &[String]) -> String {
    if effects.is_empty() {
        return format!("{words} Nothing was changed.");
    }
    format!("{words} What is done: {}", sentence(effects))
}

fn sentence(effects: &[String]) -> String {
    let joined = effects.join("; ");
    let mut chars = joined.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}

/// What was done, in words. Two changes of one task in a row are told once.
fn effects<'a>(done: impl IntoIterator<Item = &'a ExecutedCall>) -> Vec<String> {
    let mut texts: Vec<String> = effects_of_calls(done).iter().map(effect_text).collect();
    texts.dedup();
    texts
}

fn effect_text(effect: &CallEffect) -> String {
    let CallEffect { kind, number, title, next } = effect;
    if let Some(next) = next {
        return format!("marked task {number}, “{title}”, as done; it comes next on {next}");
    }
    match kind {
        EffectKind::Added => format!("added “{title}” as task {number}"),
        EffectKind::Updated => format!("changed task {number}, “{title}”"),
        EffectKind::Completed => format!("marked task {number}, “{title}”, as done"),
        EffectKind::Reopened => format!("marked task {number}, “{title}”, as open"),
        EffectKind::Deleted => format!("deleted task {number}, “{title}”"),
        EffectKind::Restored => format!("brought back task {number}, “{title}”"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn call(tool: &str, result: Value) -> ExecutedCall {
        ExecutedCall { id: "c".into(), tool: tool.into(), input: serde_json::Map::new(), result }
    }

    #[test]
    fn only_what_succeeded_is_claimed() {
        let done = [
            call(
                "add_task",
                json!({"success": true, "task": {"id": 3, "title": "Milk", "completed": false}}),
            ),
            call(
                "delete_task",
                json!({"success": false, "error": "There is no task 9.", "code": "NOT_FOUND"}),
            ),
            call("list_tasks", json!({"success": true, "tasks": [], "total": 0})),
        ];
        let words = text_after_failure(&done);
        assert_eq!(words, "I was interrupted before I could answer. What is done: Added “Milk” as task 3.");
    }

    #[test]
    fn a_change_that_is_on_record_twice_is_told_once() {
        let added = call(
            "add_task",
            json!({"success": true, "task": {"id": 3, "title": "Milk", "completed": false}}),
        );
        let other =
            call("add_task", json!({"success": true, "task": {"id": 4, "title": "Tea", "completed": false}}));
        let words = text_for(&[added.clone(), other, added], FinishReason::Stop);
        assert_eq!(words, "Added “Milk” as task 3; added “Tea” as task 4.");
    }

    #[test]
    fn what_waits_is_asked_when_the_model_does_not() {
        let approval = json!({
            "id": uuid::Uuid::nil(), "state": "waiting", "expires_at": "2026-11-29T10:00:00Z",
            "tasks": [{"id": 4, "title": "Tea"}]
        });
        let waits = call("delete_task", json!({"success": false, "error": "Ask.", "approval": approval}));
        let done = [
            call(
                "delete_task",
                json!({"success": true, "task": {"id": 3, "title": "Milk", "completed": false}}),
            ),
            waits,
        ];
        let words = "Deleted task 3, “Milk”. Delete this task: “Tea”?";
        assert_eq!(text_for(&done, FinishReason::Stop), words);
    }

    #[test]
    fn there_are_always_words() {
        for reason in
            [FinishReason::Stop, FinishReason::Length, FinishReason::ContentFilter, FinishReason::StepLimit]
        {
            assert!(!text_for(&[], reason).is_empty());
        }
    }
}
