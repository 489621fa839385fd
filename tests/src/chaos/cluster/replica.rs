//! One replica that is killed and started again, and what is known of its life.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{Mutex as AsyncMutex, MutexGuard},
    time::{Instant, sleep},
};

use crate::{Environment, Log, Server};

/// A replica's process, or its successor's.
#[derive(Debug)]
pub struct Replica {
    environment: Environment,
    server: AsyncMutex<Server>,
    base: String,
    logs: Mutex<Vec<Log>>,
    disturbances: AtomicU64,
}

impl Replica {
    pub(super) async fn start(environment: Environment) -> Self {
        let port = devkit::non_ephemeral_port::find().expect("a port");
        let environment = environment.with("PORT", port.to_string());
        let server = environment.start().await;
        Self {
            environment,
            base: server.base().to_owned(),
            logs: Mutex::new(vec![server.log()]),
            server: AsyncMutex::new(server),
            disturbances: AtomicU64::new(0),
        }
    }

    /// Returns where it listens, unless it is dead.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Returns how often it was killed, frozen or thawed so far.
    pub fn disturbances(&self) -> u64 {
        self.disturbances.load(Ordering::SeqCst)
    }

    /// Waits until it can serve.
    pub async fn wait_ready(&self) {
        self.server.lock().await.wait_ready().await;
    }

    /// Returns what its processes wrote.
    pub fn log(&self) -> String {
        self.logs.lock().unwrap_or_else(PoisonError::into_inner).iter().map(Log::text).collect()
    }

    /// Whether somebody is at its throat already.
    pub fn is_busy(&self) -> bool {
        self.server.try_lock().is_err()
    }

    /// Kills it with SIGKILL and starts another one after a while.
    pub async fn kill(&self, down_for: Duration) {
        let server = self.server.lock().await;
        self.disturbed();
        server.kill_9();
        self.replace(server, down_for).await;
    }

    /// Asks it to end, starts another one after it has, and returns how it ended and how long that
    /// took. Nothing when it did not.
    pub async fn terminate(&self, timeout: Duration) -> (Option<i32>, Duration) {
        let server = self.server.lock().await;
        let started_at = Instant::now();
        self.disturbed();
        server.sigterm();
        let status = server.exit_within(timeout).await;
        let took = started_at.elapsed();
        server.kill_9();
        self.replace(server, Duration::ZERO).await;
        (status.and_then(|status| status.code()), took)
    }

    /// Freezes it for a while.
    pub async fn freeze(&self, time: Duration) {
        let server = self.server.lock().await;
        self.disturbed();
        server.sigstop();
        sleep(time).await;
        server.sigcont();
        self.disturbed();
    }

    /// Returns the process, for a test that wants to do with it as it likes.
    pub async fn server(&self) -> MutexGuard<'_, Server> {
        self.server.lock().await
    }

    async fn replace(&self, mut server: MutexGuard<'_, Server>, after: Duration) {
        sleep(after).await;
        *server = self.environment.start().await;
        self.logs.lock().unwrap_or_else(PoisonError::into_inner).push(server.log());
        self.disturbed();
    }

    fn disturbed(&self) {
        self.disturbances.fetch_add(1, Ordering::SeqCst);
    }
}
