//! What stands under another task, when one of both is taken back.

use super::{
    super::fixture::{Fixture, add, all, new_todo, sure, unique},
    kinds, undone, whole,
};
use crate::{
    account::Caller,
    change_log::ChangeKind,
    command::{NewTodo, TodoChange, TodoPatch},
    ports::UndoStore,
    todo::{TaskNumber, Todo},
    turn::Lease,
    undo::{UndoRequest, UndoTarget},
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
    let page = sure(fixture.todos.list(fixture.a, &all()).await);
    let Some(parent) = page.todos.iter().map(|todo| todo.number).max() else { panic!("it is there") };
    fixture.changes(&under(one, Some(parent))).await;
    undone(store, fixture.a, turn(lease)).await;
    assert_eq!((fixture.has(parent).await, parent_of(one).await), (None, Some(None)));
}

pub(in crate::testing::contract) async fn what_is_freed_by_an_undo_is_on_record(
    fixture: &Fixture<'_>,
    store: &dyn UndoStore,
) {
    let lease = fixture.turn_with(vec![add(&unique("parent"))]).await;
    let page = sure(fixture.todos.list(fixture.a, &all()).await);
    let Some(parent) = page.todos.iter().map(|todo| todo.number).max() else { panic!("it is there") };
    let below =
        fixture.changes(&TodoChange::Add(NewTodo { parent: Some(parent), ..new_todo("below") })).await;
    let undone = undone(store, fixture.a, whole(UndoTarget::Turn(lease.turn))).await;
    assert_eq!(kinds(&undone.changes), [ChangeKind::Deleted, ChangeKind::Updated]);
    let freed = &undone.changes[1];
    let parent_in = |todo: &Option<Todo>| todo.as_ref().map(|todo| (todo.number, todo.parent));
    assert_eq!(parent_in(&freed.before), Some((below.number, Some(parent))));
    assert_eq!(freed.after, fixture.has(below.number).await, "as it is now");
    let restored = whole(UndoTarget::Change(undone.changes[0].id));
    assert_eq!(undone_kinds(store, fixture.a, restored).await, [ChangeKind::Restored]);
    let under_it = whole(UndoTarget::Change(freed.id));
    undone_kinds(store, fixture.a, under_it).await;
    assert_eq!(
        parent_in(&fixture.has(below.number).await),
        Some((below.number, Some(parent))),
        "beneath it again"
    );
}

async fn undone_kinds(store: &dyn UndoStore, caller: Caller, request: UndoRequest) -> Vec<ChangeKind> {
    kinds(&undone(store, caller, request).await.changes)
}
