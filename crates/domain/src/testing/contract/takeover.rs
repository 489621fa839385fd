//! Turns whose process died.

use serde_json::json;

use super::bench::{Bench, new_conversation, new_key, planned, sure, told, told_call, unique};
use crate::{
    final_message,
    message::ExecutedCall,
    step::{Action, PlannedStep},
    turn::{
        BeginOutcome, EndedTurn, FailureKind, Lease, NewTurn, RequestKey, Target, TurnFailure, TurnStatus,
    },
};

pub(super) async fn a_retry_takes_a_dead_turn_over(bench: &Bench<'_>) {
    let new = bench.says_with_key(Target::New(new_conversation()), "add both");
    let first = bench.started(&new).await;
    bench.dies(&first.lease).await;
    let second = bench.restarted(&new).await;
    let expected = Lease { fence: first.lease.fence + 1, ..first.lease };
    assert_eq!((second.lease, second.step), (expected, 0), "also before its first step");
    assert_eq!(told(&second.history), ["user: add both"]);
    assert!(matches!(bench.retry(&new).await, BeginOutcome::SameKeyRunning), "it has a worker again");
    let other = bench.says(Target::Existing(first.lease.conversation), "and");
    assert!(matches!(bench.begin(&other).await, BeginOutcome::ConversationBusy));

    let call = bench.added(&second.lease, 0, &unique("first of both")).await;
    bench.dies(&second.lease).await;
    let reused =
        NewTurn { key: new.key.clone().map(|key| RequestKey { body_hash: [8; 32], ..key }), ..new.clone() };
    assert!(matches!(bench.retry(&reused).await, BeginOutcome::KeyReused));
    let third = bench.restarted(&new).await;
    assert_eq!((third.lease.fence, third.step), (second.lease.fence + 1, 1));
    assert_eq!((&third.done, third.regenerates), (&vec![call.clone()], false));
    let [called, result] = told_call(&call);
    assert_eq!(told(&third.history), ["user: add both", &called, &result], "what is committed is there");
    let other_call = bench.added(&third.lease, 1, &unique("second of both")).await;
    let answer = bench.finished(&third.lease, "Both are there.").await;
    assert_eq!(answer.tool_calls, [call, other_call]);
}

pub(super) async fn a_turn_taken_over_is_read_whole(bench: &Bench<'_>) {
    let new = bench.says_with_key(Target::New(new_conversation()), "do very much");
    let first = bench.started(&new).await;
    let mut expected = vec!["user: do very much".to_owned()];
    for number in 0..3 {
        let answer = || planned("list_tasks", Action::Answer(json!({"success": true})));
        let calls = std::iter::repeat_with(answer).take(80).collect();
        let step = PlannedStep { text: String::new(), calls };
        let results = sure(bench.turns.commit_step(&first.lease, number, &step).await);
        expected.extend(results.iter().map(|call| format!("call: {}", call.id)));
        expected.extend(results.iter().map(|call| format!("tool: {}", call.id)));
    }
    bench.dies(&first.lease).await;
    let second = bench.restarted(&new).await;
    assert_eq!(told(&second.history), expected, "also the person's message, however long ago");
    assert_eq!(second.done.len(), 240);
    bench.finished(&second.lease, "Done.").await;
}

pub(super) async fn an_overtaken_worker_commits_nothing(bench: &Bench<'_>) {
    let new = bench.says_with_key(Target::New(new_conversation()), "add it");
    let zombie = bench.started(&new).await;
    bench.added(&zombie.lease, 0, &unique("in time")).await;
    bench.dies(&zombie.lease).await;
    let turn = bench.restarted(&new).await;
    bench.assert_superseded(&zombie.lease, 2).await;
    bench.is_handed_over(&zombie.lease).await;
    bench.dies(&zombie.lease).await;
    assert!(
        matches!(bench.retry(&new).await, BeginOutcome::SameKeyRunning),
        "it gave back what is not its own"
    );
    assert_eq!(sure(bench.leases.renew(&[zombie.lease]).await), []);
    bench.finished(&turn.lease, "It is there.").await;
    bench.assert_superseded(&zombie.lease, 2).await;
    let stranger = Lease { fence: turn.lease.fence + 1, ..turn.lease };
    bench.assert_superseded(&stranger, 2).await;
}

pub(super) async fn a_third_death_is_the_last(bench: &Bench<'_>) {
    let new = bench.says_with_key(Target::New(new_conversation()), "add it");
    let mut lease = bench.started(&new).await.lease;
    let call = bench.added(&lease, 0, &unique("deadly")).await;
    for _ in 0..2 {
        bench.dies(&lease).await;
        lease = bench.restarted(&new).await.lease;
    }
    bench.dies(&lease).await;
    let failure = abandoned(&lease, vec![call]);
    for _ in 0..2 {
        bench.assert_ended(&new, &failure).await;
    }
    assert_eq!(bench.status(&lease).await, Some(TurnStatus::Ended(failure)));
    bench.assert_superseded(&lease, 1).await;
    let next = bench.continued(lease.conversation, "still alive?").await;
    assert_eq!(next.history.len(), 5, "the conversation goes on: {:?}", next.history);
    bench.finished(&next.lease, "Yes.").await;
}

