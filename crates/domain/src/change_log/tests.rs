use chrono::{Days, TimeDelta};

use super::*;
use crate::{
    due::Due,
    priority::Priority,
    repeat::Repeat,
    testing::sample_todo,
    time_zone::{PersonalTime, TimeZone},
    todo::TodoTitle,
};

fn task() -> Todo {
    sample_todo(7, "Water the plants")
}

fn change(before: Option<Todo>, after: Option<Todo>, undoes: &[i64]) -> LoggedChange {
    LoggedChange {
        id: ChangeId(9),
        number: TaskNumber(7),
        before,
        after,
        channel: ChannelKind::Rest,
        turn: None,
        conversation: None,
        program: None,
        at: DateTime::UNIX_EPOCH,
        undoes: undoes.iter().copied().map(ChangeId).collect(),
        undone_by: None,
    }
}

fn kind(before: Option<Todo>, after: Option<Todo>, undoes: &[i64]) -> ChangeKind {
    change(before, after, undoes).kind()
}

#[test]
fn a_change_is_called_what_it_did() {
    let open = task();
    let done = Todo { completed: true, completed_at: Some(DateTime::UNIX_EPOCH), revision: 2, ..task() };
    let high = Todo { priority: Priority::High, revision: 2, ..task() };
    assert_eq!(kind(None, Some(open.clone()), &[]), ChangeKind::Added);
    assert_eq!(kind(None, Some(open.clone()), &[3]), ChangeKind::Restored);
    assert_eq!(kind(Some(open.clone()), None, &[]), ChangeKind::Deleted);
    assert_eq!(kind(Some(open.clone()), Some(done.clone()), &[]), ChangeKind::Completed);
    assert_eq!(kind(Some(done), Some(open.clone()), &[]), ChangeKind::Reopened);
    assert_eq!(kind(Some(open), Some(high), &[]), ChangeKind::Updated);
}

#[test]
fn a_task_that_goes_on_at_its_next_date_was_repeated_and_one_that_is_moved_was_not() {
    let today = DateTime::UNIX_EPOCH.date_naive();
    let on = |days: u64| Due::on(today.checked_add_days(Days::new(days)).unwrap(), TimeZone::UTC);
    let repeat = Some(Repeat::parse("every week", today).unwrap());
    let before = Todo { due: Some(on(0)), repeat, ..task() };
    let later = DateTime::UNIX_EPOCH + TimeDelta::hours(1);
    let after = |days| Todo { due: Some(on(days)), revision: 2, updated_at: later, ..before.clone() };
    assert_eq!(kind(Some(before.clone()), Some(after(7)), &[]), ChangeKind::Repeated);
    assert_eq!(kind(Some(before.clone()), Some(after(3)), &[]), ChangeKind::Updated);
}

#[test]
fn the_words_of_a_change_say_what_is_different() {
    let local = PersonalTime::utc("2026-11-28T12:00:00Z".parse().unwrap()).local;
    let before = Todo { title: TodoTitle::parse("Milk").unwrap(), ..task() };
    let due = |text| Due::parse(text, local.zone).unwrap();
    let details = |before: &Todo, after: &Todo| {
        change(Some(before.clone()), Some(after.clone()), &[]).details(local).unwrap_or_default()
    };
    assert_eq!(details(&before, &before), "");
    assert_eq!(details(&before, &Todo { position: 7, ..before.clone() }), "moved in the list");
    let renamed = Todo { title: TodoTitle::parse("Oat milk").unwrap(), ..before.clone() };
    assert_eq!(details(&before, &renamed), "was called 'Milk'");
    let moved = Todo { due: Some(due("2026-11-30T09:00")), priority: Priority::High, ..before.clone() };
    assert_eq!(details(&before, &moved), "due Monday, 30 November, 9:00, priority high instead of none");
    let again = Todo { due: Some(due("2026-12-01")), ..moved.clone() };
    assert_eq!(details(&moved, &again), "due Tuesday, 1 December instead of Monday, 30 November, 9:00");
    let part = Todo { parent: Some(TaskNumber(3)), ..before.clone() };
    assert_eq!(details(&before, &part), "now a part of task 3");
    assert_eq!(details(&part, &before), "no longer a part of task 3");
    assert_eq!(change(None, Some(before), &[]).details(local), None);
}

#[test]
fn a_day_is_the_person_s_own() {
    let zone = TimeZone::parse("America/New_York").unwrap();
    let day: NaiveDate = "2026-11-28".parse().unwrap();
    let filter = ChangeFilter::default().on_days(Some(day), Some(day), zone);
    let at = |time: &str| LoggedChange { at: time.parse().unwrap(), ..change(None, Some(task()), &[]) };
    assert!(!filter.matches(&at("2026-11-28T04:59:59Z")));
    assert!(filter.matches(&at("2026-11-28T05:00:00Z")));
    assert!(filter.matches(&at("2026-11-29T04:59:59Z")));
    assert!(!filter.matches(&at("2026-11-29T05:00:00Z")));
    // The day on which the clock is put back has 25 hours.
    let long: NaiveDate = "2026-11-01".parse().unwrap();
    let filter = ChangeFilter::default().on_days(Some(long), Some(long), zone);
    assert_eq!(filter.until.unwrap() - filter.from.unwrap(), TimeDelta::hours(25));
}
