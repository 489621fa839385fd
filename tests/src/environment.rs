//! The environment of a server, given by the test and by nothing else, and what is started in it.

use std::{
    collections::BTreeMap,
    os::unix::process::CommandExt,
    process::Command,
    time::{Duration, Instant},
};

use crate::{binary, log::Log, process::Process, running_server::Server};

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
