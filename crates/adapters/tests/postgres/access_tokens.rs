//! Personal access tokens: what ends them, and that no two requests make one too many.

use adapters::{clock_and_ids::UuidV7, postgres::Database};
use domain::{
    access_token::{
        AccessTokenId, Audience, MAX_ACCESS_TOKENS, NewAccessToken, Scopes, TokenDays, TokenName,
    },
    account_limits::LimitReached,
    caller::Caller,
    password::PasswordHash,
    ports::{AccessTokenStore, AccountStore, IdGenerator, SessionStore, StoreError},
    session::SecretHash,
};
use futures::future::join_all;

use crate::postgres::fresh_database::{caller, database, execute, new_session};

fn new(number: u8) -> NewAccessToken {
    NewAccessToken {
        id: AccessTokenId(UuidV7.next()),
        name: TokenName::parse("laptop").unwrap(),
        scopes: Scopes::parse(["tasks:read"]).unwrap(),
        audience: Audience::Api,
        lifetime: Some(TokenDays::parse(30).unwrap()),
        secret: SecretHash([number; 32]),
    }
}

async fn known(database: &Database, token: &NewAccessToken) -> Option<Caller> {
    database.authenticate(&token.secret, Audience::Api).await.unwrap()
}

async fn is_refused(database: &Database, program: Caller) -> bool {
    let by_row = AccountStore::find(database, program).await;
    let by_statement = AccountStore::update(database, program, &Default::default()).await;
    let is_unknown = |unknown| matches!(unknown, Some(StoreError::UnknownCaller));
    let (by_row, by_statement) = (is_unknown(by_row.err()), is_unknown(by_statement.err()));
    assert_eq!(by_row, by_statement, "both checks are the same");
    by_row
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_has_expired_is_none_and_makes_room() {
    let (database, name) = database().await;
    let caller = caller(&database).await;
    let token = new(1);
    database.create(caller, &token).await.unwrap();
    let program = known(&database, &token).await.unwrap();
    assert!(!is_refused(&database, program).await);
    execute(&name, "UPDATE access_token SET expires_at = now()").await;
    assert!(is_refused(&database, program).await);
    assert_eq!(known(&database, &token).await, None);
    assert_eq!(AccessTokenStore::list(&database, caller).await.unwrap().len(), 1, "it is shown");
    database.create(caller, &new(2)).await.unwrap();
    assert_eq!(AccessTokenStore::list(&database, caller).await.unwrap().len(), 1, "it is forgotten");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_something_else_is_none() {
    let (database, name) = database().await;
    let token = new(1);
    database.create(caller(&database).await, &token).await.unwrap();
    execute(&name, "UPDATE access_token SET audience = 'https://another.example/mcp'").await;
    assert_eq!(known(&database, &token).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_use_is_recorded_once_a_minute() {
    let (database, name) = database().await;
    let caller = caller(&database).await;
    let token = new(1);
    database.create(caller, &token).await.unwrap();
    let used = async || AccessTokenStore::list(&database, caller).await.unwrap()[0].last_used_at;
    assert_eq!(used().await, None);
    known(&database, &token).await.unwrap();
    let first = used().await.unwrap();
    known(&database, &token).await.unwrap();
    assert_eq!(used().await, Some(first));
    execute(&name, "UPDATE access_token SET last_used_at = now() - interval '1 minute'").await;
    known(&database, &token).await.unwrap();
    assert!(used().await.unwrap() > first);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_password_and_signing_out_everywhere_end_every_token() {
    let (database, _) = database().await;
    let caller = caller(&database).await;
    let (first, second) = (new(1), new(2));
    database.create(caller, &first).await.unwrap();
    let program = known(&database, &first).await.unwrap();
    let user = database
        .change_password(caller, &PasswordHash::new("$argon2id$new"), &new_session([9; 32]))
        .await
        .unwrap();
    assert!(is_refused(&database, program).await);
    assert_eq!(known(&database, &first).await, None);
    let caller = Caller { token_version: user.token_version, ..caller };
    database.create(caller, &second).await.unwrap();
    let program = known(&database, &second).await.unwrap();
    database.close_all(caller).await.unwrap();
    assert!(is_refused(&database, program).await);
    assert_eq!(known(&database, &second).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_tokens_made_at_once_none_is_one_too_many() {
    let (database, name) = database().await;
    let caller = caller(&database).await;
    let fill = format!(
        "INSERT INTO access_token (id, user_id, name, scopes, audience, secret_hash)
         SELECT gen_random_uuid(), '{}', 'old', '{{chat}}', '{}', sha256(number::text::bytea)
         FROM generate_series(2, {MAX_ACCESS_TOKENS}) AS number",
        caller.user,
        Audience::Api.as_str()
    );
    execute(&name, &fill).await;
    let tokens: Vec<_> = (1..=4).map(new).collect();
    let made = join_all(tokens.iter().map(|token| database.create(caller, token))).await;
    let is_full = |error: &StoreError| matches!(error, StoreError::Limit(LimitReached::AccessTokens(_)));
    assert_eq!(made.iter().filter(|made| made.is_ok()).count(), 1);
    assert_eq!(made.iter().filter(|made| made.as_ref().is_err_and(is_full)).count(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_made_while_all_are_ended_does_not_stay() {
    let (database, _) = database().await;
    let caller = caller(&database).await;
    let token = new(1);
    let (made, ended) = tokio::join!(database.create(caller, &token), database.close_all(caller));
    ended.unwrap();
    assert!(made.is_ok() || matches!(made, Err(StoreError::UnknownCaller)));
    assert_eq!(known(&database, &token).await, None);
}
