//! Sessions: rotation, a lost answer, theft, and what ends them all.

use adapters::postgres::Database;
use domain::{
    account::User,
    caller::{Caller, Grant},
    password::PasswordHash,
    ports::{AccountStore, SessionStore, StoreError},
    session::{Rotation, SecretHash, SessionId, UserAgent},
};

use crate::postgres::fresh_database::{caller, database, execute, new_session};

const FIRST: SecretHash = SecretHash([1; 32]);
const SECOND: SecretHash = SecretHash([2; 32]);
const THIRD: SecretHash = SecretHash([3; 32]);

async fn opened(database: &Database, caller: Caller) -> SessionId {
    let new = new_session(FIRST.0);
    let user = AccountStore::find(database, caller).await.unwrap();
    assert!(database.open(&user, &new).await.unwrap());
    new.id
}

async fn rotate(
    database: &Database,
    session: SessionId,
    presented: SecretHash,
    next: SecretHash,
) -> Option<User> {
    database.rotate(&Rotation { session, presented, next }).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_token_rotates_and_the_previous_one_is_taken_for_a_lost_answer() {
    let (database, _) = database().await;
    let session = opened(&database, caller(&database).await).await;
    assert!(rotate(&database, session, FIRST, SECOND).await.is_some());
    assert!(rotate(&database, session, FIRST, SECOND).await.is_some());
    assert!(rotate(&database, session, SECOND, THIRD).await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_used_twice_ends_the_session() {
    let (database, _) = database().await;
    let session = opened(&database, caller(&database).await).await;
    rotate(&database, session, FIRST, SECOND).await.unwrap();
    rotate(&database, session, SECOND, THIRD).await.unwrap();
    assert!(rotate(&database, session, FIRST, SECOND).await.is_none());
    assert!(rotate(&database, session, THIRD, FIRST).await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_while_the_token_before_the_newest_is_theft_too() {
    let (database, name) = database().await;
    let session = opened(&database, caller(&database).await).await;
    rotate(&database, session, FIRST, SECOND).await.unwrap();
    execute(&name, "UPDATE session SET rotated_at = now() - interval '91 seconds'").await;
    assert!(rotate(&database, session, FIRST, SECOND).await.is_none());
    assert!(rotate(&database, session, SECOND, THIRD).await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_that_refresh_at_once_both_go_on() {
    let (database, _) = database().await;
    let session = opened(&database, caller(&database).await).await;
    let (one, other) =
        tokio::join!(rotate(&database, session, FIRST, SECOND), rotate(&database, session, FIRST, SECOND));
    assert!(one.is_some() && other.is_some());
    assert!(rotate(&database, session, SECOND, THIRD).await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_session_is_over_and_forgotten() {
    let (database, name) = database().await;
    let caller = caller(&database).await;
    let session = opened(&database, caller).await;
    execute(&name, "UPDATE session SET expires_at = now()").await;
    assert!(rotate(&database, session, FIRST, SECOND).await.is_none());
    opened(&database, caller).await;
    let rows = execute(&name, "SELECT id FROM session").await;
    let rows = rows.iter().filter(|row| matches!(row, tokio_postgres::SimpleQueryMessage::Row(_)));
    assert_eq!(rows.count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_one_session_and_no_other() {
    let (database, _) = database().await;
    let caller = caller(&database).await;
    let (here, there) = (opened(&database, caller).await, opened(&database, caller).await);
    database.close(here).await.unwrap();
    assert!(rotate(&database, here, FIRST, SECOND).await.is_none());
    assert!(rotate(&database, there, FIRST, SECOND).await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_password_ends_every_session_and_every_access_token() {
    let (database, _) = database().await;
    let caller = caller(&database).await;
    let session = opened(&database, caller).await;
    let here = new_session(FIRST.0);
    let user = database.change_password(caller, &PasswordHash::new("$argon2id$new"), &here).await.unwrap();
    assert_eq!(user.token_version, caller.token_version + 1);
    assert!(rotate(&database, session, FIRST, SECOND).await.is_none());
    let old = AccountStore::find(&database, caller).await;
    assert!(matches!(old, Err(StoreError::UnknownCaller)));
    assert!(rotate(&database, here.id, FIRST, SECOND).await.is_some());
    let new = Caller { token_version: user.token_version, ..caller };
    assert_eq!(database.find_with_password(new).await.unwrap().hash.expose(), "$argon2id$new");
    database.close_all(new).await.unwrap();
    assert!(rotate(&database, here.id, SECOND, THIRD).await.is_none());
    assert!(matches!(AccountStore::find(&database, new).await, Err(StoreError::UnknownCaller)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_sees_their_devices_and_ends_one() {
    let (database, name) = database().await;
    let (ann, bob) = (caller(&database).await, caller(&database).await);
    let (here, there) = (opened(&database, ann).await, opened(&database, ann).await);
    let over = opened(&database, ann).await;
    execute(&name, &format!("UPDATE session SET expires_at = now() WHERE id = '{}'", over.0)).await;
    rotate(&database, here, FIRST, SECOND).await.unwrap();
    let devices = SessionStore::list(&database, ann).await.unwrap();
    assert_eq!(devices.iter().map(|device| device.id).collect::<Vec<_>>(), [here, there]);
    assert_eq!(devices[0].user_agent, UserAgent::read("Firefox on a phone"));
    assert!(devices[0].last_used_at > devices[0].created_at);
    assert_eq!(SessionStore::list(&database, bob).await.unwrap(), []);

    assert!(!database.end(bob, there).await.unwrap(), "it is not bob's");
    assert!(database.end(ann, there).await.unwrap());
    assert!(!database.end(ann, there).await.unwrap());
    assert!(rotate(&database, there, FIRST, SECOND).await.is_none());
    let ended = Caller { grant: Some(Grant::Session(there)), ..ann };
    assert!(matches!(AccountStore::find(&database, ended).await, Err(StoreError::UnknownCaller)));
    assert!(rotate(&database, here, SECOND, THIRD).await.is_some());
}
