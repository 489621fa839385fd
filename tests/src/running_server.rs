//! One running server, and what a platform may do to it.

use std::{
    process::ExitStatus,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use tokio::process::Command;

use crate::{http_client, log::Log, process::Process};

/// How long a start may take when the machine has much to do.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// A server that listens; dropping it kills it.
#[derive(Debug)]
pub struct Server {
    process: Process,
    base: String,
}

impl Server {
    pub(crate) async fn listening(process: Process) -> Self {
        let started_at = Instant::now();
        loop {
            if let Some(address) = process.log.after("Server running on ") {
                let is_of_url = |c: &char| c.is_ascii_alphanumeric() || ":/.".contains(*c);
                let base = address.chars().take_while(is_of_url).collect();
                return Self { process, base };
            }
            assert!(process.exit_status().is_none(), "the server ended:\n{}", process.log.text());
            assert!(
                started_at.elapsed() < START_TIMEOUT,
                "the server does not listen:\n{}",
                process.log.text()
            );
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Returns `http://127.0.0.1:PORT`.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Returns the process id.
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Returns how much memory it has, in MiB.
    ///
    /// # Panics
    /// When it has ended.
    pub async fn memory(&self) -> u64 {
        let id = self.pid().to_string();
        // KiB, on every Unix.
        let output = Command::new("ps").args(["-o", "rss=", "-p", &id]).output().await.expect("ps runs");
        let kibibytes = String::from_utf8_lossy(&output.stdout).trim().parse::<u64>();
        kibibytes.expect("ps prints a number") / 1024
    }

    /// Returns what it wrote so far.
    pub fn log(&self) -> Log {
        self.process.log.clone()
    }

    /// Waits until it can serve.
    ///
    /// # Panics
    /// When it cannot within half a minute.
    pub async fn wait_ready(&self) {
        let started_at = Instant::now();
        let client = http_client::build();
        let url = format!("{}/ready", self.base);
        while !client.get(&url).send().await.is_ok_and(|answer| answer.status().is_success()) {
            assert!(
                started_at.elapsed() < START_TIMEOUT,
                "the server does not get ready:\n{}",
                self.log().text()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Kills it with SIGKILL and waits for its end: what `kill -9` does, or a power cut.
    pub fn kill_9(&self) {
        self.process.kill();
    }

    /// Asks it to end, as a platform does.
    pub fn sigterm(&self) {
        self.process.signal(Signal::TERM);
    }

    /// Freezes it.
    pub fn sigstop(&self) {
        self.process.signal(Signal::STOP);
    }

    /// Lets it go on after [`sigstop`](Self::sigstop).
    pub fn sigcont(&self) {
        self.process.signal(Signal::CONT);
    }

    /// Returns how it ended, if it did within `timeout`.
    pub async fn exit_within(&self, timeout: Duration) -> Option<ExitStatus> {
        self.process.exit_within(timeout).await
    }
}
