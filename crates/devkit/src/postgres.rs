//! A private Postgres for people without one, and for tests: made on first
//! use, kept between runs, stopped with the process that started it.

mod binaries;
mod cluster;
mod error;
mod os_user;
mod pidfile;
mod process;
mod temporary_folders;

use std::{
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

pub use binaries::program;
use cluster::{Cluster, USER};
pub use error::PostgresError;
use os_user::Account;
use pidfile::PidFile;
use process::Process;
pub use process::Shutdown;

/// How long another starter, or a cluster on its way down, is waited for.
const READY_TIMEOUT: Duration = Duration::from_secs(60);

/// The database that exists from the start in a person's cluster.
pub const DATABASE: &str = "todo";

/// Where a cluster lives and how careful it is with its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Holds the data, the password, the log (`postgres.log`) and the port.
    pub home: PathBuf,
    /// On for a person's data; off for tests, which trade safety for speed.
    pub durable: bool,
    /// Whether `home` is removed when the cluster is dropped.
    pub remove_on_drop: bool,
}

impl Options {
    /// Returns the options for a person's todos, kept between runs.
    ///
    /// Without `home` they are kept in `/var/lib/todo-ai-chatbot/postgres` for
    /// root, else in `$XDG_DATA_HOME/todo-ai-chatbot/postgres`, which usually
    /// is `~/.local/share/todo-ai-chatbot/postgres`.
    pub fn for_person(home: Option<PathBuf>) -> Self {
        let home = home.unwrap_or_else(default_home);
        Self { home, durable: true, remove_on_drop: false }
    }

    /// Returns the options for a throw-away cluster in a new temporary folder.
    ///
    /// The folder goes on drop; what a killed process left behind goes when
    /// the next one asks.
    pub fn temporary() -> Self {
        temporary_folders::sweep();
        Self { home: temporary_folders::new_home(), durable: false, remove_on_drop: true }
    }

    fn settings(&self) -> Vec<&'static str> {
        let mut settings = vec!["listen_addresses=127.0.0.1", "unix_socket_directories="];
        if !self.durable {
            settings.extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off"]);
            settings.extend(["max_connections=200", "autovacuum_naptime=1h"]);
        }
        settings
    }
}

/// A Postgres on a loopback port that nobody else on the machine can log in to.
///
/// Dropping it stops it (fast shutdown), unless it ran already when we came.
#[derive(Debug)]
pub struct LocalPostgres {
    options: Options,
    cluster: Cluster,
    password: String,
    port: u16,
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    /// We started it.
    Ours(Process),
    /// It was there; the process id is for tests of database failures.
    Reused(i32),
    Stopped,
}

impl LocalPostgres {
    /// Starts the cluster, making it first if needed, or reuses a running one.
    ///
    /// Returns once connections are accepted. Blocks; call it before a runtime
    /// runs, or from a thread of its own.
    ///
    /// # Errors
    /// Says what to do when PostgreSQL is not installed, and shows the end of
    /// its log when it does not get ready.
    pub fn start(options: Options) -> Result<Self, PostgresError> {
        let home = std::path::absolute(&options.home).unwrap_or_else(|_| options.home.clone());
        let cluster = Cluster { home, account: Account::current() };
        let lock = cluster.lock(READY_TIMEOUT)?;
        let (state, port) = match running(&cluster)? {
            Some((pid, port)) => (State::Reused(pid), port),
            None => {
                let process = launch(&cluster, &options)?;
                let port = process.port;
                (State::Ours(process), port)
            }
        };
        drop(lock);
        let password = cluster.password()?;
        tracing::debug!(port, home = %cluster.home.display(), "private PostgreSQL accepts connections");
        Ok(Self { options, cluster, password, port, state: Mutex::new(state) })
    }

    /// Returns the URL of one database, for `url::Url`, tokio-postgres and `psql`.
    pub fn url(&self, database: &str) -> String {
        let Self { password, port, .. } = self;
        format!("postgres://{USER}:{password}@127.0.0.1:{port}/{database}?sslmode=disable")
    }

