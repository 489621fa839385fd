//! A todo list: numbers, filters, pages, and whose it is.

use super::fixture::{add, all, sure, title, unique};
use crate::{
    account::Caller,
    command::{
        Channel, Effect, NewTodo, StatusFilter, TodoChange, TodoError, TodoFilter, TodoPage, TodoPatch,
    },
    ports::{StoreError, TodoStore},
    testing::join_all,
    todo::{TaskNumber, Todo, TodoDescription},
};

/// Makes a change and returns its task.
async fn change(store: &dyn TodoStore, caller: Caller, change: TodoChange) -> Todo {
    sure(sure(store.change(caller, Channel::Rest, &change).await)).into_task()
}

async fn find(store: &dyn TodoStore, caller: Caller, number: TaskNumber) -> Option<Todo> {
    sure(store.find(caller, number).await)
}

async fn refused(store: &dyn TodoStore, caller: Caller, change: TodoChange) -> TodoError {
    match sure(store.change(caller, Channel::Rest, &change).await) {
        Err(error) => error,
        Ok(effect) => panic!("expected an error: {effect:?}"),
    }
}

/// The titles of a page, the total and whether more follow.
async fn page(store: &dyn TodoStore, caller: Caller, filter: TodoFilter) -> (Vec<String>, i64, bool) {
    let TodoPage { todos, total, more } = sure(store.list(caller, &filter).await);
    let titles = todos.iter().map(|todo| todo.title.as_str().to_owned()).collect();
    // The filters of these tests want them counted.
    (titles, total.unwrap_or(-1), more)
}

pub(super) async fn numbers_count_per_user_and_are_never_reused(store: &dyn TodoStore, a: Caller, b: Caller) {
    let first = change(store, a, add("one")).await;
    assert_eq!(first.number, TaskNumber(1), "a user's first task is task 1");
    assert_eq!((first.title.as_str(), first.completed, &first.description), ("one", false, &None));
    assert_eq!(first.created_at, first.updated_at);
    assert_eq!(change(store, a, add("two")).await.number, TaskNumber(2));
    assert_eq!(change(store, b, add("of B's")).await.number, TaskNumber(1), "numbers count per user");
    let deleted = change(store, a, TodoChange::Delete(TaskNumber(2))).await;
    assert_eq!(deleted.title.as_str(), "two", "a delete returns the task as it was");
    assert_eq!(change(store, a, add("three")).await.number, TaskNumber(3), "no number is used again");
    assert_eq!(find(store, a, TaskNumber(1)).await, Some(first));
}

pub(super) async fn nobody_reaches_into_a_list_of_somebody_elses(
    store: &dyn TodoStore,
    a: Caller,
    b: Caller,
) {
    let task = change(store, a, add("of A's alone")).await;
    change(store, a, add("another")).await;
    // B's list is shorter, so that the number is A's alone.
    let patch = TodoPatch { completed: Some(true), ..TodoPatch::default() };
    let nothing = TaskNumber(i64::MAX);
    for (caller, number) in [(b, task.number), (a, nothing)] {
        assert_eq!(find(store, caller, number).await, None);
        for change in [TodoChange::Update(number, patch.clone()), TodoChange::Delete(number)] {
            assert_eq!(refused(store, caller, change).await, TodoError::NoSuchTask(number));
        }
    }
    assert_eq!(find(store, a, task.number).await, Some(task), "nothing was changed");
    let (titles, ..) = page(store, b, all()).await;
    assert!(!titles.contains(&"of A's alone".to_owned()), "{titles:?}");
}

pub(super) async fn an_update_changes_what_it_names(store: &dyn TodoStore, a: Caller) {
    let description = sure(TodoDescription::parse("two bottles"));
    let add = TodoChange::Add(NewTodo { title: title("Milk"), description: description.clone() });
    let task = change(store, a, add).await;
    assert_eq!(task.description, description);
    let update = |patch| change(store, a, TodoChange::Update(task.number, patch));

    let done = update(TodoPatch { completed: Some(true), ..TodoPatch::default() }).await;
    let expected = Todo { completed: true, updated_at: done.updated_at, ..task.clone() };
    assert_eq!(done, expected, "the rest stays as it was");
    assert!(done.updated_at >= task.updated_at);

    let patch = TodoPatch { completed: Some(true), ..TodoPatch::default() };
    let again = sure(store.change(a, Channel::Rest, &TodoChange::Update(task.number, patch)).await);
    let Ok(Effect::Updated { before, after }) = again else { panic!("it was updated: {again:?}") };
    assert_eq!(before, done, "an update tells what was before");
    assert_eq!(Todo { updated_at: done.updated_at, ..after }, done);

    let renamed = update(TodoPatch { title: Some(title("Oat milk")), ..TodoPatch::default() }).await;
    assert_eq!((renamed.title.as_str(), renamed.completed), ("Oat milk", true));
    assert_eq!(renamed.description, description);

    let bare = update(TodoPatch { description: Some(None), ..TodoPatch::default() }).await;
    assert_eq!((bare.title.as_str(), &bare.description), ("Oat milk", &None));
    let open = update(TodoPatch { completed: Some(false), ..TodoPatch::default() }).await;
    assert!(!open.completed);
    assert_eq!(find(store, a, task.number).await.as_ref(), Some(&open), "an update is kept");

    let unchanged = update(TodoPatch::default()).await;
    assert_eq!(Todo { updated_at: open.updated_at, ..unchanged }, open, "an empty patch changes nothing");
}

