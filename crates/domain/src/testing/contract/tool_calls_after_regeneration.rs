//! The calls of a replaced answer that still count: when the turn ends, and later.

use serde_json::json;

use super::fixture::{Fixture, lines_of, local, must, new_conversation, planned, started, unique};
use crate::{
    answer_verification,
    calls_of_current_answer::calls_of_current_answer,
    conversation::TurnView,
    message::ExecutedCall,
    ports::{ConversationStore, Regeneration, TurnPage},
    step::{Action, PlannedStep},
    tool,
    turn::{
        Edit, EndedTurn, FailureKind, Lease, NewTurn, RunningTurn, Target, TurnAnswer, TurnStatus, Usage,
        UserMessage,
    },
    undo::ReplacedEffects,
};

/// Whether a turn asked for a change and made none, as who looks at the conversation reads it.
async fn is_shown_without_change(
    fixture: &Fixture<'_>,
    store: &dyn ConversationStore,
    lease: &Lease,
) -> bool {
    let page = TurnPage { limit: 100, before: None };
    let view = must(store.find(fixture.a, lease.conversation, page).await);
    let turns = view.map(|view| view.turns).unwrap_or_default();
    let is_it = |turn: &&TurnView| turn.turn == lease.turn;
    let turn = turns.iter().find(is_it).unwrap_or_else(|| panic!("the turn {} is not shown", lease.turn));
    let calls: Vec<ExecutedCall> = turn.steps.iter().flat_map(|step| &step.calls).cloned().collect();
    answer_verification::requested_change_not_made(
        &turn.said,
        calls_of_current_answer(&calls, turn.replaced_calls),
    )
}

