//! Undoing changes.

mod keys;
mod subtasks;

use super::fixture::{Fixture, add, all, local, make, must, new_todo, planned, title, unique};
use crate::{
    caller::Caller,
    change_log::{ChangeKind, LoggedChange},
    due::Due,
    ports::{IdGenerator, IdempotentOutcome, StoreError, UndoStore},
    priority::Priority,
    repeat::Repeat,
    request_channel::Channel,
    step::{Action, PlannedStep},
    tags::Tags,
    testing::{RandomIdGenerator, join_all},
    time_zone::TimeZone,
    todo::{TaskNumber, Todo},
    todo_command::{NewTodo, TodoChange, TodoCommand, TodoPatch},
    tool,
    turn::Lease,
    turn_and_conversation_ids::TurnId,
    undo::{Conflict, ConflictReason, UndoError, UndoRequest, UndoTarget, Undone},
};

pub(super) use keys::{a_key_is_used_for_one_thing, a_key_undoes_once, a_key_used_at_once_undoes_once};
pub(super) use subtasks::{
    a_deletion_is_undone_with_what_it_did_to_subtasks, a_freed_subtask_is_undone_further,
    a_task_comes_back_only_where_it_may_stand, an_undo_leaves_a_task_where_room_was_made,
    tasks_that_come_back_have_one_level,
};

/// All or nothing.
pub(super) fn whole(target: UndoTarget) -> UndoRequest {
    UndoRequest::all_or_nothing(target)
}

fn rest(target: UndoTarget) -> UndoRequest {
    UndoRequest { target, skip_conflicts: true }
}

async fn undone(store: &dyn UndoStore, caller: Caller, request: UndoRequest) -> Undone {
    match must(must(store.undo(caller, None, request).await)) {
        IdempotentOutcome::Fresh(undone) => undone,
        other => panic!("there is no key: {other:?}"),
    }
}

async fn refused(store: &dyn UndoStore, caller: Caller, request: UndoRequest) -> UndoError {
    match must(store.undo(caller, None, request).await) {
        Err(refusal) => refusal,
        Ok(undone) => panic!("expected a refusal: {undone:?}"),
    }
}

async fn conflicts(store: &dyn UndoStore, caller: Caller, request: UndoRequest) -> Vec<Conflict> {
    match refused(store, caller, request).await {
        UndoError::Conflict(conflicts) => conflicts,
        other => panic!("expected conflicts: {other:?}"),
    }
}

/// A task without what is not restored.
fn comparable(todo: &Todo) -> Todo {
    Todo { revision: 0, updated_at: todo.created_at, ..todo.clone() }
}

fn kinds(changes: &[LoggedChange]) -> Vec<ChangeKind> {
    changes.iter().map(LoggedChange::kind).collect()
}

fn renamed(number: TaskNumber, to: &str) -> TodoChange {
    TodoChange::Update(number, TodoPatch { title: Some(title(to)), ..TodoPatch::default() })
}

impl Fixture<'_> {
    async fn has(&self, number: TaskNumber) -> Option<Todo> {
        must(self.todos.find(self.a, number).await)
    }

    /// Changes A's list by REST.
    pub(super) async fn changes(&self, change: &TodoChange) -> Todo {
        must(must(self.todos.change(self.a, Channel::Rest, change).await)).into_task()
    }

    /// Opens a conversation, has its turn make these changes in one step, if any, and ends it.
    pub(super) async fn turn_with(&self, changes: Vec<TodoChange>) -> Lease {
        let turn = self.opened("do it").await;
        if changes.is_empty() {
            self.finished(&turn.lease, "Nothing to do.").await;
            return turn.lease;
        }
        let calls = changes.into_iter().map(|change| planned("update_task", make(change))).collect();
        let step = PlannedStep { text: String::new(), calls, local: local() };
        must(self.turns.commit_step(&turn.lease, 0, &step).await);
        self.finished(&turn.lease, "Done.").await;
        turn.lease
    }

    /// A task with everything that a task can have.
    async fn whole_task(&self) -> Todo {
        let day = must("2026-11-27".parse());
        let new = NewTodo {
            description: must(crate::todo::TodoDescription::parse("Before noon")),
            due: Some(Due { date: day, time: None, zone: must(TimeZone::parse("Asia/Tokyo")) }),
            priority: Priority::High,
            tags: must(Tags::parse(vec!["Home".to_owned(), "rent".to_owned()])),
            repeat: Some(must(Repeat::parse("every 2 weeks", day))),
            ..new_todo(&unique("Pay rent"))
        };
        self.changes(&TodoChange::Add(new)).await
    }
}

