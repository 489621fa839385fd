//! Undo on a real Postgres: what only a database can show.

use adapters::postgres::Database;
use domain::{
    account_limits::{LimitReached, Limits, MIB},
    caller::Caller,
    change_log::{ChangeId, LoggedChange},
    ports::{IdempotentOutcome, TodoStore, UndoStore},
    request_channel::Channel,
    todo::{TaskNumber, TodoTitle},
    todo_command::{NewTodo, TodoChange},
    undo::{UndoError, UndoRequest, UndoTarget},
};

use tokio_postgres::SimpleQueryMessage;

use crate::postgres::fresh_database::{caller, connect, database, execute};

fn add(title: &str) -> TodoChange {
    TodoChange::Add(NewTodo::titled(TodoTitle::parse(title).unwrap()))
}

async fn change(database: &Database, caller: Caller, change: &TodoChange) {
    database.change(caller, Channel::Rest, change).await.unwrap().unwrap();
}

async fn undo(
    database: &Database,
    caller: Caller,
    target: UndoTarget,
) -> Result<Vec<LoggedChange>, UndoError> {
    let request = UndoRequest { target, skip_conflicts: false };
    match UndoStore::undo(database, caller, None, request).await.unwrap()? {
        IdempotentOutcome::Fresh(undone) => Ok(undone.changes),
        other => panic!("there is no key: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_keeps_within_the_account_s_limits() {
    let (database, name) = database().await;
    let caller = caller(&database).await;
    for title in ["Milk", "Bread"] {
        change(&database, caller, &add(title)).await;
    }
    change(&database, caller, &TodoChange::Delete(TaskNumber(1), None)).await;
    let limited = [
        (Limits { tasks: 1, ..Limits::default() }, LimitReached::Tasks(1)),
        (Limits { changes_a_minute: 3, ..Limits::default() }, LimitReached::ChangesInMinute(3)),
        (Limits { stored_bytes: MIB, ..Limits::default() }, LimitReached::StoredBytes(MIB)),
    ];
    // As much as may be kept, and it is there: a conversation's worth of text.
    execute(
        &name,
        "INSERT INTO todo (user_id, number, title, description)
         SELECT id, 100 + number, 'x', repeat('y', 2000) FROM \"user\", generate_series(1, 600) AS number;
         INSERT INTO account_usage (user_id, stored_bytes) SELECT id, 2000000 FROM \"user\"
         ON CONFLICT (user_id) DO UPDATE SET stored_bytes = excluded.stored_bytes",
    )
    .await;
    for (limits, reached) in limited {
        let database = connect(&name).with_limits(limits);
        let refusal = undo(&database, caller, UndoTarget::Last).await.unwrap_err();
        assert_eq!(refusal, UndoError::Limit(reached));
    }
    // The list was full when the task came back; what only takes away is always possible.
    assert_eq!(undo(&database, caller, UndoTarget::Last).await.unwrap().len(), 1);
    let full = connect(&name).with_limits(Limits { tasks: 1, stored_bytes: MIB, ..Limits::default() });
    let removed = undo(&full, caller, UndoTarget::Last).await.unwrap();
    assert_eq!((removed[0].number, removed[0].after.is_none()), (TaskNumber(2), true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_comes_back_from_a_record_of_an_earlier_version() {
    let (database, name) = database().await;
    let caller = caller(&database).await;
    execute(
        &name,
        "INSERT INTO todo_change (user_id, number, door, before)
         SELECT id, 7, 'rest', '{\"number\": 7, \"title\": \"Caf\u{e9}\", \"description\": null, \"completed\": false,
             \"created_at\": \"2026-11-20T08:00:00.123456+00:00\", \"updated_at\": \"2026-11-20T08:00:00.123456+00:00\"}'
         FROM \"user\"",
    )
    .await;
    let changes = undo(&database, caller, UndoTarget::Last).await.unwrap();
    let Some(task) = TodoStore::find(&database, caller, TaskNumber(7)).await.unwrap() else { panic!() };
    assert_eq!((task.title.as_str(), task.revision), ("Caf\u{e9}", 2));
    assert_eq!(changes[0].after.as_ref(), Some(&task));
    let found =
        execute(&name, "SELECT FROM todo WHERE title_key = 'cafe' AND created_at < '2026-11-21'").await;
    assert_eq!(found.iter().filter(|row| matches!(row, SimpleQueryMessage::Row(_))).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_forgotten_cannot_be_undone() {
    let (database, name) = database().await;
    let caller = caller(&database).await;
    change(&database, caller, &add("Milk")).await;
    execute(&name, "DELETE FROM todo_change").await;
    let refusal = undo(&database, caller, UndoTarget::Last).await.unwrap_err();
    assert_eq!(refusal, UndoError::NothingToUndo);
    let refusal = undo(&database, caller, UndoTarget::Change(ChangeId(1))).await.unwrap_err();
    assert_eq!(refusal, UndoError::NoSuchChange);
}
