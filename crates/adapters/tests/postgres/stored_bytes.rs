//! The count of the bytes that an account keeps.

use domain::{
    ports::TodoStore,
    todo::TodoTitle,
    todo_command::{NewTodo, TodoChange},
};
use tokio_postgres::SimpleQueryMessage;

use crate::postgres::fresh_database::{caller, database, execute};

async fn number(name: &str, statement: &str) -> i64 {
    let rows = execute(name, statement).await;
    let row = rows.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    row.unwrap().parse().unwrap()
}

/// An account may have hundreds of thousands of messages: they are not measured on the way of a change.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_measured_on_the_way_of_many_changes_and_messages_are_counted() {
    let (database, name) = database().await;
    let caller = caller(&database).await;
    execute(
        &name,
        "INSERT INTO conversation (id, user_id, title, last_seq) SELECT id, id, 'Talk', 1 FROM \"user\";
         INSERT INTO turn (id, user_id, conversation_id, first_seq, lease_until)
             SELECT id, id, id, 1, now() FROM \"user\";
         INSERT INTO message (conversation_id, turn_id, seq, role, content)
             SELECT id, id, 1, 'user', repeat('x', 1000) FROM \"user\";
         INSERT INTO account_usage (user_id, stored_bytes) SELECT id, 7 FROM \"user\"",
    )
    .await;
    let add = || TodoChange::Add(NewTodo::titled(TodoTitle::parse("Milk").unwrap()));
    let many: Vec<TodoChange> = (0..100).map(|_| add()).collect();
    let stored = "SELECT stored_bytes FROM account_usage";
    let list = "SELECT (SELECT sum(octet_length(title)) FROM todo)
                    + (SELECT sum(pg_column_size(after)) FROM todo_change)";

    // It is not known which part of the count is the list's: all is measured, once.
    database.change_all(caller, None, &many).await.unwrap();
    assert_eq!(number(&name, stored).await, 1_000 + number(&name, list).await);

    execute(&name, "UPDATE account_usage SET stored_bytes = stored_bytes + 500").await;
    database.change_all(caller, None, &many).await.unwrap();
    assert_eq!(number(&name, stored).await, 1_500 + number(&name, list).await);
}
