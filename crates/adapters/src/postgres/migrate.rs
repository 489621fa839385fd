//! Migrations, embedded in the binary and run under a lock that a transaction pooler understands.

use std::{collections::HashSet, time::Duration};

use diesel::{
    IntoSql, QueryResult,
    dsl::sql,
    migration::MigrationSource,
    pg::Pg,
    sql_types::{Bool, Integer, Text},
};
use diesel_async::{
    AnsiTransactionManager, AsyncMigrationHarness, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection,
    TransactionManager,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use domain::{
    error_chain::with_causes,
    ports::{Source, StoreError},
};

use super::{
    Database,
    connect::Pooled,
    error::{DatabaseError, is_lock_conflict},
    todos::search_backfill,
};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

/// Any number does that no other program takes on the same database; this one spells "todo".
const LOCK: i64 = 0x746f_646f;

/// How often it is looked whether another replica has done with its migrations.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// How long the transaction may stand still before Postgres ends it: the process is frozen then, or gone, and
/// everybody else waits for its locks. A statement may take as long as it takes.
const IDLE_TIMEOUT: &str = "10s";
/// How long a table is waited for that is to be altered. Everybody else's statements on it queue up behind,
/// and have three seconds.
const LOCK_TIMEOUT: &str = "1s";
/// How long there is way for others before it is tried again.
const MIN_PAUSE: Duration = Duration::from_secs(1);
const MAX_PAUSE: Duration = Duration::from_secs(15);

/// How many migrations of newer versions may be in a database that this version serves. During a
/// rolling update the old version runs beside the new one; what is newer still it knows nothing of.
const MAX_UNKNOWN: usize = 1;

/// How the schema of a database compares with the migrations that this version knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchemaState {
    /// How many migrations this version knows.
    pub known: usize,
    /// How many of these the database lacks.
    pub missing: usize,
    /// How many the database has of newer versions.
    pub unknown: usize,
}

impl SchemaState {
    /// Compares the versions of the migrations that a database has with those that we know.
    fn of(applied: &[String]) -> Result<Self, Source> {
        let known = MigrationSource::<Pg>::migrations(&MIGRATIONS)?;
        let known: HashSet<_> =
            known.iter().map(|migration| migration.name().version().to_string()).collect();
        let recognized = applied.iter().filter(|version| known.contains(*version)).count();
        Ok(Self {
            known: known.len(),
            missing: known.len() - recognized,
            unknown: applied.len() - recognized,
        })
    }

    /// Whether the database belongs to a version that is too new for this one to serve it.
    pub fn is_too_new(&self) -> bool {
        self.unknown > MAX_UNKNOWN
    }
}

impl Database {
    /// Brings the schema up to date and returns how many migrations that took. Replicas that start
    /// at once wait for one another; one that fails leaves the schema as it was. While a dump or a long
    /// transaction holds a table that is to be altered, it gives way and tries again, however long that
    /// takes.
    ///
    /// # Errors
    /// When the database is unavailable or a migration fails.
    pub async fn migrate(&self) -> Result<usize, StoreError> {
        let mut pause = MIN_PAUSE;
        loop {
            match self.migrate_once().await {
                Err(error) if is_in_use(&error) => {
                    tracing::warn!(
                        cause = with_causes(&error),
                        "A table is in use, as by a dump or a long transaction; trying to migrate it again"
                    );
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(MAX_PAUSE);
                }
                outcome => return outcome,
            }
        }
    }

