//! Undo of changes to a task or to its subtasks.

use super::{
    super::fixture::{Fixture, add, all, local, make, must, new_todo, planned, title, unique},
    comparable, undone, whole,
};
use crate::{
    ports::UndoStore,
    step::PlannedStep,
    todo::{TaskNumber, Todo},
    todo_command::{NewTodo, TodoChange, TodoPatch},
    turn::Lease,
    undo::UndoTarget,
};

pub(in crate::testing::contract) async fn a_task_comes_back_only_where_it_may_stand(
    fixture: &Fixture<'_>,
    store: &dyn UndoStore,
) {
    let under = |task: TaskNumber, parent: Option<TaskNumber>| {
        TodoChange::Update(task, TodoPatch { parent: Some(parent), ..TodoPatch::default() })
    };
    let added = async || fixture.changes(&add(&unique("task"))).await.number;
    let (one, two, three) = (added().await, added().await, added().await);
    let turn = |lease: Lease| whole(UndoTarget::Turn(lease.turn));
    let parent_of = async |task| fixture.has(task).await.map(|task| task.parent);

    // Its old parent has become a subtask.
    fixture.changes(&under(two, Some(one))).await;
    let left = fixture.turn_with(vec![under(two, None)]).await;
    fixture.changes(&under(one, Some(three))).await;
    undone(store, fixture.a, turn(left)).await;
    assert_eq!(parent_of(two).await, Some(None));

    // It has got a subtask itself.
    fixture.changes(&under(one, None)).await;
    fixture.changes(&under(two, Some(one))).await;
    let left = fixture.turn_with(vec![under(two, None)]).await;
    fixture.changes(&under(three, Some(two))).await;
    undone(store, fixture.a, turn(left)).await;
    assert_eq!((parent_of(two).await, parent_of(three).await), (Some(None), Some(Some(two))));

    // Both were deleted, and come back together.
    let deleted = [three, two].map(|task| TodoChange::Delete(task, None)).to_vec();
    let deleted = fixture.turn_with(deleted).await;
    undone(store, fixture.a, turn(deleted)).await;
    assert_eq!((parent_of(two).await, parent_of(three).await), (Some(None), Some(Some(two))));

    // What it stands under is taken off the list.
    let lease = fixture.turn_with(vec![add(&unique("parent"))]).await;
    let page = must(fixture.todos.list(fixture.a, &all()).await);
    let Some(parent) = page.todos.iter().map(|todo| todo.number).max() else { panic!("it is there") };
    fixture.changes(&under(one, Some(parent))).await;
    undone(store, fixture.a, turn(lease)).await;
    assert_eq!((fixture.has(parent).await, parent_of(one).await), (None, Some(None)));
}

pub(in crate::testing::contract) async fn a_deletion_is_undone_with_what_it_did_to_subtasks(
    fixture: &Fixture<'_>,
    store: &dyn UndoStore,
) {
    let parent = fixture.changes(&add(&unique("trip"))).await;
    let new = || NewTodo { parent: Some(parent.number), ..new_todo("bags") };
    let tasks = [
        parent.clone(),
        fixture.changes(&TodoChange::Add(new())).await,
        fixture.changes(&TodoChange::Add(new())).await,
    ];
    let deletion = TodoChange::Delete(parent.number, None);
    let are_as_before = async || {
        for task in &tasks {
            let now = fixture.has(task.number).await;
            let now = now.map(|now| comparable(&Todo { open_subtasks: 0, ..now }));
            assert_eq!(now, Some(comparable(task)));
        }
    };

    // In a turn all of it belongs together.
    let lease = fixture.turn_with(vec![deletion.clone()]).await;
    let undo = undone(store, fixture.a, whole(UndoTarget::Turn(lease.turn))).await;
    let undone_tasks: Vec<_> = undo.changes.iter().map(|change| change.number).collect();
    assert_eq!(undone_tasks, tasks.each_ref().map(|task| task.number));
    are_as_before().await;

    // Outside of turns each change is undone by itself, the deletion before what it did to others.
    fixture.changes(&deletion).await;
    for expected in [&tasks[0], &tasks[2], &tasks[1]] {
        let undo = undone(store, fixture.a, whole(UndoTarget::Last)).await;
        let [change] = undo.changes.as_slice() else { panic!("{undo:?}") };
        let after = change.after.as_ref().map(comparable);
        assert_eq!(after, Some(comparable(expected)));
    }
    are_as_before().await;
}

