//! Taking over turns whose process died.

use serde_json::json;

use super::fixture::{
    Fixture, lines_of, lines_of_call, local, must, new_conversation, new_key, planned, started, unique,
};
use crate::{
    message::ExecutedCall,
    ports::{Release, Renewed},
    step::{Action, PlannedStep},
    substitute_final_message,
    turn::{
        BeginOutcome, EndedTurn, FailureKind, Lease, NewTurn, RequestKey, Target, TurnFailure, TurnStatus,
    },
};

pub(super) async fn a_retry_takes_a_dead_turn_over(fixture: &Fixture<'_>) {
    let new = fixture.says_with_key(Target::New(new_conversation()), "add both");
    let first = fixture.started(&new).await;
    fixture.kill_worker(&first.lease).await;
    let second = fixture.restarted(&new).await;
    let expected = Lease { fence: first.lease.fence + 1, ..first.lease };
    assert_eq!((second.lease, second.step), (expected, 0), "also before its first step");
    assert_eq!(lines_of(&second.history), ["user: add both"]);
    assert!(matches!(fixture.retry(&new).await, BeginOutcome::SameKeyRunning), "it has a worker again");
    let other = fixture.says(Target::Existing(first.lease.conversation), "and");
    assert!(matches!(fixture.begin(&other).await, BeginOutcome::ConversationBusy { .. }));

    let call = fixture.added(&second.lease, 0, &unique("first of both")).await;
    fixture.kill_worker(&second.lease).await;
    let reused =
        NewTurn { key: new.key.clone().map(|key| RequestKey { body_hash: [8; 32], ..key }), ..new.clone() };
    assert!(matches!(fixture.retry(&reused).await, BeginOutcome::KeyReused));
    let third = fixture.restarted(&new).await;
    assert_eq!((third.lease.fence, third.step), (second.lease.fence + 1, 1));
    assert_eq!((&third.done, third.regenerates), (&vec![call.clone()], false));
    let [called, result] = lines_of_call(&call);
    assert_eq!(lines_of(&third.history), ["user: add both", &called, &result], "what is committed is there");
    let other_call = fixture.added(&third.lease, 1, &unique("second of both")).await;
    let answer = fixture.finished(&third.lease, "Both are there.").await;
    assert_eq!(answer.tool_calls, [call, other_call]);
}

pub(super) async fn a_turn_taken_over_is_read_whole(fixture: &Fixture<'_>) {
    let new = fixture.says_with_key(Target::New(new_conversation()), "do very much");
    let first = fixture.started(&new).await;
    let mut expected = vec!["user: do very much".to_owned()];
    for number in 0..3 {
        let answer = || planned("list_tasks", Action::Answer(json!({"success": true})));
        let calls = std::iter::repeat_with(answer).take(80).collect();
        let step = PlannedStep { text: String::new(), calls, local: local() };
        let results = must(fixture.turns.commit_step(&first.lease, number, &step).await);
        expected.extend(results.iter().map(|call| format!("call: {}", call.id)));
        expected.extend(results.iter().map(|call| format!("tool: {}", call.id)));
    }
    fixture.kill_worker(&first.lease).await;
    let second = fixture.restarted(&new).await;
    assert_eq!(lines_of(&second.history), expected, "also the person's message, however long ago");
    assert_eq!(second.done.len(), 240);
    fixture.finished(&second.lease, "Done.").await;
}

pub(super) async fn an_overtaken_worker_commits_nothing(fixture: &Fixture<'_>) {
    let new = fixture.says_with_key(Target::New(new_conversation()), "add it");
    let zombie = fixture.started(&new).await;
    fixture.added(&zombie.lease, 0, &unique("in time")).await;
    fixture.kill_worker(&zombie.lease).await;
    let turn = fixture.restarted(&new).await;
    fixture.assert_superseded(&zombie.lease, 2).await;
    fixture.hand_over(&zombie.lease).await;
    fixture.kill_worker(&zombie.lease).await;
    assert!(
        matches!(fixture.retry(&new).await, BeginOutcome::SameKeyRunning),
        "it gave back what is not its own"
    );
    assert_eq!(must(fixture.leases.renew(&[zombie.lease]).await), []);
    fixture.finished(&turn.lease, "It is there.").await;
    fixture.assert_superseded(&zombie.lease, 2).await;
    let stranger = Lease { fence: turn.lease.fence + 1, ..turn.lease };
    fixture.assert_superseded(&stranger, 2).await;
}

