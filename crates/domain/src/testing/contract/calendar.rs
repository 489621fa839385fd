//! Calendars, and what they show.

use chrono::NaiveDate;

use super::fixture::{must, title};
use crate::{
    caller::Caller,
    due::Due,
    ports::{CalendarStore, IdGenerator, MAX_CALENDAR_TEXT, StoreError, TodoStore},
    request_channel::Channel,
    session::SecretHash,
    testing::RandomIdGenerator,
    time_zone::TimeZone,
    todo::{Todo, TodoDescription},
    todo_command::{NewTodo, TodoChange, TodoPatch},
};

/// A fresh secret.
fn secret() -> SecretHash {
    let (first, second) = (RandomIdGenerator.next(), RandomIdGenerator.next());
    let mut hash = [0; 32];
    hash[..16].copy_from_slice(first.as_bytes());
    hash[16..].copy_from_slice(second.as_bytes());
    SecretHash(hash)
}

fn due(date: &str) -> Due {
    Due::on(must(date.parse::<NaiveDate>()), TimeZone::UTC)
}

async fn make(store: &dyn TodoStore, caller: Caller, new: NewTodo) -> Todo {
    must(must(store.change(caller, Channel::Rest, &TodoChange::Add(new)).await)).into_task()
}

async fn complete(store: &dyn TodoStore, caller: Caller, todo: &Todo) {
    let patch = TodoPatch { completed: Some(true), ..TodoPatch::default() };
    must(must(store.change(caller, Channel::Rest, &TodoChange::Update(todo.number, patch)).await));
}

/// What the calendar shows, which must be there.
async fn shown(store: &dyn CalendarStore, secret: &SecretHash) -> Vec<Todo> {
    must(store.read(secret).await).unwrap_or_else(|| panic!("there is a calendar")).todos
}

pub(super) async fn a_calendar_is_there_while_its_secret_is(store: &dyn CalendarStore, a: Caller, b: Caller) {
    let (first, second, of_b) = (secret(), secret(), secret());
    assert!(!must(store.is_active(a).await));
    assert_eq!(must(store.read(&first).await), None);
    must(store.activate(a, &first).await);
    must(store.activate(b, &of_b).await);
    assert!(must(store.is_active(a).await));
    assert_eq!(must(store.read(&first).await).map(|calendar| calendar.user), Some(a.user));
    assert_eq!(must(store.read(&of_b).await).map(|calendar| calendar.user), Some(b.user));

    must(store.activate(a, &second).await);
    assert_eq!(must(store.read(&first).await), None, "the old secret ends at once");
    assert_eq!(must(store.read(&second).await).map(|calendar| calendar.user), Some(a.user));

    must(store.deactivate(a).await);
    must(store.deactivate(a).await);
    assert!(!must(store.is_active(a).await));
    assert_eq!(must(store.read(&second).await), None);
    assert!(must(store.is_active(b).await), "another's stays");
}

pub(super) async fn a_calendar_shows_what_is_to_be_done(
    store: &(impl CalendarStore + TodoStore),
    a: Caller,
    b: Caller,
) {
    let (of_a, of_b) = (secret(), secret());
    must(store.activate(a, &of_a).await);
    must(store.activate(b, &of_b).await);
    let dated = |name: &str, date| NewTodo { due: Some(due(date)), ..NewTodo::titled(title(name)) };
    let late = make(store, a, dated("late", "2091-05-02")).await;
    let at_nine = Due { time: chrono::NaiveTime::from_hms_opt(9, 0, 0), ..due("2091-05-02") };
    let early = make(store, a, NewTodo { due: Some(at_nine), ..NewTodo::titled(title("early")) }).await;
    let soon = make(store, a, dated("soon", "2091-05-01")).await;
    let long_ago = make(store, a, dated("long ago", "1951-05-01")).await;
    let lately = make(store, a, dated("lately", "1952-05-01")).await;
    make(store, a, NewTodo::titled(title("some day"))).await;
    let done = make(store, a, dated("done", "2091-05-01")).await;
    complete(store, a, &done).await;
    make(store, b, dated("of B's", "2091-05-01")).await;
    assert_eq!(shown(store, &of_a).await, [soon, early, late, lately, long_ago]);
    let titles =
        |todos: Vec<Todo>| todos.into_iter().map(|todo| todo.title.into_string()).collect::<Vec<_>>();
    assert_eq!(titles(shown(store, &of_b).await), ["of B's"]);
}

pub(super) async fn a_calendar_has_a_bounded_size(store: &(impl CalendarStore + TodoStore), a: Caller) {
    let secret = secret();
    must(store.activate(a, &secret).await);
    let before = shown(store, &secret).await.len();
    let description = must(TodoDescription::parse(&"🦀".repeat(2_000)));
    let room_for = MAX_CALENDAR_TEXT / 8_000;
    for _ in 0..=room_for {
        let new = NewTodo {
            description: description.clone(),
            due: Some(due("2090-01-01")),
            ..NewTodo::titled(title("long"))
        };
        make(store, a, new).await;
    }
    let todos = shown(store, &secret).await;
    let length = |todo: &Todo| {
        todo.title.as_str().len()
            + todo.description.as_ref().map_or(0, |description| description.as_str().len())
    };
    let bytes: usize = todos.iter().map(length).sum();
    assert!((MAX_CALENDAR_TEXT - 8_020..=MAX_CALENDAR_TEXT).contains(&bytes), "{bytes}");
    assert!(
        todos.iter().all(|todo| todo.title.as_str() == "long"),
        "the soonest are there, {before} others not"
    );
}

pub(super) async fn a_revoked_token_does_nothing(store: &dyn CalendarStore, a: Caller) {
    let kept = secret();
    must(store.activate(a, &kept).await);
    let revoked = Caller { token_version: a.token_version + 1, ..a };
    assert!(matches!(store.is_active(revoked).await, Err(StoreError::UnknownCaller)));
    assert!(matches!(store.activate(revoked, &secret()).await, Err(StoreError::UnknownCaller)));
    assert!(matches!(store.deactivate(revoked).await, Err(StoreError::UnknownCaller)));
    assert!(must(store.read(&kept).await).is_some());
}
