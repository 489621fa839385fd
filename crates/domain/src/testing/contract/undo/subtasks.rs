//! What stands under another task, when one of both is taken back.

use super::{
    super::fixture::{Fixture, add, all, sure, unique},
    undone, whole,
};
use crate::{
    ports::UndoStore,
    todo::TaskNumber,
    todo_command::{TodoChange, TodoPatch},
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
    let page = sure(fixture.todos.list(fixture.a, &all()).await);
    let Some(parent) = page.todos.iter().map(|todo| todo.number).max() else { panic!("it is there") };
    fixture.changes(&under(one, Some(parent))).await;
    undone(store, fixture.a, turn(lease)).await;
    assert_eq!((fixture.has(parent).await, parent_of(one).await), (None, Some(None)));
}
