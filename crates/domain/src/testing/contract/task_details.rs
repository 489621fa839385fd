//! The fields of a task beside its words (priority, tags, repeats), and how they are found.

use super::fixture::{add, all, local, must, title, unique};
use crate::{
    caller::Caller,
    due::Due,
    natural_language_dates::{self, ParsedDate},
    ports::TodoStore,
    priority::Priority,
    repeat::Repeat,
    request_channel::Channel,
    tags::Tags,
    todo::{Todo, TodoDescription},
    todo_command::{NewTodo, RequestedRepeat, TodoChange, TodoPatch},
    todo_filter::{TodoFilter, TodoOrder},
    todo_outcome::{Effect, TodoError},
};

async fn change(store: &dyn TodoStore, caller: Caller, change: TodoChange) -> Effect {
    must(must(store.change(caller, Channel::Rest, &change).await))
}

async fn titles(store: &dyn TodoStore, caller: Caller, filter: TodoFilter) -> Vec<String> {
    let page = must(store.list(caller, &filter).await);
    assert_eq!(page.total, i64::try_from(page.todos.len()).ok(), "all are counted");
    page.todos.into_iter().map(|todo| todo.title.into_string()).collect()
}

fn tags(given: &[&str]) -> Tags {
    must(Tags::parse(given.iter().map(|tag| (*tag).to_owned()).collect()))
}

pub(super) async fn priorities_and_tags_are_kept_and_found(store: &dyn TodoStore, a: Caller) {
    let mark = unique("filed");
    for (name, priority, given) in [
        ("low", Priority::Low, tags(&["Caf\u{e9}"])),
        ("high", Priority::High, tags(&["home", "Work"])),
        ("none", Priority::None, tags(&[])),
    ] {
        let new =
            NewTodo { priority, tags: given.clone(), ..NewTodo::titled(title(&format!("{mark} {name}"))) };
        let task = change(store, a, TodoChange::Add(new)).await.into_task();
        assert_eq!((task.priority, &task.tags), (priority, &given));
        assert_eq!(must(store.find(a, task.number).await), Some(task));
    }
    let filter = || TodoFilter { search: Some(mark.clone()), ..all() };
    let names =
        |found: Vec<String>| found.iter().map(|title| title[mark.len() + 1..].to_owned()).collect::<Vec<_>>();
    let by_tag =
        async |tag: &str| names(titles(store, a, TodoFilter { tag: Some(tag.into()), ..filter() }).await);
    assert_eq!(by_tag("WORK").await, ["high"]);
    assert_eq!(by_tag("#cafe\u{301}").await, ["low"], "however it is written");
    assert!(by_tag("wor").await.is_empty(), "a tag is whole");
    let high = TodoFilter { priority: Some(Priority::High), ..filter() };
    assert_eq!(names(titles(store, a, high).await), ["high"]);
    let ordered = TodoFilter { order: TodoOrder::Priority, ..filter() };
    assert_eq!(names(titles(store, a, ordered).await), ["high", "low", "none"]);
    let by_words = TodoFilter { search: Some(format!("{mark} work")), ..all() };
    assert_eq!(names(titles(store, a, by_words).await), ["high"], "a tag is found by words");
}

pub(super) async fn a_time_of_day_is_kept_where_it_is_wished(store: &dyn TodoStore, a: Caller) {
    let due = |text: &str| must(Due::parse(text, local().zone));
    let new = NewTodo { due: Some(due("2026-11-27T09:00")), ..NewTodo::titled(title("rent")) };
    let task = change(store, a, TodoChange::Add(new)).await.into_task();
    let moved = async |text: &str, keeps_time| {
        let patch = TodoPatch { due: Some(Some(due(text))), keeps_time, ..TodoPatch::default() };
        change(store, a, TodoChange::Update(task.number, patch)).await.into_task().due
    };
    assert_eq!(moved("2026-11-30", true).await, Some(due("2026-11-30T09:00")));
    assert_eq!(moved("2026-12-01T08:00", true).await, Some(due("2026-12-01T08:00")));
    assert_eq!(moved("2026-12-02", false).await, Some(due("2026-12-02")));
}