/// Asserts that the answer says so, and that it does so whenever it is asked for.
async fn assert_requested_change_not_made(
    (fixture, store): (&Fixture<'_>, &dyn ConversationStore),
    (new, answer): (&NewTurn, TurnAnswer),
    lease: &Lease,
    expected: bool,
) {
    assert_eq!(answer.requested_change_not_made, expected, "{answer:?}");
    let ended = EndedTurn::Answered(answer);
    fixture.assert_ended(new, &ended).await;
    assert_eq!(fixture.status(lease).await, Some(TurnStatus::Ended(ended)));
    assert_eq!(is_shown_without_change(fixture, store, lease).await, expected);
}

/// Begins a turn with these words in a conversation of its own.
async fn begun(fixture: &Fixture<'_>, text: &str) -> (NewTurn, RunningTurn) {
    let new = fixture.says_with_key(Target::New(new_conversation()), text);
    let turn = fixture.started(&new).await;
    (new, turn)
}

/// A step whose one call was refused.
fn refused() -> PlannedStep {
    let result = json!({"success": false, "error": "There is no task 99.", "code": "NOT_FOUND"});
    let calls = vec![planned("delete_task", Action::Answer(result))];
    PlannedStep { text: String::new(), calls, local: local() }
}

async fn regenerate(fixture: &Fixture<'_>, lease: &Lease, edited: Option<&UserMessage>) -> RunningTurn {
    let wanted = Regeneration {
        replaced: ReplacedEffects::UndoIfUnchanged,
        edited: edited.map(|text| Edit { text, previous: None }),
        ..Regeneration::keep_effects(lease.conversation, lease.turn, None)
    };
    started(must(fixture.turns.regenerate(fixture.a, &wanted).await))
}

pub(super) async fn what_was_undone_is_no_change(fixture: &Fixture<'_>, store: &dyn ConversationStore) {
    let (new, turn) = begun(fixture, "add milk").await;
    let task = unique("milk");
    fixture.added(&turn.lease, 0, &task).await;
    let answer = fixture.finished(&turn.lease, "It is there.").await;
    assert_requested_change_not_made((fixture, store), (&new, answer), &turn.lease, false).await;

    let again = regenerate(fixture, &turn.lease, None).await;
    assert_eq!((again.replaced_calls, again.done.len()), (1, 2), "the new answer begins by taking it back");
    fixture.kill_worker(&again.lease).await;
    let taken_over = fixture.restarted(&new).await;
    assert_eq!(taken_over.replaced_calls, 1, "who takes it over knows it too");
    let answer = fixture.finished(&taken_over.lease, "I have added it.").await;
    assert_requested_change_not_made((fixture, store), (&new, answer), &turn.lease, true).await;

    let third = regenerate(fixture, &turn.lease, None).await;
    assert_eq!(third.replaced_calls, 2);
    fixture.added(&third.lease, third.step, &task).await;
    let answer = fixture.finished(&third.lease, "It is there again.").await;
    assert_requested_change_not_made((fixture, store), (&new, answer), &turn.lease, false).await;
}

pub(super) async fn a_refusal_of_the_replaced_answer_is_none_of_the_next(
    fixture: &Fixture<'_>,
    store: &dyn ConversationStore,
) {
    let (new, turn) = begun(fixture, "99, please").await;
    must(fixture.turns.commit_step(&turn.lease, 0, &refused()).await);
    let answer = fixture.finished(&turn.lease, "There is no task 99.").await;
    assert_requested_change_not_made((fixture, store), (&new, answer.clone()), &turn.lease, true).await;

    // Of another answer nothing came: the one that stands again is told of as before.
    let again = regenerate(fixture, &turn.lease, None).await;
    must(fixture.turns.fail(&again.lease, FailureKind::ModelTimeout, Usage::default()).await);
    assert_requested_change_not_made((fixture, store), (&new, answer), &turn.lease, true).await;

    let edited = must(UserMessage::parse("what is on my list?"));
    let again = regenerate(fixture, &turn.lease, Some(&edited)).await;
    let answer = fixture.finished(&again.lease, "Nothing.").await;
    assert_requested_change_not_made((fixture, store), (&new, answer.clone()), &turn.lease, false).await;
    let third = regenerate(fixture, &turn.lease, None).await;
    must(fixture.turns.fail(&third.lease, FailureKind::ModelTimeout, Usage::default()).await);
    assert_requested_change_not_made((fixture, store), (&new, answer), &turn.lease, false).await;

    // What was done before a failure that was gone on with belongs to the answer.
    let (new, turn) = begun(fixture, "99, please").await;
    must(fixture.turns.commit_step(&turn.lease, 0, &refused()).await);
    must(fixture.turns.fail(&turn.lease, FailureKind::ModelTimeout, Usage::default()).await);
    let retried = fixture.restarted(&new).await;
    let answer = fixture.finished(&retried.lease, "There is no task 99.").await;
    assert_requested_change_not_made((fixture, store), (&new, answer.clone()), &turn.lease, true).await;
    let again = regenerate(fixture, &turn.lease, None).await;
    must(fixture.turns.fail(&again.lease, FailureKind::ModelTimeout, Usage::default()).await);
    assert_requested_change_not_made((fixture, store), (&new, answer), &turn.lease, true).await;
}

pub(super) async fn a_failure_tells_what_stands(fixture: &Fixture<'_>) {
    let (turn, call) = fixture.opened_with_task("oats").await;
    fixture.finished(&turn.lease, "It is there.").await;
    let again = regenerate(fixture, &turn.lease, None).await;
    must(fixture.turns.fail(&again.lease, FailureKind::ModelTimeout, Usage::default()).await);
    let next = fixture.continued(turn.lease.conversation, "well?").await;
    let number = super::fixture::number_of(&call).0;
    let words = format!(
        "assistant: I was interrupted before I could answer. What is done: Deleted task {number}, “oats”."
    );
    assert!(lines_of(&next.history).contains(&words), "{:?}", lines_of(&next.history));
    assert_eq!(again.done[1].tool, tool::UNDO_REPLACED);
    fixture.finished(&next.lease, "Well.").await;
}
