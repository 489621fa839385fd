//! Chaos: a network that fails, processes that die, and a checker that says what was broken by it.
//!
//! ```text
//! ChaosProxy::start(upstream).await   .set(Behaviour::…)  .cut()  .connections()
//! Cluster::start(seed, replicas).await   several replicas on one Postgres and one model, proxies between
//! History::record(&Plan { seed, … }).await  clients and faults; then  .violations() -> what did not hold
//! ```

mod chaos_environment_variables;
mod client;
mod cluster;
mod event_log;
mod faults;
mod final_state;
pub mod history_checker;
mod operation;
mod operation_record;
mod pooler;
mod postgres;
mod proxy;
mod rng;
mod run;
mod stream_answer;

pub use client::Person;
pub use cluster::{Cluster, Replica};
pub use event_log::EventLog;
pub use final_state::{FinalConversation, FinalUserState, Said, Task};
pub use operation::Operation;
pub use operation_record::{Answer, Attempt, OperationOutcome, OperationRecord};
pub use postgres::PrivatePostgres;
pub use proxy::{Behaviour, ChaosProxy};
pub use rng::Rng;
pub use run::{History, Plan};
