//! A todo list: numbers, filters, pages, and whose it is.

use chrono::{DateTime, TimeDelta};

use super::fixture::{add, all, must, title, unique};
use crate::{
    caller::Caller,
    due::{Due, DueRange},
    ports::{StoreError, TodoStore},
    request_channel::Channel,
    testing::join_all,
    time_zone::{LocalNow, TimeZone, WeekStart},
    todo::{TaskNumber, Todo, TodoDescription},
    todo_command::{NewTodo, TodoChange, TodoPatch},
    todo_filter::{StatusFilter, TodoFilter, TodoOrder, TodoPage},
    todo_outcome::{Effect, TodoError},
};

/// Makes a change and returns its task.
async fn change(store: &dyn TodoStore, caller: Caller, change: TodoChange) -> Todo {
    must(must(store.change(caller, Channel::Rest, &change).await)).into_task()
}

async fn find(store: &dyn TodoStore, caller: Caller, number: TaskNumber) -> Option<Todo> {
    must(store.find(caller, number).await)
}

async fn refused(store: &dyn TodoStore, caller: Caller, change: TodoChange) -> TodoError {
    match must(store.change(caller, Channel::Rest, &change).await) {
        Err(error) => error,
        Ok(effect) => panic!("expected an error: {effect:?}"),
    }
}

/// The titles of a page, the total and whether more follow.
async fn page(store: &dyn TodoStore, caller: Caller, filter: TodoFilter) -> (Vec<String>, i64, bool) {
    let TodoPage { todos, total, more } = must(store.list(caller, &filter).await);
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
    let deleted = change(store, a, TodoChange::Delete(TaskNumber(2), None)).await;
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
        for change in [TodoChange::Update(number, patch.clone()), TodoChange::Delete(number, None)] {
            assert_eq!(refused(store, caller, change).await, TodoError::NoSuchTask(number));
        }
    }
    assert_eq!(find(store, a, task.number).await, Some(task), "nothing was changed");
    let (titles, ..) = page(store, b, all()).await;
    assert!(!titles.contains(&"of A's alone".to_owned()), "{titles:?}");
}

pub(super) async fn an_update_changes_what_it_names(store: &dyn TodoStore, a: Caller) {
    let description = must(TodoDescription::parse("two bottles"));
    let add = TodoChange::Add(NewTodo { description: description.clone(), ..NewTodo::titled(title("Milk")) });
    let task = change(store, a, add).await;
    assert_eq!(task.description, description);
    let update = |patch| change(store, a, TodoChange::Update(task.number, patch));

    let done = update(TodoPatch { completed: Some(true), ..TodoPatch::default() }).await;
    let expected = Todo {
        completed: true,
        completed_at: done.completed_at,
        revision: task.revision + 1,
        updated_at: done.updated_at,
        ..task.clone()
    };
    assert_eq!(done, expected, "the rest stays as it was");
    assert!(done.updated_at >= task.updated_at);
    assert_eq!(done.completed_at, Some(done.updated_at), "it is known since when it is done");

    let patch = TodoPatch { completed: Some(true), ..TodoPatch::default() };
    let again = must(store.change(a, Channel::Rest, &TodoChange::Update(task.number, patch)).await);
    let Ok(Effect::Updated { before, after }) = again else { panic!("it was updated: {again:?}") };
    assert_eq!(before, done, "an update tells what was before");
    let expected = Todo { revision: done.revision + 1, updated_at: after.updated_at, ..done.clone() };
    assert_eq!(after, expected, "it is done since the first time");

    let renamed = update(TodoPatch { title: Some(title("Oat milk")), ..TodoPatch::default() }).await;
    assert_eq!((renamed.title.as_str(), renamed.completed), ("Oat milk", true));
    assert_eq!(renamed.description, description);

    let bare = update(TodoPatch { description: Some(None), ..TodoPatch::default() }).await;
    assert_eq!((bare.title.as_str(), &bare.description), ("Oat milk", &None));
    let open = update(TodoPatch { completed: Some(false), ..TodoPatch::default() }).await;
    assert_eq!((open.completed, open.completed_at), (false, None));
    assert_eq!(find(store, a, task.number).await.as_ref(), Some(&open), "an update is kept");

    let unchanged = update(TodoPatch::default()).await;
    let expected = Todo { revision: open.revision + 1, updated_at: unchanged.updated_at, ..open };
    assert_eq!(unchanged, expected, "an empty patch changes nothing");
}