pub(super) async fn a_list_is_filtered(store: &dyn TodoStore, a: Caller) {
    let mark = unique("mark");
    let titles = [format!("{mark} 100%"), format!("{mark} A_b\\c"), format!("{mark} plain")];
    for title in &titles {
        change(store, a, add(title)).await;
    }
    let description = sure(TodoDescription::parse(&format!("Hidden {mark}")));
    let described =
        change(store, a, TodoChange::Add(NewTodo { title: title("by its description"), description })).await;
    let done = TodoPatch { completed: Some(true), ..TodoPatch::default() };
    change(store, a, TodoChange::Update(described.number, done)).await;
    let found = async |search: &str, status| {
        page(store, a, TodoFilter { search: Some(search.to_owned()), status, ..all() }).await.0
    };
    let by_text = found(&mark, StatusFilter::All).await;
    assert_eq!(by_text, ["by its description", &titles[2], &titles[1], &titles[0]], "newest first");
    assert_eq!(found(&mark.to_uppercase(), StatusFilter::All).await.len(), 4, "in any case");
    assert_eq!(found(&mark, StatusFilter::Completed).await, ["by its description"]);
    assert_eq!(found(&mark, StatusFilter::Pending).await.len(), 3);
    assert_eq!(found(&format!("{mark} 100%"), StatusFilter::All).await.len(), 1);
    for wildcard in ["%", " _____", " a_b%", " ______"] {
        let found = found(&format!("{mark}{wildcard}"), StatusFilter::All).await;
        assert_eq!(found.len(), 0, "{wildcard:?} is literal: {found:?}");
    }
    assert_eq!(found(&format!("{mark} a_B\\C"), StatusFilter::All).await, [titles[1].as_str()]);
}

pub(super) async fn a_list_comes_in_pages(store: &dyn TodoStore, b: Caller) {
    let mark = unique("page");
    let mut numbers = Vec::new();
    for count in 1..=5 {
        numbers.push(change(store, b, add(&format!("{mark} {count}"))).await.number);
    }
    let filter = |limit, before| TodoFilter { search: Some(mark.clone()), limit, before, ..all() };
    let titles = |counts: &[i32]| counts.iter().map(|n| format!("{mark} {n}")).collect::<Vec<_>>();
    assert_eq!(page(store, b, filter(2, None)).await, (titles(&[5, 4]), 5, true));
    let second = page(store, b, filter(2, Some(numbers[3]))).await;
    assert_eq!(second, (titles(&[3, 2]), 5, true), "the total is that of all pages");
    assert_eq!(page(store, b, filter(2, Some(numbers[1]))).await, (titles(&[1]), 5, false));
    assert_eq!(page(store, b, filter(2, Some(numbers[2]))).await, (titles(&[2, 1]), 5, false));
    assert_eq!(page(store, b, filter(2, Some(numbers[0]))).await, (vec![], 5, false));
    assert!(!page(store, b, filter(5, None)).await.2, "nothing follows a page that holds all");
    let uncounted = sure(store.list(b, &TodoFilter { counts: false, ..filter(2, None) }).await);
    assert_eq!((uncounted.todos.len(), uncounted.total, uncounted.more), (2, None, true));
}

pub(super) async fn additions_at_once_have_numbers_of_their_own(store: &dyn TodoStore, a: Caller) {
    let before = change(store, a, add("before")).await.number.0;
    let added = join_all((0..8).map(|count| change(store, a, add(&format!("at once {count}"))))).await;
    let mut numbers: Vec<i64> = added.iter().map(|todo| todo.number.0).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (before + 1..=before + 8).collect::<Vec<_>>(), "no number twice, none left out");
}

pub(super) async fn changes_at_once_all_count(store: &dyn TodoStore, a: Caller) {
    for round in 0..4 {
        let number = change(store, a, add("before")).await.number;
        let description = TodoDescription::parse("2 l").ok().flatten();
        let renamed = TodoPatch { title: Some(title(&format!("after {round}"))), ..TodoPatch::default() };
        let described = TodoPatch { description: Some(description.clone()), ..TodoPatch::default() };
        let completed = TodoPatch { completed: Some(true), ..TodoPatch::default() };
        let patches = [renamed, described, completed].map(|patch| TodoChange::Update(number, patch));
        join_all(patches.map(|patch| change(store, a, patch))).await;
        let Some(task) = find(store, a, number).await else { panic!("it is there") };
        assert_eq!(
            (task.title, task.description, task.completed),
            (title(&format!("after {round}")), description, true)
        );
    }
}

pub(super) async fn a_revoked_token_does_nothing(store: &dyn TodoStore, a: Caller) {
    let (_, before, _) = page(store, a, all()).await;
    let revoked = Caller { token_version: a.token_version + 1, ..a };
    for change in [add("never"), TodoChange::Delete(TaskNumber(1))] {
        let outcome = store.change(revoked, Channel::Rest, &change).await;
        assert!(matches!(outcome, Err(StoreError::UnknownCaller)), "{outcome:?}");
    }
    assert!(matches!(store.find(revoked, TaskNumber(1)).await, Err(StoreError::UnknownCaller)));
    assert!(matches!(store.list(revoked, &all()).await, Err(StoreError::UnknownCaller)));
    assert_eq!(page(store, a, all()).await.1, before);
}
