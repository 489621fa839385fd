//! Turns at work in this process: each in a task of its own, so that a client that goes away stops
//! nothing, and each followed by whoever wants to. Knows the domain's ports and nothing of HTTP.
//!
//! Start at [`TurnService`]. Every time-out is in `timeouts`.

mod active;
mod begin;
mod error;
mod events;
mod heartbeat;
mod remote;
mod running;
mod service;
mod subscription;
mod timeouts;

pub use error::TurnServiceError;
pub use service::{Answered, TurnPorts, TurnRequest, TurnService};
pub use subscription::{TurnSubscription, TurnUpdate};
