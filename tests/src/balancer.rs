//! A load balancer in front of replicas: a real HAProxy, which asks each of them at `/ready` whether it
//! can serve.

use std::{
    fmt::Write as _,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{local_port, log::Log, process::Process, running_server::Server};

/// Where Debian puts it, which is on no ordinary user's path.
const DEBIAN: &str = "/usr/sbin/haproxy";

/// A running HAProxy; dropping it kills it.
#[derive(Debug)]
pub struct Balancer {
    base: String,
    settings: PathBuf,
    _process: Process,
}

impl Balancer {
    /// Starts one that gives these replicas requests in turn.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start(replicas: &[&Server]) -> Self {
        let address = local_port::find();
        let settings = std::env::temp_dir().join(format!("haproxy-{}.cfg", address.port()));
        fs::write(&settings, settings_for(address, replicas)).expect("a file for its settings");
        let program = if Path::new(DEBIAN).exists() { DEBIAN } else { "haproxy" };
        let mut command = Command::new(program);
        command.arg("-f").arg(&settings);
        let process = Process::spawn(command, &Log::default());
        assert!(
            local_port::is_listened_on(address).await,
            "the balancer does not start:\n{}",
            process.log.text()
        );
        Self { base: format!("http://{address}"), settings, _process: process }
    }

    /// Returns `http://127.0.0.1:PORT`.
    pub fn base(&self) -> &str {
        &self.base
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        // Whoever clears the folder for temporary files will find it otherwise.
        let _ = fs::remove_file(&self.settings);
    }
}

/// As docs/SCALING.md has it: a replica that is ending or has lost its database gets no requests, a
/// connection that is refused is tried elsewhere, and nothing else is sent twice.
fn settings_for(address: SocketAddr, replicas: &[&Server]) -> String {
    let mut settings = format!(
        "defaults\n\
         mode http\n\
         timeout connect 2s\n\
         timeout client 75s\n\
         timeout server 75s\n\
         retries 3\n\
         option redispatch 1\n\
         retry-on conn-failure\n\
         option forwardfor\n\
         frontend people\n\
         bind {address}\n\
         default_backend replicas\n\
         backend replicas\n\
         balance roundrobin\n\
         option httpchk GET /ready\n\
         default-server check inter 200ms fall 1 rise 1\n"
    );
    for (number, replica) in replicas.iter().enumerate() {
        let place = replica.base().trim_start_matches("http://");
        // Writing to a string does not fail.
        let _ = writeln!(settings, "server replica{number} {place}");
    }
    settings
}
