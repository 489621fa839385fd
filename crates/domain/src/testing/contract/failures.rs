//! Turns that cannot go on.

use super::bench::{Bench, cost, new_conversation, started, stop, sure, told, told_call, unique};
use crate::{
    final_message,
    turn::{BeginOutcome, EndedTurn, FailureKind, NewTurn, Target, TurnFailure, TurnStatus},
};

pub(super) async fn without_a_step_it_is_as_if_the_turn_had_not_begun(bench: &Bench<'_>) {
    let first = bench.opened("hello").await;
    bench.finished(&first.lease, "Hello!").await;
    let new = bench.says_with_key(Target::Existing(first.lease.conversation), "are you there?");
    let turn = bench.started(&new).await;
    assert_eq!(sure(bench.turns.fail(&turn.lease, FailureKind::ModelTimeout).await), None);
    assert_eq!(bench.status(&turn.lease).await, None);
    bench.assert_superseded(&turn.lease, 0).await;

    let again = bench.restarted(&new).await;
    assert_eq!(told(&again.history), ["user: hello", "assistant: Hello!", "user: are you there?"]);
    assert_eq!((again.step, again.done.len()), (0, 0));
    bench.finished(&again.lease, "I am.").await;
}

pub(super) async fn a_failed_opening_leaves_no_conversation(bench: &Bench<'_>) {
    let turn = bench.opened("hello").await;
    let id = turn.lease.conversation;
    assert_eq!(sure(bench.turns.fail(&turn.lease, FailureKind::ModelBusy).await), None);
    let begun = bench.begin(&bench.says(Target::Existing(id), "hello?")).await;
    assert!(matches!(begun, BeginOutcome::NoSuchConversation), "{begun:?}");
    let theirs = NewTurn { caller: bench.b, ..bench.says(Target::New(id), "mine") };
    let turn = bench.started(&theirs).await;
    assert_eq!(told(&turn.history), ["user: mine"], "the id is free again");
    bench.finished(&turn.lease, "Yours.").await;
}

pub(super) async fn what_took_effect_stays_on_record(bench: &Bench<'_>) {
    let task = unique("stays");
    let (turn, call) = bench.opened_with_task(&task).await;
    let failure = TurnFailure {
        turn: turn.lease.turn,
        conversation: turn.lease.conversation,
        kind: FailureKind::ModelBadReply,
        tool_calls: vec![call.clone()],
    };
    let failed = sure(bench.turns.fail(&turn.lease, FailureKind::ModelBadReply).await);
    assert_eq!(failed, Some(failure.clone()));
    let status = bench.status(&turn.lease).await;
    assert_eq!(status, Some(TurnStatus::Ended(EndedTurn::Failed(failure))));
    assert_eq!(bench.tasks_called(&task).await, 1);
    let finish = bench.turns.finish(&turn.lease, &stop("Too late."), &cost()).await;
    assert!(finish.is_err(), "a turn that failed is over: {finish:?}");

    let next = bench.continued(turn.lease.conversation, "what happened?").await;
    let honest = format!("assistant: {}", final_message::text_after_failure(std::slice::from_ref(&call)));
    let [called, result] = told_call(&call);
    assert_eq!(told(&next.history), ["user: add it", &called, &result, &honest, "user: what happened?"]);
    bench.finished(&next.lease, "It is there.").await;
}

pub(super) async fn a_retry_goes_on_with_a_failed_turn_twice(bench: &Bench<'_>) {
    let task = unique("kept");
    let new = bench.says_with_key(Target::New(new_conversation()), "add it");
    let mut turn = bench.started(&new).await;
    let call = bench.added(&turn.lease, 0, &task).await;
    let failure = sure(bench.turns.fail(&turn.lease, FailureKind::ModelUnavailable).await);
    let failure = failure.map(EndedTurn::Failed);
    let [called, result] = told_call(&call);
    for _ in 0..2 {
        let before = turn.lease;
        turn = bench.restarted(&new).await;
        assert_eq!((turn.lease.turn, turn.lease.fence), (before.turn, before.fence + 1));
        assert_eq!((turn.step, &turn.done, turn.regenerates), (1, &vec![call.clone()], false));
        assert_eq!(told(&turn.history), ["user: add it", &called, &result], "its last words are void");
        assert!(matches!(bench.retry(&new).await, BeginOutcome::SameKeyRunning));
        bench.assert_superseded(&before, 1).await;
        let failed = sure(bench.turns.fail(&turn.lease, FailureKind::ModelTimeout).await);
        assert_eq!(failed.map(EndedTurn::Failed), failure, "it is as if it had not been reopened");
        assert_eq!(bench.status(&turn.lease).await, failure.clone().map(TurnStatus::Ended));
    }
    for _ in 0..2 {
        let failure = failure.clone().unwrap_or_else(|| panic!("it took effect"));
        bench.assert_ended(&new, &failure).await;
    }
    assert_eq!(bench.tasks_called(&task).await, 1, "however often it was tried");
}

pub(super) async fn a_retry_may_take_effect_and_fail_again(bench: &Bench<'_>) {
    let new = bench.says_with_key(Target::New(new_conversation()), "add both");
    let turn = bench.started(&new).await;
    let first = bench.added(&turn.lease, 0, &unique("one")).await;
    sure(bench.turns.fail(&turn.lease, FailureKind::ModelUnavailable).await);
    let turn = bench.restarted(&new).await;
    let second = bench.added(&turn.lease, 1, &unique("two")).await;
    let failure = TurnFailure {
        turn: turn.lease.turn,
        conversation: turn.lease.conversation,
        kind: FailureKind::ModelTimeout,
        tool_calls: vec![first, second],
    };
    let failed = sure(bench.turns.fail(&turn.lease, FailureKind::ModelTimeout).await);
    assert_eq!(failed, Some(failure.clone()));
    let turn = bench.restarted(&new).await;
    assert_eq!((turn.step, &turn.done), (2, &failure.tool_calls));
    let answer = bench.finished(&turn.lease, "Both are there.").await;
    assert_eq!(answer.tool_calls, failure.tool_calls);
    bench.assert_ended(&new, &EndedTurn::Answered(answer)).await;
}

pub(super) async fn a_retry_of_an_older_failed_turn_is_told_of_it(bench: &Bench<'_>) {
    let new = bench.says_with_key(Target::New(new_conversation()), "add it");
    let turn = bench.started(&new).await;
    bench.added(&turn.lease, 0, &unique("older")).await;
    let failure = sure(bench.turns.fail(&turn.lease, FailureKind::ModelUnavailable).await);
    let failure = EndedTurn::Failed(failure.unwrap_or_else(|| panic!("it took effect")));
    let next = bench.continued(turn.lease.conversation, "something else").await;
    for is_over in [false, true] {
        if is_over {
            bench.finished(&next.lease, "Certainly.").await;
        }
        bench.assert_ended(&new, &failure).await;
    }
    // What went on is what there is to answer again.
    let again = started(bench.regenerate(&next.lease).await);
    assert_eq!(again.lease.turn, next.lease.turn);
    bench.finished(&again.lease, "With pleasure.").await;
}
