//! Undo under a key.

use super::{renamed, whole};
use crate::{
    ports::{IdempotentOutcome, UndoStore},
    testing::{
        contract::fixture::{Fixture, add, must, new_conversation, new_key, new_todo, unique},
        join_all,
    },
    turn::{BeginOutcome, NewTurn, RequestKey, Target},
    undo::{UndoError, UndoRequest, UndoTarget},
};

pub(in crate::testing::contract) async fn a_key_undoes_once(fixture: &Fixture<'_>, store: &dyn UndoStore) {
    let (stays, goes) = (unique("stays"), unique("goes"));
    let number = fixture.changes(&add(&stays)).await.number;
    let lease = fixture.turn_with(vec![renamed(number, "by the assistant"), add(&goes)]).await;
    fixture.changes(&renamed(number, "by hand")).await;
    let key = new_key();
    let target = UndoTarget::Turn(lease.turn);
    let refused = must(store.undo(fixture.a, Some(&key), whole(target)).await);
    assert!(matches!(refused, Err(UndoError::Conflict(_))), "{refused:?}");

    let rest = UndoRequest { target, skip_conflicts: true };
    let ask = async || must(must(store.undo(fixture.a, Some(&key), rest).await));
    let first = match ask().await {
        IdempotentOutcome::Fresh(undone) => undone,
        other => panic!("a refusal is not kept: {other:?}"),
    };
    assert_eq!((first.changes.len(), first.left_out.len()), (1, 1));
    assert_eq!(ask().await, IdempotentOutcome::Replayed(first.clone()));
    // Also when it was undone since.
    must(must(store.undo(fixture.a, None, whole(UndoTarget::Change(first.changes[0].id))).await));
    assert_eq!(ask().await, IdempotentOutcome::Replayed(first.clone()));
    assert_eq!(fixture.tasks_called(&goes).await, 1);
    let other_body = RequestKey { body_hash: [8; 32], ..key.clone() };
    let reused = must(store.undo(fixture.a, Some(&other_body), rest).await);
    assert_eq!(reused, Ok(IdempotentOutcome::KeyReused));
}

pub(in crate::testing::contract) async fn a_key_used_at_once_undoes_once(
    fixture: &Fixture<'_>,
    store: &dyn UndoStore,
) {
    let lease = fixture.turn_with(vec![add(&unique("a")), add(&unique("b"))]).await;
    let (key, request) = (new_key(), whole(UndoTarget::Turn(lease.turn)));
    let outcomes = join_all((0..5).map(|_| store.undo(fixture.a, Some(&key), request))).await;
    let (mut fresh, mut all) = (0, Vec::new());
    for outcome in outcomes {
        match must(must(outcome)) {
            IdempotentOutcome::Fresh(undone) => {
                fresh += 1;
                all.push(undone);
            }
            IdempotentOutcome::Replayed(undone) => all.push(undone),
            IdempotentOutcome::KeyReused => panic!("it is the same request"),
        }
    }
    assert_eq!((fresh, all.len()), (1, 5));
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]), "all have one answer: {all:?}");
}

pub(in crate::testing::contract) async fn a_key_is_used_for_one_thing(
    fixture: &Fixture<'_>,
    store: &dyn UndoStore,
) {
    let lease = fixture.turn_with(vec![add(&unique("undone"))]).await;
    let request = whole(UndoTarget::Turn(lease.turn));
    let (of_a_task, of_a_turn, of_an_undo) = (new_key(), new_key(), new_key());
    let added = must(fixture.todos.add_once(fixture.a, &of_a_task, &new_todo(&unique("added"))).await);
    assert!(added.is_ok(), "{added:?}");
    let new =
        NewTurn { key: Some(of_a_turn.clone()), ..fixture.says(Target::New(new_conversation()), "hello") };
    let turn = fixture.started(&new).await;
    fixture.finished(&turn.lease, "Hello!").await;
    for key in [RequestKey { body_hash: [9; 32], ..of_a_task }, of_a_turn] {
        let outcome = must(store.undo(fixture.a, Some(&key), request).await);
        assert_eq!(outcome, Ok(IdempotentOutcome::KeyReused));
    }
    let undone = must(must(store.undo(fixture.a, Some(&of_an_undo), request).await));
    assert!(matches!(undone, IdempotentOutcome::Fresh(_)), "{undone:?}");
    let other = RequestKey { body_hash: [9; 32], ..of_an_undo };
    let added = must(fixture.todos.add_once(fixture.a, &other, &new_todo("never added")).await);
    assert_eq!(added, Ok(IdempotentOutcome::KeyReused));
    let new = NewTurn { key: Some(other), ..fixture.says(Target::New(new_conversation()), "hello") };
    let begun = fixture.begin(&new).await;
    assert!(matches!(begun, BeginOutcome::KeyReused), "{begun:?}");
}
