//! Requests for another answer under a key.

use super::fixture::{Fixture, lines_of, must, new_conversation, new_key, new_todo, started, unique};
use crate::{
    ports::{IdGenerator, IdempotentOutcome, Regeneration},
    request_channel::Channel,
    testing::{RandomIdGenerator, join_all},
    todo_command::{TodoChange, TodoPatch},
    turn::{
        BeginOutcome, Edit, EndedTurn, FailureKind, Lease, NewTurn, RequestKey, Target, TurnStatus, Usage,
        UserMessage, admission::MAX_ATTEMPTS,
    },
    turn_and_conversation_ids::TurnId,
    undo::ReplacedEffects,
};

fn under<'a>(key: &'a RequestKey, lease: &Lease) -> Regeneration<'a> {
    let replaced = ReplacedEffects::UndoIfUnchanged;
    Regeneration {
        key: Some(key),
        replaced,
        ..Regeneration::keep_effects(lease.conversation, lease.turn, None)
    }
}

async fn regenerate(fixture: &Fixture<'_>, wanted: &Regeneration<'_>) -> BeginOutcome {
    must(fixture.turns.regenerate(fixture.a, wanted).await)
}

fn ended(outcome: BeginOutcome) -> EndedTurn {
    match outcome {
        BeginOutcome::Ended(ended) => *ended,
        other => panic!("expected an end: {other:?}"),
    }
}

pub(super) async fn under_a_key_one_other_answer_is_given(fixture: &Fixture<'_>) {
    let task = unique("once");
    let (turn, _) = fixture.opened_with_task(&task).await;
    fixture.finished(&turn.lease, "It is there.").await;
    let (first, second) = (new_key(), new_key());
    let again = started(regenerate(fixture, &under(&first, &turn.lease)).await);
    assert_eq!(fixture.tasks_called(&task).await, 0);
    let repeated = regenerate(fixture, &under(&first, &turn.lease)).await;
    assert!(matches!(repeated, BeginOutcome::SameKeyRunning), "{repeated:?}");
    fixture.kill_worker(&again.lease).await;
    let taken_over = started(regenerate(fixture, &under(&first, &turn.lease)).await);
    assert_eq!((taken_over.lease.fence, taken_over.step), (again.lease.fence + 1, again.step));
    fixture.added(&taken_over.lease, taken_over.step, &task).await;
    let answer = EndedTurn::Answered(fixture.finished(&taken_over.lease, "It is there again.").await);
    assert_eq!(ended(regenerate(fixture, &under(&first, &turn.lease)).await), answer);
    assert_eq!(fixture.tasks_called(&task).await, 1, "what the other answer did is not taken back");

    // A person may want one more; the first request is not that, whenever it comes.
    let other = started(regenerate(fixture, &under(&second, &turn.lease)).await);
    assert_eq!(fixture.tasks_called(&task).await, 0);
    let answer = EndedTurn::Answered(fixture.finished(&other.lease, "It is gone.").await);
    for key in [&first, &second] {
        assert_eq!(ended(regenerate(fixture, &under(key, &turn.lease)).await), answer);
    }
    let next = fixture.continued(turn.lease.conversation, "thanks").await;
    fixture.finished(&next.lease, "Welcome.").await;
    for turn in [None, Some(turn.lease.turn)] {
        let late = Regeneration { turn, ..under(&first, &next.lease) };
        assert_eq!(ended(regenerate(fixture, &late).await), answer);
    }
    let unused = new_key();
    let outcome = regenerate(fixture, &Regeneration { turn: None, ..under(&unused, &next.lease) }).await;
    assert!(matches!(outcome, BeginOutcome::NothingToRegenerate), "{outcome:?}");
}

pub(super) async fn an_edit_under_a_key_is_made_once(fixture: &Fixture<'_>) {
    let turn = fixture.opened("add mlik").await;
    fixture.finished(&turn.lease, "Added.").await;
    let (first, second) = (new_key(), new_key());
    let [milk, oats] = ["add milk", "add oats"].map(|text| must(UserMessage::parse(text)));
    for (key, text) in [(&first, &milk), (&second, &oats)] {
        let again = started(regenerate(fixture, &edit(key, &turn.lease, text)).await);
        fixture.finished(&again.lease, text.as_str()).await;
    }
    // The first edit once more: its client had gone, and its connection was slow.
    match ended(regenerate(fixture, &edit(&first, &turn.lease, &milk)).await) {
        EndedTurn::Answered(answer) => assert_eq!(answer.message, "add oats"),
        other => panic!("expected the answer to what is there now: {other:?}"),
    }
    let next = fixture.continued(turn.lease.conversation, "thanks").await;
    assert_eq!(super::fixture::lines_of(&next.history)[0], "user: add oats");
    fixture.finished(&next.lease, "Welcome.").await;
}

