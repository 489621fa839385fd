//! Turns that are answered again.

use super::bench::{Bench, add, new_conversation, started, step, sure, told, told_call, unique};
use crate::{
    final_message,
    id::TurnId,
    ports::IdGenerator,
    testing::RandomIdGenerator,
    turn::{BeginOutcome, EndedTurn, FailureKind, Target, TurnStatus},
};

pub(super) async fn the_newest_answer_is_taken_back(bench: &Bench<'_>) {
    let first = bench.opened("hello").await;
    let id = first.lease.conversation;
    bench.finished(&first.lease, "Hello!").await;
    let task = unique("done once");
    let new = bench.says_with_key(Target::Existing(id), "add it");
    let turn = bench.started(&new).await;
    let call = bench.added(&turn.lease, 0, &task).await;
    sure(bench.reader.request_stop(bench.a, id).await);
    bench.finished(&turn.lease, "It is done.").await;

    let again = started(bench.regenerate(&turn.lease).await);
    assert_eq!((again.lease.turn, again.lease.fence), (turn.lease.turn, turn.lease.fence + 1));
    assert_eq!((again.step, &again.done, again.regenerates), (1, &vec![call.clone()], true));
    let [called, result] = told_call(&call);
    let said = ["user: hello", "assistant: Hello!", "user: add it", &called, &result];
    assert_eq!(told(&again.history), said, "only the last words are taken back");
    bench.assert_superseded(&turn.lease, 1).await;
    let renewed = sure(bench.leases.renew(&[again.lease]).await);
    assert!(!renewed[0].stop_requested, "the stop was meant for the answer before");
    assert!(matches!(bench.retry(&new).await, BeginOutcome::SameKeyRunning));
    let status = bench.status(&again.lease).await;
    assert!(matches!(status, Some(TurnStatus::Running { .. })), "{status:?}");

    let another = bench.added(&again.lease, 1, &unique("and this")).await;
    let answer = bench.finished(&again.lease, "Done and done.").await;
    assert_eq!((answer.message.as_str(), answer.turn), ("Done and done.", turn.lease.turn));
    assert_eq!(answer.tool_calls, [call, another], "what was done stays done");
    assert_eq!(bench.tasks_called(&task).await, 1);
    bench.assert_ended(&new, &EndedTurn::Answered(answer)).await;
    let next = bench.continued(id, "thanks").await;
    assert!(!told(&next.history).contains(&"assistant: It is done.".to_owned()));
    bench.finished(&next.lease, "Welcome.").await;
}

pub(super) async fn a_failed_turn_is_answered_again(bench: &Bench<'_>) {
    let (turn, call) = bench.opened_with_task(&unique("failed")).await;
    sure(bench.turns.fail(&turn.lease, FailureKind::ModelUnavailable).await);
    let again = started(bench.regenerate(&turn.lease).await);
    let [called, result] = told_call(&call);
    assert_eq!(told(&again.history), ["user: add it", &called, &result]);
    assert_eq!((again.done, again.regenerates), (vec![call], true));
    bench.finished(&again.lease, "It is there.").await;
}

pub(super) async fn a_running_turn_is_not_answered_again(bench: &Bench<'_>) {
    let turn = bench.opened("hello").await;
    let id = turn.lease.conversation;
    let busy = bench.regenerate(&turn.lease).await;
    assert!(matches!(busy, BeginOutcome::ConversationBusy), "{busy:?}");
    bench.finished(&turn.lease, "Hello!").await;
    let again = started(bench.regenerate(&turn.lease).await);
    let busy = bench.regenerate(&turn.lease).await;
    assert!(matches!(busy, BeginOutcome::ConversationBusy), "{busy:?}");
    let busy = bench.begin(&bench.says(Target::Existing(id), "and")).await;
    assert!(matches!(busy, BeginOutcome::ConversationBusy), "{busy:?}");
    bench.finished(&again.lease, "Hi!").await;
}

pub(super) async fn a_dead_turn_is_closed_and_answered_again(bench: &Bench<'_>) {
    let (turn, call) = bench.opened_with_task(&unique("dead")).await;
    bench.dies(&turn.lease).await;
    let again = started(bench.regenerate(&turn.lease).await);
    assert_eq!((again.lease.turn, again.regenerates), (turn.lease.turn, true));
    assert_eq!(again.done, [call]);
    bench.assert_superseded(&turn.lease, 1).await;
    let answer = bench.finished(&again.lease, "Alive.").await;

    let dead = bench.continued(turn.lease.conversation, "never answered").await;
    bench.dies(&dead.lease).await;
    let begun = bench.regenerate(&dead.lease).await;
    assert!(matches!(begun, BeginOutcome::NothingToRegenerate), "nobody asked for the one before: {begun:?}");
    assert_eq!(bench.status(&dead.lease).await, None, "a turn without effect is as if it had not begun");
    let before = bench.status(&turn.lease).await;
    assert_eq!(before, Some(TurnStatus::Ended(EndedTurn::Answered(answer))));
}