pub(super) async fn a_stale_change_is_refused(store: &dyn TodoStore, a: Caller) {
    let task = change(store, a, add("first")).await;
    let patch = |text: &str, revision| TodoPatch {
        title: Some(title(text)),
        expected_revision: Some(revision),
        ..TodoPatch::default()
    };
    let second = change(store, a, TodoChange::Update(task.number, patch("second", task.revision))).await;
    assert_eq!(second.revision, task.revision + 1);
    let stale = patch("third", task.revision);
    for change in [TodoChange::Update(task.number, stale), TodoChange::Delete(task.number, Some(1))] {
        assert_eq!(refused(store, a, change).await, TodoError::Changed(Box::new(second.clone())));
    }
    assert_eq!(find(store, a, task.number).await.as_ref(), Some(&second), "nothing was changed");
    let nothing = TaskNumber(i64::MAX);
    let gone = refused(store, a, TodoChange::Update(nothing, patch("third", 1))).await;
    assert_eq!(gone, TodoError::NoSuchTask(nothing));
    change(store, a, TodoChange::Delete(task.number, Some(second.revision))).await;
}

/// Friday, 27 November 2026, 10:00 in Berlin.
fn friday() -> LocalNow {
    let now = DateTime::from_timestamp(1_795_770_000, 0).unwrap_or_default();
    LocalNow { zone: must(TimeZone::parse("Europe/Berlin")), now }
}

