//! Reads `postmaster.pid`, which says whether a Postgres serves a data folder,
//! on which port, and how far it has come.

use std::{
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::Path,
    process::Command,
    time::Duration,
};

use rustix::{
    io::Errno,
    process::{Pid, Signal, kill_process, test_kill_process},
};

/// What the newest `postmaster.pid` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PidFile {
    /// The postmaster's process id.
    pub(crate) pid: i32,
    /// The TCP port, once it is written.
    pub(crate) port: Option<u16>,
    /// Whether the postmaster says that it is ready.
    pub(crate) ready: bool,
}

impl PidFile {
    /// Reads the file below a data folder; nothing when there is none.
    pub(crate) fn read(data: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(data.join("postmaster.pid")).ok()?)
    }

    /// Reads the file and returns it if its process lives and serves this folder.
    ///
    /// After a crash the number may belong to another program, even to the
    /// system's own Postgres: then the file is stale, and removed, because
    /// Postgres would refuse to start over it.
    pub(crate) fn current(data: &Path) -> Option<Self> {
        let file = Self::read(data).filter(Self::is_alive)?;
        if serves(file.pid, data) {
            return Some(file);
        }
        tracing::warn!(pid = file.pid, "removing a stale postmaster.pid");
        if let Err(error) = fs::remove_file(data.join("postmaster.pid")) {
            tracing::warn!(%error, "cannot remove the stale postmaster.pid");
        }
        None
    }

    /// Lines: pid, data folder, start time, port, socket folder, address, key, status.
    fn parse(text: &str) -> Option<Self> {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        Some(Self {
            pid: lines.first()?.parse().ok()?,
            port: lines.get(3).and_then(|port| port.parse().ok()),
            ready: lines.get(7) == Some(&"ready"),
        })
    }

    /// Whether that process lives.
    pub(crate) fn is_alive(&self) -> bool {
        is_alive(self.pid)
    }

    /// Returns the port when the postmaster lives, says it is ready, and answers there.
    pub(crate) fn answering_port(&self) -> Option<u16> {
        let port = self.port.filter(|_| self.ready && self.is_alive())?;
        speaks_postgres(port).then_some(port)
    }
}

/// Whether a process with this id lives, be it ours or not.
pub(crate) fn is_alive(pid: i32) -> bool {
    let Some(pid) = Pid::from_raw(pid) else {
        return false;
    };
    matches!(test_kill_process(pid), Ok(()) | Err(Errno::PERM))
}

/// Sends a signal; a process that is gone already is fine.
pub(crate) fn send(pid: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(pid)
        && let Err(error) = kill_process(pid, signal)
    {
        tracing::debug!(pid = pid.as_raw_nonzero().get(), %error, "signal not delivered");
    }
}

/// Whether the process was started on this data folder.
fn serves(pid: i32, data: &Path) -> bool {
    let arguments = if cfg!(target_os = "linux") {
        fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default()
    } else {
        let output = Command::new("ps").args(["-o", "command=", "-p", &pid.to_string()]).output();
        output.map(|output| output.stdout).unwrap_or_default()
    };
    let arguments = String::from_utf8_lossy(&arguments).into_owned();
    arguments.contains("postgres") && arguments.contains(&*data.to_string_lossy())
}

/// Asks the port the one question that needs no password: is TLS spoken here?
fn speaks_postgres(port: u16) -> bool {
    const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];
    const PROBE_TIMEOUT: Duration = Duration::from_secs(1);
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let ask = || -> std::io::Result<u8> {
        let mut stream = TcpStream::connect_timeout(&address, PROBE_TIMEOUT)?;
        stream.set_read_timeout(Some(PROBE_TIMEOUT))?;
        stream.write_all(&SSL_REQUEST)?;
        let mut answer = [0];
        stream.read_exact(&mut answer)?;
        Ok(answer[0])
    };
    matches!(ask(), Ok(b'N' | b'S'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_pid_file_is_understood() {
        let text = "4711\n/x/data\n1700000000\n5433\n\n127.0.0.1\n  123 45\nready   \n";
        let expected = PidFile { pid: 4711, port: Some(5433), ready: true };
        assert_eq!(PidFile::parse(text), Some(expected));
    }

    #[test]
    fn a_half_written_pid_file_is_not_ready() {
        let file = PidFile::parse("4711\n/x/data\n").unwrap();
        assert_eq!((file.port, file.ready), (None, false));
        assert_eq!(PidFile::parse(""), None);
    }

    #[test]
    fn our_own_process_lives() {
        assert!(is_alive(std::process::id().cast_signed()));
        assert!(!is_alive(0));
    }
}
