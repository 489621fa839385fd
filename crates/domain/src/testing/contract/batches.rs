//! Several changes at once.

use super::fixture::{add, all, must, new_key, new_todo, title, unique};
use crate::{
    caller::Caller,
    due::Due,
    ports::{IdempotentOutcome, Outcomes, StoreError, TodoStore},
    repeat::Repeat,
    testing::join_all,
    time_zone::TimeZone,
    todo::{TaskNumber, Todo},
    todo_command::{NewTodo, TodoChange, TodoPatch},
    todo_filter::TodoFilter,
    todo_outcome::TodoError,
    turn::RequestKey,
};

async fn fresh(store: &dyn TodoStore, caller: Caller, changes: &[TodoChange]) -> Outcomes {
    match must(store.change_all(caller, None, changes).await) {
        IdempotentOutcome::Fresh(outcomes) => outcomes,
        other => panic!("expected new outcomes: {other:?}"),
    }
}

async fn count(store: &dyn TodoStore, caller: Caller, mark: &str) -> usize {
    let filter = TodoFilter { search: Some(mark.to_owned()), ..all() };
    must(store.list(caller, &filter).await).todos.len()
}

fn done() -> TodoPatch {
    TodoPatch { completed: Some(true), ..TodoPatch::default() }
}

pub(super) async fn each_change_has_an_outcome_of_its_own(store: &dyn TodoStore, a: Caller) {
    let mark = unique("batch");
    let named = |name: &str| add(&format!("{mark} {name}"));
    let added = fresh(store, a, &["one", "two", "three", "four"].map(named)).await;
    let tasks: Vec<Todo> = added.into_iter().map(must).collect();
    let numbers: Vec<TaskNumber> = tasks.iter().map(|task| task.number).collect();
    assert!(numbers.windows(2).all(|pair| pair[1].0 == pair[0].0 + 1), "in their order: {numbers:?}");

    let missing = TaskNumber(i64::MAX);
    let stale = TodoPatch { expected_revision: Some(7), ..done() };
    let renamed = TodoPatch { title: Some(title("renamed")), ..TodoPatch::default() };
    let under = NewTodo { parent: Some(numbers[2]), ..new_todo(&format!("{mark} below")) };
    let never = NewTodo { parent: Some(missing), ..new_todo(&format!("{mark} never")) };
    let changes = [
        TodoChange::Update(numbers[0], done()),
        TodoChange::Update(missing, done()),
        TodoChange::Update(numbers[1], done()),
        TodoChange::Update(missing, done()),
        TodoChange::Update(numbers[1], stale),
        TodoChange::Update(numbers[1], renamed),
        TodoChange::Delete(numbers[1], None),
        TodoChange::Delete(numbers[1], None),
        TodoChange::Delete(missing, None),
        TodoChange::Add(under),
        TodoChange::Add(never),
        TodoChange::Update(numbers[3], TodoPatch { skip: true, ..TodoPatch::default() }),
        TodoChange::Update(numbers[0], TodoPatch { after: Some(Some(numbers[3])), ..TodoPatch::default() }),
    ];
    let outcomes = fresh(store, a, &changes).await;
    assert_eq!(outcomes.len(), changes.len());
    let revision = |index: usize| outcomes[index].as_ref().map(|todo| todo.revision);
    assert_eq!((revision(0), revision(2), revision(5)), (Ok(2), Ok(2), Ok(3)));
    assert_eq!(revision(6), Ok(3), "as it was before it was deleted");
    for (index, number) in [(1, missing), (3, missing), (7, numbers[1]), (8, missing)] {
        assert_eq!(outcomes[index], Err(TodoError::NoSuchTask(number)), "{index}");
    }
    assert!(matches!(&outcomes[4], Err(TodoError::Changed(now)) if now.revision == 2), "{:?}", outcomes[4]);
    assert_eq!(outcomes[9].as_ref().map(|todo| todo.parent), Ok(Some(numbers[2])));
    assert!(matches!(&outcomes[10], Err(TodoError::Invalid(error)) if error.field == "parent_id"));
    assert_eq!(outcomes[11], Err(TodoError::NotRepeating(numbers[3])));
    assert!(outcomes[12].is_ok());
    assert_eq!(count(store, a, &mark).await, 4, "three of the four, and one below");
    let mut at_end = must(store.find(a, numbers[0]).await);
    assert_eq!(at_end.take(), outcomes[12].clone().ok(), "what is told is what is there");

    // One that comes back is done twice, and moves on twice.
    let due = must(Due::parse("2026-11-27", TimeZone::UTC));
    let daily = NewTodo {
        due: Some(Due { date: must("2126-11-27".parse()), ..due }),
        repeat: Some(must(Repeat::parse("daily", due.date))),
        ..new_todo(&format!("{mark} daily"))
    };
    let daily = must(fresh(store, a, &[TodoChange::Add(daily)]).await.remove(0));
    let twice = [TodoChange::Update(daily.number, done()), TodoChange::Update(daily.number, done())];
    let days = fresh(store, a, &twice).await.into_iter().map(|todo| must(todo).due.map(Due::to_text));
    assert_eq!(days.collect::<Vec<_>>(), [Some("2126-11-28".to_owned()), Some("2126-11-29".to_owned())]);
}

