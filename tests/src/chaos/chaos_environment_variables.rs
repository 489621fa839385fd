//! The environment variables that put something around every cluster: a pooler, wrong clocks, lost packets.
//! Not every machine can, so without a variable there is nothing of it.

use std::{ffi::OsString, path::PathBuf};

/// `CHAOS_POOLER`: the PgBouncer that stands between the replicas and their database.
pub(super) fn pooler() -> Option<PathBuf> {
    variable("CHAOS_POOLER").map(PathBuf::from)
}

/// `CHAOS_DROPS`: whether a stall drops packets. `tests/tests/chaos/packet_loss.sh` sets it, where the
/// network is one of its own.
pub(super) fn drops_packets() -> bool {
    variable("CHAOS_DROPS").is_some()
}

fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}
