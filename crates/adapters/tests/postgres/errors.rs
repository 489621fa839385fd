//! Failures of the database, as the adapter's callers see them.

use std::time::{Duration, Instant};

use adapters::clock_and_ids::UuidV7;
use domain::{
    ports::{IdGenerator, StoreError, TodoStore, TurnStore},
    request_channel::Channel,
    todo::{TaskNumber, TodoTitle},
    todo_command::{NewTodo, TodoChange, TodoPatch},
    todo_filter::TodoFilter,
    turn::Target,
    turn_and_conversation_ids::ConversationId,
};
use serde_json::json;

use crate::postgres::{
    fresh_database::{caller, connect, database, execute, session},
    turns::{says, started, step},
};

fn add(title: &str) -> TodoChange {
    TodoChange::Add(NewTodo::titled(TodoTitle::parse(title).unwrap()))
}

fn everything() -> TodoFilter {
    let status = domain::todo_filter::StatusFilter::All;
    TodoFilter { status, limit: 10, counts: true, ..TodoFilter::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_were_ended_while_idle_are_not_noticed() {
    let (database, name) = database().await;
    let caller = caller(&database).await;
    for round in 0..10 {
        let outcome = database.change(caller, Channel::Rest, &add(&format!("{round}"))).await;
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
    database.change(caller, Channel::Rest, &add("Milk")).await.unwrap().unwrap();
    let (holder, _connection) = session(&name).await;
    holder.batch_execute("BEGIN; LOCK TABLE todo IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let started_at = Instant::now();
    let patch = TodoPatch { completed: Some(true), ..TodoPatch::default() };
    let outcome = database.change(caller, Channel::Rest, &TodoChange::Update(TaskNumber(1), patch)).await;
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
    assert!(started_at.elapsed() < Duration::from_secs(8), "{:?}", started_at.elapsed());
    holder.batch_execute("ROLLBACK").await.unwrap();
    database.list(caller, &everything()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadlock_is_tried_again() {
    let (database, name) = database().await;
    let caller = caller(&database).await;
    database.change(caller, Channel::Rest, &add("Milk")).await.unwrap().unwrap();
    let target = Target::New(ConversationId(UuidV7.next()));
    let turn = started(database.begin(&says(caller, target, "do both")).await.unwrap());
    // The other session takes the user and then wants the task; our step takes the task and then
    // wants the user, and is the one that looks for deadlocks first.
    let user = caller.user;
    let (other, _connection) = session(&name).await;
    let first =
        format!(r#"SET deadlock_timeout = '20s'; BEGIN; UPDATE "user" SET name = 'x' WHERE id = '{user}'"#);
    other.batch_execute(&first).await.unwrap();
    let both = step(&[("complete_task", json!({"task_id": 1})), ("add_task", json!({"title": "Bread"}))]);
    let wanting = async {
        let (watch, _connection) = session(&name).await;
        let waiting = "SELECT FROM pg_stat_activity
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let started_at = Instant::now();
        while watch.query(waiting, &[]).await.unwrap().is_empty() {
            assert!(started_at.elapsed() < Duration::from_secs(20), "nobody waits for a lock");
        }
        let second = format!("UPDATE todo SET title = 'x' WHERE user_id = '{user}'; COMMIT");
        other.batch_execute(&second).await.unwrap();
    };
    let (results, ()) = tokio::join!(database.commit_step(&turn.lease, 0, &both), wanting);
    let results = results.unwrap();
    assert_eq!((results.len(), &results[1].result["task"]["id"]), (2, &json!(2)));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_begins_a_turn_while_their_account_is_deleted_is_not_known_any_more() {
    let (database, name) = database().await;
    let caller = caller(&database).await;
    let (deleting, _connection) = session(&name).await;
    let delete = format!(r#"BEGIN; DELETE FROM "user" WHERE id = '{}'"#, caller.user);
    deleting.batch_execute(&delete).await.unwrap();
    let turn = says(caller, Target::New(ConversationId(UuidV7.next())), "add milk");
    let deleted = async {
        let (watch, _connection) = session(&name).await;
        let waiting = "SELECT FROM pg_stat_activity
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while watch.query(waiting, &[]).await.unwrap().is_empty() {}
        deleting.batch_execute("COMMIT").await.unwrap();
    };
    let (begun, ()) = tokio::join!(database.begin(&turn), deleted);
    assert!(matches!(begun, Err(StoreError::UnknownCaller)), "{begun:?}");
}

/// What a violated one means is told by its name.
#[tokio::test(flavor = "multi_thread")]
async fn the_keys_of_accounts_have_the_names_that_are_looked_for() {
    let (_database, name) = database().await;
    let (client, _connection) = session(&name).await;
    let others = r#"SELECT conname FROM pg_constraint WHERE contype = 'f' AND confrelid = '"user"'::regclass
                    AND conname <> conrelid::regclass || '_user_id_fkey'"#;
    assert!(client.query(others, &[]).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_not_there_is_unavailable_in_time() {
    let database = connect("no_such_database");
    let started_at = Instant::now();
    let outcome = database.ping().await;
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
    assert!(started_at.elapsed() < Duration::from_secs(8), "{:?}", started_at.elapsed());
}
