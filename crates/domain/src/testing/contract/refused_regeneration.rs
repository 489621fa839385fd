//! Another answer that is refused because what it replaces cannot be undone.

use super::{
    access_tokens::program,
    fixture::{Fixture, must, new_conversation, number_of, started, unique},
};
use crate::{
    change_log::{ChangeFilter, LoggedChange},
    ports::{AccessTokenStore, ChangeLog, Regeneration},
    request_channel::Channel,
    todo_command::{TodoChange, TodoPatch},
    turn::{BeginOutcome, NewTurn, Target, TurnStatus},
    undo::ReplacedEffects,
};

/// The newest change of the caller's.
async fn newest(fixture: &Fixture<'_>, log: &dyn ChangeLog) -> LoggedChange {
    let page = must(log.changes(fixture.a, &ChangeFilter { limit: 1, ..ChangeFilter::default() }).await);
    page.changes.into_iter().next().unwrap_or_else(|| panic!("nothing was changed"))
}

/// A program's turn whose worker died stays as it is, and the program's, when the person may not replace its
/// answer.
pub(super) async fn a_refusal_writes_nothing(
    fixture: &Fixture<'_>,
    store: &(impl AccessTokenStore + ChangeLog),
) {
    let script = program(store, fixture.a, "script", &["chat", "tasks:write"]).await;
    let says = fixture.says_with_key(Target::New(new_conversation()), "add two");
    let new = NewTurn { caller: script, ..says };
    let turn = fixture.started(&new).await;
    let call = fixture.added(&turn.lease, 0, &unique("the first of two")).await;
    assert_eq!(newest(fixture, store).await.program.as_deref(), Some("script"));
    fixture.kill_worker(&turn.lease).await;
    let done = TodoPatch { completed: Some(true), ..TodoPatch::default() };
    let change = TodoChange::Update(number_of(&call), done);
    must(must(fixture.todos.change(fixture.a, Channel::Rest, &change).await));

    let strict = Regeneration {
        replaced: ReplacedEffects::Undo,
        ..Regeneration::keep_effects(turn.lease.conversation, turn.lease.turn, None)
    };
    let refused = must(fixture.turns.regenerate(fixture.a, &strict).await);
    assert!(matches!(refused, BeginOutcome::ReplacedWasChanged(_)), "{refused:?}");
    let status = fixture.status(&turn.lease).await;
    assert!(matches!(status, Some(TurnStatus::Running { .. })), "it waits for its program: {status:?}");
    let taken_over = fixture.restarted(&new).await;
    fixture.added(&taken_over.lease, 1, &unique("the second of two")).await;
    assert_eq!(newest(fixture, store).await.program.as_deref(), Some("script"), "it still asks");
    fixture.finished(&taken_over.lease, "Both are there.").await;

    // What the person undoes is undone by nobody but them.
    let may = Regeneration { replaced: ReplacedEffects::UndoIfUnchanged, ..strict };
    let other = fixture.started(&fixture.says(Target::Existing(turn.lease.conversation), "and now?")).await;
    fixture.finished(&other.lease, "Nothing.").await;
    let of_other = Regeneration { turn: Some(other.lease.turn), ..may };
    let again = started(must(fixture.turns.regenerate(script, &of_other).await));
    fixture.added(&again.lease, again.step, &unique("a third")).await;
    fixture.finished(&again.lease, "A third is there.").await;
    assert_eq!(newest(fixture, store).await.program.as_deref(), Some("script"));
    let by_person = started(must(fixture.turns.regenerate(fixture.a, &of_other).await));
    assert_eq!(newest(fixture, store).await.program, None);
    fixture.finished(&by_person.lease, "It is gone.").await;
}
