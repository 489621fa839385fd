//! Measures the real release binary and prints what it found: `make bench`.
//!
//! Numbers of one machine say little about another, so every throughput is also a ratio to a
//! ceiling of the same run, rounds alternate, and medians are printed. With a path as its argument
//! it measures that binary; with two paths it compares them. `BENCH=start,throughput` measures some of
//! it: `start`, `talk`, `streams`, `idle`, `growth`, `today`, `throughput`, `history`.

#![expect(clippy::expect_used, reason = "a measurement that cannot be made is not made")]
#![expect(clippy::disallowed_methods, reason = "what is measured is chosen by variables")]

mod api_client;
mod compare_revisions;
mod concurrent_chats;
mod conversation_length;
mod due_today;
mod idle_connections;
mod idle_streams;
mod list_page_by_size;
mod load;
mod open_file_limit;
mod pgbench;
mod report;
mod server;
mod startup;
mod stats;
mod throughput;

use std::path::PathBuf;

use devkit::postgres::{DATABASE, LocalPostgres, Options};
use tokio::runtime::Runtime;

fn main() {
    let mut given = std::env::args_os().skip(1).map(PathBuf::from);
    let (binary, other) = (given.next().unwrap_or_else(server::build), given.next());
    if cfg!(debug_assertions) {
        report::title("A debug build: it shows that this program works, and no number that counts.");
    }
    let mut options = Options::temporary();
    // As careful with the data as a real one.
    options.durable = true;
    let postgres = LocalPostgres::start(options).expect("a private Postgres");
    let url = postgres.url(DATABASE);
    let runtime = Runtime::new().expect("a runtime");
    if let Some(after) = other {
        return runtime.block_on(compare_revisions::measure(&binary, &after, &postgres));
    }
    let chosen = std::env::var("BENCH").unwrap_or_default();
    let is_chosen = |name: &str| chosen.is_empty() || chosen.split(',').any(|part| part == name);
    if is_chosen("start") {
        report::title("Start and memory");
        startup::measure(&runtime, &binary, &url);
    }
    if is_chosen("talk") {
        report::title("100 people talk at once to a model that takes 500 ms");
        runtime.block_on(concurrent_chats::measure(&binary, &url));
    }
    if is_chosen("streams") {
        report::title("2,000 people look at answers that do not come");
        runtime.block_on(idle_streams::measure(&binary, &url));
    }
    if is_chosen("idle") {
        report::title("10,000 connections over which nothing is said");
        idle_connections::measure(&binary, &url);
    }
    if is_chosen("growth") {
        report::title("Lists as they grow");
        runtime.block_on(list_page_by_size::measure(&binary, &url));
    }
    if is_chosen("today") {
        report::title("What is due today");
        runtime.block_on(due_today::measure(&binary, &url));
    }
    if is_chosen("throughput") {
        report::title("Requests a second, and the same work by pgbench");
        runtime.block_on(throughput::measure(&binary, &url));
    }
    if is_chosen("history") {
        report::title("A turn in a short and in a long conversation");
        runtime.block_on(conversation_length::measure(&binary, &url));
    }
}
