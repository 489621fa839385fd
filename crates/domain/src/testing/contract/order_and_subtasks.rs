//! The order by hand, and tasks that stand under others.

use super::fixture::{Fixture, add, all, local, must, new_key, new_todo, planned, title, unique};
use crate::{
    approval::{self, AskReason},
    caller::Caller,
    ports::{IdempotentOutcome, TodoStore},
    request_channel::Channel,
    step::{Action, PlannedStep},
    testing::join_all,
    todo::{TaskNumber, Todo},
    todo_command::{NewTodo, SeenTask, TaskChange, TodoChange, TodoCommand, TodoPatch},
    todo_filter::{ParentFilter, TodoFilter, TodoOrder},
    todo_outcome::{Effect, TodoError},
};

async fn added(store: &dyn TodoStore, caller: Caller, text: &str) -> TaskNumber {
    must(must(store.change(caller, Channel::Rest, &add(text)).await)).into_task().number
}

async fn added_under(store: &dyn TodoStore, caller: Caller, text: &str, parent: TaskNumber) -> Todo {
    let new = NewTodo { parent: Some(parent), ..NewTodo::titled(title(text)) };
    must(must(store.change(caller, Channel::Rest, &TodoChange::Add(new)).await)).into_task()
}

async fn patched(
    store: &dyn TodoStore,
    caller: Caller,
    number: TaskNumber,
    patch: TodoPatch,
) -> Result<Effect, TodoError> {
    must(store.change(caller, Channel::Rest, &TodoChange::Update(number, patch)).await)
}

fn after(target: Option<TaskNumber>) -> TodoPatch {
    TodoPatch { after: Some(target), ..TodoPatch::default() }
}

fn under(parent: Option<TaskNumber>) -> TodoPatch {
    TodoPatch { parent: Some(parent), ..TodoPatch::default() }
}

async fn found(store: &dyn TodoStore, caller: Caller, number: TaskNumber) -> Todo {
    must(store.find(caller, number).await).unwrap_or_else(|| panic!("task {number} is there"))
}

/// The whole list by hand, in the order in which it is shown.
async fn by_hand(store: &dyn TodoStore, caller: Caller) -> Vec<TaskNumber> {
    let filter = TodoFilter { order: TodoOrder::Position, ..all() };
    let todos = must(store.list(caller, &filter).await).todos;
    assert!(todos.windows(2).all(|pair| pair[0].position <= pair[1].position), "by position");
    todos.into_iter().map(|todo| todo.number).collect()
}

pub(super) async fn a_task_is_moved_by_hand(store: &dyn TodoStore, a: Caller) {
    let mut numbers = Vec::new();
    for name in ["one", "two", "three", "four"] {
        numbers.push(added(store, a, name).await);
    }
    let mut expected = by_hand(store, a).await;
    assert_eq!(expected[..4], [numbers[3], numbers[2], numbers[1], numbers[0]], "the newest is at the top");
    let mut moved = async |number: TaskNumber, target: Option<TaskNumber>| {
        let before = found(store, a, number).await;
        let effect = must(patched(store, a, number, after(target)).await);
        let Effect::Updated { before: told, after } = effect else { panic!("it was updated: {effect:?}") };
        assert_eq!(told, before);
        let unchanged = Todo {
            position: after.position,
            revision: after.revision,
            updated_at: after.updated_at,
            ..before
        };
        assert_eq!(after, unchanged, "only its place has changed");
        expected.retain(|other| *other != number);
        let place =
            target.map_or(0, |target| expected.iter().position(|other| *other == target).unwrap_or(0) + 1);
        expected.insert(place, number);
        assert_eq!(by_hand(store, a).await, expected);
    };
    moved(numbers[0], None).await;
    moved(numbers[3], Some(numbers[1])).await;
    moved(numbers[2], Some(numbers[0])).await;
    // The same gap is halved until nothing is left of it, and goes on to be used.
    for _ in 0..15 {
        moved(numbers[3], Some(numbers[0])).await;
        moved(numbers[1], Some(numbers[0])).await;
    }
    let last = *by_hand(store, a).await.last().unwrap_or(&numbers[0]);
    let target = if last == numbers[2] { numbers[0] } else { last };
    moved(numbers[2], Some(target)).await;
    let top = added(store, a, "five").await;
    assert_eq!(by_hand(store, a).await.first(), Some(&top), "a new task is above what was moved to the top");
    let nowhere = TaskNumber(i64::MAX);
    for target in [nowhere, numbers[0]] {
        let refused = patched(store, a, numbers[0], after(Some(target))).await;
        let Err(TodoError::Invalid(error)) = refused else { panic!("{refused:?}") };
        assert_eq!(error.field, "after_id");
    }
    assert_eq!(patched(store, a, nowhere, after(None)).await, Err(TodoError::NoSuchTask(nowhere)));
}

