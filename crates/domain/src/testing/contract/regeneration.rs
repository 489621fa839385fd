//! Turns that are answered again.

use serde_json::json;

use super::fixture::{
    Fixture, lines_of, lines_of_call, must, new_conversation, number_of, result_in, started, unique,
};
use crate::{
    ports::{IdGenerator, Regeneration},
    request_channel::Channel,
    substitute_final_message,
    testing::RandomIdGenerator,
    time_zone::TimeZone,
    todo_command::{TodoChange, TodoPatch},
    tool,
    turn::{BeginOutcome, EndedTurn, FailureKind, Lease, Target, TurnStatus, Usage},
    turn_and_conversation_ids::TurnId,
    undo::ReplacedEffects,
};

pub(super) async fn the_newest_answer_is_undone(fixture: &Fixture<'_>) {
    let first = fixture.opened("hello").await;
    let id = first.lease.conversation;
    fixture.finished(&first.lease, "Hello!").await;
    let task = unique("done once");
    let new = fixture.says_with_key(Target::Existing(id), "add it");
    let turn = fixture.started(&new).await;
    let call = fixture.added(&turn.lease, 0, &task).await;
    must(fixture.reader.request_stop(fixture.a, id, None).await);
    fixture.finished(&turn.lease, "It is done.").await;

    let again = started(fixture.regenerate(&turn.lease).await);
    assert_eq!((again.lease.turn, again.lease.fence), (turn.lease.turn, turn.lease.fence + 1));
    assert_eq!((again.step, &again.done, again.regenerates), (1, &vec![call.clone()], true));
    let [called, result] = lines_of_call(&call);
    let said = ["user: hello", "assistant: Hello!", "user: add it", &called, &result];
    assert_eq!(lines_of(&again.history), said, "only the last words are taken back");
    fixture.assert_superseded(&turn.lease, 1).await;
    let renewed = must(fixture.leases.renew(&[again.lease]).await);
    assert!(!renewed[0].stop_requested, "the stop was meant for the answer before");
    assert!(matches!(fixture.retry(&new).await, BeginOutcome::SameKeyRunning));
    let status = fixture.status(&again.lease).await;
    assert!(matches!(status, Some(TurnStatus::Running { .. })), "{status:?}");

    let another = fixture.added(&again.lease, 1, &unique("and this")).await;
    let answer = fixture.finished(&again.lease, "Done and done.").await;
    assert_eq!((answer.message.as_str(), answer.turn), ("Done and done.", turn.lease.turn));
    assert_eq!(answer.tool_calls, [call, another], "what was done stays done");
    assert_eq!(fixture.tasks_called(&task).await, 1);
    fixture.assert_ended(&new, &EndedTurn::Answered(answer)).await;
    let next = fixture.continued(id, "thanks").await;
    assert!(!lines_of(&next.history).contains(&"assistant: It is done.".to_owned()));
    fixture.finished(&next.lease, "Welcome.").await;
}

pub(super) async fn a_failed_turn_is_answered_again(fixture: &Fixture<'_>) {
    let (turn, call) = fixture.opened_with_task(&unique("failed")).await;
    must(fixture.turns.fail(&turn.lease, FailureKind::ModelUnavailable, Usage::default()).await);
    let again = started(fixture.regenerate(&turn.lease).await);
    let [called, result] = lines_of_call(&call);
    assert_eq!(lines_of(&again.history), ["user: add it", &called, &result]);
    assert_eq!((again.done, again.regenerates), (vec![call], true));
    fixture.finished(&again.lease, "It is there.").await;
}

