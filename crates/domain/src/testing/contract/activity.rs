//! The log of changes: every change is recorded, and its owner reads it.

use chrono::{DateTime, TimeDelta, Utc};

use super::fixture::{Fixture, add, local, must, new_todo, number_of, planned, title, unique};
use crate::{
    caller::Caller,
    change_log::{ChangeFilter, ChangeKind, ChangePage, LoggedChange},
    ports::{ChangeLog, StoreError},
    request_channel::{Channel, ChannelKind},
    step::{Action, PlannedStep},
    todo::{TaskNumber, Todo},
    todo_command::{NewTodo, TodoChange, TodoCommand, TodoPatch},
    tool::{self, EffectKind},
};

fn newest(limit: i64) -> ChangeFilter {
    ChangeFilter { limit, ..ChangeFilter::default() }
}

fn of_task(number: TaskNumber) -> ChangeFilter {
    ChangeFilter { task: Some(number), ..newest(50) }
}

async fn read(log: &dyn ChangeLog, caller: Caller, filter: &ChangeFilter) -> ChangePage {
    must(log.changes(caller, filter).await)
}

fn kinds(page: &ChangePage) -> Vec<ChangeKind> {
    page.changes.iter().map(LoggedChange::kind).collect()
}

impl Fixture<'_> {
    async fn makes(&self, change: TodoChange) -> Todo {
        must(must(self.todos.change(self.a, Channel::Rest, &change).await)).into_task()
    }
}

pub(super) async fn every_change_is_on_record(fixture: &Fixture<'_>, log: &dyn ChangeLog) {
    let first = fixture.makes(add("Milk")).await;
    let update = |patch| TodoChange::Update(first.number, patch);
    let renamed = TodoPatch { title: Some(title("Oat milk")), ..TodoPatch::default() };
    let done = |completed| TodoPatch { completed: Some(completed), ..TodoPatch::default() };
    let renamed = fixture.makes(update(renamed)).await;
    let completed = fixture.makes(update(done(true))).await;
    let reopened = fixture.makes(update(done(false))).await;
    fixture.makes(TodoChange::Delete(first.number, None)).await;
    let page = read(log, fixture.a, &of_task(first.number)).await;
    use ChangeKind::{Added, Completed, Deleted, Reopened, Updated};
    assert_eq!(kinds(&page), [Deleted, Reopened, Completed, Updated, Added]);
    let states: Vec<_> = page.changes.iter().map(|change| (&change.before, &change.after)).collect();
    let some = |todo: &Todo| Some(todo.clone());
    assert_eq!(states[4], (&None, &some(&first)));
    assert_eq!(states[3], (&some(&first), &some(&renamed)));
    assert_eq!(states[2], (&some(&renamed), &some(&completed)));
    assert_eq!(states[0], (&some(&reopened), &None));
    assert!(page.changes.iter().all(|change| change.channel == ChannelKind::Rest));
    assert!(page.changes.windows(2).all(|pair| pair[0].id > pair[1].id), "the newest comes first");
}

/// A task that is deleted changes those under it first, so that taking back what was last begins with itself.
pub(super) async fn what_a_deletion_does_to_subtasks_is_on_record(
    fixture: &Fixture<'_>,
    log: &dyn ChangeLog,
) {
    let parent = fixture.makes(add(&unique("Trip"))).await;
    let new = || NewTodo { parent: Some(parent.number), ..new_todo("Bags") };
    let below = [fixture.makes(TodoChange::Add(new())).await, fixture.makes(TodoChange::Add(new())).await];
    fixture.makes(TodoChange::Delete(parent.number, None)).await;
    let changes = read(log, fixture.a, &newest(3)).await.changes;
    assert_eq!((changes[0].number, changes[0].kind()), (parent.number, ChangeKind::Deleted));
    for (change, task) in changes[1..].iter().zip(below.iter().rev()) {
        let now = must(fixture.todos.find(fixture.a, task.number).await);
        assert_eq!((change.number, change.kind()), (task.number, ChangeKind::Updated));
        assert_eq!((&change.before, &change.after), (&Some(task.clone()), &now));
        let freed = now.map(|now| (now.parent, now.revision));
        assert_eq!(freed, Some((None, task.revision + 1)));
        assert_eq!((change.channel, change.at), (ChannelKind::Rest, changes[0].at));
    }
}