/// Subtasks have one level, whatever became of a task's old place.
pub(super) async fn a_turn_is_undone_wholly(fixture: &Fixture<'_>, store: &dyn UndoStore) {
    let (deleted, renewed) = (fixture.whole_task().await, fixture.whole_task().await);
    let patch = TodoPatch {
        description: Some(None),
        due: Some(None),
        tags: Some(Tags::default()),
        priority: Some(Priority::None),
        ..TodoPatch::default()
    };
    let added = unique("Buy milk");
    let lease = fixture
        .turn_with(vec![
            add(&added),
            TodoChange::Update(renewed.number, patch),
            renamed(renewed.number, "Something else"),
            TodoChange::Delete(deleted.number, None),
        ])
        .await;
    let undone = undone(store, fixture.a, whole(UndoTarget::Turn(lease.turn))).await;
    assert_eq!(
        kinds(&undone.changes),
        [ChangeKind::Restored, ChangeKind::Updated, ChangeKind::Deleted],
        "one for each task, in the order of their numbers"
    );
    assert!(undone.left_out.is_empty() && undone.tasks().count() == 2);
    for (task, revision) in [(&deleted, 2), (&renewed, 4)] {
        let Some(now) = fixture.has(task.number).await else { panic!("{} is not back", task.number) };
        assert_eq!(comparable(&now), comparable(task));
        assert_eq!(now.revision, revision, "versions go on");
        assert_eq!(undone.tasks().find(|todo| todo.number == task.number), Some(&now));
    }
    assert_eq!(fixture.tasks_called(&added).await, 0);
    assert_eq!(undone.changes[1].undoes.len(), 2, "two changes of one task are one");

    let again = refused(store, fixture.a, whole(UndoTarget::Turn(lease.turn))).await;
    assert_eq!(again, UndoError::AlreadyUndone);
    let next = fixture.changes(&add(&unique("next"))).await;
    assert!(next.number > deleted.number, "numbers are never used again");
    // It is found as before.
    assert_eq!(fixture.tasks_called(deleted.title.as_str()).await, 1);
}

pub(super) async fn what_was_changed_since_stays(fixture: &Fixture<'_>, store: &dyn UndoStore) {
    let [left, edited, gone] = [(); 3].map(|()| unique("task"));
    let mut numbers = Vec::new();
    for title in [&left, &edited, &gone] {
        numbers.push(fixture.changes(&add(title)).await.number);
    }
    let deeds = numbers.iter().map(|number| renamed(*number, "by the assistant")).collect();
    let lease = fixture.turn_with(deeds).await;
    fixture.changes(&renamed(numbers[1], "by hand")).await;
    fixture.changes(&TodoChange::Delete(numbers[2], None)).await;

    let request = whole(UndoTarget::Turn(lease.turn));
    let stand_against_it = conflicts(store, fixture.a, request).await;
    let short = |conflict: &Conflict| (conflict.number, conflict.title.clone(), conflict.reason);
    let expected = [
        (numbers[1], "by hand".to_owned(), ConflictReason::Changed),
        (numbers[2], "by the assistant".to_owned(), ConflictReason::Deleted),
    ];
    assert_eq!(stand_against_it.iter().map(short).collect::<Vec<_>>(), expected);
    let since = stand_against_it.iter().map(|conflict| conflict.since.as_ref().map(LoggedChange::kind));
    assert_eq!(since.collect::<Vec<_>>(), [Some(ChangeKind::Updated), Some(ChangeKind::Deleted)]);
    let title_of = async |number| fixture.has(number).await.map(|todo| todo.title.into_string());
    assert_eq!(title_of(numbers[0]).await.as_deref(), Some("by the assistant"), "nothing was undone");

    let undone = undone(store, fixture.a, rest(UndoTarget::Turn(lease.turn))).await;
    assert_eq!((undone.changes.len(), &undone.left_out), (1, &stand_against_it));
    assert_eq!(title_of(numbers[0]).await, Some(left));
    assert_eq!(title_of(numbers[1]).await.as_deref(), Some("by hand"));
    assert_eq!(title_of(numbers[2]).await, None);
    assert_eq!(conflicts(store, fixture.a, rest(UndoTarget::Turn(lease.turn))).await, stand_against_it);
}

