use chrono::{Days, TimeDelta};

use super::*;
use crate::{due::Due, priority::Priority, repeat::Repeat, tags::Tags, time_zone::TimeZone, todo::TodoTitle};

fn task() -> Todo {
    let now = DateTime::UNIX_EPOCH;
    Todo {
        number: TaskNumber(7),
        title: TodoTitle::parse("Water the plants").unwrap(),
        description: None,
        completed: false,
        due: None,
        priority: Priority::None,
        tags: Tags::default(),
        repeat: None,
        parent: None,
        open_subtasks: 0,
        position: 0,
        completed_at: None,
        revision: 1,
        created_at: now,
        updated_at: now,
    }
}

fn kind(before: Option<Todo>, after: Option<Todo>, undoes: &[i64]) -> ChangeKind {
    LoggedChange {
        id: ChangeId(9),
        number: TaskNumber(7),
        before,
        after,
        channel: ChannelKind::Rest,
        turn: None,
        conversation: None,
        at: DateTime::UNIX_EPOCH,
        undoes: undoes.iter().copied().map(ChangeId).collect(),
        undone_by: None,
    }
    .kind()
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