pub(super) async fn a_change_by_the_assistant_names_its_turn(fixture: &Fixture<'_>, log: &dyn ChangeLog) {
    let (turn, call) = fixture.opened_with_task(&unique("Bread")).await;
    let page = read(log, fixture.a, &newest(1)).await;
    let change = &page.changes[0];
    let through = (change.channel, change.turn);
    assert_eq!((change.number, through), (number_of(&call), (ChannelKind::Chat, Some(turn.lease.turn))));
    assert_eq!(change.conversation, Some(turn.lease.conversation));
    let look = planned("list_changes", Action::Apply(TodoCommand::Changes(of_task(number_of(&call)))));
    let step = PlannedStep { text: String::new(), calls: vec![look], local: local() };
    let results = must(fixture.turns.commit_step(&turn.lease, 1, &step).await);
    let told = tool::changes_told_by(&results[0]);
    assert_eq!((told[0].kind, told[0].number), (EffectKind::Added, number_of(&call).0), "{results:?}");
    assert!(tool::effects_of(&results[0]).is_empty(), "a look changes nothing");
    fixture.finished(&turn.lease, "Done.").await;
}

pub(super) async fn a_log_is_read_in_pages_by_task_and_by_time(fixture: &Fixture<'_>, log: &dyn ChangeLog) {
    let task = fixture.makes(add("counted")).await;
    for number in 0..4 {
        let patch = TodoPatch { title: Some(title(&format!("counted {number}"))), ..TodoPatch::default() };
        fixture.makes(TodoChange::Update(task.number, patch)).await;
        fixture.makes(add("another")).await;
    }
    let all = read(log, fixture.a, &of_task(task.number)).await;
    assert_eq!((all.changes.len(), all.more), (5, false));
    let mut pages = Vec::new();
    let mut filter = ChangeFilter { limit: 2, ..of_task(task.number) };
    loop {
        let page = read(log, fixture.a, &filter).await;
        filter.before = page.changes.last().map(|change| change.id);
        pages.extend(page.changes);
        if !page.more {
            break;
        }
    }
    assert_eq!(pages, all.changes, "pages hold each change once");

    let at = all.changes[0].at;
    let within = async |from: DateTime<Utc>, until: DateTime<Utc>| {
        let filter = ChangeFilter { from: Some(from), until: Some(until), ..of_task(task.number) };
        read(log, fixture.a, &filter).await.changes
    };
    let moment = TimeDelta::microseconds(1);
    assert!(within(at, at + moment).await.contains(&all.changes[0]));
    assert!(!within(at + moment, at + TimeDelta::days(1)).await.contains(&all.changes[0]));
    assert!(!within(at - TimeDelta::days(1), at).await.contains(&all.changes[0]), "until is left out");
}

pub(super) async fn nobody_reads_the_log_of_somebody_else(fixture: &Fixture<'_>, log: &dyn ChangeLog) {
    let task = fixture.makes(add("of A's")).await;
    assert!(read(log, fixture.b, &newest(50)).await.changes.is_empty());
    assert!(read(log, fixture.b, &of_task(task.number)).await.changes.is_empty());
    let revoked = Caller { token_version: fixture.a.token_version + 1, ..fixture.a };
    for filter in [newest(50), of_task(TaskNumber(1_000_000))] {
        let refused = log.changes(revoked, &filter).await;
        assert!(matches!(refused, Err(StoreError::UnknownCaller)), "{refused:?}");
    }
}
