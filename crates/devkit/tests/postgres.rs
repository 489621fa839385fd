//! The private Postgres, for real: it needs the PostgreSQL programs.

#![expect(clippy::unwrap_used, reason = "a failing test says enough")]

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    sync::OnceLock,
    thread,
    time::Duration,
};

use devkit::postgres::{DATABASE, LocalPostgres, Options, PostgresError, Shutdown};
use tokio_postgres::NoTls;

/// Runs one statement on a new connection and returns the first column.
fn query(url: &str, sql: &str) -> Result<String, tokio_postgres::Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        let rows = client.simple_query(sql).await?;
        Ok(rows
            .iter()
            .find_map(|message| match message {
                tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
                _ => None,
            })
            .unwrap_or_default())
    })
}

/// A person's cluster in a folder of its own.
fn home(name: &str) -> Options {
    let home = std::env::temp_dir().join(format!("devkit-test-{name}-{}", std::process::id()));
    let mut options = Options::for_person(Some(home));
    options.remove_on_drop = true;
    options
}

#[test]
fn a_temporary_cluster_serves_and_goes_away() {
    let postgres = LocalPostgres::start(Options::temporary()).unwrap();
    let folder = postgres.home().to_owned();
    let url = postgres.url("postgres");
    assert_eq!(url::Url::parse(&url).unwrap().port(), Some(postgres.port()));
    assert_eq!(query(&url, "SHOW fsync").unwrap(), "off");
    assert_eq!(query(&url, "SELECT lower('Ä')").unwrap(), "ä");
    query(&url, "CREATE DATABASE other TEMPLATE template1").unwrap();
    assert_eq!(query(&postgres.url("other"), "SELECT 1").unwrap(), "1");
    drop(postgres);
    assert!(!folder.exists());
    query(&url, "SELECT 1").unwrap_err();
}

#[test]
fn a_stranger_cannot_log_in() {
    let postgres = LocalPostgres::start(Options::temporary()).unwrap();
    let bare = format!("postgres://app@127.0.0.1:{}/postgres?sslmode=disable", postgres.port());
    query(&bare, "SELECT 1").unwrap_err();
    query(&bare.replace("app@", "app:guess@"), "SELECT 1").unwrap_err();
}

#[test]
fn a_persons_data_is_there_after_the_next_start() {
    let mut options = home("keeps");
    options.remove_on_drop = false;
    let first = LocalPostgres::start(options.clone()).unwrap();
    assert_eq!(query(&first.url(DATABASE), "SHOW fsync").unwrap(), "on");
    query(&first.url(DATABASE), "CREATE TABLE t AS SELECT 'kept' AS a").unwrap();
    let url = first.url(DATABASE);
    drop(first);
    options.remove_on_drop = true;
    let second = LocalPostgres::start(options).unwrap();
    assert!(!second.is_reused());
    assert_eq!(second.url(DATABASE), url);
    assert_eq!(query(&url, "SELECT a FROM t").unwrap(), "kept");
}

#[test]
fn a_running_cluster_is_reused_and_left_running() {
    let options = home("reuse");
    let owner = LocalPostgres::start(options.clone()).unwrap();
    let guest = LocalPostgres::start(options).unwrap();
    assert!(guest.is_reused() && !owner.is_reused());
    assert_eq!((guest.url("x"), guest.pid()), (owner.url("x"), owner.pid()));
    drop(guest);
    assert_eq!(query(&owner.url(DATABASE), "SELECT 1").unwrap(), "1");
}

#[test]
fn two_starters_at_once_share_one_cluster() {
    let options = home("both");
    let starters: Vec<_> = (0..4)
        .map(|_| {
            let options = options.clone();
            thread::spawn(move || LocalPostgres::start(options).unwrap())
        })
        .collect();
    let all: Vec<_> = starters.into_iter().map(|starter| starter.join().unwrap()).collect();
    assert_eq!(all.iter().filter(|postgres| !postgres.is_reused()).count(), 1);
    assert!(all.iter().all(|postgres| postgres.pid() == all[0].pid()));
    query(&all[3].url(DATABASE), "SELECT 1").unwrap();
}