pub(super) async fn tasks_are_due(store: &dyn TodoStore, a: Caller) {
    let mark = unique("due");
    let berlin = friday().zone;
    let due = |text: &str, zone| Some(must(Due::parse(text, zone)));
    let far = must(TimeZone::parse("Pacific/Auckland"));
    for (text, due) in [
        ("undated", None),
        ("next week", due("2026-12-01", berlin)),
        ("tonight", due("2026-11-27T20:15", berlin)),
        ("at nine", due("2026-11-27T09:00", berlin)),
        ("all day", due("2026-11-27", berlin)),
        ("yesterday", due("2026-11-26", berlin)),
        ("tomorrow", due("2026-11-28", berlin)),
        // It is 22:00 on Friday there: one hour ago.
        ("far away", due("2026-11-27T21:00", far)),
    ] {
        let title = title(&format!("{mark} {text}"));
        let new = NewTodo { due, ..NewTodo::titled(title) };
        let added = change(store, a, TodoChange::Add(new)).await;
        assert_eq!(added.due, due, "what was meant is kept: {text}");
        assert_eq!(find(store, a, added.number).await, Some(added));
    }
    let found = async |due| {
        let filter = TodoFilter {
            search: Some(mark.clone()),
            due: Some((due, friday())),
            order: TodoOrder::Due,
            ..all()
        };
        let (titles, total, _) = page(store, a, filter).await;
        assert_eq!(total, i64::try_from(titles.len()).unwrap_or_default());
        titles.iter().map(|title| title[mark.len() + 1..].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found(DueRange::Today).await, ["at nine", "tonight", "far away", "all day"]);
    assert_eq!(found(DueRange::Overdue).await, ["yesterday", "at nine", "far away"]);
    assert_eq!(found(DueRange::Tomorrow).await, ["tomorrow"]);
    assert_eq!(found(DueRange::Undated).await, ["undated"]);
    let week = found(DueRange::Week(WeekStart::Monday)).await;
    assert_eq!(week, ["at nine", "tonight", "far away", "all day", "tomorrow"]);
    assert_eq!(found(DueRange::Week(WeekStart::Saturday)).await.len(), 4, "their week ends today");
    let from = must(Due::parse("2026-11-28", berlin)).date;
    let later = found(DueRange::Between { from: Some(from), to: None }).await;
    assert_eq!(later, ["tomorrow", "next week"]);
    let until = found(DueRange::Between { from: None, to: Some(from) }).await;
    assert_eq!((until.len(), until[0].as_str()), (6, "yesterday"));

    let in_order = |limit, offset| TodoFilter {
        search: Some(mark.clone()),
        order: TodoOrder::Due,
        limit,
        offset,
        ..all()
    };
    let (titles, total, more) = page(store, a, in_order(3, 0)).await;
    assert_eq!((titles[0].ends_with("yesterday"), titles.len(), total, more), (true, 3, 8, true));
    let (titles, _, more) = page(store, a, in_order(3, 6)).await;
    assert_eq!((titles.len(), titles[1].ends_with("undated"), more), (2, true, false), "{titles:?}");
}

pub(super) async fn a_due_day_is_moved_and_cleared(store: &dyn TodoStore, a: Caller) {
    let berlin = friday().zone;
    let task = change(store, a, add("movable")).await;
    assert_eq!(task.due, None);
    let update = |due| TodoChange::Update(task.number, TodoPatch { due: Some(due), ..TodoPatch::default() });
    for text in ["2026-11-28", "2026-10-25T02:30", "2027-03-28T02:30", "2028-02-29"] {
        let due = Some(must(Due::parse(text, berlin)));
        assert_eq!(change(store, a, update(due)).await.due, due);
        assert_eq!(find(store, a, task.number).await.and_then(|task| task.due), due);
    }
    let renamed = TodoPatch { title: Some(title("moved")), ..TodoPatch::default() };
    let renamed = change(store, a, TodoChange::Update(task.number, renamed)).await;
    assert!(renamed.due.is_some(), "it stays when it is not named");
    assert_eq!(change(store, a, update(None)).await.due, None);
}

pub(super) async fn what_was_done_lately_is_found(store: &dyn TodoStore, a: Caller) {
    let task = change(store, a, add(&unique("done"))).await;
    let done = TodoPatch { completed: Some(true), ..TodoPatch::default() };
    let done = change(store, a, TodoChange::Update(task.number, done)).await;
    let since = async |since| {
        let filter = TodoFilter {
            search: Some(done.title.as_str().to_owned()),
            completed_since: Some(since),
            ..all()
        };
        page(store, a, filter).await.0.len()
    };
    let Some(at) = done.completed_at else { panic!("it is done") };
    assert_eq!((since(at).await, since(at + TimeDelta::microseconds(1)).await), (1, 0));
    let open = TodoPatch { completed: Some(false), ..TodoPatch::default() };
    change(store, a, TodoChange::Update(task.number, open)).await;
    assert_eq!(since(DateTime::UNIX_EPOCH).await, 0, "it is open");
}

pub(super) async fn a_list_is_filtered(store: &dyn TodoStore, a: Caller) {
    let mark = unique("mark");
    let titles = [format!("{mark} 100%"), format!("{mark} A_b\\c"), format!("{mark} plain")];
    for title in &titles {
        change(store, a, add(title)).await;
    }
    let description = must(TodoDescription::parse(&format!("Hidden {mark}")));
    let described = change(
        store,
        a,
        TodoChange::Add(NewTodo { description, ..NewTodo::titled(title("by its description")) }),
    )
    .await;
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
    let uncounted = must(store.list(b, &TodoFilter { counts: false, ..filter(2, None) }).await);
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
    // What a change like this comes to depends on the task, which is not looked at either.
    let skip = TodoChange::Update(TaskNumber(1), TodoPatch { skip: true, ..TodoPatch::default() });
    for change in [add("never"), skip, TodoChange::Delete(TaskNumber(1), None)] {
        let outcome = store.change(revoked, Channel::Rest, &change).await;
        assert!(matches!(outcome, Err(StoreError::UnknownCaller)), "{outcome:?}");
    }
    assert!(matches!(store.find(revoked, TaskNumber(1)).await, Err(StoreError::UnknownCaller)));
    assert!(matches!(store.list(revoked, &all()).await, Err(StoreError::UnknownCaller)));
    assert_eq!(page(store, a, all()).await.1, before);
}