pub(super) async fn a_running_turn_is_not_answered_again(fixture: &Fixture<'_>) {
    let turn = fixture.opened("hello").await;
    let id = turn.lease.conversation;
    let busy = fixture.regenerate(&turn.lease).await;
    assert!(matches!(busy, BeginOutcome::ConversationBusy { .. }), "{busy:?}");
    fixture.finished(&turn.lease, "Hello!").await;
    let again = started(fixture.regenerate(&turn.lease).await);
    let busy = fixture.regenerate(&turn.lease).await;
    assert!(matches!(busy, BeginOutcome::ConversationBusy { .. }), "{busy:?}");
    let busy = fixture.begin(&fixture.says(Target::Existing(id), "and")).await;
    assert!(matches!(busy, BeginOutcome::ConversationBusy { .. }), "{busy:?}");
    fixture.finished(&again.lease, "Hi!").await;
}

pub(super) async fn a_dead_turn_is_closed_and_answered_again(fixture: &Fixture<'_>) {
    let (turn, call) = fixture.opened_with_task(&unique("dead")).await;
    fixture.kill_worker(&turn.lease).await;
    let again = started(fixture.regenerate(&turn.lease).await);
    assert_eq!((again.lease.turn, again.regenerates), (turn.lease.turn, true));
    assert_eq!(again.done, [call]);
    fixture.assert_superseded(&turn.lease, 1).await;
    let answer = fixture.finished(&again.lease, "Alive.").await;

    let dead = fixture.continued(turn.lease.conversation, "never answered").await;
    fixture.kill_worker(&dead.lease).await;
    let again = started(fixture.regenerate(&dead.lease).await);
    assert_eq!((again.lease.turn, again.regenerates), (dead.lease.turn, false));
    fixture.assert_superseded(&dead.lease, 0).await;
    must(fixture.turns.fail(&again.lease, FailureKind::ModelTimeout, Usage::default()).await);
    assert_eq!(fixture.status(&dead.lease).await, None, "a turn without effect is as if it had not begun");
    let before = fixture.status(&turn.lease).await;
    assert_eq!(before, Some(TurnStatus::Ended(EndedTurn::Answered(answer))));
}

pub(super) async fn there_must_be_something_to_answer_again(fixture: &Fixture<'_>) {
    let outcome = must(
        fixture
            .turns
            .regenerate(
                fixture.a,
                &Regeneration::keep_effects(new_conversation(), TurnId(RandomIdGenerator.next()), None),
            )
            .await,
    );
    assert!(matches!(outcome, BeginOutcome::NoSuchConversation), "{outcome:?}");
    let dead = fixture.opened("never answered").await;
    fixture.kill_worker(&dead.lease).await;
    let gone = Lease { turn: TurnId(RandomIdGenerator.next()), ..dead.lease };
    let outcome = fixture.regenerate(&gone).await;
    assert!(matches!(outcome, BeginOutcome::NothingToRegenerate), "{outcome:?}");
    let next = fixture.continued(dead.lease.conversation, "once more").await;
    assert_eq!(lines_of(&next.history), ["user: once more"], "it is said anew in the same conversation");
    fixture.finished(&next.lease, "Yes?").await;
}

pub(super) async fn only_the_newest_turn_is_answered_again(fixture: &Fixture<'_>) {
    let first = fixture.opened("hello").await;
    fixture.finished(&first.lease, "Hello!").await;
    let next = fixture.continued(first.lease.conversation, "and now?").await;
    let answer = fixture.finished(&next.lease, "Now this.").await;
    let outcome = fixture.regenerate(&first.lease).await;
    assert!(matches!(outcome, BeginOutcome::NothingToRegenerate), "{outcome:?}");
    let of_turn = |lease: &Lease| format!("{}-user", lease.turn);
    fixture.has_message(&first.lease, &of_turn(&first.lease), true).await;
    fixture.has_message(&first.lease, &of_turn(&next.lease), true).await;
    fixture.has_message(&first.lease, "message-1", false).await;
    let mut new = fixture.says(Target::Existing(first.lease.conversation), "and then?");
    new.client_message_id = Some("message-1".to_owned());
    let failing = fixture.started(&new).await;
    fixture.has_message(&first.lease, "message-1", true).await;
    let other = fixture.opened("hello").await;
    fixture.has_message(&other.lease, "message-1", false).await;
    fixture.has_message(&other.lease, &of_turn(&first.lease), false).await;
    must(fixture.turns.fail(&failing.lease, FailureKind::ModelBusy, Usage::default()).await);
    fixture.has_message(&first.lease, "message-1", false).await;
    assert_eq!(fixture.status(&next.lease).await, Some(TurnStatus::Ended(EndedTurn::Answered(answer))));
}

