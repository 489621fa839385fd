//! Turns at work in this process: each in a task of its own, so that a client that goes away stops
//! nothing, and each followed by any number of clients; and the limit on how much of the database one
//! account's requests take at a time. Knows the domain's ports and nothing of HTTP.
//!
//! Start at [`TurnService`]. How long things around a turn may take is in `timeouts`. What the turn itself
//! asks of others has the time-outs of their adapters.

mod active_turn;
mod active_turn_registry;
mod error;
mod heartbeat;
mod keyed_semaphore;
mod remote_turn;
mod service;
mod step_events;
mod subscription;
mod subscription_update;
#[cfg(test)]
mod testing;
mod timeouts;
mod turn_ports;
mod turn_progress;
mod turn_request;
mod turn_telemetry;

pub use error::TurnServiceError;
pub use keyed_semaphore::{AccountBusy, KeyedSemaphore, Permit};
pub use service::TurnService;
pub use subscription::TurnSubscription;
pub use subscription_update::SubscriptionUpdate;
pub use turn_ports::TurnPorts;
pub use turn_progress::TurnProgress;
pub use turn_request::{Answered, MessageText, Replacement, TurnRequest};
pub use turn_telemetry::{TurnObserver, TurnTelemetry};
