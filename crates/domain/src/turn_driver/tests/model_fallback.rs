//! The model that answers, the one that takes over, and what is asked once more.

use super::*;
use crate::testing::Scripted;

fn room_with(
    script: impl IntoIterator<Item = Scripted>,
    fallback: Vec<Scripted>,
) -> (Fixture, Arc<ScriptedModel>) {
    (Fixture::with_script(script), Arc::new(ScriptedModel::named("second", fallback)))
}

fn answer(fixture: &Fixture, fallback: &Arc<ScriptedModel>) -> Result<TurnAnswer, TurnError> {
    let models = Models::new(fixture.model.clone()).falling_back_to(Some(fallback.clone()));
    let driver = TurnDriver::new(fixture.store.clone(), models, fixture.clock.clone());
    let driven = block_on(driver.run(fixture.begin("add milk", None), &fixture.heard, &NeverInterrupts));
    driven.map_err(|unanswered| unanswered.error)
}

#[test]
fn a_model_that_is_down_before_its_first_word_is_replaced_for_the_whole_turn() {
    for error in [
        ModelError::Unavailable("no".into()),
        ModelError::Busy { retry_after: None },
        ModelError::Loading { retry_after: None },
        ModelError::TimedOut,
        // The message alone is more than it takes: there is nothing to leave out.
        ModelError::ContextExceeded { reason: "too long".into(), context_tokens: None },
    ] {
        let (fixture, fallback) =
            room_with([Scripted::fails(error)], vec![add("Milk"), Scripted::says("Added.")]);
        let answer = answer(&fixture, &fallback).unwrap();
        assert_eq!((answer.message.as_str(), answer.model.as_str()), ("Added.", "second"));
        assert_eq!(fixture.model.requests().len(), 1, "it is asked once");
        assert_eq!(answer.tool_calls.len(), 1);
    }
}

#[test]
fn a_model_that_has_begun_to_speak_or_refuses_is_not_replaced() {
    for failing in [
        Scripted::says_and_fails("Good mor", ModelError::Unavailable("gone".into())),
        Scripted::fails(ModelError::Misconfigured("no such model".into())),
    ] {
        let (fixture, fallback) = room_with([failing], vec![]);
        assert!(matches!(answer(&fixture, &fallback), Err(TurnError::Model { .. })));
        assert_eq!(fallback.requests().len(), 0);
    }
}

#[test]
fn a_reply_without_a_word_about_its_results_is_asked_for_once_more_without_tools() {
    let fixture =
        Fixture::with_script([add("Milk"), Scripted::says(" \n"), Scripted::says("Milk is on it.")]);
    assert_eq!(fixture.say("add milk").message, "Milk is on it.");
    let tools: Vec<_> = fixture.model.requests().iter().map(|request| request.tools).collect();
    assert_eq!(tools, [ToolChoice::Auto, ToolChoice::Auto, ToolChoice::Forbidden]);
    let events = fixture.heard.events();
    assert_eq!(
        kinds(&events),
        [
            "started",
            "calling",
            "called",
            "started",
            "words",
            "words",
            "discarded",
            "words",
            "words",
            "words",
            "words"
        ]
    );
}

#[test]
fn after_two_replies_without_a_word_the_effects_are_told() {
    let fixture = Fixture::with_script([add("Milk"), Scripted::says(""), Scripted::says("")]);
    let answer = fixture.say("add milk");
    assert_eq!(answer.message, "Added “Milk” as task 1.");
    assert_eq!(answer.finish_reason, FinishReason::Stop);
    let hello = Fixture::with_script([Scripted::says("")]);
    assert!(!hello.say("hello").message.is_empty(), "without results there is nothing to ask for");
}

#[test]
fn the_summary_is_part_of_the_prompt() {
    let fixture = Fixture::with_script([Scripted::says("On Friday.")]);
    let turn =
        RunningTurn { summary: Some("The party is on Friday.".into()), ..fixture.begin("when?", None) };
    fixture.run(turn).unwrap();
    assert!(fixture.model.requests()[0].system.ends_with("The party is on Friday."));
}