pub(super) async fn another_answer_has_attempts_of_its_own(fixture: &Fixture<'_>) {
    let new = fixture.says_with_key(Target::New(new_conversation()), "hello");
    let mut lease = fixture.started(&new).await.lease;
    for _ in 0..2 {
        fixture.kill_worker(&lease).await;
        lease = fixture.restarted(&new).await.lease;
    }
    fixture.finished(&lease, "Hello!").await;
    lease = started(fixture.regenerate(&lease).await).lease;
    for _ in 0..2 {
        fixture.kill_worker(&lease).await;
        let turn = fixture.restarted(&new).await;
        assert!(turn.regenerates, "it is still another answer");
        lease = turn.lease;
    }
    fixture.finished(&lease, "Hello again!").await;
}

pub(super) async fn a_failed_regeneration_brings_the_answer_back(fixture: &Fixture<'_>) {
    for dies in [false, true] {
        let (turn, call) = fixture.opened_with_task(&unique("once and for all")).await;
        let id = turn.lease.conversation;
        let answer = fixture.finished(&turn.lease, "It is there.").await;
        let again = started(fixture.regenerate(&turn.lease).await);
        if dies {
            fixture.kill_worker(&again.lease).await;
        } else {
            let failure = fixture.turns.fail(&again.lease, FailureKind::ModelTimeout, Usage::default()).await;
            assert_eq!(must(failure), None, "it is as if it had not been reopened");
            let status = fixture.status(&again.lease).await;
            assert_eq!(status, Some(TurnStatus::Ended(EndedTurn::Answered(answer.clone()))));
        }
        let next = fixture.continued(id, "well?").await;
        let [called, result] = lines_of_call(&call);
        let all = ["user: add it", &called, &result, "assistant: It is there.", "user: well?"];
        assert_eq!(lines_of(&next.history), all);
        let status = fixture.status(&turn.lease).await;
        assert_eq!(status, Some(TurnStatus::Ended(EndedTurn::Answered(answer))));
        fixture.assert_superseded(&again.lease, 1).await;
        fixture.finished(&next.lease, "Well.").await;
    }
}

pub(super) async fn a_regeneration_that_took_effect_is_on_record(fixture: &Fixture<'_>) {
    let (turn, call) = fixture.opened_with_task(&unique("first")).await;
    let id = turn.lease.conversation;
    fixture.finished(&turn.lease, "It is there.").await;
    let again = started(fixture.regenerate(&turn.lease).await);
    let other = fixture.added(&again.lease, 1, &unique("second")).await;
    let failure = must(fixture.turns.fail(&again.lease, FailureKind::ModelTimeout, Usage::default()).await);
    let done = vec![call.clone(), other.clone()];
    assert_eq!(failure.map(|failure| failure.tool_calls), Some(done.clone()));
    let next = fixture.continued(id, "well?").await;
    let honest = format!("assistant: {}", substitute_final_message::text_after_failure(&done));
    let ([called, result], [called_too, result_too]) = (lines_of_call(&call), lines_of_call(&other));
    let all = ["user: add it", &called, &result, &called_too, &result_too, &honest, "user: well?"];
    assert_eq!(lines_of(&next.history), all, "the answer before is void");
    fixture.finished(&next.lease, "Well.").await;
}