/// Moves and additions at once leave every task with a place of its own in one order.
pub(super) async fn moves_at_once_keep_one_order(store: &dyn TodoStore, a: Caller) {
    let mut numbers = Vec::new();
    for name in ["red", "green", "blue", "white", "black"] {
        numbers.push(added(store, a, name).await);
    }
    let before = by_hand(store, a).await;
    for _ in 0..6 {
        let moves = (1..5).map(|index| TodoChange::Update(numbers[index], after(Some(numbers[0]))));
        let changes: Vec<_> = moves.chain([add("between")]).collect();
        for outcome in join_all(changes.iter().map(|change| store.change(a, Channel::Rest, change))).await {
            must(must(outcome));
        }
        let order = by_hand(store, a).await;
        let first = order.iter().position(|number| *number == numbers[0]).unwrap_or_default();
        let mut behind = order[first + 1..first + 5].to_vec();
        behind.sort_unstable();
        assert_eq!(behind, numbers[1..], "all four came after the first one");
    }
    let mut places = Vec::new();
    for number in &numbers {
        places.push(found(store, a, *number).await.position);
    }
    places.sort_unstable();
    places.dedup();
    assert_eq!(places.len(), numbers.len(), "no two have the same place");
    assert_eq!(by_hand(store, a).await.len(), before.len() + 6, "none is lost");
}

pub(super) async fn a_task_has_subtasks(store: &dyn TodoStore, a: Caller, b: Caller) {
    let parent = added(store, a, &unique("trip")).await;
    let tickets = added_under(store, a, "tickets", parent).await;
    assert_eq!((tickets.parent, tickets.open_subtasks), (Some(parent), 0));
    let bags = added(store, a, "bags").await;
    must(patched(store, a, bags, under(Some(parent))).await);
    assert_eq!(found(store, a, parent).await.open_subtasks, 2);
    let listed = async |filter: ParentFilter| {
        let filter = TodoFilter { parent: Some(filter), ..all() };
        let page = must(store.list(a, &filter).await);
        assert_eq!(page.total, i64::try_from(page.todos.len()).ok());
        page.todos
    };
    let below: Vec<_> = listed(ParentFilter::Of(parent)).await.iter().map(|todo| todo.number).collect();
    assert_eq!(below, [bags, tickets.number]);
    let top = listed(ParentFilter::TopLevel).await;
    assert!(top.iter().all(|todo| todo.parent.is_none()));
    assert_eq!(top.iter().find(|todo| todo.number == parent).map(|todo| todo.open_subtasks), Some(2));

    // What is done is not open; the parent tells what is left when it is done itself.
    let done = TodoPatch { completed: Some(true), ..TodoPatch::default() };
    must(patched(store, a, bags, done.clone()).await);
    let completed = must(patched(store, a, parent, done).await).into_task();
    assert_eq!((completed.completed, completed.open_subtasks), (true, 1));
    assert!(!found(store, a, tickets.number).await.completed, "subtasks stay as they are");

    refuses_deeper_levels(store, (a, b), parent, tickets.number).await;

    let out = must(patched(store, a, bags, under(None)).await).into_task();
    assert_eq!(out.parent, None);
    let deleted = must(must(store.change(a, Channel::Rest, &TodoChange::Delete(parent, None)).await));
    let Effect::Deleted(deleted) = deleted else { panic!("it was deleted") };
    assert_eq!(deleted.open_subtasks, 1, "as it was");
    let freed = found(store, a, tickets.number).await;
    assert_eq!((freed.parent, freed.revision), (None, tickets.revision + 1), "it stands for itself");
}

