//! Errors of a private Postgres, worded so that a person knows what to do next.

use std::{io, path::PathBuf, time::Duration};

/// Why the private Postgres could not be started or stopped.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// No directory with `initdb` and `postgres` was found.
    #[error(
        "PostgreSQL is not installed: run `apt-get install postgresql` (Debian, Ubuntu) or \
         `brew install postgresql@17` (macOS), or set DATABASE_URL to a server you have"
    )]
    NoBinaries,

    /// A step that touches the file system or starts a process failed.
    #[error("cannot {what}: {source}")]
    Io {
        /// What was tried, for example `create /var/lib/x`.
        what: String,
        /// What the system said.
        source: io::Error,
    },

    /// `initdb`, or making the first database, failed.
    #[error("cannot make a database cluster in {}:\n{output}", home.display())]
    Init {
        /// Where the cluster should live.
        home: PathBuf,
        /// What the program wrote.
        output: String,
    },

    /// The cluster was there, but its password file is gone.
    #[error(
        "{} is missing, so nobody can log in to the database next to it; \
         bring it back, or move the folder away to begin with an empty database", path.display()
    )]
    NoPassword {
        /// Where the password should be.
        path: PathBuf,
    },

    /// Postgres ended, or did not accept connections in time.
    #[error("PostgreSQL did not get ready within {waited:?}; the end of {}:\n{tail}", log.display())]
    NotReady {
        /// How long we waited.
        waited: Duration,
        /// The log file.
        log: PathBuf,
        /// Its last lines.
        tail: String,
    },

    /// Postgres did not end although it was told to.
    #[error("PostgreSQL (process {pid}) did not stop within {waited:?}")]
    NotStopped {
        /// The process that stayed.
        pid: i32,
        /// How long we waited.
        waited: Duration,
    },

    /// Another process is starting Postgres in the same folder and does not finish.
    #[error("another process holds {}: is a second server just starting?", path.display())]
    Locked {
        /// The lock file.
        path: PathBuf,
    },
}

impl PostgresError {
    /// Returns a function for `map_err` that says what was tried.
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}
