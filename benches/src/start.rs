//! How long a start takes and how much memory an idle server has.

use std::{path::Path, thread, time::Duration};

use tokio::runtime::Runtime;

use crate::{
    people::{self, Person},
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
    let starts = (0..RUNS).map(|_| Server::start(binary, database, NO_MODEL).1).collect();
    let starts = Durations::new(starts);
    let spread = format!("{} … {}", ms(starts.least()), ms(starts.most()));
    line("exec to the first 200 of /health, median", format!("{} ({spread})", ms(starts.median())));

    let server = Server::ready(binary, database, NO_MODEL);
    thread::sleep(Duration::from_secs(1));
    line("memory of an idle server", format!("{:.1} MiB", server.memory()));
    runtime.block_on(async {
        let client = people::client();
        Person::register(&client, &server).await;
    });
    line("memory after somebody has registered", format!("{:.1} MiB", server.memory()));
}
