//! Additions under a key.

use super::fixture::{all, must, new_key, new_todo, unique};
use crate::{
    caller::Caller,
    ports::{IdempotentOutcome, StoreError, TodoStore},
    request_channel::Channel,
    testing::join_all,
    todo_command::{TodoChange, TodoPatch},
    todo_filter::TodoFilter,
    turn::RequestKey,
};

async fn count(store: &dyn TodoStore, caller: Caller, title: &str) -> i64 {
    let filter = TodoFilter { search: Some(title.to_owned()), ..all() };
    must(store.list(caller, &filter).await).total.unwrap_or_default()
}

pub(super) async fn a_key_adds_once(store: &dyn TodoStore, a: Caller, b: Caller) {
    let (title, key) = (unique("keyed"), new_key());
    let first = match must(must(store.add_once(a, &key, &new_todo(&title)).await)) {
        IdempotentOutcome::Fresh(task) => task,
        other => panic!("expected a new task: {other:?}"),
    };
    let replayed = || async { must(must(store.add_once(a, &key, &new_todo(&title)).await)) };
    assert_eq!(replayed().await, IdempotentOutcome::Replayed(first.clone()));
    assert_eq!(count(store, a, &title).await, 1);

    let done = TodoPatch { completed: Some(true), ..TodoPatch::default() };
    must(must(store.change(a, Channel::Rest, &TodoChange::Update(first.number, done)).await));
    assert_eq!(
        replayed().await,
        IdempotentOutcome::Replayed(first.clone()),
        "the first outcome, not today's"
    );
    must(must(store.change(a, Channel::Rest, &TodoChange::Delete(first.number, None)).await));
    assert_eq!(replayed().await, IdempotentOutcome::Replayed(first), "also when the task is gone");
    assert_eq!(count(store, a, &title).await, 0);

    let other_body = RequestKey { body_hash: [8; 32], ..key.clone() };
    let reused = must(must(store.add_once(a, &other_body, &new_todo("something else")).await));
    assert_eq!(reused, IdempotentOutcome::KeyReused);
    let of_another = must(must(store.add_once(b, &key, &new_todo(&title)).await));
    assert!(matches!(of_another, IdempotentOutcome::Fresh(_)), "keys are per user: {of_another:?}");

    let revoked = Caller { token_version: a.token_version + 1, ..a };
    for key in [&key, &new_key()] {
        let outcome = store.add_once(revoked, key, &new_todo(&title)).await;
        assert!(matches!(outcome, Err(StoreError::UnknownCaller)), "{outcome:?}");
    }
}

pub(super) async fn a_key_used_at_once_adds_once(store: &dyn TodoStore, a: Caller) {
    let (title, key) = (unique("at once"), new_key());
    let new = new_todo(&title);
    let outcomes = join_all((0..5).map(|_| store.add_once(a, &key, &new))).await;
    let mut tasks = Vec::new();
    let mut fresh = 0;
    for outcome in outcomes {
        match must(must(outcome)) {
            IdempotentOutcome::Fresh(task) => {
                fresh += 1;
                tasks.push(task);
            }
            IdempotentOutcome::Replayed(task) => tasks.push(task),
            IdempotentOutcome::KeyReused => panic!("it is the same request"),
        }
    }
    assert_eq!(fresh, 1, "one of them did it");
    assert!(tasks.windows(2).all(|pair| pair[0] == pair[1]), "all have one answer: {tasks:?}");
    assert_eq!(count(store, a, &title).await, 1);
}
