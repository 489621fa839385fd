//! The contracts of the domain's stores, kept by Postgres as by the stores in memory.

use domain::testing::contract;

use crate::postgres::fresh_database::{caller, database};

#[tokio::test(flavor = "multi_thread")]
async fn todo_lists_keep_their_contract() {
    let (database, _) = database().await;
    let (a, b) = (caller(&database).await, caller(&database).await);
    contract::todo_store(&database, a, b).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn turns_keep_their_contract() {
    let (database, _) = database().await;
    let (a, b) = (caller(&database).await, caller(&database).await);
    contract::turn_store(&database, a, b).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conversations_keep_their_contract() {
    let (database, _) = database().await;
    let (a, b) = (caller(&database).await, caller(&database).await);
    contract::conversation_store(&database, a, b).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn approvals_keep_their_contract() {
    let (database, _) = database().await;
    let (a, b) = (caller(&database).await, caller(&database).await);
    contract::approval_store(&database, a, b).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_programs_ask_keeps_its_contract() {
    let (database, _) = database().await;
    let (a, b) = (caller(&database).await, caller(&database).await);
    contract::mcp_call_approvals(&database, a, b).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calendars_keep_their_contract() {
    let (database, _) = database().await;
    let (a, b) = (caller(&database).await, caller(&database).await);
    contract::calendar_store(&database, a, b).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_ins_keep_their_contract() {
    contract::sign_in(&database().await.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn access_tokens_keep_their_contract() {
    let (database, _) = database().await;
    let (a, b) = (caller(&database).await, caller(&database).await);
    contract::access_token_store(&database, a, b).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn oauth_grants_keep_their_contract() {
    let (database, _) = database().await;
    let (a, b) = (caller(&database).await, caller(&database).await);
    contract::oauth_store(&database, a, b).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn undo_keeps_its_contract() {
    let (database, _) = database().await;
    let (a, b) = (caller(&database).await, caller(&database).await);
    contract::undo_store(&database, a, b).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_of_changes_keep_their_contract() {
    let (database, _) = database().await;
    let (a, b) = (caller(&database).await, caller(&database).await);
    contract::change_log(&database, a, b).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_of_programs_keep_their_contract() {
    let (database, _) = database().await;
    let (a, b) = (caller(&database).await, caller(&database).await);
    contract::mcp_call_store(&database, a, b).await;
}