pub(super) async fn an_undo_is_undone(fixture: &Fixture<'_>, store: &dyn UndoStore) {
    let task = fixture.whole_task().await;
    let lease = fixture.turn_with(vec![TodoChange::Delete(task.number, None)]).await;
    let turn = whole(UndoTarget::Turn(lease.turn));
    for round in 0..2 {
        let restored = undone(store, fixture.a, turn).await;
        let [change] = restored.changes.as_slice() else { panic!("{restored:?}") };
        assert_eq!((change.kind(), change.undone_by), (ChangeKind::Restored, None));
        let deleted = undone(store, fixture.a, whole(UndoTarget::Change(change.id))).await;
        assert_eq!(kinds(&deleted.changes), [ChangeKind::Deleted], "round {round}");
        assert_eq!(deleted.changes[0].undoes, [change.id]);
        assert_eq!(fixture.has(task.number).await, None);
        let again = refused(store, fixture.a, whole(UndoTarget::Change(change.id))).await;
        assert_eq!(again, UndoError::AlreadyUndone);
    }
    undone(store, fixture.a, turn).await;
    let back = fixture.has(task.number).await.map(|todo| comparable(&todo));
    assert_eq!(back, Some(comparable(&task)));
}

pub(super) async fn the_last_thing_is_undone_and_then_the_one_before(
    fixture: &Fixture<'_>,
    store: &dyn UndoStore,
) {
    let [first, second] = [(); 2].map(|()| unique("task"));
    let number = fixture.changes(&add(&first)).await.number;
    fixture.turn_with(vec![renamed(number, "renamed"), add(&second)]).await;
    fixture.turn_with(vec![]).await;
    let last = whole(UndoTarget::Last);
    assert_eq!(undone(store, fixture.a, last).await.changes.len(), 2, "a turn goes as a whole");
    assert_eq!((fixture.tasks_called(&first).await, fixture.tasks_called(&second).await), (1, 0));
    assert_eq!(kinds(&undone(store, fixture.a, last).await.changes), [ChangeKind::Deleted]);
    assert_eq!(fixture.has(number).await, None);
}

pub(super) async fn a_step_undoes_the_last_thing_once(fixture: &Fixture<'_>, store: &dyn UndoStore) {
    let task = fixture.whole_task().await;
    let before = fixture.turn_with(vec![TodoChange::Delete(task.number, None), add(&unique("new"))]).await;
    let turn = fixture.opened("undo that").await;
    let calls = vec![planned("undo_last", Action::Apply(TodoCommand::Undo(UndoTarget::Last)))];
    let step = PlannedStep { text: String::new(), calls, local: local() };
    let results = must(fixture.turns.commit_step(&turn.lease, 0, &step).await);
    let kinds: Vec<_> = tool::effects_of(&results[0]).into_iter().map(|effect| effect.kind).collect();
    assert_eq!(kinds, [tool::EffectKind::Restored, tool::EffectKind::Deleted], "{results:?}");
    let again = must(fixture.turns.commit_step(&turn.lease, 0, &step).await);
    assert_eq!(again, results, "it is done once");
    assert_eq!(fixture.has(task.number).await.as_ref().map(comparable), Some(comparable(&task)));
    let answer = fixture.finished(&turn.lease, "Undone.").await;
    assert_eq!(answer.tool_calls, results);
    // The turn that undid is undone like any other.
    let undone_undo = undone(store, fixture.a, whole(UndoTarget::Turn(turn.lease.turn))).await;
    assert_eq!(undone_undo.changes.len(), 2);
    assert_eq!(fixture.has(task.number).await, None);
    undone(store, fixture.a, whole(UndoTarget::Turn(before.turn))).await;

    let title = unique("nothing stands");
    fixture.turn_with(vec![add(&title), renamed(task.number, "by the assistant")]).await;
    let turn = fixture.opened("change it and undo that").await;
    let other = planned("update_task", make(renamed(task.number, "by the next turn")));
    let calls = vec![other, planned("undo_last", Action::Apply(TodoCommand::Undo(UndoTarget::Last)))];
    let step = PlannedStep { text: String::new(), calls, local: local() };
    must(fixture.turns.commit_step(&turn.lease, 0, &step).await);
    let now = fixture.has(task.number).await.map(|todo| todo.title.into_string());
    assert_eq!(now.as_deref(), Some("by the assistant"), "the last turn is this one");
    fixture.finished(&turn.lease, "Undone.").await;
}

pub(super) async fn a_model_is_told_what_stands_against_an_undo(fixture: &Fixture<'_>) {
    let number = fixture.changes(&add(&unique("task"))).await.number;
    let turn = fixture.opened("in two steps").await;
    let rename = planned("update_task", make(renamed(number, "by the assistant")));
    let step = |call| PlannedStep { text: String::new(), calls: vec![call], local: local() };
    must(fixture.turns.commit_step(&turn.lease, 0, &step(rename)).await);
    fixture.changes(&renamed(number, "by hand")).await;
    fixture.added(&turn.lease, 1, &unique("task")).await;
    fixture.finished(&turn.lease, "Done.").await;
    let turn = fixture.opened("undo that").await;
    let undo = planned("undo_last", Action::Apply(TodoCommand::Undo(UndoTarget::Last)));
    let results = must(fixture.turns.commit_step(&turn.lease, 0, &step(undo)).await);
    let expected = serde_json::json!({
        "success": false,
        "error": format!("Nothing was undone: task {number} (“by hand”) was changed since."),
        "code": "CONFLICT",
    });
    assert_eq!(results[0].result, expected);
    fixture.finished(&turn.lease, "I could not.").await;
}

