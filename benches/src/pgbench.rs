//! The ceiling: the same statements by `pgbench`, with as many connections and no server.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// Returns how many transactions a second `pgbench` makes of a script.
pub(crate) fn rate(database: &str, script: &Path, connections: usize, round: Duration) -> f64 {
    let output =
        Command::new(devkit::postgres::program("pgbench").expect("pgbench, which comes with PostgreSQL"))
            .args(["--no-vacuum", "--protocol", "prepared", "--jobs", "2"])
            .args(["--client", &connections.to_string(), "--time", &round.as_secs().to_string()])
            .arg("--file")
            .arg(script)
            .arg(database)
            .output()
            .expect("pgbench runs");
    let (told, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && !errors.contains("ERROR"), "{errors}");
    let line = told.lines().find_map(|line| line.strip_prefix("tps = ")).expect("pgbench tells a rate");
    line.split(' ').next().and_then(|rate| rate.parse().ok()).expect("a rate is a number")
}

/// Writes a script to a file of its own.
pub(crate) fn script(directory: &Path, name: &str, statements: &str) -> PathBuf {
    let path = directory.join(format!("{name}.sql"));
    fs::write(&path, statements).expect("a file for a script");
    path
}
