use domain::{
    message::{ExecutedCall, ToolCall},
    turn::{FinishReason, Usage as TokenUsage},
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::*;

fn emitter() -> Emitter {
    Emitter::new(TurnId(Uuid::nil()), ConversationId(Uuid::nil()), "Milk")
}

fn answer(message: &str) -> TurnAnswer {
    TurnAnswer {
        turn: TurnId(Uuid::nil()),
        conversation: ConversationId(Uuid::nil()),
        title: "Milk".into(),
        message: message.into(),
        tool_calls: Vec::new(),
        finish_reason: FinishReason::Stop,
        model: "m".into(),
        usage: TokenUsage { prompt_tokens: 1, completion_tokens: 2 },
        nothing_was_changed: false,
    }
}

fn types(text: &str) -> Vec<String> {
    let chunks = text.split("\n\n").filter_map(|event| event.strip_prefix("data: "));
    let name = |json: &str| match serde_json::from_str::<Value>(json) {
        Ok(chunk) => chunk["type"].as_str().unwrap_or_default().to_owned(),
        Err(_) => json.to_owned(),
    };
    chunks.map(name).collect()
}

#[test]
fn a_turn_with_a_tool_is_two_steps_and_an_end() {
    let mut emitter = emitter();
    let mut text = emitter.start_once().unwrap();
    let call = ToolCall {
        id: "c".into(),
        name: "add_task".into(),
        arguments: Map::new(),
        provider_data: Default::default(),
    };
    let done = ExecutedCall { id: "c".into(), tool: "add_task".into(), input: Map::new(), result: json!({}) };
    for event in [
        TurnEvent::StepStarted,
        TurnEvent::Calling(vec![call]),
        TurnEvent::Called(vec![done]),
        TurnEvent::StepStarted,
        TurnEvent::TextDelta("Do".into()),
        TurnEvent::TextDelta("ne.".into()),
    ] {
        text.push_str(&emitter.event(event).unwrap());
    }
    text.push_str(&emitter.answered(&answer("Done.")));
    assert_eq!(
        types(&text),
        [
            "start",
            "data-conversation",
            "data-turn",
            "start-step",
            "tool-input-available",
            "tool-output-available",
            "finish-step",
            "start-step",
            "text-start",
            "text-delta",
            "text-delta",
            "text-end",
            "finish-step",
            "data-effects",
            "data-usage",
            "finish",
            "[DONE]"
        ]
    );
}

#[test]
fn a_closing_message_that_the_model_did_not_say_is_said() {
    let mut emitter = emitter();
    emitter.start_once();
    emitter.event(TurnEvent::StepStarted).unwrap();
    assert_eq!(emitter.event(TurnEvent::TextDelta(" \n".into())).unwrap(), "");
    let end = emitter.answered(&answer("Say it in other words?"));
    assert!(end.contains(r#""delta":"Say it in other words?""#), "{end}");
}

#[test]
fn words_that_were_shown_cannot_be_taken_back() {
    let mut emitter = emitter();
    emitter.event(TurnEvent::StepStarted).unwrap();
    emitter.event(TurnEvent::StepDiscarded).unwrap();
    emitter.event(TurnEvent::TextDelta("Half".into())).unwrap();
    let last = emitter.event(TurnEvent::StepDiscarded).unwrap_err();
    assert_eq!(types(&last), ["text-end", "finish-step", "error", "[DONE]"]);
}

#[test]
fn what_follows_words_that_are_not_true_is_a_text_of_its_own() {
    let mut emitter = emitter();
    emitter.event(TurnEvent::StepStarted).unwrap();
    let mut text = emitter.event(TurnEvent::TextDelta("You have three tasks. ".into())).unwrap();
    text.push_str(&emitter.event(TurnEvent::WordsWithdrawn).unwrap());
    text.push_str(&emitter.event(TurnEvent::TextDelta("None was deleted.".into())).unwrap());
    assert_eq!(types(&text), ["text-start", "text-delta", "text-end", "text-start", "text-delta"]);
}

#[test]
fn a_newline_in_a_word_stays_inside_its_event() {
    let mut emitter = emitter();
    let text = emitter.event(TurnEvent::TextDelta("a\n\nb".into())).unwrap();
    assert_eq!(types(&text), ["text-start", "text-delta"]);
}