pub(super) async fn a_running_turn_is_not_undone(fixture: &Fixture<'_>, store: &dyn UndoStore) {
    let (turn, _call) = fixture.opened_with_task(&unique("running")).await;
    let request = whole(UndoTarget::Turn(turn.lease.turn));
    assert_eq!(refused(store, fixture.a, request).await, UndoError::StillRunning);
    // What it has done so far is not the last thing to be undone either, but for the turn itself.
    assert_eq!(refused(store, fixture.a, whole(UndoTarget::Last)).await, UndoError::StillRunning);
    fixture.kill_worker(&turn.lease).await;
    assert_eq!(undone(store, fixture.a, request).await.changes.len(), 1);
}

pub(super) async fn there_must_be_something_to_undo(fixture: &Fixture<'_>, store: &dyn UndoStore) {
    let title = unique("there and gone");
    let next = fixture.changes(&add(&title)).await.number;
    let lease = fixture.turn_with(vec![add(&title), TodoChange::Delete(TaskNumber(next.0 + 1), None)]).await;
    let idle = fixture.turn_with(vec![]).await;
    for lease in [lease, idle] {
        let refusal = refused(store, fixture.a, whole(UndoTarget::Turn(lease.turn))).await;
        assert_eq!(refusal, UndoError::NothingToUndo);
    }
    let unknown = TurnId(RandomIdGenerator.next());
    let refusal = refused(store, fixture.a, whole(UndoTarget::Turn(unknown))).await;
    assert_eq!(refusal, UndoError::NoSuchTurn);
    let nobody = crate::change_log::ChangeId(i64::MAX);
    let refusal = refused(store, fixture.a, whole(UndoTarget::Change(nobody))).await;
    assert_eq!(refusal, UndoError::NoSuchChange);
}

pub(super) async fn nobody_undoes_what_is_somebody_elses(fixture: &Fixture<'_>, store: &dyn UndoStore) {
    let title = unique("Alice's");
    let lease = fixture.turn_with(vec![add(&title)]).await;
    let turn = whole(UndoTarget::Turn(lease.turn));
    assert_eq!(refused(store, fixture.b, turn).await, UndoError::NoSuchTurn);
    let undone_by_a = undone(store, fixture.a, turn).await;
    let change = whole(UndoTarget::Change(undone_by_a.changes[0].id));
    assert_eq!(refused(store, fixture.b, change).await, UndoError::NoSuchChange);
    let last = refused(store, fixture.b, whole(UndoTarget::Last)).await;
    assert_eq!(last, UndoError::NothingToUndo);
    let revoked = Caller { token_version: fixture.a.token_version + 1, ..fixture.a };
    for request in [turn, change, whole(UndoTarget::Last)] {
        let outcome = store.undo(revoked, None, request).await;
        assert!(matches!(outcome, Err(StoreError::UnknownCaller)), "{outcome:?}");
    }
}

pub(super) async fn of_an_undo_and_a_change_at_once_neither_is_lost(
    fixture: &Fixture<'_>,
    store: &dyn UndoStore,
) {
    for _ in 0..5 {
        let number = fixture.changes(&add(&unique("before"))).await.number;
        let lease = fixture.turn_with(vec![renamed(number, "by the assistant")]).await;
        let by_hand = TodoPatch { priority: Some(Priority::High), ..TodoPatch::default() };
        let by_hand = TodoChange::Update(number, by_hand);
        let request = whole(UndoTarget::Turn(lease.turn));
        let at_once = join_all([0, 1, 2].map(|who| {
            let by_hand = &by_hand;
            async move {
                match who {
                    0 => {
                        fixture.changes(by_hand).await;
                        true
                    }
                    _ => must(store.undo(fixture.a, None, request).await).is_ok(),
                }
            }
        }))
        .await;
        let Some(now) = fixture.has(number).await else { panic!("the task is gone") };
        let was_undone = at_once[1] || at_once[2];
        assert!(!(at_once[1] && at_once[2]), "it is undone once");
        assert_eq!(now.priority, Priority::High, "the change is not lost");
        assert_eq!(now.title.as_str() != "by the assistant", was_undone);
        assert_eq!(now.revision, if was_undone { 4 } else { 3 });
    }
    assert!(must(fixture.todos.list(fixture.a, &all()).await).total > Some(0));
}
