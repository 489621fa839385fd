//! Postgres refuses to run as root; this says under which account it runs
//! instead, and makes commands and folders belong to it.

use std::{
    fs, io,
    os::unix::{
        fs::{PermissionsExt, chown},
        process::CommandExt,
    },
    path::Path,
    process::{Command, Stdio},
};

/// `nobody` where no account called `postgres` exists.
const NOBODY: (u32, u32) = (65534, 65534);

/// The account that the database runs under.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Account {
    /// User and group to change to; nothing when we are an ordinary user.
    change_to: Option<(u32, u32)>,
}

impl Account {
    /// Returns the caller's own account, or `postgres` (else `nobody`) for root.
    pub(crate) fn current() -> Self {
        let root = rustix::process::geteuid().is_root();
        let change_to = root.then(|| ids_of("postgres").unwrap_or(NOBODY));
        Self { change_to }
    }

    /// Whether the caller is root and the database must change its account.
    pub(crate) fn is_changed(self) -> bool {
        self.change_to.is_some()
    }

    /// Returns a command that runs under this account, away from our terminal.
    pub(crate) fn command(self, program: &Path) -> Command {
        let mut command = Command::new(program);
        // Messages in English, because we look for words in them; none of the
        // caller's settings for libpq or another cluster.
        command.current_dir("/").stdin(Stdio::null()).env("LC_ALL", "C");
        for name in ["PGDATA", "PGPORT", "PGHOST", "PGUSER", "PGPASSWORD", "PGDATABASE"] {
            command.env_remove(name);
        }
        if let Some((user, group)) = self.change_to {
            command.uid(user).gid(group);
        }
        command
    }

    /// Makes a folder that only this account can enter.
    pub(crate) fn own_folder(self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)?;
        self.own(path, 0o700)
    }

    /// Gives a path to this account with exactly these permissions.
    pub(crate) fn own(self, path: &Path, mode: u32) -> io::Result<()> {
        if let Some((user, group)) = self.change_to {
            chown(path, Some(user), Some(group))?;
        }
        fs::set_permissions(path, fs::Permissions::from_mode(mode))
    }
}

/// Looks an account up in `/etc/passwd`.
fn ids_of(name: &str) -> Option<(u32, u32)> {
    ids_in(&fs::read_to_string("/etc/passwd").ok()?, name)
}

fn ids_in(passwd: &str, name: &str) -> Option<(u32, u32)> {
    let fields = passwd.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let found = fields.into_iter().find(|fields| fields.first() == Some(&name))?;
    Some((found.get(2)?.parse().ok()?, found.get(3)?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_from_the_line_with_exactly_that_name() {
        let passwd = "postgres2:x:7:8::/:\npostgres:x:101:104:admin:/var/lib/postgresql:/bin/bash\n";
        assert_eq!(ids_in(passwd, "postgres"), Some((101, 104)));
        assert_eq!(ids_in(passwd, "nobody"), None);
    }
}
