//! A fresh database for each test, copied from a migrated template.
//!
//! The server is the one that `TEST_DATABASE_URL` names, else a private one per test process.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use adapters::postgres::{Database, DatabaseConfig};
use devkit::postgres::{LocalPostgres, Options};
use secrecy::SecretString;
use tokio::{runtime::Runtime, sync::OnceCell};
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};
use url::Url;

const VARIABLE: &str = "TEST_DATABASE_URL";
/// What the names of all databases of tests begin with.
const PREFIX: &str = "todo_test_";
const WAIT_TIMEOUT: Duration = Duration::from_secs(20);

static POSTGRES: LazyLock<Postgres> = LazyLock::new(|| {
    // A thread of its own: the test that comes first is in a runtime, and this starts another.
    thread::spawn(Postgres::connect).join().expect("a Postgres for the tests")
});
static TEMPLATE: OnceCell<String> = OnceCell::const_new();
static COUNT: AtomicU32 = AtomicU32::new(0);

/// A database that is dropped at the end of its test.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
}

impl TestDatabase {
    /// How many sessions wait for a lock.
    pub const WAITING_FOR_A_LOCK: &str = "SELECT count(*) FROM pg_stat_activity
                                          WHERE datname = current_database() AND wait_event_type = 'Lock'";

    /// Makes a database with the whole schema in it.
    pub async fn create() -> Self {
        let template = TEMPLATE.get_or_init(template).await;
        Self::made("CREATE DATABASE", &format!("TEMPLATE {template}")).await
    }

    /// Makes a database with nothing in it.
    pub async fn empty() -> Self {
        Self::made("CREATE DATABASE", "").await
    }

    async fn made(statement: &str, how: &str) -> Self {
        let name = POSTGRES.new_name();
        POSTGRES.execute(&format!("{statement} {name} {how}")).await;
        Self { name }
    }

    /// Returns the connection string.
    pub fn url(&self) -> String {
        POSTGRES.url(&self.name)
    }

    /// Returns the rows that statements yield, every value as text and null as "".
    ///
    /// # Panics
    /// When one is not good.
    pub async fn query(&self, statements: &str) -> Vec<Vec<String>> {
        let (client, connection) =
            tokio_postgres::connect(&self.url(), NoTls).await.expect("a connection to the test's database");
        let connection = tokio::spawn(connection);
        let messages = client.simple_query(statements).await.expect("statements that are good");
        drop(client);
        // Its end is the end of what was asked.
        let _ = connection.await;
        let rows = messages.iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        let cells = |row: &tokio_postgres::SimpleQueryRow| {
            (0..row.len()).map(|cell| row.get(cell).unwrap_or_default().to_owned()).collect()
        };
        rows.map(cells).collect()
    }

    /// Waits until a query yields one value, which is this one.
    ///
    /// # Panics
    /// When it does not within twenty seconds.
    pub async fn wait_for(&self, query: &str, wanted: &str) {
        let started_at = Instant::now();
        loop {
            let seen = self.query(query).await.concat();
            if seen == [wanted] {
                return;
            }
            assert!(started_at.elapsed() < WAIT_TIMEOUT, "{seen:?}, and not {wanted}: {query}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        POSTGRES.execute_now(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}

/// Migrates a database once, for all others to be copied from.
async fn template() -> String {
    let name = POSTGRES.new_name();
    POSTGRES.execute(&format!("CREATE DATABASE {name}")).await;
    let url = SecretString::from(POSTGRES.url(&name));
    let config = DatabaseConfig::parse(&url, 1).expect("a URL of our own");
    let database = Database::new(config).expect("a pool");
    database.migrate().await.expect("migrations that run");
    drop(database);
    // The pool's connection closes by and by; nobody else may be in a template.
    POSTGRES
        .execute(&format!(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'"
        ))
        .await;
    name
}

/// The server with the tests' databases.
struct Postgres {
    server: PostgresServer,
    /// Names this process among all that use the server, also in its list of sessions.
    run: String,
    runtime: Runtime,
    admin: Client,
}

enum PostgresServer {
    Given(Url),
    Private(LocalPostgres),
}

impl PostgresServer {
    fn url(&self, database: Option<&str>) -> String {
        match self {
            Self::Private(postgres) => postgres.url(database.unwrap_or("postgres")),
            Self::Given(url) => {
                let mut url = url.clone();
                if let Some(database) = database {
                    url.set_path(database);
                }
                url.into()
            }
        }
    }
}

impl Postgres {
    fn connect() -> Self {
        let server = match std::env::var_os(VARIABLE).filter(|value| !value.is_empty()) {
            Some(value) => {
                let parsed = value.to_str().and_then(|text| Url::parse(text).ok());
                PostgresServer::Given(
                    parsed.expect("TEST_DATABASE_URL is a URL such as postgres://user:password@host/name"),
                )
            }
            None => PostgresServer::Private(
                LocalPostgres::start(Options::temporary()).expect("a private Postgres"),
            ),
        };
        // Random: processes with the same number may share a server from different machines.
        let random = RandomState::new().build_hasher().finish();
        let run = format!("{PREFIX}{random:016x}");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let admin = runtime.block_on(async {
            let mut config: tokio_postgres::Config = server.url(None).parse().expect("a connection string");
            config.application_name(&run);
            let (client, connection) = config.connect(NoTls).await.expect("a connection to Postgres");
            tokio::spawn(connection);
            sweep(&client).await;
            client
        });
        Self { server, run, runtime, admin }
    }

    fn url(&self, database: &str) -> String {
        self.server.url(Some(database))
    }

    fn new_name(&self) -> String {
        format!("{}_{}", self.run, COUNT.fetch_add(1, Ordering::Relaxed))
    }

    async fn execute(&self, statement: &str) {
        self.admin.simple_query(statement).await.expect("a statement of our own");
    }

    /// As [`execute`](Self::execute), for where nothing can be awaited.
    fn execute_now(&'static self, statement: &str) {
        let (done, wait) = mpsc::channel();
        let statement = statement.to_owned();
        self.runtime.spawn(async move {
            // What is left behind, the next run sweeps.
            let _ = self.admin.simple_query(&statement).await;
            let _ = done.send(());
        });
        let _ = wait.recv();
    }
}

/// Drops the databases of processes that are gone: each process has a session of its name.
async fn sweep(admin: &Client) {
    let abandoned = format!(
        "SELECT datname FROM pg_database WHERE substring(datname FROM '^{PREFIX}[0-9a-f]{{16}}') \
         NOT IN (SELECT application_name FROM pg_stat_activity)"
    );
    for message in admin.simple_query(&abandoned).await.expect("a list of databases") {
        if let SimpleQueryMessage::Row(row) = message {
            let name = row.get(0).unwrap_or_default();
            // Another run may sweep at the same time.
            let _ = admin.simple_query(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        }
    }
}