    async fn migrate_once(&self) -> Result<usize, StoreError> {
        let connection = self.pools.get().await.map_err(DatabaseError::from)?;
        let mut connection = Pooled::take(connection);
        begin_exclusive_transaction(&mut connection).await.map_err(DatabaseError::from)?;
        let (mut connection, applied) = tokio::task::spawn_blocking(move || {
            let mut harness = AsyncMigrationHarness::new(connection);
            let applied = run(&mut harness);
            (harness.into_inner(), applied)
        })
        .await
        .map_err(|error| StoreError::Unavailable(Box::new(error)))?;
        let applied = match applied {
            Ok(applied) => applied,
            Err(error) => return Err(failed(error, connection).await),
        };
        AnsiTransactionManager::commit_transaction(&mut connection).await.map_err(DatabaseError::Commit)?;
        let filled = search_backfill::fill_in(&connection).await.map_err(DatabaseError::from)?;
        if filled > 0 {
            tracing::info!(tasks = filled, "made the tasks of an earlier version searchable");
        }
        Ok(applied)
    }

    /// Compares the schema with the migrations that this version knows. Only reads.
    ///
    /// # Errors
    /// When the database is unavailable or does not let itself be read.
    pub async fn schema_state(&self) -> Result<SchemaState, StoreError> {
        let applied = self
            .read(async |mut connection| {
                // diesel's own look makes the table when it is not there.
                let is_there = sql::<Bool>("SELECT to_regclass('__diesel_schema_migrations') IS NOT NULL");
                if !is_there.get_result::<bool>(&mut connection).await? {
                    return Ok(Vec::new());
                }
                let versions = sql::<Text>("SELECT version FROM __diesel_schema_migrations");
                Ok(versions.load::<String>(&mut connection).await?)
            })
            .await?;
        SchemaState::of(&applied).map_err(|error| StoreError::Inconsistent {
            what: "the migrations of this version cannot be read",
            source: Some(error),
        })
    }

    /// Asks the database for an answer, whatever it is.
    ///
    /// # Errors
    /// When none comes.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.read(async |mut connection| {
            diesel::select(1.into_sql::<Integer>()).execute(&mut connection).await?;
            Ok(())
        })
        .await
    }
}

/// Begins the transaction of a whole run, diesel's own become savepoints in it, when no other replica has
/// begun one. A lock of the session would stay behind in a transaction pooler.
async fn begin_exclusive_transaction(connection: &mut AsyncPgConnection) -> QueryResult<()> {
    let mut is_mentioned = false;
    loop {
        AnsiTransactionManager::begin_transaction(connection).await?;
        connection
            .batch_execute(&format!(
                "SET LOCAL client_min_messages = warning; SET LOCAL lock_timeout = '{LOCK_TIMEOUT}';
                 SET LOCAL idle_in_transaction_session_timeout = '{IDLE_TIMEOUT}'"
            ))
            .await?;
        let lock = sql::<Bool>(&format!("SELECT pg_try_advisory_xact_lock({LOCK})"));
        if lock.get_result(connection).await? {
            return Ok(());
        }
        AnsiTransactionManager::rollback_transaction(connection).await?;
        if !is_mentioned {
            is_mentioned = true;
            tracing::info!("Another replica is at the migrations of the database; waiting for it");
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// Runs the migrations that are missing and returns how many those were.
fn run(harness: &mut AsyncMigrationHarness<AsyncPgConnection>) -> Result<usize, Source> {
    let applied: Vec<_> = harness.applied_migrations()?.iter().map(ToString::to_string).collect();
    if SchemaState::of(&applied)?.is_too_new() {
        return Err("the database belongs to a much newer version of this server".into());
    }
    Ok(harness.run_pending_migrations(MIGRATIONS)?.len())
}

/// Whether another session's lock blocks the migrations.
fn is_in_use(error: &StoreError) -> bool {
    let StoreError::Inconsistent { source: Some(error), .. } = error else { return false };
    is_lock_conflict(&error.to_string())
}

/// What it means that the migrations did not run: over a sound connection, that something is wrong
/// with them or with the schema.
async fn failed(error: Source, mut connection: AsyncPgConnection) -> StoreError {
    match AnsiTransactionManager::rollback_transaction(&mut connection).await {
        Ok(()) => StoreError::Inconsistent { what: "the migrations did not run", source: Some(error) },
        Err(_gone) => StoreError::Unavailable(error),
    }
}
