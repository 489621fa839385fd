//! The time that a start takes, and the memory of an idle server.

use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

use tokio::runtime::Runtime;

use crate::{
    api_client::{self, Person},
    report::{line, ms},
    server::Server,
    stats::Durations,
};

const RUNS: usize = 10;
/// Nothing listens there: this server is not talked to.
const NO_MODEL: &str = "http://127.0.0.1:1/v1";

pub(crate) fn measure(runtime: &Runtime, binary: &Path, database: &str) {
    // Migrates, and brings the binary into the page cache.
    drop(Server::ready(binary, database, NO_MODEL));
    let starts = (0..RUNS).map(|_| Server::start(binary, database, NO_MODEL).1);
    tell("exec to the first 200 of /health, median", starts);
    let ready = (0..RUNS).map(|_| {
        let started_at = Instant::now();
        let server = Server::ready(binary, database, NO_MODEL);
        let took = started_at.elapsed();
        drop(server);
        took
    });
    tell("exec to the first 200 of /ready, median", ready);

    let server = Server::ready(binary, database, NO_MODEL);
    thread::sleep(Duration::from_secs(1));
    line("memory of an idle server", format!("{:.1} MiB", server.memory()));
    runtime.block_on(async {
        let client = api_client::client();
        Person::register(&client, &server).await;
    });
    line("memory after somebody has registered", format!("{:.1} MiB", server.memory()));
}

fn tell(what: &str, took: impl Iterator<Item = Duration>) {
    let took = Durations::new(took.collect());
    let spread = format!("{} … {}", ms(took.least()), ms(took.most()));
    line(what, format!("{} ({spread})", ms(took.median())));
}
