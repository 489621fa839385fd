//! A fresh database for each test, copied from a migrated template.

use std::sync::{
    LazyLock,
    atomic::{AtomicU32, Ordering},
};

use adapters::{
    clock_and_ids::UuidV7,
    postgres::{Database, DatabaseConfig},
};
use devkit::postgres::{LocalPostgres, Options};
use domain::{
    account::{Email, UserId},
    account_limits::Limits,
    caller::Caller,
    password::PasswordHash,
    ports::{AccountStore, IdGenerator, NewAccount, SessionStore},
    session::{NewSession, SecretHash, SessionId, UserAgent},
    time_zone::TimeZone,
};
use secrecy::SecretString;
use tokio::{sync::OnceCell, task::JoinHandle};

static SERVER: LazyLock<LocalPostgres> =
    LazyLock::new(|| LocalPostgres::start(Options::temporary()).expect("a private Postgres"));
static TEMPLATE: OnceCell<()> = OnceCell::const_new();
static COUNT: AtomicU32 = AtomicU32::new(0);

pub(super) fn connect(database: &str) -> Database {
    let url = SecretString::from(SERVER.url(database));
    let config = DatabaseConfig::parse(&url, 4).expect("a URL of our own");
    assert_eq!(config.warnings(), [""; 0]);
    // The contract's suites are quicker than any person.
    let limits = Limits {
        turns_at_once: 1_000,
        turns_in_window: 1_000_000,
        changes_a_minute: 1_000_000,
        ..Limits::default()
    };
    Database::new(config).expect("a pool").with_limits(limits)
}

pub(super) async fn execute(database: &str, statement: &str) -> Vec<tokio_postgres::SimpleQueryMessage> {
    let (client, connection) = session(database).await;
    let rows = client.simple_query(statement).await.expect("a statement");
    drop(client);
    connection.await.expect("a task").expect("a connection that ends well");
    rows
}

/// The first column of what a query yields.
pub(super) async fn texts(database: &str, query: &str) -> Vec<String> {
    let messages = execute(database, query).await;
    let texts = messages.iter().filter_map(|message| match message {
        tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(ToOwned::to_owned),
        _ => None,
    });
    texts.collect()
}

/// A session of one's own, for locks; it ends when the client is dropped.
pub(super) async fn session(
    database: &str,
) -> (tokio_postgres::Client, JoinHandle<Result<(), tokio_postgres::Error>>) {
    let url = SERVER.url(database);
    let (client, connection) =
        tokio_postgres::connect(&url, tokio_postgres::NoTls).await.expect("a connection");
    (client, tokio::spawn(connection))
}

/// A database of its own with the schema in it, and its name.
pub(super) async fn database() -> (Database, String) {
    TEMPLATE
        .get_or_init(|| async {
            execute("postgres", "CREATE DATABASE template_todo").await;
            connect("template_todo").migrate().await.expect("migrations");
        })
        .await;
    let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    execute("postgres", &format!("CREATE DATABASE {name} TEMPLATE template_todo")).await;
    (connect(&name), name)
}

/// The name of a database of its own without anything in it.
pub(super) async fn empty() -> String {
    let name = format!("empty_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    execute("postgres", &format!("CREATE DATABASE {name}")).await;
    name
}

/// A session that is to be opened, with this hash of its first secret.
pub(super) fn new_session(secret: [u8; 32]) -> NewSession {
    let user_agent = UserAgent::read("Firefox on a phone");
    NewSession { id: SessionId(UuidV7.next()), secret: SecretHash(secret), user_agent }
}

/// A new user, who is not signed in.
pub(super) async fn caller(database: &Database) -> Caller {
    let id = UuidV7.next();
    let account = NewAccount {
        id: UserId(id),
        email: Email::parse(&format!("{id}@example.com")).expect("an address"),
        password_hash: PasswordHash::new("$argon2id$"),
        name: None,
        time_zone: TimeZone::UTC,
    };
    let session = new_session([0; 32]);
    let user = database.insert(&account, &session).await.expect("a database").expect("a new address");
    let caller = Caller { user: user.id, token_version: user.token_version, grant: None };
    assert!(database.end(caller, session.id).await.expect("a database"));
    caller
}
