//! Trouble with the database, as the adapter's callers see it.

use std::time::{Duration, Instant};

use adapters::system::UuidV7;
use domain::{
    command::{Door, TodoCommand, TodoFilter, TodoPatch},
    conversation::ConversationId,
    ports::{Ids, StoreError, TodoStore, TurnStore},
    todo::{TaskNumber, TodoTitle},
    turn::Target,
};
use serde_json::json;

use crate::postgres::{
    fresh::{caller, connect, database, execute},
    turns::{says, started, step},
};

fn add(title: &str) -> TodoCommand {
    TodoCommand::Add { title: TodoTitle::parse(title).unwrap(), description: None }
}

fn everything() -> TodoCommand {
    let status = domain::command::StatusFilter::All;
    TodoCommand::List(TodoFilter { status, search: None, limit: 10, before: None })
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_were_ended_while_idle_are_not_noticed() {
    let (database, name) = database().await;
    let caller = caller(&database).await;
    for round in 0..10 {
        let outcome = database.apply(caller, Door::Rest, add(&format!("{round}"))).await;
        outcome.unwrap().unwrap();
        let others = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid()"
        );
        execute(&name, &others).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_is_held_for_long_makes_the_database_unavailable_and_not_a_bug() {
    let (database, name) = database().await;
    let caller = caller(&database).await;
    database.apply(caller, Door::Rest, add("Milk")).await.unwrap().unwrap();
    let holder = tokio::spawn(async move {
        execute(&name, "BEGIN; LOCK TABLE todo IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(6); ROLLBACK").await;
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    let begun = Instant::now();
    let patch = TodoPatch { completed: Some(true), ..TodoPatch::default() };
    let outcome = database.apply(caller, Door::Rest, TodoCommand::Update(TaskNumber(1), patch)).await;
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    holder.await.unwrap();
    database.apply(caller, Door::Rest, everything()).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadlock_is_tried_again() {
    let (database, name) = database().await;
    let caller = caller(&database).await;
    database.apply(caller, Door::Rest, add("Milk")).await.unwrap().unwrap();
    let target = Target::New(ConversationId(UuidV7.next()));
    let turn = started(database.begin(&says(caller, target, "do both")).await.unwrap());
    // The other session takes the user and then wants the task; our step takes the task and then
    // wants the user, and is the one that looks for deadlocks first.
    let other = tokio::spawn(async move {
        let user = caller.user;
        let statements = format!(
            r#"SET deadlock_timeout = '20s'; BEGIN; UPDATE "user" SET name = 'x' WHERE id = '{user}';
               SELECT pg_sleep(0.7); UPDATE todo SET title = 'x' WHERE user_id = '{user}'; COMMIT"#
        );
        execute(&name, &statements).await;
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    let both = step(&[("complete_task", json!({"task_id": 1})), ("add_task", json!({"title": "Bread"}))]);
    let results = database.commit_step(&turn.lease, 0, &both).await.unwrap();
    assert_eq!((results.len(), &results[1].result["task"]["id"]), (2, &json!(2)));
    other.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_not_there_is_unavailable_in_time() {
    let database = connect("no_such_database");
    let begun = Instant::now();
    let outcome = database.ping().await;
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
}