/// `parent` has `subtask` and is therefore under nothing.
async fn refuses_deeper_levels(
    store: &dyn TodoStore,
    (a, b): (Caller, Caller),
    parent: TaskNumber,
    subtask: TaskNumber,
) {
    let other = added(store, a, "other").await;
    let theirs = added(store, b, "of B's").await;
    let missing = TaskNumber(i64::MAX);
    for (task, wanted, said) in [
        (Some(other), subtask, "is a subtask of"),
        (None, subtask, "is a subtask of"),
        (Some(parent), other, "has subtasks"),
        (Some(other), other, "of itself"),
        (Some(other), missing, "There is no task"),
        (None, missing, "There is no task"),
    ] {
        let change = match task {
            Some(task) => TodoChange::Update(task, under(Some(wanted))),
            None => TodoChange::Add(NewTodo { parent: Some(wanted), ..NewTodo::titled(title("never")) }),
        };
        let refused = must(store.change(a, Channel::Rest, &change).await);
        let Err(TodoError::Invalid(error)) = refused else { panic!("{change:?}: {refused:?}") };
        assert!(error.field == "parent_id" && error.message.contains(said), "{error}");
    }
    let of_another = TodoChange::Update(theirs, under(Some(missing)));
    assert!(must(store.change(b, Channel::Rest, &of_another).await).is_err());
    let new = NewTodo { parent: Some(missing), ..new_todo("never") };
    let key = new_key();
    assert!(must(store.add_once(a, &key, &new).await).is_err());
    let fresh = must(must(store.add_once(a, &key, &new_todo("refused first")).await));
    assert!(matches!(fresh, IdempotentOutcome::Fresh(_)), "what was refused has not used the key: {fresh:?}");
}

/// A parent that is deleted while tasks are put under it: whatever comes first, none is left under nothing.
pub(super) async fn no_task_is_left_under_a_deleted_one(store: &dyn TodoStore, a: Caller) {
    for _ in 0..4 {
        let parent = added(store, a, "box").await;
        let mark = unique("thing");
        let new = || NewTodo { parent: Some(parent), ..new_todo(&mark) };
        let changes = [TodoChange::Add(new()), TodoChange::Delete(parent, None), TodoChange::Add(new())];
        for outcome in join_all(changes.iter().map(|change| store.change(a, Channel::Rest, change))).await {
            match must(outcome) {
                Ok(_) | Err(TodoError::Invalid(_)) => {}
                other => panic!("{other:?}"),
            }
        }
        let filter = TodoFilter { search: Some(mark), ..all() };
        for todo in must(store.list(a, &filter).await).todos {
            assert_eq!(todo.parent, None);
        }
        assert_eq!(must(store.find(a, parent).await), None);
    }
}

/// A task and two of its subtasks, all new.
async fn family(store: &dyn TodoStore, caller: Caller) -> [Todo; 3] {
    let parent = added(store, caller, &unique("trip")).await;
    let tickets = added_under(store, caller, "tickets", parent).await;
    let bags = added_under(store, caller, "bags", parent).await;
    [found(store, caller, parent).await, tickets, bags]
}

