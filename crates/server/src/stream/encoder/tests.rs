use domain::{
    message::{ExecutedCall, ToolCall},
    turn::{FinishReason, Usage as TokenUsage},
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::*;

fn encoder() -> UiStreamEncoder {
    UiStreamEncoder::new(TurnId(Uuid::nil()), ConversationId(Uuid::nil()), "Milk", viewer(false))
}

fn viewer(knows_approvals: bool) -> Viewer {
    Viewer { knows_approvals, knows_finish_reason: false, opened_at: DateTime::UNIX_EPOCH }
}

fn worker_lost() -> ApiError {
    turn_service::TurnServiceError::WorkerLost.into()
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
        requested_change_not_made: false,
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
    let mut encoder = encoder();
    let mut text = encoder.start_once().unwrap();
    let call = ToolCall {
        id: "c".into(),
        name: "add_task".into(),
        arguments: Map::new(),
        provider_data: Default::default(),
    };
    let done = ExecutedCall { id: "c".into(), tool: "add_task".into(), input: Map::new(), result: json!({}) };
    for event in [
        TurnEvent::StepStarted,
        TurnEvent::ToolCallsStarted(vec![call]),
        TurnEvent::ToolCallsCommitted(vec![done]),
        TurnEvent::StepStarted,
        TurnEvent::TextDelta("Do".into()),
        TurnEvent::TextDelta("ne.".into()),
    ] {
        text.push_str(&encoder.encode_event(event).continue_value().unwrap());
    }
    text.push_str(&encoder.encode_answer(&answer("Done.")));
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
    let mut encoder = encoder();
    encoder.start_once();
    encoder.encode_event(TurnEvent::StepStarted).continue_value().unwrap();
    assert_eq!(encoder.encode_event(TurnEvent::TextDelta(" \n".into())).continue_value().unwrap(), "");
    let end = encoder.encode_answer(&answer("Say it in other words?"));
    assert!(end.contains(r#""delta":"Say it in other words?""#), "{end}");
}

#[test]
fn words_that_were_shown_cannot_be_withdrawn() {
    let mut encoder = encoder();
    encoder.encode_event(TurnEvent::StepStarted).continue_value().unwrap();
    encoder.encode_event(TurnEvent::StepDiscarded).continue_value().unwrap();
    encoder.encode_event(TurnEvent::TextDelta("Half".into())).continue_value().unwrap();
    let last = encoder.encode_event(TurnEvent::StepDiscarded).break_value().unwrap();
    assert_eq!(types(&last), ["text-end", "finish-step", "error", "[DONE]"]);
}

#[test]
fn what_follows_words_that_are_not_true_is_a_text_of_its_own() {
    let mut encoder = encoder();
    encoder.encode_event(TurnEvent::StepStarted).continue_value().unwrap();
    let mut text =
        encoder.encode_event(TurnEvent::TextDelta("You have three tasks. ".into())).continue_value().unwrap();
    text.push_str(&encoder.encode_event(TurnEvent::TextRetracted).continue_value().unwrap());
    text.push_str(
        &encoder.encode_event(TurnEvent::TextDelta("None was deleted.".into())).continue_value().unwrap(),
    );
    assert_eq!(types(&text), ["text-start", "text-delta", "text-end", "text-start", "text-delta"]);
}

#[test]
fn a_newline_in_a_word_stays_inside_its_event() {
    let mut encoder = encoder();
    let text = encoder.encode_event(TurnEvent::TextDelta("a\n\nb".into())).continue_value().unwrap();
    assert_eq!(types(&text), ["text-start", "text-delta"]);
}

/// A step whose call waits, and what is said after it.
fn asks(knows_approvals: bool, expires_at: &str) -> Vec<String> {
    let conversation = ConversationId(Uuid::nil());
    let mut encoder =
        UiStreamEncoder::new(TurnId(Uuid::nil()), conversation, "Milk", viewer(knows_approvals));
    let call = ToolCall {
        id: "c".into(),
        name: "delete_task".into(),
        arguments: Map::new(),
        provider_data: Default::default(),
    };
    let approval = json!({"id": Uuid::nil(), "state": "waiting", "expires_at": expires_at, "tasks": [{"id": 1, "title": "Milk"}]});
    let result =
        json!({"success": false, "code": "APPROVAL_REQUIRED", "error": "Ask.", "approval": approval});
    let done = ExecutedCall { id: "c".into(), tool: "delete_task".into(), input: Map::new(), result };
    let events = [
        TurnEvent::StepStarted,
        TurnEvent::ToolCallsStarted(vec![call]),
        TurnEvent::ToolCallsCommitted(vec![done]),
        TurnEvent::StepStarted,
        TurnEvent::TextDelta("Shall I?".into()),
    ];
    let text: String =
        events.into_iter().map(|event| encoder.encode_event(event).continue_value().unwrap()).collect();
    types(&(text + &encoder.encode_answer(&answer("Shall I?"))))
}

#[test]
fn a_client_that_knows_approvals_is_asked_with_a_card_in_the_step_of_the_words() {
    let before = ["start-step", "tool-input-available"];
    let words = ["text-start", "text-delta", "text-end", "finish-step"];
    let words = [&words[..], &["data-effects", "data-usage", "finish", "[DONE]"]].concat();
    let later = "1970-01-01T00:10:00Z";
    let card = ["tool-approval-request", "data-approval"];
    assert_eq!(asks(true, later), [&before[..], &card, &words].concat());
    let plain = ["tool-output-available", "data-approval", "finish-step", "start-step"];
    assert_eq!(asks(false, later), [&before[..], &plain, &words].concat());
    let expired = ["tool-output-available", "finish-step", "start-step"];
    assert_eq!(asks(true, "1970-01-01T00:00:00Z"), [&before[..], &expired, &words].concat());
}

#[test]
fn a_step_that_another_worker_takes_over_goes_on_if_nothing_of_it_was_shown() {
    let mut encoder = encoder();
    let mut text = encoder.encode_event(TurnEvent::StepStarted).continue_value().unwrap();
    text.push_str(&encoder.encode_takeover(worker_lost).continue_value().unwrap());
    text.push_str(&encoder.encode_event(TurnEvent::TextDelta("Done.".into())).continue_value().unwrap());
    assert_eq!(types(&text), ["start-step", "text-start", "text-delta"]);
}

#[test]
fn what_was_shown_of_a_step_that_another_worker_takes_over_is_asked_for_again() {
    let words = TurnEvent::TextDelta("Half of".into());
    let calling = TurnEvent::ToolCallsStarted(Vec::new());
    for shown in [words, calling] {
        let mut encoder = encoder();
        encoder.encode_event(TurnEvent::StepStarted).continue_value().unwrap();
        encoder.encode_event(shown).continue_value().unwrap();
        let last = types(&encoder.encode_takeover(worker_lost).break_value().unwrap());
        assert!(
            last.ends_with(&["finish-step", "data-interrupted", "error", "[DONE]"].map(String::from)),
            "{last:?}"
        );
    }
}