#[test]
fn it_survives_the_thread_that_started_it() {
    static SHARED: OnceLock<LocalPostgres> = OnceLock::new();
    let start = || SHARED.get_or_init(|| LocalPostgres::start(Options::temporary()).unwrap()).url("postgres");
    let url = thread::spawn(start).join().unwrap();
    thread::sleep(Duration::from_millis(300));
    assert_eq!(query(&url, "SELECT 1").unwrap(), "1");
}

#[test]
fn stop_and_restart_keep_the_url() {
    let postgres = LocalPostgres::start(Options::temporary()).unwrap();
    let url = postgres.url("postgres");
    for how in [Shutdown::Fast, Shutdown::Immediate] {
        let before = postgres.pid();
        postgres.restart(how).unwrap();
        assert_ne!(postgres.pid(), before);
        assert_eq!(query(&url, "SELECT 1").unwrap(), "1");
    }
    postgres.stop(Shutdown::Immediate).unwrap();
    assert_eq!(postgres.pid(), None);
    query(&url, "SELECT 1").unwrap_err();
    postgres.restart(Shutdown::Fast).unwrap();
    assert_eq!(query(&url, "SELECT 1").unwrap(), "1");
}

#[test]
fn a_stale_pid_file_of_another_program_is_no_obstacle() {
    let mut options = home("stale");
    options.remove_on_drop = false;
    drop(LocalPostgres::start(options.clone()).unwrap());
    let file = options.home.join("data/postmaster.pid");
    // Our own process: alive, and no Postgres.
    let text = format!("{}\n{}\n1\n5432\n\n127.0.0.1\n 1 1\nready\n", std::process::id(), file.display());
    fs::write(&file, text).unwrap();
    options.remove_on_drop = true;
    let postgres = LocalPostgres::start(options).unwrap();
    assert!(!postgres.is_reused());
    assert_eq!(query(&postgres.url(DATABASE), "SELECT 1").unwrap(), "1");
}

#[test]
fn a_crash_while_the_cluster_was_made_is_no_obstacle() {
    let options = home("half");
    fs::create_dir_all(options.home.join("data.unfinished/base")).unwrap();
    fs::write(options.home.join("data.unfinished/PG_VERSION"), "15").unwrap();
    let postgres = LocalPostgres::start(options).unwrap();
    assert_eq!(query(&postgres.url(DATABASE), "SELECT 1").unwrap(), "1");
}

#[test]
fn a_start_that_fails_shows_the_log() {
    let mut options = home("broken");
    options.remove_on_drop = false;
    drop(LocalPostgres::start(options.clone()).unwrap());
    fs::write(options.home.join("data/postgresql.conf"), "no_such_setting = 1\n").unwrap();
    let error = LocalPostgres::start(options.clone()).unwrap_err();
    fs::remove_dir_all(&options.home).unwrap();
    assert!(matches!(error, PostgresError::NotReady { .. }));
    assert!(error.to_string().contains("no_such_setting"), "{error}");
}

#[test]
fn a_lost_password_file_is_named() {
    let mut options = home("password");
    options.remove_on_drop = false;
    drop(LocalPostgres::start(options.clone()).unwrap());
    fs::remove_file(options.home.join("password")).unwrap();
    let error = LocalPostgres::start(options.clone()).unwrap_err();
    fs::remove_dir_all(&options.home).unwrap();
    assert!(matches!(error, PostgresError::NoPassword { .. }), "{error}");
}

#[test]
fn kill_9_of_the_owner_stops_it_and_the_next_start_works_at_once() {
    let options = home("kill9");
    let mut owner = Command::new(env!("CARGO_BIN_EXE_private-postgres"))
        .arg(&options.home)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // The URL is printed once connections are accepted.
    let mut url = String::new();
    BufReader::new(owner.stdout.take().unwrap()).read_line(&mut url).unwrap();
    assert!(url.starts_with("DATABASE_URL=postgres://"), "{url}");
    let pid = fs::read_to_string(options.home.join("data/postmaster.pid")).unwrap();
    let pid = pid.lines().next().unwrap().to_owned();
    owner.kill().unwrap();
    owner.wait().unwrap();
    let postgres = LocalPostgres::start(options).unwrap();
    assert!(!postgres.is_reused());
    assert_ne!(postgres.pid().unwrap().to_string(), pid);
    assert_eq!(query(&postgres.url(DATABASE), "SELECT 1").unwrap(), "1");
    #[cfg(target_os = "linux")]
    assert!(!std::path::Path::new("/proc").join(&pid).exists());
}
