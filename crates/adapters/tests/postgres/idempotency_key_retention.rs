//! Idempotency keys are kept for a day and forgotten after two, by whoever comes next.

use adapters::clock_and_ids::UuidV7;
use domain::{
    caller::Caller,
    ports::{IdGenerator, IdempotentOutcome, ModelUsage, TodoStore, TurnStore},
    todo::{TaskNumber, TodoTitle},
    todo_command::{NewTodo, TodoChange},
    turn::{BeginOutcome, FinalMessage, FinishReason, IdempotencyKey, NewTurn, RequestKey, Target, Usage},
    turn_and_conversation_ids::ConversationId,
};
use tokio_postgres::SimpleQueryMessage;

use crate::postgres::{
    fresh_database::{caller, database, execute},
    turns::{says, started},
};

fn key(name: &str) -> RequestKey {
    RequestKey { key: IdempotencyKey::parse(name).unwrap(), body_hash: [7; 32] }
}

fn keyed(caller: Caller, name: &str) -> NewTurn {
    NewTurn { key: Some(key(name)), ..says(caller, Target::New(ConversationId(UuidV7.next())), "hello") }
}

async fn count(database: &str, table: &str) -> usize {
    let query = format!("SELECT 1 FROM {table} WHERE idempotency_key IS NOT NULL");
    execute(database, &query).await.iter().filter(|row| matches!(row, SimpleQueryMessage::Row(_))).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_s_key_is_kept_for_a_day_and_forgotten_after_two() {
    let (database, name) = database().await;
    let caller = caller(&database).await;
    let turn = started(database.begin(&keyed(caller, "old")).await.unwrap());
    let final_message = FinalMessage { text: "Hello.".into(), reason: FinishReason::Stop };
    let cost = ModelUsage { model: "m".into(), usage: Usage::default() };
    database.finish(&turn.lease, &final_message, &cost).await.unwrap();
    for (age, kept) in [("25 hours", 2), ("49 hours", 2)] {
        execute(
            &name,
            &format!("UPDATE turn SET created_at = now() - interval '{age}' WHERE idempotency_key = 'old'"),
        )
        .await;
        let again = database.begin(&keyed(caller, "old")).await.unwrap();
        assert!(matches!(again, BeginOutcome::Ended(_)), "still known: {again:?}");
        let next = started(database.begin(&keyed(caller, age.split(' ').next().unwrap())).await.unwrap());
        assert_eq!(count(&name, "turn").await, kept);
        database.finish(&next.lease, &final_message, &cost).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_s_key_is_forgotten_after_two_days_too() {
    let (database, name) = database().await;
    let caller = caller(&database).await;
    let new = |title: &str| NewTodo::titled(TodoTitle::parse(title).unwrap());
    database.add_once(caller, &key("old"), &new("Milk")).await.unwrap().unwrap();
    execute(&name, "UPDATE todo_change SET created_at = now() - interval '25 hours'").await;
    let again = database.add_once(caller, &key("old"), &new("Milk")).await.unwrap().unwrap();
    assert!(matches!(again, IdempotentOutcome::Replayed(_)), "{again:?}");
    execute(&name, "UPDATE todo_change SET created_at = now() - interval '49 hours'").await;
    database.add_once(caller, &key("new"), &new("Bread")).await.unwrap().unwrap();
    assert_eq!(count(&name, "todo_change").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_carries_its_version_and_one_from_before_is_read() {
    let (database, name) = database().await;
    let caller = caller(&database).await;
    let new = NewTodo::titled(TodoTitle::parse("Milk").unwrap());
    let added = database.add_once(caller, &key("old"), &new).await.unwrap().unwrap();
    let IdempotentOutcome::Fresh(todo) = added else { panic!("it is new: {added:?}") };
    let messages =
        execute(&name, "UPDATE todo_change SET after = after - 'version' WHERE after @> '{\"version\": 1}'")
            .await;
    assert!(matches!(messages[..], [SimpleQueryMessage::CommandComplete(1)]), "{messages:?}");
    assert_eq!(
        database.add_once(caller, &key("old"), &new).await.unwrap().unwrap(),
        IdempotentOutcome::Replayed(todo)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_s_key_is_forgotten_after_two_days_too() {
    let (database, name) = database().await;
    let caller = caller(&database).await;
    let add = [TodoChange::Add(NewTodo::titled(TodoTitle::parse("Milk").unwrap()))];
    database.change_all(caller, Some(&key("old")), &add).await.unwrap();
    execute(&name, "UPDATE todo_batch SET created_at = now() - interval '25 hours'").await;
    let again = database.change_all(caller, Some(&key("old")), &add).await.unwrap();
    assert!(matches!(again, IdempotentOutcome::Replayed(_)), "{again:?}");
    execute(&name, "UPDATE todo_batch SET created_at = now() - interval '49 hours'").await;
    database.change_all(caller, Some(&key("new")), &add).await.unwrap();
    assert_eq!(count(&name, "todo_batch").await, 1);
}

/// What is refused is no change, and may be told a task of any size: answers are bounded by their bytes.
#[tokio::test(flavor = "multi_thread")]
async fn answers_to_batches_take_a_quarter_of_what_an_account_may_store() {
    let (database, name) = database().await;
    let caller = caller(&database).await;
    let missing = [TodoChange::Delete(TaskNumber(77), None)];
    for batch in 0..4 {
        database.change_all(caller, Some(&key(&format!("k{batch}"))), &missing).await.unwrap();
    }
    // As if each answer had 8 MiB: two fit into a quarter of 64 MiB.
    execute(
        &name,
        "ALTER TABLE todo_batch ALTER COLUMN outcomes SET STORAGE EXTERNAL;
         UPDATE todo_batch SET outcomes = jsonb_build_array(jsonb_build_object('outcome', 'invalid',
             'field', 'body', 'message', repeat('x', 8 * 1024 * 1024 - 128 * 1024)))",
    )
    .await;
    // They are looked for once in 64 batches or so.
    let large = "(SELECT * FROM todo_batch WHERE idempotency_key LIKE 'k%') AS large";
    for batch in 0.. {
        assert!(batch < 2_000, "nothing is forgotten");
        database.change_all(caller, Some(&key(&format!("next-{batch}"))), &missing).await.unwrap();
        if count(&name, large).await < 4 {
            break;
        }
    }
    assert_eq!(count(&name, large).await, 2, "the two newest");
    let newest = database.change_all(caller, Some(&key("k3")), &missing).await.unwrap();
    assert!(matches!(newest, IdempotentOutcome::Replayed(_)));
}
