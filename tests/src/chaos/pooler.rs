//! A PgBouncer between the replicas and their database, as Neon's `-pooler` hosts are.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use tokio::{sync::Mutex, time::sleep};
use url::Url;

use crate::{local_port, log::Log, process::Process};

/// A running PgBouncer; dropping it kills it.
#[derive(Debug)]
pub struct Pooler {
    program: PathBuf,
    settings: PathBuf,
    address: SocketAddr,
    process: Mutex<Process>,
    log: Log,
}

impl Pooler {
    /// Starts `program` in front of the database at `url`.
    ///
    /// # Panics
    /// When it does not start.
    pub(super) async fn start(program: &Path, url: &str) -> Self {
        let address = local_port::find();
        let settings = std::env::temp_dir().join(format!("pgbouncer-{}.ini", address.port()));
        fs::write(&settings, settings_for(url, address.port())).expect("a file for its settings");
        let log = Log::default();
        let process = Mutex::new(spawn(program, &settings, &log));
        let pooler = Self { program: program.to_owned(), settings, address, process, log };
        pooler.wait_ready().await;
        pooler
    }

    /// Returns where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns what it wrote.
    pub(super) fn log(&self) -> String {
        self.log.text()
    }

    /// Kills it with SIGKILL and starts another one after a while.
    pub(super) async fn kill(&self, down_for: Duration) {
        let mut process = self.process.lock().await;
        process.kill();
        sleep(down_for).await;
        *process = spawn(&self.program, &self.settings, &self.log);
        self.wait_ready().await;
    }

    async fn wait_ready(&self) {
        let listens = local_port::is_listened_on(self.address).await;
        assert!(listens, "the pooler does not start:\n{}", self.log());
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        // Whoever clears the folder for temporary files will find it otherwise.
        let _ = fs::remove_file(&self.settings);
    }
}

fn spawn(program: &Path, settings: &Path, log: &Log) -> Process {
    let mut command = Command::new(program);
    command.arg("--quiet").arg(settings);
    Process::spawn(command, log)
}

/// Transactions are pooled, as Neon does it, and prepared statements work (PgBouncer 1.21 and newer).
/// It asks for a server again after a second, so that the database is back when it is back.
fn settings_for(url: &str, port: u16) -> String {
    let url = Url::parse(url).expect("a URL of the test kit");
    // Started by root it becomes somebody else, for it will not serve as root.
    let account = if rustix::process::geteuid().is_root() { "user = nobody" } else { "" };
    format!(
        "[databases]\n\
         * = host={host} port={server_port} user={user} password={password}\n\
         [pgbouncer]\n\
         listen_addr = 127.0.0.1\n\
         listen_port = {port}\n\
         unix_socket_dir =\n\
         auth_type = any\n\
         pool_mode = transaction\n\
         max_prepared_statements = 100\n\
         default_pool_size = 10\n\
         max_client_conn = 1000\n\
         server_login_retry = 1\n\
         log_connections = 0\n\
         log_disconnections = 0\n\
         {account}\n",
        host = url.host_str().expect("a URL with a host"),
        server_port = url.port().expect("a URL with a port"),
        user = url.username(),
        password = url.password().expect("a URL with a password"),
    )
}