pub(super) async fn a_stop_while_nobody_is_at_work_reaches_who_takes_over(fixture: &Fixture<'_>) {
    let new = fixture.says_with_key(Target::New(new_conversation()), "a long story");
    let first = fixture.started(&new).await;
    let id = first.lease.conversation;
    fixture.added(&first.lease, 0, &unique("before the stop")).await;
    fixture.kill_worker(&first.lease).await;
    assert_eq!(must(fixture.reader.request_stop(fixture.b, id, None).await), None);
    assert_eq!(must(fixture.reader.request_stop(fixture.a, id, None).await), Some(first.lease.turn));
    let second = fixture.restarted(&new).await;
    assert!(second.stop_requested && !first.stop_requested);
    let expected = vec![Renewed { turn: second.lease.turn, stop_requested: true }];
    assert_eq!(must(fixture.leases.renew(&[second.lease]).await), expected);
    fixture.finished(&second.lease, "Stopped.").await;

    // Who asks for another answer has the story go on.
    let again = started(fixture.regenerate(&second.lease).await);
    fixture.kill_worker(&again.lease).await;
    assert_eq!(must(fixture.reader.request_stop(fixture.a, id, None).await), Some(first.lease.turn));
    let once_more = started(fixture.regenerate(&again.lease).await);
    assert!(!once_more.stop_requested);
    let renewed = must(fixture.leases.renew(&[once_more.lease]).await);
    assert!(!renewed[0].stop_requested);
    fixture.finished(&once_more.lease, "Once upon a time").await;
}

pub(super) async fn a_turn_fails_after_three_lost_workers(fixture: &Fixture<'_>) {
    let new = fixture.says_with_key(Target::New(new_conversation()), "add it");
    let mut lease = fixture.started(&new).await.lease;
    let call = fixture.added(&lease, 0, &unique("deadly")).await;
    for _ in 0..2 {
        fixture.kill_worker(&lease).await;
        lease = fixture.restarted(&new).await.lease;
    }
    fixture.kill_worker(&lease).await;
    let failure = abandoned(&lease, vec![call]);
    for _ in 0..2 {
        fixture.assert_ended(&new, &failure).await;
    }
    assert_eq!(fixture.status(&lease).await, Some(TurnStatus::Ended(failure)));
    fixture.assert_superseded(&lease, 1).await;
    let next = fixture.continued(lease.conversation, "still alive?").await;
    assert_eq!(next.history.len(), 5, "the conversation goes on: {:?}", next.history);
    fixture.finished(&next.lease, "Yes.").await;
}

pub(super) async fn a_turn_without_effect_fails_after_three_lost_workers(fixture: &Fixture<'_>) {
    let new = fixture.says_with_key(Target::New(new_conversation()), "deadly");
    let mut lease = fixture.started(&new).await.lease;
    for _ in 0..2 {
        fixture.kill_worker(&lease).await;
        lease = fixture.restarted(&new).await.lease;
    }
    fixture.kill_worker(&lease).await;
    for _ in 0..2 {
        fixture.assert_ended(&new, &abandoned(&lease, Vec::new())).await;
    }
    fixture.assert_superseded(&lease, 0).await;
    let next = fixture.continued(lease.conversation, "still alive?").await;
    assert_eq!(next.history.last().map(|message| message.turn), Some(next.lease.turn));
    fixture.finished(&next.lease, "Yes.").await;
}

pub(super) async fn a_handover_is_not_counted_as_a_lost_worker(fixture: &Fixture<'_>) {
    let new = fixture.says_with_key(Target::New(new_conversation()), "add it");
    let mut lease = fixture.started(&new).await.lease;
    for _ in 0..4 {
        fixture.hand_over(&lease).await;
        // Told again, because the first answer was lost.
        fixture.hand_over(&lease).await;
        lease = fixture.restarted(&new).await.lease;
    }
    for _ in 0..2 {
        fixture.kill_worker(&lease).await;
        lease = fixture.restarted(&new).await.lease;
    }
    fixture.kill_worker(&lease).await;
    fixture.assert_ended(&new, &abandoned(&lease, Vec::new())).await;
}

