//! The server as a process: its environment, given by the test and by nothing else, and its end.

use std::{
    collections::BTreeMap,
    os::unix::process::CommandExt,
    process::{Child, Command, ExitStatus, Stdio},
    sync::Mutex,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{binary, log::Log, running_server::Server};

/// The variables of one server.
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

/// How a process that ran to its end ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code; none when a signal killed it.
    pub code: Option<i32>,
    /// What it wrote.
    pub log: String,
    /// How long it ran.
    pub took: Duration,
}

impl Environment {
    /// Returns the environment of a machine where nothing is configured.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Sets a variable.
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }

    /// Removes a variable.
    pub fn without(mut self, name: &str) -> Self {
        self.0.remove(name);
        self
    }

    /// Starts a server on a free port of the loopback and waits until it listens.
    ///
    /// # Panics
    /// When it ends instead.
    pub async fn start(&self) -> Server {
        let mut all = self.clone();
        all.0.entry("HOST".to_owned()).or_insert_with(|| "127.0.0.1".to_owned());
        all.0.entry("PORT".to_owned()).or_insert_with(|| "0".to_owned());
        Server::listening(all.spawn(&[])).await
    }

    /// Runs the server until it ends by itself.
    ///
    /// # Panics
    /// When it is still there after 10 seconds.
    pub async fn run(&self) -> Ended {
        self.run_with(&[]).await
    }

    /// Runs the binary with these arguments until it ends.
    ///
    /// # Panics
    /// When it is still there after 10 seconds.
    pub async fn run_with(&self, arguments: &[&str]) -> Ended {
        let started_at = Instant::now();
        let process = self.spawn(arguments);
        let status = process.exit_within(Duration::from_secs(10)).await;
        let took = started_at.elapsed();
        let Some(status) = status else {
            panic!("the server does not end:\n{}", process.log.text());
        };
        process.join_readers();
        Ended { code: status.code(), log: process.log.text(), took }
    }

    fn spawn(&self, arguments: &[&str]) -> Process {
        let mut command = Command::new(binary::path());
        command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path))).envs(&self.0);
        command.arg0("todo-ai-chatbot").args(arguments);
        Process::spawn(command, &Log::default())
    }
}

/// A running child; dropping it kills it.
#[derive(Debug)]
pub(crate) struct Process {
    pid: u32,
    child: Mutex<Child>,
    pub(crate) log: Log,
    readers: Mutex<Vec<std::thread::JoinHandle<()>>>,
}

impl Process {
    /// Starts `command`, which writes to `log`.
    ///
    /// # Panics
    /// When it cannot be started.
    pub(crate) fn spawn(mut command: Command, log: &Log) -> Self {
        // Not in the tree: a `.env` of the person who runs the tests is not for this process.
        command.current_dir(std::env::temp_dir()).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the process can be started");
        let readers = [
            log.collect(child.stdout.take().expect("its output is ours")),
            log.collect(child.stderr.take().expect("its errors are ours")),
        ];
        let (pid, log) = (child.id(), log.clone());
        Self { pid, child: Mutex::new(child), log, readers: Mutex::new(readers.into()) }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// Sends a signal, unless the process has ended and its number may be another's.
    pub(crate) fn signal(&self, signal: Signal) {
        let mut child = self.child.lock().expect("nobody panics with the child");
        if matches!(child.try_wait(), Ok(None)) {
            let pid = Pid::from_raw(self.pid.cast_signed()).expect("a process has a number");
            kill_process(pid, signal).expect("our own child can be signalled");
        }
    }

    pub(crate) fn exit_status(&self) -> Option<ExitStatus> {
        let mut child = self.child.lock().expect("nobody panics with the child");
        child.try_wait().expect("our own child can be waited for")
    }

    pub(crate) async fn exit_within(&self, timeout: Duration) -> Option<ExitStatus> {
        let started_at = Instant::now();
        loop {
            let status = self.exit_status();
            if status.is_some() || started_at.elapsed() > timeout {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Kills it and waits for its end.
    pub(crate) fn kill(&self) {
        let mut child = self.child.lock().expect("nobody panics with the child");
        // It may have ended before.
        let _ = child.kill();
        let _ = child.wait();
        drop(child);
        self.join_readers();
    }

    /// Waits until the log holds everything that was written.
    fn join_readers(&self) {
        for reader in self.readers.lock().expect("nobody panics with the readers").drain(..) {
            // A reader that panicked has read what it could.
            let _ = reader.join();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
