//! Additions to a full list in which a place becomes free at the same moment.

use domain::{
    account_limits::{LimitReached, Limits},
    ports::TodoStore,
    request_channel::Channel,
    todo::TodoTitle,
    todo_command::{NewTodo, TodoChange},
    todo_outcome::TodoError,
};

use crate::postgres::fresh_database::{caller, connect, database};

#[tokio::test(flavor = "multi_thread")]
async fn an_addition_to_a_list_that_is_full_for_a_moment_is_made_or_refused_for_that() {
    let (database, name) = database().await;
    let caller = caller(&database).await;
    let limits = Limits { tasks: 1, changes_a_minute: 1_000_000, ..Limits::default() };
    let database = connect(&name).with_limits(limits);
    let milk = TodoChange::Add(NewTodo::titled(TodoTitle::parse("Milk").unwrap()));
    let adds_and_deletes = async || {
        for _ in 0..150 {
            match database.change(caller, Channel::Rest, &milk).await.expect("a good token is not refused") {
                Ok(added) => {
                    let delete = TodoChange::Delete(added.task().number, None);
                    database.change(caller, Channel::Rest, &delete).await.unwrap().unwrap();
                }
                Err(refusal) => assert_eq!(refusal, TodoError::Limit(LimitReached::Tasks(1))),
            }
        }
    };
    tokio::join!(adds_and_deletes(), adds_and_deletes(), adds_and_deletes());
}