fn edit<'a>(key: &'a RequestKey, lease: &Lease, text: &'a UserMessage) -> Regeneration<'a> {
    Regeneration { edited: Some(Edit { text, previous: None }), ..under(key, lease) }
}

/// Edits the message to words of its own, and has the edit before once more, whose client had gone.
async fn assert_is_not_made_again(fixture: &Fixture<'_>, before: &Regeneration<'_>, lease: &Lease) {
    let (key, oats) = (new_key(), must(UserMessage::parse("add oats")));
    let later = started(regenerate(fixture, &edit(&key, lease, &oats)).await);
    let answer = EndedTurn::Answered(fixture.finished(&later.lease, "Oats.").await);
    assert_eq!(ended(regenerate(fixture, before).await), answer, "the later words stay");
}

pub(super) async fn an_edit_whose_words_are_there_is_known_by_its_key_too(fixture: &Fixture<'_>) {
    let milk = must(UserMessage::parse("add milk"));
    let [answered, dead, failed] = ["add mlik"; 3].map(|text| async move {
        let turn = fixture.opened(text).await;
        fixture.finished(&turn.lease, "Added.").await;
        turn.lease
    });
    let (first, second) = (new_key(), new_key());

    let lease = answered.await;
    let again = started(regenerate(fixture, &edit(&first, &lease, &milk)).await);
    let answer = EndedTurn::Answered(fixture.finished(&again.lease, "Milk.").await);
    let same = edit(&second, &lease, &milk);
    assert_eq!(ended(regenerate(fixture, &same).await), answer);
    assert_is_not_made_again(fixture, &same, &lease).await;

    let (lease, first, second) = (dead.await, new_key(), new_key());
    let again = started(regenerate(fixture, &edit(&first, &lease, &milk)).await);
    fixture.kill_worker(&again.lease).await;
    let same = edit(&second, &lease, &milk);
    let taken_over = started(regenerate(fixture, &same).await);
    fixture.finished(&taken_over.lease, "Milk.").await;
    assert_is_not_made_again(fixture, &same, &lease).await;

    let (lease, first, second) = (failed.await, new_key(), new_key());
    let again = started(regenerate(fixture, &edit(&first, &lease, &milk)).await);
    fixture.added(&again.lease, again.step, &unique("milk")).await;
    must(fixture.turns.fail(&again.lease, FailureKind::ModelTimeout, Usage::default()).await);
    let same = edit(&second, &lease, &milk);
    let reopened = started(regenerate(fixture, &same).await);
    fixture.finished(&reopened.lease, "Milk.").await;
    assert_is_not_made_again(fixture, &same, &lease).await;
}

pub(super) async fn all_keys_of_an_edit_without_an_answer_may_be_used_again(fixture: &Fixture<'_>) {
    let turn = fixture.opened("hello").await;
    fixture.finished(&turn.lease, "Hello!").await;
    let (earlier, first, second) = (new_key(), new_key(), new_key());
    let before = started(regenerate(fixture, &under(&earlier, &turn.lease)).await);
    let answer = EndedTurn::Answered(fixture.finished(&before.lease, "Hi!").await);
    let evening = must(UserMessage::parse("good evening"));
    let again = started(regenerate(fixture, &edit(&first, &turn.lease, &evening)).await);
    fixture.kill_worker(&again.lease).await;
    let taken_over = started(regenerate(fixture, &edit(&second, &turn.lease, &evening)).await);
    must(fixture.turns.fail(&taken_over.lease, FailureKind::ModelTimeout, Usage::default()).await);
    for key in [&second, &first] {
        let tried_again = started(regenerate(fixture, &edit(key, &turn.lease, &evening)).await);
        assert_eq!(lines_of(&tried_again.history), ["user: good evening"]);
        must(fixture.turns.fail(&tried_again.lease, FailureKind::ModelTimeout, Usage::default()).await);
    }
    assert_eq!(ended(regenerate(fixture, &under(&earlier, &turn.lease)).await), answer);
}

