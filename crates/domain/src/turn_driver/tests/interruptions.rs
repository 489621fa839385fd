//! Turns that are stopped, or handed over.

use super::*;
use crate::{substitute_final_message, testing::InterruptAfterWords};

/// Runs a turn until it was heard to say `count` pieces of text in all.
fn interrupted(
    fixture: &Fixture,
    turn: RunningTurn,
    count: usize,
    interruption: Interruption,
) -> Result<TurnAnswer, TurnError> {
    interrupted_work(fixture, turn, count, interruption).map_err(|unanswered| unanswered.error)
}

fn interrupted_work(
    fixture: &Fixture,
    turn: RunningTurn,
    count: usize,
    interruption: Interruption,
) -> Result<TurnAnswer, UnansweredTurn> {
    let interrupt = InterruptAfterWords { heard: &fixture.heard, count, interruption };
    block_on(fixture.chat().run(turn, &fixture.heard, &interrupt))
}

#[test]
fn a_stopped_turn_keeps_what_was_said() {
    let fixture =
        Fixture::with_script([Scripted::says_and_hangs("First of all, "), Scripted::says("All right.")]);
    let answer = interrupted(&fixture, fixture.begin("explain", None), 3, Interruption::Stop).unwrap();
    assert_eq!((answer.message.as_str(), answer.finish_reason), ("First of all, ", FinishReason::Cancelled));

    fixture.say("never mind");
    let marked = substitute_final_message::marked_as_stopped("First of all, ");
    let said = MessageBody::Assistant { text: marked, calls: vec![] };
    assert_eq!(fixture.model.requests()[1].messages[1], said, "the model is told");
}

#[test]
fn a_turn_that_is_stopped_before_its_first_word_says_so() {
    // The interruption is there before the model is asked.
    let fixture = Fixture::with_script([]);
    let answer = interrupted(&fixture, fixture.begin("explain", None), 0, Interruption::Stop).unwrap();
    assert_eq!(
        (answer.message.as_str(), answer.finish_reason),
        (substitute_final_message::STOPPED, FinishReason::Cancelled)
    );
    assert_eq!((fixture.model.requests().len(), answer.usage), (0, Usage::default()));
}

#[test]
fn a_call_that_is_stopped_or_breaks_off_is_counted() {
    let one = Fixture::with_script([Scripted::says_and_hangs("First of all, ")]);
    let stopped = interrupted(&one, one.begin("explain", None), 3, Interruption::Stop).unwrap();
    assert!(stopped.usage.prompt_tokens > 0 && stopped.usage.completion_tokens > 1, "{:?}", stopped.usage);
    let two = Fixture::with_script([
        Scripted::says_and_fails("Half ", ModelError::BadReply("it broke off".into())),
        Scripted::says_and_hangs("First of all, "),
    ]);
    let both = interrupted(&two, two.begin("explain", None), 2, Interruption::Stop).unwrap();
    assert_eq!(both.usage.prompt_tokens, 2 * stopped.usage.prompt_tokens, "each was sent and paid for");
}

#[test]
fn who_loses_a_turn_says_what_was_used_for_it() {
    for interruption in [Interruption::HandOver, Interruption::LeaseLost] {
        let fixture =
            Fixture::with_script([add("Milk").using(400, 30), Scripted::says_and_hangs("It is there.")]);
        let left = interrupted_work(&fixture, fixture.begin("add milk", None), 1, interruption).unwrap_err();
        let Usage { prompt_tokens, completion_tokens } = left.uncounted;
        assert!(prompt_tokens > 400 && completion_tokens > 30, "the call that broke off too: {left:?}");
        assert_eq!(fixture.store.spent_tokens(fixture.caller.user), 0, "nobody else has counted it");
    }
}

#[test]
fn the_end_of_a_turn_counts_what_was_used_for_it() {
    let fixture = Fixture::with_script([
        Scripted::says("Hello!").using(400, 30),
        add("Milk").using(300, 20),
        Scripted::fails(ModelError::Misconfigured("no key".into())),
    ]);
    fixture.say("hello");
    assert_eq!(fixture.store.spent_tokens(fixture.caller.user), 430);
    let turn = fixture.begin("add milk", None);
    let failed = block_on(fixture.chat().run(turn, &fixture.heard, &NeverInterrupts)).unwrap_err();
    assert_eq!((fixture.store.spent_tokens(fixture.caller.user), failed.uncounted), (750, Usage::default()));
}

#[test]
fn a_stopped_turn_keeps_what_was_done() {
    let fixture = Fixture::with_script([
        Scripted::says_and_calls("Adding it.", [("add_task", json!({"title": "Milk"}))]),
        Scripted::says_and_hangs("It is "),
    ]);
    let answer = interrupted(&fixture, fixture.begin("add milk", None), 4, Interruption::Stop).unwrap();
    assert_eq!((answer.message.as_str(), answer.tool_calls.len()), ("It is ", 1));
}

#[test]
fn words_of_a_reply_that_broke_off_are_not_kept() {
    let fixture = Fixture::with_script([
        Scripted::says_and_fails("Half ", ModelError::BadReply("it broke off".into())),
        Scripted::says_and_hangs("Anew, "),
    ]);
    let answer = interrupted(&fixture, fixture.begin("explain", None), 2, Interruption::Stop).unwrap();
    assert_eq!(answer.message, "Anew, ");
    assert_eq!(kinds(&fixture.heard.events()), ["started", "words", "discarded", "words"]);
}

#[test]
fn a_turn_that_is_handed_over_commits_nothing_more() {
    let fixture = Fixture::with_script([add("Milk"), Scripted::says_and_hangs("It is there.")]);
    let turn = fixture.begin_with_key();
    let left = interrupted(&fixture, turn.clone(), 1, Interruption::HandOver);
    assert!(matches!(left, Err(TurnError::HandedOver)), "{left:?}");
    match fixture.status(turn.lease.turn) {
        Some(TurnStatus::Running { done, .. }) => assert_eq!(done.len(), 1),
        other => panic!("expected it to wait for somebody else: {other:?}"),
    }
}

#[test]
fn a_turn_whose_lease_was_lost_was_taken_over_and_not_handed_over() {
    let fixture = Fixture::with_script([Scripted::says_and_hangs("It is there.")]);
    let turn = fixture.begin_with_key();
    let left = interrupted(&fixture, turn, 1, Interruption::LeaseLost);
    assert!(matches!(left, Err(TurnError::Lease(LeaseError::Superseded))), "{left:?}");
}

#[test]
fn a_turn_may_be_handed_over_again_and_again() {
    let fixture = Fixture::with_script([]);
    for _ in 0..5 {
        let turn = fixture.begin_with_key();
        let left = interrupted(&fixture, turn.clone(), 0, Interruption::HandOver);
        assert!(matches!(left, Err(TurnError::HandedOver)), "{left:?}");
        block_on(fixture.store.release(&turn.lease, Release::HandedOver)).unwrap();
    }
    assert_eq!(fixture.model.requests().len(), 0);
    assert_eq!(kinds(&fixture.heard.events()), ["started"; 5]);
}
