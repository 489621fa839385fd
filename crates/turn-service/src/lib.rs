//! Turns at work in this process: each in a task of its own, so that a client that goes away stops
//! nothing, and each followed by whoever wants to. Knows the domain's ports and nothing of HTTP.
//!
//! Start at [`TurnService`]. Every time-out is in `timeouts`.

mod active;
mod error;
mod events;
mod heartbeat;
mod ports;
mod remote;
mod running;
mod service;
mod subscription;
mod timeouts;
mod update;

pub use error::TurnServiceError;
pub use ports::TurnPorts;
pub use service::{Answered, TurnRequest, TurnService};
pub use subscription::TurnSubscription;
pub use update::TurnUpdate;
