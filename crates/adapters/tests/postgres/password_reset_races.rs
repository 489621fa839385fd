//! Links that are good once: what is made while one is used.

use std::time::Duration;

use adapters::postgres::Database;
use domain::{
    caller::Caller,
    one_time_token::{IssueOutcome, NewOneTimeToken, TokenPurpose},
    password::PasswordHash,
    ports::{AccountStore, CalendarStore, OneTimeTokenStore, StoreError},
    session::SecretHash,
};
use tokio::time::sleep;

use crate::postgres::fresh_database::{caller, database, execute, session};

const LINK: SecretHash = SecretHash([1; 32]);
const CALENDAR: SecretHash = SecretHash([2; 32]);

/// Mails the caller a link to another password.
async fn mail_a_link(database: &Database, caller: Caller) {
    let user = AccountStore::find(database, caller).await.unwrap();
    let link = NewOneTimeToken { purpose: TokenPurpose::ResetPassword, secret: LINK, by_mail: true };
    assert_eq!(database.issue(&user.email, &link).await.unwrap(), IssueOutcome::Issued);
}

/// Waits until so many wait for a lock.
async fn wait_for_a_lock(name: &str, waiting: usize) {
    let look = "SELECT pid FROM pg_stat_activity
                WHERE wait_event_type = 'Lock' AND datname = current_database()";
    for _ in 0..1_000 {
        let rows = execute(name, look).await;
        let rows = rows.iter().filter(|row| matches!(row, tokio_postgres::SimpleQueryMessage::Row(_)));
        if rows.count() == waiting {
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("there are not {waiting} that wait for a lock");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_that_is_turned_on_while_the_password_is_reset_does_not_stay() {
    for is_first in [true, false] {
        let (database, name) = database().await;
        let squatter = caller(&database).await;
        mail_a_link(&database, squatter).await;
        let (client, _connection) = session(&name).await;
        client.batch_execute("BEGIN; SELECT FROM \"user\" FOR UPDATE").await.unwrap();
        let activate = async {
            if !is_first {
                wait_for_a_lock(&name, 1).await;
            }
            database.activate(squatter, &CALENDAR).await
        };
        let reset = async {
            if is_first {
                wait_for_a_lock(&name, 1).await;
            }
            database.reset_password(&LINK, &PasswordHash::new("$argon2id$new")).await
        };
        let release = async {
            wait_for_a_lock(&name, 2).await;
            client.batch_execute("COMMIT").await.unwrap();
        };
        let (activated, reset, ()) = tokio::join!(activate, reset, release);
        assert!(reset.unwrap().is_some());
        assert_eq!(activated.is_ok(), is_first, "{activated:?}");
        assert!(is_first || matches!(activated, Err(StoreError::UnknownCaller)));
        assert!(CalendarStore::read(&database, &CALENDAR).await.unwrap().is_none());
    }
}
