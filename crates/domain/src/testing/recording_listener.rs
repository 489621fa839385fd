//! Listeners and interrupts for tests of the driver.

use std::{
    future::{pending, poll_fn},
    sync::{Mutex, PoisonError},
    task::Poll,
};

use async_trait::async_trait;

use crate::ports::{Interrupt, Interruption, TurnEvent, TurnListener};

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

/// An interrupt that never comes.
#[derive(Debug, Clone, Copy, Default)]
pub struct NeverInterrupts;

#[async_trait]
impl Interrupt for NeverInterrupts {
    async fn raised(&self) -> Interruption {
        pending().await
    }
}

/// An interrupt that comes as soon as a listener heard this many pieces of text.
#[derive(Debug)]
pub struct InterruptAfterWords<'a> {
    /// Who listens.
    pub heard: &'a RecordingListener,
    /// How many pieces.
    pub count: usize,
    /// What comes then.
    pub interruption: Interruption,
}

#[async_trait]
impl Interrupt for InterruptAfterWords<'_> {
    async fn raised(&self) -> Interruption {
        poll_fn(|context| {
            let is_word = |event: &TurnEvent| matches!(event, TurnEvent::TextDelta(_));
            if self.heard.events().into_iter().filter(is_word).count() >= self.count {
                return Poll::Ready(self.interruption);
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await
    }
}
