//! What one client, or one account, may take of the server's connections and memory.

pub mod connection_limit;
pub mod memory_budget;
pub mod run_to_completion;
pub mod tcp_user_timeout;