fn abandoned(lease: &Lease, tool_calls: Vec<ExecutedCall>) -> EndedTurn {
    let (turn, conversation) = (lease.turn, lease.conversation);
    EndedTurn::Failed(TurnFailure { turn, conversation, kind: FailureKind::Abandoned, tool_calls })
}

pub(super) async fn another_message_closes_a_dead_turn(fixture: &Fixture<'_>) {
    for key in [None, Some(new_key())] {
        let task = unique("left behind");
        let new = NewTurn { key, ..fixture.says(Target::New(new_conversation()), "add it") };
        let dead = fixture.started(&new).await;
        let call = fixture.added(&dead.lease, 0, &task).await;
        fixture.kill_worker(&dead.lease).await;
        let next = fixture.continued(dead.lease.conversation, "hello?").await;
        let honest = format!(
            "assistant: {}",
            substitute_final_message::text_after_failure(std::slice::from_ref(&call))
        );
        let [called, result] = lines_of_call(&call);
        assert_eq!(lines_of(&next.history), ["user: add it", &called, &result, &honest, "user: hello?"]);
        assert_eq!(next.lease.fence, 1);
        fixture.assert_superseded(&dead.lease, 1).await;
        let failure = abandoned(&dead.lease, vec![call]);
        assert_eq!(fixture.status(&dead.lease).await, Some(TurnStatus::Ended(failure.clone())));
        if new.key.is_some() {
            fixture.assert_ended(&new, &failure).await;
        }
        fixture.finished(&next.lease, "Here I am.").await;
        assert_eq!(fixture.tasks_called(&task).await, 1);
    }
}

pub(super) async fn another_message_forgets_a_dead_turn_without_effect(fixture: &Fixture<'_>) {
    let first = fixture.opened("hello").await;
    fixture.finished(&first.lease, "Hello!").await;
    let dead = fixture.continued(first.lease.conversation, "never answered").await;
    fixture.kill_worker(&dead.lease).await;
    let next = fixture.continued(first.lease.conversation, "once more").await;
    assert_eq!(lines_of(&next.history), ["user: hello", "assistant: Hello!", "user: once more"]);
    assert_eq!(fixture.status(&dead.lease).await, None);
    fixture.assert_superseded(&dead.lease, 0).await;
    fixture.finished(&next.lease, "Yes?").await;

    // Also when it had opened the conversation, whose id the client may know by then.
    for target in [Target::Existing, Target::Either] {
        let dead = fixture.opened("never answered").await;
        fixture.kill_worker(&dead.lease).await;
        let next = fixture.started(&fixture.says(target(dead.lease.conversation), "once more")).await;
        assert_eq!(lines_of(&next.history), ["user: once more"]);
        assert_eq!(fixture.status(&dead.lease).await, None);
        fixture.finished(&next.lease, "Yes?").await;
    }
}

/// As when a renewal was on its way while the turn's worker gave up.
pub(super) async fn a_lease_that_was_given_back_is_not_renewed(fixture: &Fixture<'_>) {
    for why in [Release::GivenUp, Release::HandedOver] {
        let new = fixture.says_with_key(Target::New(new_conversation()), "add it");
        let first = fixture.started(&new).await;
        must(fixture.leases.release(&first.lease, why).await);
        assert_eq!(must(fixture.leases.renew(&[first.lease]).await), []);
        let second = fixture.restarted(&new).await;
        fixture.finished(&second.lease, "Done.").await;
    }
}

pub(super) async fn leases_that_are_held_are_renewed(fixture: &Fixture<'_>) {
    assert_eq!(must(fixture.leases.renew(&[]).await), []);
    let (running, over) = (fixture.opened("one").await, fixture.opened("two").await);
    fixture.finished(&over.lease, "Over.").await;
    let stale = Lease { fence: running.lease.fence + 1, ..running.lease };
    let renewed = must(fixture.leases.renew(&[over.lease, running.lease, stale]).await);
    let turns: Vec<_> = renewed.iter().map(|renewed| renewed.turn).collect();
    assert_eq!(turns, [running.lease.turn], "what is missing was lost");
    fixture.kill_worker(&over.lease).await;
    let ended = fixture.status(&over.lease).await;
    assert!(matches!(ended, Some(TurnStatus::Ended(EndedTurn::Answered(_)))), "{ended:?}");
    fixture.finished(&running.lease, "Over, too.").await;
}
