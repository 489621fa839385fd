//! Connections outlive the requests that failed on them.

use adapters::clock_and_ids::UuidV7;
use domain::{
    caller::Caller,
    ports::{AccountStore, IdGenerator, StoreError, TodoStore, TurnReader, TurnStore},
    request_channel::Channel,
    todo::{TaskNumber, TodoTitle},
    todo_command::{NewTodo, TodoChange},
    turn::Target,
    turn_and_conversation_ids::{ConversationId, TurnId},
};
use tokio_postgres::SimpleQueryMessage;

use crate::postgres::{
    fresh_database::{caller, database, execute},
    turns::says,
};

/// The server processes behind a database's connections. Those of the test's own sessions may take a
/// moment to end; ours have a name.
async fn backends(name: &str) -> Vec<String> {
    let query = format!(
        "SELECT pid FROM pg_stat_activity
         WHERE datname = '{name}' AND application_name = 'todo-ai-chatbot' ORDER BY pid"
    );
    let messages = execute(name, &query).await;
    let pids = messages.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(ToOwned::to_owned),
        _ => None,
    });
    pids.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_costs_no_connection() {
    let (database, name) = database().await;
    let good = caller(&database).await;
    let revoked = Caller { token_version: good.token_version + 1, ..good };
    AccountStore::find(&database, good).await.unwrap();
    let before = backends(&name).await;
    assert_eq!(before.len(), 1);
    let add = TodoChange::Add(NewTodo::titled(TodoTitle::parse("Milk").unwrap()));
    for _ in 0..3 {
        let added = database.change(revoked, Channel::Rest, &add).await;
        assert!(matches!(added, Err(StoreError::UnknownCaller)), "{added:?}");
        let found = TodoStore::find(&database, revoked, TaskNumber(1)).await;
        assert!(matches!(found, Err(StoreError::UnknownCaller)), "{found:?}");
        let turn = says(revoked, Target::New(ConversationId(UuidV7.next())), "hello");
        assert!(matches!(database.begin(&turn).await, Err(StoreError::UnknownCaller)));
        let status = TurnReader::find(&database, revoked, TurnId(UuidV7.next())).await;
        assert!(matches!(status, Err(StoreError::UnknownCaller)));
    }
    assert_eq!(backends(&name).await, before, "the connection is the same");
    database.change(good, Channel::Rest, &add).await.unwrap().unwrap();
    assert_eq!(backends(&name).await, before, "and in no transaction");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rolled_back_transaction_leaves_a_connection_that_works() {
    let (database, name) = database().await;
    let good = caller(&database).await;
    let before = backends(&name).await;
    execute(&name, "ALTER TABLE todo ADD CONSTRAINT no_milk CHECK (title <> 'Milk')").await;
    let add = |title: &str| TodoChange::Add(NewTodo::titled(TodoTitle::parse(title).unwrap()));
    let outcome = database.change(good, Channel::Rest, &add("Milk")).await;
    assert!(matches!(outcome, Err(StoreError::Inconsistent { .. })), "{outcome:?}");
    database.change(good, Channel::Rest, &add("Bread")).await.unwrap().unwrap();
    assert_eq!(backends(&name).await, before);
}
