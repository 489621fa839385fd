//! Interrupts for tests of the driver.

use std::{
    future::{pending, poll_fn},
    task::Poll,
};

use async_trait::async_trait;

use super::RecordingListener;
use crate::ports::{Interrupt, Interruption, TurnEvent};

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
