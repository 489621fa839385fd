//! The folder on disk: makes a cluster once, in a way that a crash in the
//! middle cannot leave half of one, and guards it against two starters.

use std::{
    fs::{self, File, TryLockError},
    io::{Read, Write},
    path::{Path, PathBuf},
    process::{Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{binaries, error::PostgresError, os_user::Account};

/// The role that owns everything in a private cluster.
pub(crate) const USER: &str = "app";

/// The first of these that the system has; ASCII-only `C` is the last resort,
/// because there `ILIKE` does not know that ä and Ä are one letter.
const LOCALES: &[&str] = &["C.UTF-8", "en_US.UTF-8", "C"];

/// A cluster's folder, and who it belongs to.
#[derive(Debug, Clone)]
pub(crate) struct Cluster {
    pub(crate) home: PathBuf,
    pub(crate) account: Account,
}

impl Cluster {
    pub(crate) fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.home.join("postgres.log")
    }

    fn password_file(&self) -> PathBuf {
        self.home.join("password")
    }

    /// Waits for the right to start or make this cluster; released on drop.
    pub(crate) fn lock(&self, timeout: Duration) -> Result<File, PostgresError> {
        let io = |source| PostgresError::Io { what: format!("use {}", self.home.display()), source };
        self.account.own_folder(&self.home).map_err(io)?;
        let path = self.home.join("lock");
        let file = File::create(&path).map_err(io)?;
        let started_at = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) if started_at.elapsed() < timeout => {
                    thread::sleep(Duration::from_millis(20));
                }
                Err(TryLockError::WouldBlock) => return Err(PostgresError::Locked { path }),
                Err(TryLockError::Error(source)) => return Err(io(source)),
            }
        }
    }

    /// Returns the folder of the programs that fit this cluster.
    pub(crate) fn binaries(&self) -> Result<PathBuf, PostgresError> {
        let version = fs::read_to_string(self.data().join("PG_VERSION")).ok();
        binaries::find(version.as_deref())
    }

    /// Makes the cluster unless it is there; `database` is made with it.
    pub(crate) fn ensure(&self, bin: &Path, database: Option<&str>) -> Result<(), PostgresError> {
        if self.data().join("PG_VERSION").exists() {
            return Ok(());
        }
        tracing::info!(home = %self.home.display(), "making a private PostgreSQL cluster");
        // The cluster appears under its name only when it is whole.
        let unfinished = self.home.join("data.unfinished");
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).map_err(PostgresError::io("remove an unfinished cluster"))?;
        }
        self.write_password().map_err(PostgresError::io("write the password file"))?;
        self.initdb(bin, &unfinished)?;
        if let Some(database) = database {
            self.create_database(bin, &unfinished, database)?;
        }
        fs::rename(&unfinished, self.data()).map_err(PostgresError::io("put the new cluster in place"))
    }

    /// Returns the password that was drawn when the cluster was made.
    pub(crate) fn password(&self) -> Result<String, PostgresError> {
        let path = self.password_file();
        match fs::read_to_string(&path) {
            Ok(password) => Ok(password.trim().to_owned()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(PostgresError::NoPassword { path })
            }
            Err(source) => Err(PostgresError::Io { what: format!("read {}", path.display()), source }),
        }
    }

    /// Returns the last lines of the log.
    pub(crate) fn log_tail(&self) -> String {
        let text = fs::read(self.log()).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }

    fn initdb(&self, bin: &Path, target: &Path) -> Result<(), PostgresError> {
        let mut said = String::new();
        for locale in LOCALES {
            let mut command = self.account.command(&bin.join("initdb"));
            command.arg("-D").arg(target).arg("-U").arg(USER);
            command.arg("--pwfile").arg(self.password_file());
            command.args(["-A", "scram-sha-256", "-E", "UTF8", "--no-sync", "--locale", locale]);
            let output = command.output().map_err(PostgresError::io("run initdb"))?;
            if output.status.success() {
                return Ok(());
            }
            said = text_of(&output);
            if !said.contains("locale") {
                break;
            }
        }
        Err(self.init_error(said))
    }

    /// Makes a database in single-user mode: no client program, no password.
    fn create_database(&self, bin: &Path, target: &Path, name: &str) -> Result<(), PostgresError> {
        let mut command = self.account.command(&bin.join("postgres"));
        command.args(["--single", "-F", "-D"]).arg(target).arg("postgres");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(PostgresError::io("run postgres --single"))?;
        if let Some(mut stdin) = child.stdin.take() {
            let order = format!("CREATE DATABASE {name};\n");
            stdin.write_all(order.as_bytes()).map_err(PostgresError::io("talk to postgres --single"))?;
        }
        let output = child.wait_with_output().map_err(PostgresError::io("run postgres --single"))?;
        let said = text_of(&output);
        // Single-user mode ends with success even when the statement failed.
        if output.status.success() && !said.contains("ERROR") && !said.contains("FATAL") {
            return Ok(());
        }
        Err(self.init_error(said))
    }

    fn write_password(&self) -> std::io::Result<()> {
        let mut bytes = [0_u8; 24];
        File::open("/dev/urandom")?.read_exact(&mut bytes)?;
        let password: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        // Empty while its permissions are not yet tight.
        let path = self.password_file();
        fs::write(&path, "")?;
        self.account.own(&path, 0o600)?;
        fs::write(&path, password)
    }

    fn init_error(&self, output: String) -> PostgresError {
        let hint = if self.account.is_changed() && output.contains("Permission denied") {
            "\n(as root, PostgreSQL runs as the user postgres, which must be able to reach that folder)"
        } else {
            ""
        };
        PostgresError::Init { home: self.home.clone(), output: output + hint }
    }
}

fn text_of(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8_lossy(&text).trim().to_owned()
}
