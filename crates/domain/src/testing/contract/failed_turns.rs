//! Turns that fail: what is kept of them, and what may follow.

use super::fixture::{
    Fixture, lines_of, lines_of_call, model_usage, must, new_conversation, started, stop, unique,
};
use crate::{
    substitute_final_message,
    turn::{BeginOutcome, EndedTurn, FailureKind, NewTurn, Target, TurnFailure, TurnStatus, Usage},
};

pub(super) async fn without_a_step_it_is_as_if_the_turn_had_not_begun(fixture: &Fixture<'_>) {
    let first = fixture.opened("hello").await;
    fixture.finished(&first.lease, "Hello!").await;
    let new = fixture.says_with_key(Target::Existing(first.lease.conversation), "are you there?");
    let turn = fixture.started(&new).await;
    assert_eq!(
        must(fixture.turns.fail(&turn.lease, FailureKind::ModelTimeout, Usage::default()).await),
        None
    );
    assert_eq!(fixture.status(&turn.lease).await, None);
    fixture.assert_superseded(&turn.lease, 0).await;

    let again = fixture.restarted(&new).await;
    assert_eq!(lines_of(&again.history), ["user: hello", "assistant: Hello!", "user: are you there?"]);
    assert_eq!((again.step, again.done.len()), (0, 0));
    fixture.finished(&again.lease, "I am.").await;
}

pub(super) async fn a_failed_opening_leaves_no_conversation(fixture: &Fixture<'_>) {
    let turn = fixture.opened("hello").await;
    let id = turn.lease.conversation;
    assert_eq!(must(fixture.turns.fail(&turn.lease, FailureKind::ModelBusy, Usage::default()).await), None);
    let outcome = fixture.begin(&fixture.says(Target::Existing(id), "hello?")).await;
    assert!(matches!(outcome, BeginOutcome::NoSuchConversation), "{outcome:?}");
    let theirs = NewTurn { caller: fixture.b, ..fixture.says(Target::New(id), "mine") };
    let turn = fixture.started(&theirs).await;
    assert_eq!(lines_of(&turn.history), ["user: mine"], "the id is free again");
    fixture.finished(&turn.lease, "Yours.").await;
}

pub(super) async fn what_took_effect_stays_on_record(fixture: &Fixture<'_>) {
    let task = unique("stays");
    let (turn, call) = fixture.opened_with_task(&task).await;
    let failure = TurnFailure {
        turn: turn.lease.turn,
        conversation: turn.lease.conversation,
        kind: FailureKind::ModelBadReply,
        tool_calls: vec![call.clone()],
    };
    let failed = must(fixture.turns.fail(&turn.lease, FailureKind::ModelBadReply, Usage::default()).await);
    assert_eq!(failed, Some(failure.clone()));
    let status = fixture.status(&turn.lease).await;
    assert_eq!(status, Some(TurnStatus::Ended(EndedTurn::Failed(failure))));
    assert_eq!(fixture.tasks_called(&task).await, 1);
    let finish = fixture.turns.finish(&turn.lease, &stop("Too late."), &model_usage()).await;
    assert!(finish.is_err(), "a turn that failed is over: {finish:?}");

    let next = fixture.continued(turn.lease.conversation, "what happened?").await;
    let honest =
        format!("assistant: {}", substitute_final_message::text_after_failure(std::slice::from_ref(&call)));
    let [called, result] = lines_of_call(&call);
    assert_eq!(lines_of(&next.history), ["user: add it", &called, &result, &honest, "user: what happened?"]);
    fixture.finished(&next.lease, "It is there.").await;
}

pub(super) async fn a_retry_goes_on_with_a_failed_turn_twice(fixture: &Fixture<'_>) {
    let task = unique("kept");
    let new = fixture.says_with_key(Target::New(new_conversation()), "add it");
    let mut turn = fixture.started(&new).await;
    let call = fixture.added(&turn.lease, 0, &task).await;
    let failure =
        must(fixture.turns.fail(&turn.lease, FailureKind::ModelUnavailable, Usage::default()).await);
    let failure = failure.map(EndedTurn::Failed);
    let [called, result] = lines_of_call(&call);
    for _ in 0..2 {
        let before = turn.lease;
        turn = fixture.restarted(&new).await;
        assert_eq!(turn.lease.turn, before.turn);
        assert_eq!((turn.step, &turn.done, turn.regenerates), (1, &vec![call.clone()], false));
        assert_eq!(lines_of(&turn.history), ["user: add it", &called, &result], "its last words are void");
        assert!(matches!(fixture.retry(&new).await, BeginOutcome::SameKeyRunning));
        fixture.assert_superseded(&before, 1).await;
        let failed = must(fixture.turns.fail(&turn.lease, FailureKind::ModelTimeout, Usage::default()).await);
        assert_eq!(failed.map(EndedTurn::Failed), failure, "it is as if it had not been reopened");
        assert_eq!(fixture.status(&turn.lease).await, failure.clone().map(TurnStatus::Ended));
    }
    for _ in 0..2 {
        let failure = failure.clone().unwrap_or_else(|| panic!("it took effect"));
        fixture.assert_ended(&new, &failure).await;
    }
    assert_eq!(fixture.tasks_called(&task).await, 1, "however often it was tried");
}

pub(super) async fn a_retry_may_take_effect_and_fail_again(fixture: &Fixture<'_>) {
    let new = fixture.says_with_key(Target::New(new_conversation()), "add both");
    let turn = fixture.started(&new).await;
    let first = fixture.added(&turn.lease, 0, &unique("one")).await;
    must(fixture.turns.fail(&turn.lease, FailureKind::ModelUnavailable, Usage::default()).await);
    let turn = fixture.restarted(&new).await;
    let second = fixture.added(&turn.lease, 1, &unique("two")).await;
    let failure = TurnFailure {
        turn: turn.lease.turn,
        conversation: turn.lease.conversation,
        kind: FailureKind::ModelTimeout,
        tool_calls: vec![first, second],
    };
    let failed = must(fixture.turns.fail(&turn.lease, FailureKind::ModelTimeout, Usage::default()).await);
    assert_eq!(failed, Some(failure.clone()));
    let turn = fixture.restarted(&new).await;
    assert_eq!((turn.step, &turn.done), (2, &failure.tool_calls));
    let answer = fixture.finished(&turn.lease, "Both are there.").await;
    assert_eq!(answer.tool_calls, failure.tool_calls);
    fixture.assert_ended(&new, &EndedTurn::Answered(answer)).await;
}

pub(super) async fn a_retry_of_an_older_failed_turn_is_told_of_it(fixture: &Fixture<'_>) {
    let new = fixture.says_with_key(Target::New(new_conversation()), "add it");
    let turn = fixture.started(&new).await;
    fixture.added(&turn.lease, 0, &unique("older")).await;
    let failure =
        must(fixture.turns.fail(&turn.lease, FailureKind::ModelUnavailable, Usage::default()).await);
    let failure = EndedTurn::Failed(failure.unwrap_or_else(|| panic!("it took effect")));
    let next = fixture.continued(turn.lease.conversation, "something else").await;
    for is_over in [false, true] {
        if is_over {
            fixture.finished(&next.lease, "Certainly.").await;
        }
        fixture.assert_ended(&new, &failure).await;
    }
    // What went on is what there is to answer again.
    let again = started(fixture.regenerate(&next.lease).await);
    assert_eq!(again.lease.turn, next.lease.turn);
    fixture.finished(&again.lease, "With pleasure.").await;
}