pub(super) async fn a_day_is_kept_where_only_a_time_is_given(store: &dyn TodoStore, a: Caller) {
    // Far ahead, so that today plays no part.
    let due = must(Due::parse("2094-12-30T09:00", local().zone));
    let moved = async |text: &str, new: NewTodo| {
        let Some(ParsedDate { due: without_day, time_alone }) = natural_language_dates::parse(text, local())
        else {
            panic!("it is a time")
        };
        let task = change(store, a, TodoChange::Add(new)).await.into_task();
        let patch = TodoPatch { due: Some(Some(without_day)), time_alone, ..TodoPatch::default() };
        let update = TodoChange::Update(task.number, patch);
        let moved = change(store, a, update.clone()).await.into_task();
        assert_eq!(
            change(store, a, update).await.into_task().due,
            moved.due,
            "a second time changes nothing"
        );
        moved.due.map(Due::to_text)
    };
    let dated = NewTodo { due: Some(due), ..NewTodo::titled(title("dentist")) };
    assert_eq!(moved("3pm", dated.clone()).await.as_deref(), Some("2094-12-30T15:00"));
    // The midnight at the end of the day, and not one day later each time it is said.
    assert_eq!(moved("midnight", dated).await.as_deref(), Some("2094-12-31T00:00"));
    let without_day = natural_language_dates::resolve("3pm", local()).map(Due::to_text);
    assert_eq!(moved("3pm", NewTodo::titled(title("dentist"))).await, without_day);
}

pub(super) async fn tags_are_added_replaced_and_bounded(store: &dyn TodoStore, a: Caller) {
    let task = change(store, a, add("tagged")).await.into_task();
    let update = |patch| TodoChange::Update(task.number, patch);
    let more = |given: &[&str]| TodoPatch { add_tags: tags(given), ..TodoPatch::default() };
    change(store, a, update(more(&["Home"]))).await;
    let added = change(store, a, update(more(&["home", "garden"]))).await.into_task();
    assert_eq!(added.tags.as_slice(), ["Home", "garden"], "what is there already stays as it is");
    let replaced = TodoPatch {
        tags: Some(tags(&["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"])),
        priority: Some(Priority::Medium),
        ..TodoPatch::default()
    };
    let replaced = change(store, a, update(replaced)).await.into_task();
    assert_eq!((replaced.tags.as_slice().len(), replaced.priority), (10, Priority::Medium));
    let refused = must(store.change(a, Channel::Rest, &update(more(&["11"]))).await);
    assert!(matches!(refused, Err(TodoError::Invalid(_))), "{refused:?}");
    assert_eq!(must(store.find(a, task.number).await), Some(replaced), "nothing was changed");
}

pub(super) async fn a_repeating_task_comes_back(store: &dyn TodoStore, a: Caller) {
    let zone = local().zone;
    // Far ahead, so that today plays no part.
    let due = must(Due::parse("2094-12-30T09:00", zone));
    let repeat = must(Repeat::parse("every 2 days", due.date));
    let new = NewTodo { due: Some(due), repeat: Some(repeat), ..NewTodo::titled(title("Water")) };
    let task = change(store, a, TodoChange::Add(new)).await.into_task();
    assert_eq!((task.repeat, task.due), (Some(repeat), Some(due)));
    let update = |patch| TodoChange::Update(task.number, patch);
    let done = TodoPatch { completed: Some(true), ..TodoPatch::default() };
    let Effect::Repeated { before, after } = change(store, a, update(done.clone())).await else {
        panic!("it goes on");
    };
    assert_eq!(before, task);
    let next = |text: &str| Some(must(Due::parse(text, zone)));
    assert_eq!((after.due, after.completed, after.number), (next("2095-01-01T09:00"), false, task.number));
    let skip = TodoPatch { skip: true, ..TodoPatch::default() };
    let skipped = change(store, a, update(skip.clone())).await;
    assert!(matches!(skipped, Effect::Updated { .. }), "nothing is done");
    assert_eq!(skipped.into_task().due, next("2095-01-03T09:00"));
    let stop = TodoPatch { repeat: Some(None), ..TodoPatch::default() };
    assert_eq!(change(store, a, update(stop)).await.into_task().repeat, None);
    let refused = must(store.change(a, Channel::Rest, &update(skip)).await);
    assert_eq!(refused, Err(TodoError::NotRepeating(task.number)));
    let again = TodoPatch {
        repeat: Some(Some(must(RequestedRepeat::parse("monthly", local())))),
        ..TodoPatch::default()
    };
    let again = change(store, a, update(again)).await.into_task();
    assert_eq!(again.repeat.map(Repeat::to_text).as_deref(), Some("FREQ=MONTHLY;BYMONTHDAY=3"));
    assert_eq!(again.due, next("2095-01-03T09:00"));
    let undated = TodoPatch { due: Some(None), ..TodoPatch::default() };
    let undated = change(store, a, update(undated)).await.into_task();
    assert_eq!((undated.due, undated.repeat), (None, None));
    let done = change(store, a, update(done)).await.into_task();
    assert!(done.completed, "what does not come back is done");
}

