//! One running `postgres` process: started so that it cannot outlive us,
//! awaited until it accepts connections, stopped in an orderly way.

use std::{
    fs::{self, File},
    io,
    net::{Ipv4Addr, TcpListener},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use rustix::process::Signal;

use super::{
    cluster::Cluster,
    error::PostgresError,
    pidfile::{PidFile, is_alive, send},
};
use crate::non_ephemeral_port;

const START_TIMEOUT: Duration = Duration::from_secs(60);
const STOP_TIMEOUT: Duration = Duration::from_secs(60);

/// How to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shutdown {
    /// Ends sessions, rolls back, writes a checkpoint (`pg_ctl stop -m fast`).
    Fast,
    /// Drops everything at once, recovers at the next start (`-m immediate`).
    Immediate,
}

/// A `postgres` that we started.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    pub(crate) port: u16,
    /// Keeps the thread alive that the kernel takes for the parent.
    _parent_handle: mpsc::Sender<()>,
}

impl Process {
    /// Starts `postgres` and returns once it accepts connections.
    pub(crate) fn start(cluster: &Cluster, bin: &Path, settings: &[&str]) -> Result<Self, PostgresError> {
        let port = pick_port(cluster).map_err(PostgresError::io("find a free port"))?;
        let mut command = cluster.account.command(&bin.join("postgres"));
        command.arg("-D").arg(cluster.data()).args(["-p", &port.to_string()]);
        for setting in settings {
            command.args(["-c", setting]);
        }
        let log = fresh_log(cluster).map_err(PostgresError::io("open PostgreSQL's log"))?;
        let second = log.try_clone().map_err(PostgresError::io("open PostgreSQL's log"))?;
        // A group of its own: Ctrl-C at the terminal is for the server, which
        // finishes its requests first and then stops the database.
        command.stdout(second).stderr(log).process_group(0);
        let (child, parent_handle) = spawn_kept(command).map_err(PostgresError::io("run postgres"))?;
        let mut process = Self { child, port, _parent_handle: parent_handle };
        process.wait_until_ready(cluster)?;
        note_owner(cluster).map_err(PostgresError::io("note who started PostgreSQL"))?;
        Ok(process)
    }

    pub(crate) fn pid(&self) -> i32 {
        self.child.id().cast_signed()
    }

    /// Stops it and waits for its end.
    pub(crate) fn stop(&mut self, how: Shutdown) -> Result<(), PostgresError> {
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            // Its number may belong to another program by now.
            return Ok(());
        }
        signal_shutdown(self.pid(), how);
        let started_at = Instant::now();
        while started_at.elapsed() < STOP_TIMEOUT {
            if matches!(self.child.try_wait(), Ok(Some(_)) | Err(_)) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(3));
        }
        Err(PostgresError::NotStopped { pid: self.pid(), waited: STOP_TIMEOUT })
    }

    fn wait_until_ready(&mut self, cluster: &Cluster) -> Result<(), PostgresError> {
        let started_at = Instant::now();
        while started_at.elapsed() < START_TIMEOUT {
            let file = PidFile::read(&cluster.data()).filter(|file| file.pid == self.pid());
            if file.and_then(|file| file.answering_port()).is_some() {
                return Ok(());
            }
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                break;
            }
            thread::sleep(Duration::from_millis(3));
        }
        let waited = started_at.elapsed();
        if waited >= START_TIMEOUT {
            self.stop(Shutdown::Immediate)?;
        }
        Err(PostgresError::NotReady { waited, log: cluster.log(), tail: cluster.log_tail() })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Err(error) = self.stop(Shutdown::Fast) {
            tracing::warn!(%error, "private PostgreSQL was left running");
        }
    }
}

/// Stops a `postgres` that is not our child and waits for its end.
pub(crate) fn stop_by_pid(pid: i32, how: Shutdown) -> Result<(), PostgresError> {
    signal_shutdown(pid, how);
    let started_at = Instant::now();
    while started_at.elapsed() < STOP_TIMEOUT {
        if !is_alive(pid) {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(5));
    }
    Err(PostgresError::NotStopped { pid, waited: STOP_TIMEOUT })
}

/// Whether the process that started the running `postgres` still lives.
pub(crate) fn is_owner_alive(cluster: &Cluster) -> bool {
    let text = fs::read_to_string(cluster.home.join("owner")).unwrap_or_default();
    text.trim().parse().is_ok_and(is_alive)
}

fn note_owner(cluster: &Cluster) -> io::Result<()> {
    fs::write(cluster.home.join("owner"), std::process::id().to_string())
}

fn signal_shutdown(pid: i32, how: Shutdown) {
    match how {
        Shutdown::Fast => send(pid, Signal::INT),
        Shutdown::Immediate => send(pid, Signal::QUIT),
    }
}

/// Spawns from a thread that lives as long as the returned sender.
///
/// The death signal below follows the *thread* that forked. A test's thread
/// ends with its test, which would take the database of all others with it.
fn spawn_kept(mut command: Command) -> io::Result<(Child, mpsc::Sender<()>)> {
    die_with_parent(&mut command);
    let (parent_handle, released) = mpsc::channel::<()>();
    let (report, spawned) = mpsc::sync_channel(1);
    thread::Builder::new().name("postgres-process".to_owned()).spawn(move || {
        let sent = report.send(command.spawn());
        // Nothing is ever sent: this returns when the owner drops its end.
        let _ = sent.is_ok() && released.recv().is_ok();
    })?;
    let child = spawned.recv().map_err(io::Error::other)??;
    Ok((child, parent_handle))
}

/// Asks the kernel for a fast shutdown when we die, even by `kill -9`.
#[cfg(target_os = "linux")]
#[expect(
    unsafe_code,
    reason = "pre_exec is the only place between fork and exec; one system call, no allocation"
)]
fn die_with_parent(command: &mut Command) {
    use rustix::process::{getppid, set_parent_process_death_signal};
    let parent = std::process::id().cast_signed();
    let arm = move || {
        set_parent_process_death_signal(Some(Signal::INT))?;
        // Without this check a parent that died just before would go unnoticed.
        match getppid().map(|pid| pid.as_raw_nonzero().get()) {
            Some(pid) if pid == parent => Ok(()),
            _ => Err(io::ErrorKind::Interrupted.into()),
        }
    };
    // SAFETY: the closure only makes two system calls that may be made
    // between fork and exec, and touches no memory of the parent.
    unsafe { command.pre_exec(arm) };
}

/// macOS has no such signal: an orphan is found and replaced at the next start.
#[cfg(not(target_os = "linux"))]
fn die_with_parent(_command: &mut Command) {}

/// Returns the port of the last run if it is free, so that a person's `psql`
/// line stays valid and a restart keeps its address, else any free one.
fn pick_port(cluster: &Cluster) -> io::Result<u16> {
    let path = cluster.home.join("port");
    let last = fs::read_to_string(&path).unwrap_or_default().trim().parse();
    if let Ok(port) = last
        && TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
    {
        return Ok(port);
    }
    let port = non_ephemeral_port::find()?;
    fs::write(&path, port.to_string())?;
    Ok(port)
}

/// Opens the log anew and keeps the one of the run before.
fn fresh_log(cluster: &Cluster) -> io::Result<File> {
    let path = cluster.log();
    if path.exists() {
        fs::rename(&path, path.with_extension("log.1"))?;
    }
    File::create(path)
}
