//! Limits on the connections and memory that one client, or one account, may take.

pub mod connection_limit;
pub mod memory_budget;
pub mod run_to_completion;
pub mod tcp_user_timeout;
