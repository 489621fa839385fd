//! Packets that vanish: a stall made by the kernel's packet filter, not by the proxy.
//!
//! To whoever sends them the other side is just gone: nothing is accepted, nothing acknowledged,
//! and TCP itself sends again, later and later. It takes root and a network of one's own.

use std::process::Command;

/// The rules that drop what goes to a port and comes from it, until this is dropped.
#[derive(Debug)]
pub(super) struct Drops {
    port: u16,
}

impl Drops {
    /// # Panics
    /// When the packet filter does not take the rules.
    pub(super) fn begin(port: u16) -> Self {
        let drops = Self { port };
        assert!(drops.rules("--append"), "iptables takes no rules: is this a network of its own, as root?");
        drops
    }

    fn rules(&self, what: &str) -> bool {
        ["--destination-port", "--source-port"].iter().all(|end| {
            let mut command = Command::new("iptables");
            command.args(["--wait", what, "INPUT", "--protocol", "tcp", end, &self.port.to_string()]);
            command.args(["--jump", "DROP"]).status().is_ok_and(|status| status.success())
        })
    }
}

impl Drop for Drops {
    fn drop(&mut self) {
        self.rules("--delete");
    }
}
