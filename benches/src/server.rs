//! Builds the server, and runs it as a process.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

const NAME: &str = "todo-ai-chatbot";
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// Builds the server in the profile of this program and returns its path.
pub(crate) fn build() -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--package", "server", "--bin", NAME]);
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    command.args(["--message-format", "json-render-diagnostics"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = command.stderr(Stdio::inherit()).output().expect("cargo runs");
    assert!(output.status.success(), "the server cannot be built");
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    let messages = lines.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let ours = messages.filter(|message| message["target"]["name"] == NAME);
    let mut paths = ours.filter_map(|message| Some(PathBuf::from(message["executable"].as_str()?)));
    paths.next().expect("cargo names the executable")
}

/// A running server; dropping it kills it.
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    /// Starts it and returns how long it took to answer.
    pub(crate) fn start(binary: &Path, database: &str, model: &str) -> (Self, Duration) {
        let address = free_address();
        let mut command = Command::new(binary);
        command.env_clear().envs([
            ("APP_ENV", "production"),
            ("HOST", "127.0.0.1"),
            ("PORT", &address.port().to_string()),
            ("DATABASE_URL", database),
            ("OPENAI_API_KEY", "sk-of-the-benches"),
            ("OPENAI_BASE_URL", model),
            ("JWT_SECRET_KEY", "b1a9f2c87d3e4056a7b8c9d0e1f2a3b4"),
            ("FRONTEND_URL", "https://todo.example.com"),
            ("TURNS_AT_ONCE", "1000000"),
            ("TURNS_PER_5_MINUTES", "1000000"),
            ("CHANGES_PER_MINUTE", "0"),
            ("MAX_STORED_MIB", "0"),
            ("REGISTRATIONS_PER_MINUTE", "1000000"),
            ("MAX_CONNECTIONS", "1000000"),
            // All of them come from one address.
            ("TRUSTED_PROXY_HOPS", "1"),
        ]);
        let started_at = Instant::now();
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("the server starts");
        let server = Self { child, address };
        while !server.answers("/health") {
            assert!(started_at.elapsed() < START_TIMEOUT, "the server does not answer");
            thread::sleep(Duration::from_micros(200));
        }
        (server, started_at.elapsed())
    }

    /// Starts it and waits until it can serve.
    pub(crate) fn ready(binary: &Path, database: &str, model: &str) -> Self {
        let (server, _) = Self::start(binary, database, model);
        let started_at = Instant::now();
        while !server.answers("/ready") {
            assert!(started_at.elapsed() < START_TIMEOUT, "the server does not get ready");
            thread::sleep(Duration::from_millis(5));
        }
        server
    }

    /// Returns where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the URL of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Returns how much memory it has, in MiB.
    pub(crate) fn memory(&self) -> f64 {
        let id = self.child.id().to_string();
        let output = Command::new("ps").args(["-o", "rss=", "-p", &id]).output().expect("ps runs");
        let kilobytes = String::from_utf8_lossy(&output.stdout).trim().parse::<f64>();
        kilobytes.expect("ps prints a number") / 1024.0
    }

    /// Whether a GET is answered with 200. A plain socket: a client would cost more than the start.
    fn answers(&self, path: &str) -> bool {
        let ask = || -> std::io::Result<String> {
            let mut stream = TcpStream::connect(self.address)?;
            write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
            let mut text = String::new();
            stream.read_to_string(&mut text)?;
            Ok(text)
        };
        ask().is_ok_and(|text| text.starts_with("HTTP/1.1 200"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended before.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("a bound port")
}
