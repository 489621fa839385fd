//! A child process with what it wrote, and its end.

use std::{
    process::{Child, Command, ExitStatus, Stdio},
    sync::Mutex,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::log::Log;

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
    pub(crate) fn join_readers(&self) {
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
