//! A listener for tests of the driver.

use std::sync::{Mutex, PoisonError};

use crate::ports::{TurnEvent, TurnListener};

/// A listener that writes everything down.
#[derive(Debug, Default)]
pub struct RecordingListener(Mutex<Vec<TurnEvent>>);

impl RecordingListener {
    /// Returns what happened so far, in order.
    pub fn events(&self) -> Vec<TurnEvent> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl TurnListener for RecordingListener {
    fn on(&self, event: TurnEvent) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }
}
