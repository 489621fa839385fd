//! Finds `initdb` and `postgres`: in PATH, where `pg_config` says, and in the
//! usual folders of Debian, Homebrew and the macOS installer.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::error::PostgresError;

/// Folders that hold one folder per version.
const VERSION_FOLDERS: &[&str] = &[
    "/usr/lib/postgresql",
    "/opt/homebrew/opt",
    "/usr/local/opt",
    "/Library/PostgreSQL",
    "/Applications/Postgres.app/Contents/Versions",
    "/usr/pgsql",
];

/// Returns the folder that holds `initdb` and `postgres`.
///
/// A cluster can only be served by the major version that made it, so with
/// `version` (the text of `PG_VERSION`) a folder of that version is preferred.
pub(crate) fn find(version: Option<&str>) -> Result<PathBuf, PostgresError> {
    let mut folders = candidates();
    folders.retain(|folder| is_program(&folder.join("initdb")) && is_program(&folder.join("postgres")));
    let fitting = version.and_then(|wanted| {
        let fits = |folder: &&PathBuf| major_version(folder).as_deref() == Some(wanted.trim());
        folders.iter().find(fits).cloned()
    });
    fitting.or_else(|| folders.into_iter().next()).ok_or(PostgresError::NoBinaries)
}

/// Returns another program of PostgreSQL's, such as `pgbench`: from beside the server's where that is
/// complete, else from wherever there is one.
///
/// # Errors
/// When there is none.
pub fn program(name: &str) -> Result<PathBuf, PostgresError> {
    let beside = find(None).ok().into_iter().chain(candidates());
    beside.map(|folder| folder.join(name)).find(|path| is_program(path)).ok_or(PostgresError::NoBinaries)
}

/// Returns every folder worth a look, best first.
fn candidates() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.extend(pg_config_bindir());
    for parent in VERSION_FOLDERS {
        folders.extend(newest_first(Path::new(parent)));
    }
    folders
}

/// Returns what `pg_config --bindir` prints, if there is a `pg_config`.
fn pg_config_bindir() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(PathBuf::from(text.trim()))
}

/// Returns the `bin` folders below `parent`, the highest version number first.
fn newest_first(parent: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let mut found: Vec<(u32, PathBuf)> =
        entries.map(|entry| (number_in(&entry.file_name().to_string_lossy()), entry.path())).collect();
    found.sort_by(|left, right| right.cmp(left));
    found.into_iter().map(|(_, path)| path.join("bin")).collect()
}

/// Returns the first number in a folder's name: 17 for `postgresql@17`.
fn number_in(name: &str) -> u32 {
    let digits = name.trim_start_matches(|c: char| !c.is_ascii_digit());
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().unwrap_or(0)
}

/// Returns "15" when `postgres --version` says `postgres (PostgreSQL) 15.8`.
fn major_version(folder: &Path) -> Option<String> {
    let output = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (_, version) = text.split_once("(PostgreSQL) ")?;
    let end = version.find(|c: char| !c.is_ascii_digit()).unwrap_or(version.len());
    Some(version[..end].to_owned())
}

fn is_program(path: &Path) -> bool {
    path.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_folder_names_order_versions() {
        assert_eq!(number_in("9.6"), 9);
        assert_eq!(number_in("17"), 17);
        assert_eq!(number_in("postgresql@16"), 16);
        assert_eq!(number_in("libpq"), 0);
    }

    #[test]
    fn an_installed_postgres_is_found_with_its_version() {
        let folder = find(None).unwrap();
        let version = major_version(&folder).unwrap();
        assert!(version.parse::<u32>().unwrap() >= 12);
        assert_eq!(find(Some(&version)).unwrap(), folder);
    }

    #[test]
    fn a_version_that_is_not_there_falls_back_to_what_is() {
        assert_eq!(find(Some("8")).unwrap(), find(None).unwrap());
    }
}
