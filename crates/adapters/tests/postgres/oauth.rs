//! Programs that are connected: requests at once, and what is forgotten.

use adapters::{clock_and_ids::UuidV7, postgres::Database};
use domain::{
    access_token::{AccessTokenId, Audience, Scopes},
    caller::Caller,
    oauth::{
        Client, ClientName, CodeExchange, GrantId, MAX_UNUSED_CLIENTS, NewClient, NewGrant, NewToken,
        Refresh, TokenOutcome,
    },
    ports::{AccessTokenStore, IdGenerator, OAuthStore, SessionStore, StoreError},
    session::SecretHash,
};
use futures::future::join_all;

use crate::postgres::fresh_database::{caller, database, execute};

fn client(id: &str) -> Client {
    let name = ClientName::read("A program").unwrap();
    Client { id: id.to_owned(), name, uri: None, redirect_uris: vec!["app:/cb".to_owned()] }
}

fn token(number: u8) -> NewToken {
    NewToken { id: AccessTokenId(UuidV7.next()), secret: SecretHash([number; 32]) }
}

fn new_grant() -> NewGrant {
    NewGrant {
        id: GrantId(UuidV7.next()),
        client: client("https://app.example/client.json"),
        scopes: Scopes::parse(["tasks:read"]).unwrap(),
        redirect_uri: "app:/cb".to_owned(),
        code_challenge: "c".repeat(43),
        code: SecretHash([1; 32]),
    }
}

fn exchange(grant: &NewGrant, first: u8, token: NewToken) -> CodeExchange {
    CodeExchange {
        grant: grant.id,
        code: grant.code.clone(),
        client_id: grant.client.id.clone(),
        redirect_uri: Some(grant.redirect_uri.clone()),
        code_challenge: grant.code_challenge.clone(),
        token,
        first: SecretHash([first; 32]),
    }
}

fn refresh(grant: &NewGrant, presented: u8, next: u8, token: NewToken) -> Refresh {
    Refresh {
        grant: grant.id,
        client_id: grant.client.id.clone(),
        presented: SecretHash([presented; 32]),
        next: SecretHash([next; 32]),
        scopes: None,
        token,
    }
}

async fn is_known(database: &Database, token: &NewToken) -> bool {
    database.authenticate(&token.secret, Audience::Mcp).await.unwrap().is_some()
}

async fn granted(database: &Database, caller: Caller) -> NewGrant {
    let new = new_grant();
    database.grant(caller, &new).await.unwrap();
    new
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_whose_commit_is_unknown_is_taken_again_and_gives_the_same() {
    let (database, _) = database().await;
    let caller = caller(&database).await;
    let new = granted(&database, caller).await;
    let exchange = exchange(&new, 2, token(3));
    for _ in 0..2 {
        assert_eq!(database.exchange(&exchange).await.unwrap(), TokenOutcome::Issued(new.scopes));
    }
    assert!(is_known(&database, &exchange.token).await);
    assert_eq!(database.connected(caller).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_refreshes_at_once_each_gets_the_same_next_one() {
    let (database, _) = database().await;
    let new = granted(&database, caller(&database).await).await;
    database.exchange(&exchange(&new, 2, token(3))).await.unwrap();
    let refreshes: Vec<_> = (10..14).map(|number| refresh(&new, 2, 4, token(number))).collect();
    for given in join_all(refreshes.iter().map(|refresh| database.refresh(refresh))).await {
        assert_eq!(given.unwrap(), TokenOutcome::Issued(new.scopes));
    }
    for refresh in &refreshes {
        assert!(is_known(&database, &refresh.token).await);
    }
    let next = refresh(&new, 4, 5, token(20));
    assert_eq!(database.refresh(&next).await.unwrap(), TokenOutcome::Issued(new.scopes));
}

#[tokio::test(flavor = "multi_thread")]
async fn grants_made_while_all_access_is_revoked_do_not_stay() {
    for _ in 0..5 {
        let (database, _) = database().await;
        let caller = caller(&database).await;
        let (used, late) = (granted(&database, caller).await, new_grant());
        let exchange = exchange(&used, 2, token(3));
        let (made, given, ended) = tokio::join!(
            database.grant(caller, &late),
            database.exchange(&exchange),
            database.close_all(caller)
        );
        ended.unwrap();
        assert!(made.is_ok() || matches!(made, Err(StoreError::UnknownCaller)));
        given.unwrap();
        assert!(!is_known(&database, &exchange.token).await);
        let later = self::exchange(&late, 6, token(7));
        assert_eq!(database.exchange(&later).await.unwrap(), TokenOutcome::Refused);
        let refresh = refresh(&used, 2, 4, token(5));
        assert_eq!(database.refresh(&refresh).await.unwrap(), TokenOutcome::Refused);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_rows_are_deleted_along_the_way() {
    let (database, name) = database().await;
    let (alice, bob) = (caller(&database).await, caller(&database).await);
    let new = granted(&database, alice).await;
    database.exchange(&exchange(&new, 2, token(3))).await.unwrap();
    granted(&database, alice).await;
    execute(&name, "UPDATE oauth_grant SET expires_at = now()").await;
    assert!(is_known(&database, &token(3)).await, "the hour is not over");
    granted(&database, bob).await;
    let rows = execute(&name, "SELECT id FROM oauth_grant UNION ALL SELECT id FROM access_token").await;
    // The row, and what says how many there were.
    assert_eq!(
        rows.iter().filter(|row| matches!(row, tokio_postgres::SimpleQueryMessage::Row(_))).count(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn however_many_programs_register_the_newest_are_remembered() {
    let (database, name) = database().await;
    let fill = format!(
        "INSERT INTO oauth_client (id, name, redirect_uris, created_at)
         SELECT gen_random_uuid(), 'flood', '{{app:/cb}}', now() - interval '1 minute'
         FROM generate_series(1, {MAX_UNUSED_CLIENTS})"
    );
    execute(&name, &fill).await;
    let ids: Vec<_> = (0..4).map(|_| UuidV7.next()).collect();
    let register = async |id: &uuid::Uuid| {
        let new = NewClient { id: *id, client: client(&id.to_string()) };
        database.register(&new).await.unwrap();
    };
    join_all(ids.iter().map(register)).await;
    for id in &ids {
        assert!(database.client(*id).await.unwrap().is_some());
    }
}
