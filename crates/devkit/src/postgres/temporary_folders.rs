//! Throw-away folders in the temporary directory, named after the process
//! that made them so that the next one can tell what was left behind.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use super::pidfile::{PidFile, is_alive};

const PREFIX: &str = "todo-ai-chatbot-postgres";

/// Returns a path that no other call, in this or another process, returns.
pub(crate) fn new_home() -> PathBuf {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    std::env::temp_dir().join(format!("{PREFIX}-{}-{count}", std::process::id()))
}

/// Removes a folder with everything in it; a leftover is only worth a log line.
pub(crate) fn remove(home: &Path) {
    if let Err(error) = fs::remove_dir_all(home) {
        tracing::debug!(%error, home = %home.display(), "temporary PostgreSQL folder left behind");
    }
}

/// Removes the folders of processes that are gone.
pub(crate) fn sweep() {
    let entries = fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten();
    for home in entries.map(|entry| entry.path()).filter(|path| is_abandoned(path)) {
        remove(&home);
    }
}

fn is_abandoned(home: &Path) -> bool {
    let maker = home
        .file_name()
        .and_then(|name| name.to_str())
        .and_then(|name| name.strip_prefix(PREFIX)?.strip_prefix('-')?.split('-').next()?.parse().ok());
    let serves = || PidFile::read(&home.join("data")).is_some_and(|file| file.is_alive());
    maker.is_some_and(|maker| !is_alive(maker)) && !serves()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_folders_of_dead_makers_are_abandoned() {
        let ours = new_home();
        assert!(!is_abandoned(&ours));
        assert!(is_abandoned(&std::env::temp_dir().join(format!("{PREFIX}-2147483646-0"))));
        assert!(!is_abandoned(Path::new("/tmp/something-else-2147483646-0")));
    }
}