pub(super) async fn a_third_death_without_effect_is_the_last(bench: &Bench<'_>) {
    let new = bench.says_with_key(Target::New(new_conversation()), "deadly");
    let mut lease = bench.started(&new).await.lease;
    for _ in 0..2 {
        bench.dies(&lease).await;
        lease = bench.restarted(&new).await.lease;
    }
    bench.dies(&lease).await;
    for _ in 0..2 {
        bench.assert_ended(&new, &abandoned(&lease, Vec::new())).await;
    }
    bench.assert_superseded(&lease, 0).await;
    let next = bench.continued(lease.conversation, "still alive?").await;
    assert_eq!(next.history.last().map(|message| message.turn), Some(next.lease.turn));
    bench.finished(&next.lease, "Yes.").await;
}

pub(super) async fn a_handover_is_no_death(bench: &Bench<'_>) {
    let new = bench.says_with_key(Target::New(new_conversation()), "add it");
    let mut lease = bench.started(&new).await.lease;
    for _ in 0..4 {
        bench.is_handed_over(&lease).await;
        // Told again, because the first answer was lost.
        bench.is_handed_over(&lease).await;
        lease = bench.restarted(&new).await.lease;
    }
    for _ in 0..2 {
        bench.dies(&lease).await;
        lease = bench.restarted(&new).await.lease;
    }
    bench.dies(&lease).await;
    bench.assert_ended(&new, &abandoned(&lease, Vec::new())).await;
}

fn abandoned(lease: &Lease, tool_calls: Vec<ExecutedCall>) -> EndedTurn {
    let (turn, conversation) = (lease.turn, lease.conversation);
    EndedTurn::Failed(TurnFailure { turn, conversation, kind: FailureKind::Abandoned, tool_calls })
}

pub(super) async fn another_message_closes_a_dead_turn(bench: &Bench<'_>) {
    for key in [None, Some(new_key())] {
        let task = unique("left behind");
        let new = NewTurn { key, ..bench.says(Target::New(new_conversation()), "add it") };
        let dead = bench.started(&new).await;
        let call = bench.added(&dead.lease, 0, &task).await;
        bench.dies(&dead.lease).await;
        let next = bench.continued(dead.lease.conversation, "hello?").await;
        let honest = format!("assistant: {}", final_message::text_after_failure(std::slice::from_ref(&call)));
        let [called, result] = told_call(&call);
        assert_eq!(told(&next.history), ["user: add it", &called, &result, &honest, "user: hello?"]);
        assert_eq!(next.lease.fence, 1);
        bench.assert_superseded(&dead.lease, 1).await;
        let failure = abandoned(&dead.lease, vec![call]);
        assert_eq!(bench.status(&dead.lease).await, Some(TurnStatus::Ended(failure.clone())));
        if new.key.is_some() {
            bench.assert_ended(&new, &failure).await;
        }
        bench.finished(&next.lease, "Here I am.").await;
        assert_eq!(bench.tasks_called(&task).await, 1);
    }
}

pub(super) async fn another_message_forgets_a_dead_turn_without_effect(bench: &Bench<'_>) {
    let first = bench.opened("hello").await;
    bench.finished(&first.lease, "Hello!").await;
    let dead = bench.continued(first.lease.conversation, "never answered").await;
    bench.dies(&dead.lease).await;
    let next = bench.continued(first.lease.conversation, "once more").await;
    assert_eq!(told(&next.history), ["user: hello", "assistant: Hello!", "user: once more"]);
    assert_eq!(bench.status(&dead.lease).await, None);
    bench.assert_superseded(&dead.lease, 0).await;
    bench.finished(&next.lease, "Yes?").await;

    // Also when it had opened the conversation, whose id the client may know by then.
    for target in [Target::Existing, Target::Either] {
        let dead = bench.opened("never answered").await;
        bench.dies(&dead.lease).await;
        let next = bench.started(&bench.says(target(dead.lease.conversation), "once more")).await;
        assert_eq!(told(&next.history), ["user: once more"]);
        assert_eq!(bench.status(&dead.lease).await, None);
        bench.finished(&next.lease, "Yes?").await;
    }
}

pub(super) async fn leases_that_are_held_are_renewed(bench: &Bench<'_>) {
    assert_eq!(sure(bench.leases.renew(&[]).await), []);
    let (running, over) = (bench.opened("one").await, bench.opened("two").await);
    bench.finished(&over.lease, "Over.").await;
    let stale = Lease { fence: running.lease.fence + 1, ..running.lease };
    let renewed = sure(bench.leases.renew(&[over.lease, running.lease, stale]).await);
    let turns: Vec<_> = renewed.iter().map(|renewed| renewed.turn).collect();
    assert_eq!(turns, [running.lease.turn], "what is missing was lost");
    bench.dies(&over.lease).await;
    let ended = bench.status(&over.lease).await;
    assert!(matches!(ended, Some(TurnStatus::Ended(EndedTurn::Answered(_)))), "{ended:?}");
    bench.finished(&running.lease, "Over, too.").await;
}
