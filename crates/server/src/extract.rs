//! Extractors: what handlers take out of a request.

pub mod body;
pub mod caller;
pub mod client_address;
pub mod idempotency_key;
pub mod path_id;
pub mod query;
pub mod time_zone;
pub mod user_agent;
