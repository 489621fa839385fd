//! Raises this process's limit of open files.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Allows as many as it goes: both ends of every connection are open files, and the server inherits the
/// limit.
pub(crate) fn raise_open_file_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).expect("a process may raise its own limit");
}