/// One task stood under another one before a turn changed it, and that one under a third before the turn
/// changed that: each may come back where it was, but not both.
pub(in crate::testing::contract) async fn tasks_that_come_back_have_one_level(
    fixture: &Fixture<'_>,
    store: &dyn UndoStore,
) {
    let under = |task: TaskNumber, parent: Option<TaskNumber>| {
        TodoChange::Update(task, TodoPatch { parent: Some(parent), ..TodoPatch::default() })
    };
    let added = async || fixture.changes(&add(&unique("task"))).await.number;
    let parent_of = async |task| fixture.has(task).await.and_then(|task| task.parent);
    for goes in [false, true] {
        let (top, middle, low) = (added().await, added().await, added().await);
        fixture.changes(&under(middle, Some(top))).await;
        let turn = fixture.opened("take them out").await;
        let step = |change| PlannedStep {
            text: String::new(),
            calls: vec![planned("update_task", make(change))],
            local: local(),
        };
        must(fixture.turns.commit_step(&turn.lease, 0, &step(under(middle, None))).await);
        fixture.changes(&under(low, Some(middle))).await;
        must(fixture.turns.commit_step(&turn.lease, 1, &step(under(low, None))).await);
        fixture.finished(&turn.lease, "Done.").await;
        if goes {
            fixture.changes(&TodoChange::Delete(top, None)).await;
        }
        let undo = undone(store, fixture.a, whole(UndoTarget::Turn(turn.lease.turn))).await;
        let told: Vec<_> = undo.tasks().map(|task| (task.number, task.parent)).collect();
        let expected = [(middle, (!goes).then_some(top)), (low, None)];
        assert_eq!(told, expected);
        assert_eq!([(middle, parent_of(middle).await), (low, parent_of(low).await)], expected);
    }
}

/// An undo frees the subtasks of a task that it takes off the list, without a record: that stands against no
/// further undo.
pub(in crate::testing::contract) async fn a_freed_subtask_is_undone_further(
    fixture: &Fixture<'_>,
    store: &dyn UndoStore,
) {
    let added = async || {
        let lease = fixture.turn_with(vec![add(&unique("task"))]).await;
        let page = must(fixture.todos.list(fixture.a, &all()).await);
        (lease, page.todos.iter().map(|todo| todo.number).max().unwrap_or(TaskNumber(0)))
    };
    let ((parents, parent), (_, task)) = (added().await, added().await);
    let patch = TodoPatch { parent: Some(Some(parent)), ..TodoPatch::default() };
    fixture.changes(&TodoChange::Update(task, patch)).await;
    undone(store, fixture.a, whole(UndoTarget::Turn(parents.turn))).await;
    let freed = fixture.has(task).await;
    assert_eq!(freed.as_ref().map(|task| task.parent), Some(None));
    undone(store, fixture.a, whole(UndoTarget::Last)).await;
    let now = fixture.has(task).await;
    assert_eq!(now.as_ref().map(comparable), freed.as_ref().map(comparable), "it stood alone before");
    assert!(now.map(|now| now.revision) > freed.map(|freed| freed.revision));
    undone(store, fixture.a, whole(UndoTarget::Last)).await;
    assert_eq!(fixture.has(task).await, None, "and then the task itself goes");
}

/// Where a list is ordered by hand again and again in one place, its tasks move along to make room.
pub(in crate::testing::contract) async fn an_undo_leaves_a_task_where_room_was_made(
    fixture: &Fixture<'_>,
    store: &dyn UndoStore,
) {
    let added = async || fixture.changes(&add(&unique("task"))).await.number;
    let moved = |task, target| {
        TodoChange::Update(task, TodoPatch { after: Some(Some(target)), ..TodoPatch::default() })
    };
    let top = added().await;
    let mut renamed = Vec::new();
    for _ in 0..30 {
        let next = added().await;
        fixture.changes(&moved(next, top)).await;
        let rename = TodoPatch { title: Some(title(&unique("renamed"))), ..TodoPatch::default() };
        renamed.push((next, fixture.turn_with(vec![TodoChange::Update(next, rename)]).await.turn));
    }
    for (task, turn) in renamed {
        let before = fixture.has(task).await.map(|task| task.position);
        undone(store, fixture.a, whole(UndoTarget::Turn(turn))).await;
        assert_eq!(fixture.has(task).await.map(|task| task.position), before);
    }
}
