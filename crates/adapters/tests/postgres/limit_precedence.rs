//! Which limit a change is refused for when more than one is reached.

use domain::{
    account_limits::{LimitReached, Limits, MIB},
    ports::TodoStore,
    request_channel::Channel,
    todo::{TaskNumber, TodoTitle},
    todo_command::{NewTodo, TodoChange, TodoPatch},
    todo_outcome::TodoError,
};

use crate::postgres::fresh_database::{caller, connect, database, execute};

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_a_task_is_refused_for_the_storage_also_when_there_are_too_many_tasks() {
    let (database, name) = database().await;
    let caller = caller(&database).await;
    execute(
        &name,
        "INSERT INTO todo (user_id, number, title, description)
         SELECT id, number, 'x', repeat('y', 2000) FROM \"user\", generate_series(1, 600) AS number;
         INSERT INTO account_usage (user_id, stored_bytes) SELECT id, 2000000 FROM \"user\"",
    )
    .await;
    let limits = Limits { tasks: 600, stored_bytes: MIB, ..Limits::default() };
    let database = connect(&name).with_limits(limits);
    let title = TodoTitle::parse("Milk").unwrap();
    let rename = |number| {
        let patch = TodoPatch { title: Some(title.clone()), ..TodoPatch::default() };
        TodoChange::Update(TaskNumber(number), patch)
    };
    let add = TodoChange::Add(NewTodo::titled(title.clone()));
    for (change, refusal) in [
        (rename(1), TodoError::Limit(LimitReached::StoredBytes(MIB))),
        (rename(601), TodoError::NoSuchTask(TaskNumber(601))),
        (add, TodoError::Limit(LimitReached::Tasks(600))),
    ] {
        assert_eq!(database.change(caller, Channel::Rest, &change).await.unwrap(), Err(refusal));
    }
}
