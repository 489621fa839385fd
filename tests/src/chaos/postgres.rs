//! A Postgres that one test has for itself, to stop, restart and fill up.

use std::sync::Arc;

use devkit::postgres::{LocalPostgres, Options, Shutdown};
use tokio::sync::Mutex;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

/// A private cluster with one empty database in it.
#[derive(Debug, Clone)]
pub struct PrivatePostgres {
    cluster: Arc<LocalPostgres>,
    /// Held by whoever stops or starts it.
    controls: Arc<Mutex<()>>,
}

const DATABASE: &str = "chaos";

impl PrivatePostgres {
    /// Starts the cluster and makes the database.
    ///
    /// # Panics
    /// When there is no PostgreSQL to start.
    pub async fn start() -> Self {
        // Durable: without `synchronous_commit` an immediate restart forgets what was committed.
        let options = Options { durable: true, ..Options::temporary() };
        let start = || LocalPostgres::start(options).expect("a private PostgreSQL");
        let cluster = tokio::task::spawn_blocking(start).await.expect("a thread to start it");
        let postgres = Self { cluster: Arc::new(cluster), controls: Arc::default() };
        let admin = postgres.session_in("postgres").await.expect("a session");
        admin.batch_execute(&format!("CREATE DATABASE {DATABASE}")).await.expect("a database");
        postgres
    }

    /// Returns the database's connection string.
    pub fn url(&self) -> String {
        self.cluster.url(DATABASE)
    }

    /// Returns where the cluster listens.
    pub fn address(&self) -> std::net::SocketAddr {
        ([127, 0, 0, 1], self.cluster.port()).into()
    }

    /// Opens a session of one's own, for locks and for looking.
    ///
    /// # Errors
    /// When the cluster does not take one more.
    pub async fn session(&self) -> Result<Client, tokio_postgres::Error> {
        self.session_in(DATABASE).await
    }

    async fn session_in(&self, database: &str) -> Result<Client, tokio_postgres::Error> {
        let (client, connection) = tokio_postgres::connect(&self.cluster.url(database), NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }

    /// Returns the rows of a query, every value as text and null as "".
    ///
    /// # Errors
    /// When the cluster is not there, or the query is not good.
    pub async fn query(&self, query: &str) -> Result<Vec<Vec<String>>, tokio_postgres::Error> {
        Self::rows(&self.session().await?, query).await
    }

    /// As [`query`](Self::query), in a session that is open.
    pub(super) async fn rows(
        session: &Client,
        query: &str,
    ) -> Result<Vec<Vec<String>>, tokio_postgres::Error> {
        let messages = session.simple_query(query).await?;
        let rows = messages.iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        let cells = |row: &tokio_postgres::SimpleQueryRow| {
            (0..row.len()).map(|cell| row.get(cell).unwrap_or_default().to_owned()).collect()
        };
        Ok(rows.map(cells).collect())
    }

    /// Ends every session but the one that asks, as a platform does that puts a database to sleep.
    pub async fn terminate_all(&self) {
        let all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                   WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'";
        // When it is not there just now, nothing is left to end.
        let _ = self.query(all).await;
    }

    /// Stops it.
    pub async fn stop(&self, how: Shutdown) {
        self.blocking(move |cluster| cluster.stop(how).expect("the cluster stops")).await;
    }

    /// Stops it if it runs, and starts it on the same port.
    pub async fn restart(&self, how: Shutdown) {
        self.blocking(move |cluster| cluster.restart(how).expect("the cluster starts again")).await;
    }

    async fn blocking(&self, work: impl FnOnce(&LocalPostgres) + Send + 'static) {
        let _one_at_a_time = self.controls.lock().await;
        let cluster = Arc::clone(&self.cluster);
        tokio::task::spawn_blocking(move || work(&cluster)).await.expect("the cluster does as it is told");
    }
}
