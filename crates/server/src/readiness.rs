//! Whether this process can serve: the schema is in place, the database answers, and the process is not
//! shutting down.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use domain::{
    error_chain::with_causes,
    ports::{Clock, StoreError},
};
use tokio::sync::Mutex;

use crate::metrics::ConnectionCounts;

/// How long the result of a database check is used. Probes that come more often must not keep the database
/// awake.
const CHECK_CACHE_TTL: Duration = Duration::from_secs(5);
/// The pauses between attempts to reach a database that is not there yet.
const MIN_PAUSE: Duration = Duration::from_millis(100);
const MAX_PAUSE: Duration = Duration::from_secs(1);
/// The pause after a migration that failed for another reason than an absent database.
const PAUSE_AFTER_A_BUG: Duration = Duration::from_secs(10);
/// How often a database that stays away is mentioned in the log.
const REMIND_EVERY: Duration = Duration::from_secs(30);

/// The database, as far as starting up needs it.
#[async_trait]
pub trait DatabaseProbe: Send + Sync {
    /// Brings the schema up to date and returns how many migrations that took.
    async fn migrate(&self) -> Result<usize, StoreError>;

    /// Asks the database for a sign of life.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Counts the connections to it.
    fn connections(&self) -> ConnectionCounts;
}

/// Why requests cannot be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotReady {
    /// This process is about to end.
    #[error("this process is ending")]
    ShuttingDown,
    /// The database does not answer, or has not its schema yet.
    #[error("the database is not available")]
    DatabaseUnavailable,
}

/// Whether this process can serve.
pub struct Readiness {
    database: Arc<dyn DatabaseProbe>,
    clock: Arc<dyn Clock>,
    migrated: AtomicBool,
    ending: AtomicBool,
    /// When the database was last checked, and whether it answered. The lock is held during a check, so that
    /// many probes at once cause one.
    last_check: Mutex<Option<(Instant, bool)>>,
}

impl Readiness {
    /// Returns the readiness of a process that has not begun.
    pub fn new(database: Arc<dyn DatabaseProbe>, clock: Arc<dyn Clock>) -> Self {
        Self {
            database,
            clock,
            migrated: AtomicBool::new(false),
            ending: AtomicBool::new(false),
            last_check: Mutex::new(None),
        }
    }

    /// Counts the connections to the database.
    pub fn connections(&self) -> ConnectionCounts {
        self.database.connections()
    }

    /// Whether the schema is in place.
    pub fn is_migrated(&self) -> bool {
        self.migrated.load(Ordering::Acquire)
    }

    /// Whether this process is about to end and takes on nothing long any more.
    pub fn is_shutting_down(&self) -> bool {
        self.ending.load(Ordering::Acquire)
    }

    /// From now on this process is about to end.
    pub fn begin_shutdown(&self) {
        self.ending.store(true, Ordering::Release);
    }

    /// Checks that requests can be served, looking at the database at most once in 5 s.
    ///
    /// # Errors
    /// When they cannot.
    pub async fn check(&self) -> Result<(), NotReady> {
        if self.is_shutting_down() {
            return Err(NotReady::ShuttingDown);
        }
        if !self.is_migrated() {
            return Err(NotReady::DatabaseUnavailable);
        }
        let mut last_check = self.last_check.lock().await;
        let now = self.clock.instant();
        let counts = |at: Instant| now.saturating_duration_since(at) < CHECK_CACHE_TTL;
        let answered = match *last_check {
            Some((at, answered)) if counts(at) => answered,
            _ => {
                let answered = self.database.ping().await.is_ok();
                *last_check = Some((self.clock.instant(), answered));
                answered
            }
        };
        if answered { Ok(()) } else { Err(NotReady::DatabaseUnavailable) }
    }

    /// Migrates, however long it takes the database to appear.
    pub async fn migrate_when_available(&self) {
        let mut pause = MIN_PAUSE;
        let mut mentioned: Option<Instant> = None;
        loop {
            match self.database.migrate().await {
                Ok(count) => return self.mark_migrated(count).await,
                Err(
                    error @ (StoreError::Inconsistent { .. }
                    | StoreError::UnknownCaller
                    | StoreError::Limit(_)),
                ) => {
                    tracing::error!(cause = with_causes(&error), "the database cannot be migrated");
                    pause = PAUSE_AFTER_A_BUG;
                }
                Err(error @ (StoreError::Unavailable(_) | StoreError::OutcomeUnknown(_))) => {
                    let now = self.clock.instant();
                    if mentioned.is_none_or(|at| now.saturating_duration_since(at) >= REMIND_EVERY) {
                        mentioned = Some(now);
                        tracing::warn!(
                            cause = with_causes(&error),
                            "The database cannot be reached yet; retrying. Until then the API answers 503"
                        );
                    }
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(MAX_PAUSE);
        }
    }

    async fn mark_migrated(&self, count: usize) {
        *self.last_check.lock().await = Some((self.clock.instant(), true));
        self.migrated.store(true, Ordering::Release);
        tracing::info!(migrations_applied = count, "Database ready");
        tracing::info!("Application ready to serve requests");
    }
}

#[cfg(test)]
mod tests;