/// A change that depends on the task and two that do not, all at once.
pub(super) async fn one_time_is_done_once(store: &dyn TodoStore, a: Caller) {
    let due = must(Due::parse("2094-12-30", local().zone));
    let repeat = must(Repeat::parse("every day", due.date));
    let new = NewTodo { due: Some(due), repeat: Some(repeat), ..NewTodo::titled(title("Stretch")) };
    let task = change(store, a, TodoChange::Add(new)).await.into_task();
    let done = TodoPatch { completed: Some(true), ..TodoPatch::default() };
    let done = TodoChange::Update(task.number, TodoPatch { expected_revision: Some(task.revision), ..done });
    let all = crate::testing::join_all((0..4).map(|_| store.change(a, Channel::Rest, &done))).await;
    let worked = all.into_iter().map(must).filter(Result::is_ok).count();
    assert_eq!(worked, 1, "the others were stale");
    let Some(after) = must(store.find(a, task.number).await) else { panic!("it is there") };
    assert_eq!(after.due.map(Due::to_text).as_deref(), Some("2094-12-31"));
}

pub(super) async fn what_a_person_would_call_the_same_is_found(store: &dyn TodoStore, b: Caller) {
    let described = |text: &str| must(TodoDescription::parse(text));
    let with = |text: &str, description: &str| {
        TodoChange::Add(NewTodo { description: described(description), ..NewTodo::titled(title(text)) })
    };
    for (text, description) in [
        ("Cafe\u{301} Zentral", ""),
        ("\u{3a3}\u{399}\u{3a3}\u{3a5}\u{3a6}\u{39f}\u{3a3}", ""),
        ("Hauptstra\u{df}e fegen", ""),
        ("\u{130}stanbul", ""),
        ("Milk", "oat, two bottles"),
        ("Buy milk", ""),
        ("Almond milk and bread", ""),
        ("Milkshake", ""),
        ("Ask Ann", "about the milk"),
        ("50% off_x", ""),
    ] {
        change(store, b, with(text, description)).await;
    }
    let found = async |search: &str| {
        let filter = TodoFilter { search: Some(search.into()), order: TodoOrder::BestMatch, ..all() };
        titles(store, b, filter).await
    };
    for (search, expected) in [
        ("caf\u{e9}", "Cafe\u{301} Zentral"),
        ("CAFE", "Cafe\u{301} Zentral"),
        ("zentral cafe", "Cafe\u{301} Zentral"),
        (
            "\u{3c3}\u{3af}\u{3c3}\u{3c5}\u{3c6}\u{3bf}\u{3c2}",
            "\u{3a3}\u{399}\u{3a3}\u{3a5}\u{3a6}\u{39f}\u{3a3}",
        ),
        ("HAUPTSTRASSE", "Hauptstra\u{df}e fegen"),
        ("istanbul", "\u{130}stanbul"),
        ("bottles milk", "Milk"),
        ("50%", "50% off_x"),
        ("off_", "50% off_x"),
    ] {
        assert_eq!(found(search).await, [expected], "{search}");
    }
    let best = found("milk").await;
    assert_eq!(
        best,
        ["Milk", "Milkshake", "Almond milk and bread", "Buy milk", "Ask Ann"],
        "the best match first"
    );
    for nothing in ["offx", "%5", "caf_", "milk bread tea"] {
        assert!(found(nothing).await.is_empty(), "{nothing}");
    }
    // A renamed task is found by its new words and no more by the old ones.
    let page = must(store.list(b, &TodoFilter { search: Some("istanbul".into()), ..all() }).await);
    let Some(Todo { number, .. }) = page.todos.first() else { panic!("it is there") };
    let patch = TodoPatch {
        title: Some(title("Ankara")),
        description: Some(described("by train")),
        ..TodoPatch::default()
    };
    change(store, b, TodoChange::Update(*number, patch)).await;
    assert!(found("istanbul").await.is_empty());
    assert_eq!(found("train ankara").await, ["Ankara"]);
}