pub(super) async fn changes_of_one_task_are_made_one_after_the_other(store: &dyn TodoStore, a: Caller) {
    let named = |name: &str| add(&unique(name));
    let added = fresh(store, a, &["one", "two"].map(named)).await;
    let tasks: Vec<Todo> = added.into_iter().map(must).collect();
    let renamed = |task: &Todo, name: &str, version: i64| {
        let expected_revision = Some(version);
        let patch = TodoPatch { title: Some(title(name)), expected_revision, ..TodoPatch::default() };
        TodoChange::Update(task.number, patch)
    };
    let revision = tasks[1].revision;
    let changes = [
        renamed(&tasks[0], "another", tasks[0].revision),
        renamed(&tasks[1], "not yet", revision + 1),
        renamed(&tasks[1], "this one", revision),
    ];
    let outcomes = fresh(store, a, &changes).await;
    assert!(matches!(outcomes[1], Err(TodoError::Changed(_))), "it is not so new yet: {:?}", outcomes[1]);
    let last = outcomes[2].as_ref().map(|task| (task.title.as_str(), task.revision));
    assert_eq!(last, Ok(("this one", revision + 1)));
}

pub(super) async fn a_batch_is_made_once_under_its_key(store: &dyn TodoStore, a: Caller, b: Caller) {
    let (mark, key) = (unique("once"), new_key());
    let changes = [add(&mark), TodoChange::Delete(TaskNumber(i64::MAX), None), add(&mark)];
    let IdempotentOutcome::Fresh(first) = must(store.change_all(a, Some(&key), &changes).await) else {
        panic!("it is new")
    };
    let number = must(first[0].clone()).number;
    must(must(
        store.change(a, crate::request_channel::Channel::Rest, &TodoChange::Delete(number, None)).await,
    ));
    for _ in 0..2 {
        let again = must(store.change_all(a, Some(&key), &changes).await);
        assert_eq!(again, IdempotentOutcome::Replayed(first.clone()), "the first answer, not today's");
    }
    assert_eq!(count(store, a, &mark).await, 1);
    let other_body = RequestKey { body_hash: [8; 32], ..key.clone() };
    assert_eq!(must(store.change_all(a, Some(&other_body), &changes).await), IdempotentOutcome::KeyReused);
    assert_eq!(must(must(store.add_once(a, &key, &new_todo(&mark)).await)), IdempotentOutcome::KeyReused);
    let of_a_task = new_key();
    must(must(store.add_once(a, &of_a_task, &new_todo("a task")).await));
    assert_eq!(must(store.change_all(a, Some(&of_a_task), &changes).await), IdempotentOutcome::KeyReused);
    let theirs = must(store.change_all(b, Some(&key), &changes).await);
    assert!(matches!(theirs, IdempotentOutcome::Fresh(_)), "keys are each user's own: {theirs:?}");

    // At once: one of them makes it.
    let (mark, key) = (unique("at once"), new_key());
    let changes = [add(&mark), add(&mark)];
    let answers = join_all((0..4).map(|_| store.change_all(a, Some(&key), &changes))).await;
    let mut outcomes = Vec::new();
    for answer in answers {
        match must(answer) {
            IdempotentOutcome::Fresh(made) | IdempotentOutcome::Replayed(made) => outcomes.push(made),
            IdempotentOutcome::KeyReused => panic!("it is the same request"),
        }
    }
    assert!(outcomes.windows(2).all(|pair| pair[0] == pair[1]), "all have one answer");
    assert_eq!(count(store, a, &mark).await, 2);

    let revoked = Caller { token_version: a.token_version + 1, ..a };
    for key in [None, Some(&new_key())] {
        for changes in [&changes[..], &[]] {
            let outcome = store.change_all(revoked, key, changes).await;
            assert!(matches!(outcome, Err(StoreError::UnknownCaller)), "{outcome:?}");
        }
    }
}