pub(super) async fn there_must_be_something_to_answer_again(bench: &Bench<'_>) {
    let begun =
        sure(bench.turns.regenerate(bench.a, new_conversation(), TurnId(RandomIdGenerator.next())).await);
    assert!(matches!(begun, BeginOutcome::NoSuchConversation), "{begun:?}");
    let dead = bench.opened("never answered").await;
    bench.dies(&dead.lease).await;
    let begun = bench.regenerate(&dead.lease).await;
    assert!(matches!(begun, BeginOutcome::NothingToRegenerate), "{begun:?}");
}

pub(super) async fn only_the_newest_turn_is_answered_again(bench: &Bench<'_>) {
    let first = bench.opened("hello").await;
    bench.finished(&first.lease, "Hello!").await;
    let next = bench.continued(first.lease.conversation, "and now?").await;
    let answer = bench.finished(&next.lease, "Now this.").await;
    let begun = bench.regenerate(&first.lease).await;
    assert!(matches!(begun, BeginOutcome::NothingToRegenerate), "{begun:?}");
    assert_eq!(bench.status(&next.lease).await, Some(TurnStatus::Ended(EndedTurn::Answered(answer))));
}

pub(super) async fn another_answer_has_attempts_of_its_own(bench: &Bench<'_>) {
    let new = bench.says_with_key(Target::New(new_conversation()), "hello");
    let mut lease = bench.started(&new).await.lease;
    for _ in 0..2 {
        bench.dies(&lease).await;
        lease = bench.restarted(&new).await.lease;
    }
    bench.finished(&lease, "Hello!").await;
    lease = started(bench.regenerate(&lease).await).lease;
    for _ in 0..2 {
        bench.dies(&lease).await;
        let turn = bench.restarted(&new).await;
        assert!(turn.regenerates, "it is still another answer");
        lease = turn.lease;
    }
    bench.finished(&lease, "Hello again!").await;
}

pub(super) async fn a_failed_regeneration_brings_the_answer_back(bench: &Bench<'_>) {
    for dies in [false, true] {
        let (turn, call) = bench.opened_with_task(&unique("once and for all")).await;
        let id = turn.lease.conversation;
        let answer = bench.finished(&turn.lease, "It is there.").await;
        let again = started(bench.regenerate(&turn.lease).await);
        if dies {
            bench.dies(&again.lease).await;
        } else {
            let failure = bench.turns.fail(&again.lease, FailureKind::ModelTimeout).await;
            assert_eq!(sure(failure), None, "it is as if it had not been reopened");
            let status = bench.status(&again.lease).await;
            assert_eq!(status, Some(TurnStatus::Ended(EndedTurn::Answered(answer.clone()))));
        }
        let next = bench.continued(id, "well?").await;
        let [called, result] = told_call(&call);
        let all = ["user: add it", &called, &result, "assistant: It is there.", "user: well?"];
        assert_eq!(told(&next.history), all);
        let status = bench.status(&turn.lease).await;
        assert_eq!(status, Some(TurnStatus::Ended(EndedTurn::Answered(answer))));
        let late = bench.turns.commit_step(&again.lease, 1, &step(add(&unique("late")))).await;
        assert!(late.is_err(), "{late:?}");
        bench.finished(&next.lease, "Well.").await;
    }
}

pub(super) async fn a_regeneration_that_took_effect_is_on_record(bench: &Bench<'_>) {
    let (turn, call) = bench.opened_with_task(&unique("first")).await;
    let id = turn.lease.conversation;
    bench.finished(&turn.lease, "It is there.").await;
    let again = started(bench.regenerate(&turn.lease).await);
    let other = bench.added(&again.lease, 1, &unique("second")).await;
    let failure = sure(bench.turns.fail(&again.lease, FailureKind::ModelTimeout).await);
    let done = vec![call.clone(), other.clone()];
    assert_eq!(failure.map(|failure| failure.tool_calls), Some(done.clone()));
    let next = bench.continued(id, "well?").await;
    let honest = format!("assistant: {}", final_message::text_after_failure(&done));
    let ([called, result], [called_too, result_too]) = (told_call(&call), told_call(&other));
    let all = ["user: add it", &called, &result, &called_too, &result_too, &honest, "user: well?"];
    assert_eq!(told(&next.history), all, "the answer before is void");
    bench.finished(&next.lease, "Well.").await;
}