pub(super) async fn a_key_that_led_to_no_other_answer_may_be_used_again(fixture: &Fixture<'_>) {
    let (turn, call) = fixture.opened_with_task(&unique("try again")).await;
    let answer = EndedTurn::Answered(fixture.finished(&turn.lease, "It is there.").await);
    let key = new_key();
    let keeping = Regeneration { replaced: ReplacedEffects::Keep, ..under(&key, &turn.lease) };
    for _ in 0..2 {
        let again = started(regenerate(fixture, &keeping).await);
        must(fixture.turns.fail(&again.lease, FailureKind::ModelTimeout, Usage::default()).await);
    }
    // Of an attempt whose worker died nothing is left when another message comes, either.
    let again = started(regenerate(fixture, &keeping).await);
    fixture.kill_worker(&again.lease).await;
    let next = fixture.continued(turn.lease.conversation, "well?").await;
    must(fixture.turns.fail(&next.lease, FailureKind::ModelTimeout, Usage::default()).await);
    let again = started(regenerate(fixture, &keeping).await);
    assert_eq!(again.done, [call]);
    let other = EndedTurn::Answered(fixture.finished(&again.lease, "Still there.").await);
    assert_ne!(other, answer);

    // A failure that is on record is the answer to its key, and is tried once more under it.
    let key = new_key();
    let again = started(regenerate(fixture, &under(&key, &turn.lease)).await);
    must(fixture.turns.fail(&again.lease, FailureKind::ModelTimeout, Usage::default()).await);
    let once_more = started(regenerate(fixture, &under(&key, &turn.lease)).await);
    assert_eq!((once_more.step, once_more.done.len()), (again.step, again.done.len()));
    fixture.kill_worker(&once_more.lease).await;
    let next = fixture.continued(turn.lease.conversation, "well?").await;
    fixture.finished(&next.lease, "Well.").await;
    match ended(regenerate(fixture, &under(&key, &turn.lease)).await) {
        EndedTurn::Failed(failure) => assert_eq!(failure.tool_calls.len(), 2),
        other => panic!("expected the failure on record: {other:?}"),
    }

    // What cannot be undone is as if it had not been asked for.
    let (turn, call) = fixture.opened_with_task(&unique("changed since")).await;
    fixture.finished(&turn.lease, "It is there.").await;
    let done = TodoPatch { completed: Some(true), ..TodoPatch::default() };
    let change = TodoChange::Update(super::fixture::number_of(&call), done);
    must(must(fixture.todos.change(fixture.a, Channel::Rest, &change).await));
    let key = new_key();
    let strict = Regeneration { replaced: ReplacedEffects::Undo, ..under(&key, &turn.lease) };
    for _ in 0..2 {
        let refused = regenerate(fixture, &strict).await;
        assert!(matches!(refused, BeginOutcome::ReplacedWasChanged(_)), "{refused:?}");
    }
}

pub(super) async fn another_answer_that_is_given_up_leaves_the_one_there_was(fixture: &Fixture<'_>) {
    let turn = fixture.opened("hello").await;
    let answer = EndedTurn::Answered(fixture.finished(&turn.lease, "Hello!").await);
    let (key, edited) = (new_key(), must(UserMessage::parse("good evening")));
    let wanted =
        Regeneration { edited: Some(Edit { text: &edited, previous: None }), ..under(&key, &turn.lease) };
    for _ in 0..MAX_ATTEMPTS {
        let lost = started(regenerate(fixture, &wanted).await);
        fixture.kill_worker(&lost.lease).await;
    }
    let given_up = regenerate(fixture, &wanted).await;
    assert!(matches!(given_up, BeginOutcome::Abandoned), "{given_up:?}");
    assert_eq!(fixture.status(&turn.lease).await, Some(TurnStatus::Ended(answer)));
    // The person may ask once more, under that key too.
    let again = started(regenerate(fixture, &wanted).await);
    assert_eq!(lines_of(&again.history), ["user: good evening"]);
    fixture.finished(&again.lease, "Good evening!").await;
}

