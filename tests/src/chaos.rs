//! Chaos: a network that fails, processes that die, and a checker that says what was broken by it.
//!
//! ```text
//! ChaosProxy::start(upstream).await   .set(Behaviour::…)  .cut()  .connections()
//! Cluster::start(seed, replicas).await   several replicas on one Postgres and one model, proxies between
//! History::record(&Plan { seed, … }).await  clients and faults; then  .violations() -> what did not hold
//! ```

mod chance;
pub mod check;
mod client;
mod cluster;
mod faults;
mod journal;
mod operation;
mod pooler;
mod postgres;
mod proxy;
mod reader;
mod record;
mod run;
mod surroundings;

pub use chance::Chance;
pub use client::Person;
pub use cluster::{Cluster, Replica};
pub use journal::Journal;
pub use operation::Operation;
pub use postgres::PrivatePostgres;
pub use proxy::{Behaviour, ChaosProxy};
pub use reader::{Belongings, Said, Talk, Task};
pub use record::{Answer, Attempt, Record, Verdict};
pub use run::{History, Plan};