/// Deleting a task changes those under it, which is no reason to refuse what was asked for together.
pub(super) async fn a_task_is_deleted_with_its_subtasks_as_they_were_seen(fixture: &Fixture<'_>) {
    let (store, a) = (fixture.todos, fixture.a);
    let tasks = family(store, a).await;
    let seen: Vec<SeenTask> =
        tasks.iter().map(|todo| SeenTask { number: todo.number, revision: Some(todo.revision) }).collect();
    let turn = fixture.opened("delete all of these").await;
    let delete = Action::Apply(TodoCommand::change_seen(&seen, TaskChange::Delete));
    let step =
        PlannedStep { text: String::new(), calls: vec![planned("delete_task", delete)], local: local() };
    let results = must(fixture.turns.commit_step(&turn.lease, 0, &step).await);
    fixture.finished(&turn.lease, "Deleted.").await;
    let told = results[0].result["results"].as_array().cloned().unwrap_or_default();
    let told: Vec<_> =
        told.iter().map(|result| (result["task_id"].as_i64(), result["success"].as_bool())).collect();
    let expected: Vec<_> = tasks.iter().map(|todo| (Some(todo.number.0), Some(true))).collect();
    assert_eq!(told, expected, "in the order in which they were named: {results:?}");

    let tasks = family(store, a).await;
    let mut batch: Vec<_> =
        tasks.iter().map(|todo| TodoChange::Delete(todo.number, Some(todo.revision))).collect();
    batch.push(TodoChange::Delete(tasks[1].number, Some(tasks[1].revision)));
    let IdempotentOutcome::Fresh(outcomes) = must(store.change_all(a, None, &batch).await) else {
        panic!("there is no key")
    };
    let numbers: Vec<_> = outcomes.iter().map(|outcome| outcome.as_ref().map(|todo| todo.number)).collect();
    let [parent, tickets, bags] = tasks.map(|todo| todo.number);
    let gone = TodoError::NoSuchTask(tickets);
    assert_eq!(numbers, [Ok(parent), Ok(tickets), Ok(bags), Err(&gone)]);

    // What somebody else has changed is refused all the same.
    let [parent, tickets, _] = family(store, a).await;
    must(patched(store, a, tickets.number, under(None)).await);
    let batch = [parent, tickets].map(|todo| TodoChange::Delete(todo.number, Some(todo.revision)));
    let IdempotentOutcome::Fresh(outcomes) = must(store.change_all(a, None, &batch).await) else {
        panic!("there is no key")
    };
    assert!(outcomes[0].is_ok() && matches!(outcomes[1], Err(TodoError::Changed(_))), "{outcomes:?}");
}

/// A yes would be to what nobody has seen.
pub(super) async fn nobody_is_asked_about_tasks_that_changed_since_they_were_seen(fixture: &Fixture<'_>) {
    let (store, a) = (fixture.todos, fixture.a);
    let tasks = family(store, a).await;
    let seen: Vec<SeenTask> =
        tasks.iter().map(|todo| SeenTask { number: todo.number, revision: Some(todo.revision) }).collect();
    let turn = fixture.opened("delete all of these").await;
    let asks = || {
        Action::Ask(TodoCommand::change_seen(&seen, TaskChange::Delete), AskReason::ApprovalThresholdExceeded)
    };
    let step =
        || PlannedStep { text: String::new(), calls: vec![planned("delete_task", asks())], local: local() };
    let asked = must(fixture.turns.commit_step(&turn.lease, 0, &step()).await);
    assert!(approval::approval_id_in(&asked[0].result).is_some(), "they are as they were: {asked:?}");
    must(patched(store, a, tasks[1].number, under(None)).await);
    let refused = must(fixture.turns.commit_step(&turn.lease, 1, &step()).await);
    assert!(approval::approval_id_in(&refused[0].result).is_none(), "{refused:?}");
    assert_eq!(refused[0].result["success"], false);
    fixture.finished(&turn.lease, "One of them was changed.").await;
}