pub(super) async fn another_answer_is_of_the_time_and_place_where_it_is_asked_for(fixture: &Fixture<'_>) {
    let turn = fixture.opened("what is due today?").await;
    fixture.finished(&turn.lease, "Nothing.").await;
    let tokyo = TimeZone::parse("Asia/Tokyo").ok();
    let keeping = Regeneration::keep_effects(turn.lease.conversation, turn.lease.turn, None);
    let wanted = Regeneration { time_zone: tokyo, ..keeping };
    let again = started(must(fixture.turns.regenerate(fixture.a, &wanted).await));
    assert_eq!(Some(again.time.local.zone), tokyo);
    assert!(again.time.local.now >= turn.time.local.now);
    assert_eq!(again.time.week_start, turn.time.week_start);
    fixture.finished(&again.lease, "Nothing still.").await;
    let third = started(fixture.regenerate(&turn.lease).await);
    assert_eq!(Some(third.time.local.zone), tokyo, "where nobody says another place");
    fixture.finished(&third.lease, "No.").await;
}

pub(super) fn undoing(lease: &Lease, replaced: ReplacedEffects) -> Regeneration<'static> {
    Regeneration { replaced, ..Regeneration::keep_effects(lease.conversation, lease.turn, None) }
}

pub(super) async fn what_the_replaced_answer_did_is_undone(fixture: &Fixture<'_>) {
    for replaced in [ReplacedEffects::Undo, ReplacedEffects::UndoIfUnchanged] {
        let task = unique("taken back");
        let (turn, call) = fixture.opened_with_task(&task).await;
        fixture.finished(&turn.lease, "It is there.").await;
        let wanted = undoing(&turn.lease, replaced);
        let again = started(must(fixture.turns.regenerate(fixture.a, &wanted).await));
        assert_eq!(fixture.tasks_called(&task).await, 0);
        assert_eq!((again.step, again.done.len()), (2, 2));
        assert_eq!((again.done[0].clone(), again.done[1].tool.as_str()), (call, tool::UNDO_REPLACED));
        let told = result_in(&again.history, &again.done[1].id);
        assert_eq!((&told["success"], &told["results"][0]["kind"]), (&json!(true), &json!("deleted")));
        // Whoever takes the turn over knows it as well, and does it once more.
        fixture.added(&again.lease, 2, &task).await;
        assert_eq!(fixture.tasks_called(&task).await, 1);
        let answer = fixture.finished(&again.lease, "It is there again.").await;
        assert_eq!(answer.tool_calls.len(), 3);

        // One more time, without another answer: what it did by then is on record.
        let once_more = started(must(fixture.turns.regenerate(fixture.a, &wanted).await));
        assert_eq!(fixture.tasks_called(&task).await, 0);
        let failure =
            must(fixture.turns.fail(&once_more.lease, FailureKind::ModelTimeout, Usage::default()).await);
        assert_eq!(failure.map(|failure| failure.tool_calls.len()), Some(4));
        assert_eq!(fixture.tasks_called(&task).await, 0);
    }
}

pub(super) async fn what_was_changed_since_is_not_undone(fixture: &Fixture<'_>) {
    let task = unique("changed since");
    let (turn, call) = fixture.opened_with_task(&task).await;
    let answer = fixture.finished(&turn.lease, "It is there.").await;
    let done = TodoPatch { completed: Some(true), ..TodoPatch::default() };
    let change = TodoChange::Update(number_of(&call), done);
    must(must(fixture.todos.change(fixture.a, Channel::Rest, &change).await));
    let strict = undoing(&turn.lease, ReplacedEffects::Undo);
    match must(fixture.turns.regenerate(fixture.a, &strict).await) {
        BeginOutcome::ReplacedWasChanged(conflicts) => assert_eq!(conflicts[0].number, number_of(&call)),
        other => panic!("expected a conflict: {other:?}"),
    }
    let status = fixture.status(&turn.lease).await;
    assert_eq!(status, Some(TurnStatus::Ended(EndedTurn::Answered(answer))), "it was not reopened");
    let may = undoing(&turn.lease, ReplacedEffects::UndoIfUnchanged);
    let again = started(must(fixture.turns.regenerate(fixture.a, &may).await));
    assert_eq!(again.done, [call]);
    assert_eq!(fixture.tasks_called(&task).await, 1);
    fixture.finished(&again.lease, "It is still there.").await;
}