    /// Returns the loopback port, the same after [`restart`](Self::restart).
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the folder that holds data, password and log.
    pub fn home(&self) -> &std::path::Path {
        &self.cluster.home
    }

    /// Whether it ran already, so that it stays when this value goes.
    pub fn is_reused(&self) -> bool {
        matches!(*self.state(), State::Reused(_))
    }

    /// Returns the postmaster's process id; nothing while stopped.
    pub fn pid(&self) -> Option<i32> {
        match &*self.state() {
            State::Ours(process) => Some(process.pid()),
            State::Reused(pid) => Some(*pid),
            State::Stopped => None,
        }
    }

    /// Stops the cluster, also one that ran already, and waits for its end.
    ///
    /// # Errors
    /// When the process does not end.
    pub fn stop(&self, how: Shutdown) -> Result<(), PostgresError> {
        let mut state = self.state();
        match &mut *state {
            State::Ours(process) => process.stop(how)?,
            State::Reused(pid) => process::stop_by_pid(*pid, how)?,
            State::Stopped => {}
        }
        *state = State::Stopped;
        Ok(())
    }

    /// Stops the cluster if it runs and starts it again under the same URL.
    ///
    /// # Errors
    /// As [`start`](Self::start) and [`stop`](Self::stop).
    pub fn restart(&self, how: Shutdown) -> Result<(), PostgresError> {
        self.stop(how)?;
        let _lock = self.cluster.lock(READY_TIMEOUT)?;
        *self.state() = State::Ours(launch(&self.cluster, &self.options)?);
        Ok(())
    }

    /// A panic elsewhere cannot leave the state half changed.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for LocalPostgres {
    fn drop(&mut self) {
        let reused = self.is_reused();
        if !reused && let Err(error) = self.stop(Shutdown::Fast) {
            tracing::warn!(%error, "cannot stop the private PostgreSQL");
            return;
        }
        if self.options.remove_on_drop && !reused {
            temporary_folders::remove(&self.cluster.home);
        }
    }
}

/// Makes the cluster if needed and starts it.
fn launch(cluster: &Cluster, options: &Options) -> Result<Process, PostgresError> {
    let bin = cluster.binaries()?;
    cluster.ensure(&bin, options.durable.then_some(DATABASE))?;
    cluster.password()?;
    Process::start(cluster, &bin, &options.settings())
}

/// Returns process id and port of a Postgres that serves this cluster and may be shared.
///
/// One whose starter is dead is about to stop by itself on Linux and would
/// never stop elsewhere: it is ended, so that the next one is really ours.
fn running(cluster: &Cluster) -> Result<Option<(i32, u16)>, PostgresError> {
    let started_at = Instant::now();
    while started_at.elapsed() < READY_TIMEOUT {
        let Some(file) = PidFile::current(&cluster.data()) else {
            return Ok(None);
        };
        if !process::is_owner_alive(cluster) {
            process::stop_by_pid(file.pid, Shutdown::Fast)?;
            return Ok(None);
        }
        if let Some(port) = file.answering_port() {
            return Ok(Some((file.pid, port)));
        }
        thread::sleep(Duration::from_millis(10));
    }
    Err(PostgresError::NotReady { waited: READY_TIMEOUT, log: cluster.log(), tail: cluster.log_tail() })
}

fn default_home() -> PathBuf {
    if rustix::process::geteuid().is_root() {
        return PathBuf::from("/var/lib/todo-ai-chatbot/postgres");
    }
    let given = std::env::var_os("XDG_DATA_HOME").filter(|path| !path.is_empty());
    let data = given.map(PathBuf::from).or_else(|| Some(std::env::home_dir()?.join(".local/share")));
    data.unwrap_or_else(std::env::temp_dir).join("todo-ai-chatbot/postgres")
}
