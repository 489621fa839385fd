//! What tests stand on: a scripted model, stores in memory, and the contracts that every store of
//! ours must keep, so that the ones in memory are honest.

mod block_on;
pub mod contract;
mod in_memory;
mod manual_clock;
mod model_api_rules;
mod recording_listener;
mod sample_todo;
mod scripted_model;

pub use block_on::{block_on, join_all};
pub use in_memory::MemoryStore;
pub use manual_clock::{ManualClock, RandomIdGenerator};
pub use model_api_rules::{fit_to_send, sound};
pub use recording_listener::{InterruptAfterWords, NeverInterrupts, RecordingListener};
pub use sample_todo::sample_todo;
pub use scripted_model::{RecordedRequest, Scripted, ScriptedModel};
