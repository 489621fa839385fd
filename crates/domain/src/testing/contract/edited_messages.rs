//! Messages that are edited, and the answers to their new words.

use super::{
    fixture::{Fixture, lines_of, must, started, unique},
    regeneration::undoing,
};
use crate::{
    ports::Regeneration,
    turn::{BeginOutcome, Edit, EndedTurn, FailureKind, RunningTurn, TurnStatus, Usage, UserMessage},
    undo::ReplacedEffects,
};

fn words(text: &str) -> UserMessage {
    must(UserMessage::parse(text))
}

fn to(text: &UserMessage) -> Edit<'_> {
    Edit { text, previous: None }
}

pub(super) async fn an_edited_message_is_answered_in_its_place(fixture: &Fixture<'_>) {
    let task = unique("in other words");
    let (turn, _) = fixture.opened_with_task(&task).await;
    let id = turn.lease.conversation;
    fixture.finished(&turn.lease, "It is there.").await;
    let edited = words("add something else");
    let wanted = Regeneration { edited: Some(to(&edited)), ..undoing(&turn.lease, ReplacedEffects::Undo) };
    let again = started(must(fixture.turns.regenerate(fixture.a, &wanted).await));
    assert_eq!(again.lease.turn, turn.lease.turn);
    assert_eq!(fixture.tasks_called(&task).await, 0, "what the old words led to is taken back");
    assert_eq!(lines_of(&again.history)[0], "user: add something else");
    assert_eq!(again.title, "add something else", "the title was made of the old words");

    // The same edit once more finds it: while it runs, after its worker died, and when it has its end.
    let repeated = must(fixture.turns.regenerate(fixture.a, &wanted).await);
    assert!(matches!(repeated, BeginOutcome::SameKeyRunning), "{repeated:?}");
    fixture.kill_worker(&again.lease).await;
    let taken_over = started(must(fixture.turns.regenerate(fixture.a, &wanted).await));
    assert_eq!((taken_over.lease.fence, taken_over.done.len()), (again.lease.fence + 1, 2));
    let answer = fixture.finished(&taken_over.lease, "Something else is there.").await;
    match must(fixture.turns.regenerate(fixture.a, &wanted).await) {
        BeginOutcome::Ended(ended) => assert_eq!(*ended, EndedTurn::Answered(answer)),
        other => panic!("expected its end: {other:?}"),
    }
    let back = words("add it");
    let late =
        Regeneration { edited: Some(Edit { text: &back, previous: Some(&words("add it first")) }), ..wanted };
    let late = must(fixture.turns.regenerate(fixture.a, &late).await);
    assert!(matches!(late, BeginOutcome::NothingToRegenerate), "other words were replaced: {late:?}");
    let next = fixture.continued(id, "thanks").await;
    let lines = lines_of(&next.history);
    assert!(!lines.contains(&"user: add it".to_owned()), "{lines:?}");
    fixture.finished(&next.lease, "Welcome.").await;
    let late = must(fixture.turns.regenerate(fixture.a, &wanted).await);
    assert!(matches!(late, BeginOutcome::NothingToRegenerate), "only the newest message is edited: {late:?}");
}

pub(super) async fn what_stays_done_is_no_answer_to_the_new_words(fixture: &Fixture<'_>) {
    let (turn, call) = fixture.opened_with_task(&unique("stays")).await;
    fixture.finished(&turn.lease, "It is there.").await;
    let edited = words("add something else");
    let wanted = Regeneration { edited: Some(to(&edited)), ..undoing(&turn.lease, ReplacedEffects::Keep) };
    let again = started(must(fixture.turns.regenerate(fixture.a, &wanted).await));
    let known = |turn: &RunningTurn| (turn.edited_after, turn.step, turn.done.len());
    assert_eq!(known(&again), (Some(1), 1, 1));
    assert_eq!(again.done, [call]);
    fixture.added(&again.lease, 1, &unique("something else")).await;
    fixture.kill_worker(&again.lease).await;
    let taken_over = started(must(fixture.turns.regenerate(fixture.a, &wanted).await));
    assert_eq!(known(&taken_over), (Some(1), 2, 2));
    let answer = fixture.finished(&taken_over.lease, "Both are there.").await;
    assert_eq!(answer.tool_calls.len(), 2);
    let other = started(fixture.regenerate(&taken_over.lease).await);
    assert_eq!(
        known(&other),
        (Some(1), 2, 2),
        "the first task was for other words, whatever was asked for since"
    );
    fixture.finished(&other.lease, "Both.").await;
    // Neither another answer nor another edit that came to nothing takes that away.
    let nothing = words("add nothing");
    for edited in [None, Some(to(&nothing))] {
        let failing = Regeneration { edited, ..wanted };
        let lost = started(must(fixture.turns.regenerate(fixture.a, &failing).await));
        must(fixture.turns.fail(&lost.lease, FailureKind::ModelTimeout, Usage::default()).await);
        let next = started(fixture.regenerate(&lost.lease).await);
        assert_eq!(known(&next), (Some(1), 2, 2), "after {failing:?}");
        fixture.finished(&next.lease, "Both.").await;
    }
}

pub(super) async fn an_edit_without_an_answer_brings_the_message_back(fixture: &Fixture<'_>) {
    for dies in [false, true] {
        let turn = fixture.opened("hello").await;
        let id = turn.lease.conversation;
        let answer = fixture.finished(&turn.lease, "Hello!").await;
        let edited = words("good evening");
        let wanted = Regeneration {
            edited: Some(to(&edited)),
            ..undoing(&turn.lease, ReplacedEffects::UndoIfUnchanged)
        };
        let again = started(must(fixture.turns.regenerate(fixture.a, &wanted).await));
        assert_eq!(
            (lines_of(&again.history), again.title),
            (vec!["user: good evening".into()], "good evening".into())
        );
        if dies {
            fixture.kill_worker(&again.lease).await;
        } else {
            let failed = fixture.turns.fail(&again.lease, FailureKind::ModelTimeout, Usage::default()).await;
            assert_eq!(must(failed), None);
            // The same edit is tried anew, and fails anew.
            let once_more = started(must(fixture.turns.regenerate(fixture.a, &wanted).await));
            assert_eq!(lines_of(&once_more.history), ["user: good evening"]);
            must(fixture.turns.fail(&once_more.lease, FailureKind::ModelTimeout, Usage::default()).await);
        }
        let next = fixture.continued(id, "well?").await;
        assert_eq!(lines_of(&next.history), ["user: hello", "assistant: Hello!", "user: well?"]);
        assert_eq!(next.title, "hello");
        let status = fixture.status(&turn.lease).await;
        assert_eq!(status, Some(TurnStatus::Ended(EndedTurn::Answered(answer))));
        fixture.finished(&next.lease, "Well.").await;

        // Another answer to the words that are there now does not bring older ones back.
        let turn = fixture.opened("good morning").await;
        fixture.finished(&turn.lease, "Good morning!").await;
        let wanted =
            Regeneration { edited: Some(to(&edited)), ..undoing(&turn.lease, ReplacedEffects::Keep) };
        let again = started(must(fixture.turns.regenerate(fixture.a, &wanted).await));
        fixture.finished(&again.lease, "Good evening!").await;
        let other = started(fixture.regenerate(&again.lease).await);
        must(fixture.turns.fail(&other.lease, FailureKind::ModelTimeout, Usage::default()).await);
        let next = fixture.continued(turn.lease.conversation, "well?").await;
        let all = ["user: good evening", "assistant: Good evening!", "user: well?"];
        assert_eq!(lines_of(&next.history), all);
        fixture.finished(&next.lease, "Well.").await;
    }
}
