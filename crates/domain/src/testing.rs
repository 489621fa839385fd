//! Test support: a scripted model, stores in memory, and the contracts that every store must keep, so that
//! the ones in memory behave as the real ones.

mod block_on;
pub mod contract;
mod in_memory;
mod manual_clock;
mod model_api_rules;
mod random_id_generator;
mod recording_listener;
mod sample_todo;
mod scripted_interrupts;
mod scripted_model;

pub use block_on::{block_on, join_all};
pub use in_memory::MemoryStore;
pub use manual_clock::ManualClock;
pub use model_api_rules::{fit_to_send, sound};
pub use random_id_generator::RandomIdGenerator;
pub use recording_listener::RecordingListener;
pub use sample_todo::sample_todo;
pub use scripted_interrupts::{InterruptAfterWords, NeverInterrupts};
pub use scripted_model::{RecordedRequest, Scripted, ScriptedModel};
