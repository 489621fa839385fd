//! What tests stand on: a scripted model, stores in memory, and the contracts that every store of
//! ours must keep, so that the ones in memory are honest.

pub mod contract;
mod executor;
mod memory;
mod observers;
mod scripted_model;
mod strict;
mod time;

pub use executor::{block_on, join_all};
pub use memory::MemoryStore;
pub use observers::{InterruptAfterWords, Recorder, Undisturbed};
pub use scripted_model::{RecordedRequest, Scripted, ScriptedModel};
pub use strict::{fit_to_send, sound};
pub use time::{ManualClock, RandomIdGenerator};