pub(super) async fn a_key_of_another_answer_is_no_key_of_anything_else(fixture: &Fixture<'_>) {
    let turn = fixture.opened("hello").await;
    fixture.finished(&turn.lease, "Hello!").await;
    let key = new_key();
    let again = started(regenerate(fixture, &under(&key, &turn.lease)).await);
    fixture.finished(&again.lease, "Hi!").await;
    let other_body = RequestKey { body_hash: [9; 32], ..key.clone() };
    let reused = regenerate(fixture, &under(&other_body, &turn.lease)).await;
    assert!(matches!(reused, BeginOutcome::KeyReused), "{reused:?}");
    let says =
        NewTurn { key: Some(key.clone()), ..fixture.says(Target::Existing(turn.lease.conversation), "and") };
    let reused = fixture.begin(&says).await;
    assert!(matches!(reused, BeginOutcome::KeyReused), "{reused:?}");
    let reused = must(must(fixture.todos.add_once(fixture.a, &key, &new_todo("task")).await));
    assert_eq!(reused, IdempotentOutcome::KeyReused);
    let reused = must(fixture.todos.change_all(fixture.a, Some(&key), &[]).await);
    assert_eq!(reused, IdempotentOutcome::KeyReused);

    let of_a_task = new_key();
    must(must(fixture.todos.add_once(fixture.a, &of_a_task, &new_todo(&unique("keyed"))).await));
    let reused = regenerate(fixture, &under(&of_a_task, &turn.lease)).await;
    assert!(matches!(reused, BeginOutcome::KeyReused), "{reused:?}");

    // Keys are each user's own, and so are the turns behind them.
    let of_another = must(fixture.turns.regenerate(fixture.b, &under(&key, &turn.lease)).await);
    assert!(matches!(of_another, BeginOutcome::NoSuchConversation), "{of_another:?}");

    // The first request of a message that was never answered begins a turn under its key.
    let begun = NewTurn {
        key: Some(new_key()),
        id: TurnId(RandomIdGenerator.next()),
        ..fixture.says(Target::Existing(turn.lease.conversation), "and again")
    };
    let begun_turn = started(fixture.begin(&begun).await);
    let answer = EndedTurn::Answered(fixture.finished(&begun_turn.lease, "Once.").await);
    let key = begun.key.unwrap_or_else(new_key);
    assert_eq!(ended(regenerate(fixture, &under(&key, &begun_turn.lease)).await), answer);
}

pub(super) async fn of_requests_for_another_answer_at_once_one_is_met(fixture: &Fixture<'_>) {
    let turn = fixture.opened("hello").await;
    fixture.finished(&turn.lease, "Hello!").await;
    let key = new_key();
    let wanted = under(&key, &turn.lease);
    let outcomes = join_all((0..5).map(|_| fixture.turns.regenerate(fixture.a, &wanted))).await;
    let mut leases = Vec::new();
    for outcome in outcomes {
        match must(outcome) {
            BeginOutcome::Started(turn) => leases.push(turn.lease),
            BeginOutcome::SameKeyRunning => {}
            other => panic!("neither begun nor running: {other:?}"),
        }
    }
    assert_eq!(leases.len(), 1);
    fixture.finished(&leases[0], "Hi!").await;
}

pub(super) async fn a_message_without_an_answer_keeps_its_key(fixture: &Fixture<'_>) {
    let milk = must(UserMessage::parse("add milk"));
    for edited in [None, Some(Edit { text: &milk, previous: None })] {
        let new = fixture.says_with_key(Target::New(new_conversation()), "add mlik");
        let dead = fixture.started(&new).await;
        fixture.kill_worker(&dead.lease).await;
        let (key, task) = (new_key(), unique("milk"));
        let wanted = Regeneration { edited, ..under(&key, &dead.lease) };
        let again = started(regenerate(fixture, &wanted).await);
        assert_eq!((again.lease.turn, again.regenerates, again.step), (dead.lease.turn, false, 0));
        assert_eq!(again.title, if edited.is_some() { "add milk" } else { "add mlik" });
        fixture.assert_superseded(&dead.lease, 0).await;
        fixture.added(&again.lease, 0, &task).await;
        let answer = EndedTurn::Answered(fixture.finished(&again.lease, "It is there.").await);
        fixture.assert_ended(&new, &answer).await;
        assert_eq!(ended(regenerate(fixture, &wanted).await), answer);
        assert_eq!(fixture.tasks_called(&task).await, 1);
    }

    // Each time somebody asks for it there are attempts of its own, and without an answer nothing is left.
    let new = fixture.says_with_key(Target::New(new_conversation()), "hello");
    let mut lease = fixture.started(&new).await.lease;
    for _ in 0..MAX_ATTEMPTS {
        fixture.kill_worker(&lease).await;
        lease = started(regenerate(fixture, &under(&new_key(), &lease)).await).lease;
    }
    assert_eq!(must(fixture.turns.fail(&lease, FailureKind::ModelTimeout, Usage::default()).await), None);
    assert_eq!(fixture.status(&lease).await, None);
}
