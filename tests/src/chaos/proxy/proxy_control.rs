//! The state that all connections of a proxy share: the behaviour at the moment, and the order to cut.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::{Notify, watch};

use super::Behaviour;

/// Shared by the proxy's handle, its listener and its tunnels.
#[derive(Debug, Clone)]
pub(super) struct ProxyControl {
    behaviour: watch::Sender<Behaviour>,
    cut: Arc<Notify>,
    forgotten: Arc<Notify>,
    tunnels: Arc<AtomicUsize>,
}

impl Default for ProxyControl {
    fn default() -> Self {
        Self {
            behaviour: watch::Sender::new(Behaviour::Pass),
            cut: Arc::default(),
            forgotten: Arc::default(),
            tunnels: Arc::default(),
        }
    }
}

impl ProxyControl {
    pub(super) fn now(&self) -> Behaviour {
        *self.behaviour.borrow()
    }

    pub(super) fn set(&self, behaviour: Behaviour) {
        self.behaviour.send_replace(behaviour);
    }

    /// Returns the fault that was set for what is sent; one that cuts is then used up.
    pub(super) fn check_trigger(&self, sent: &[u8]) -> Option<TriggeredFault> {
        let mut triggered = None;
        self.behaviour.send_if_modified(|behaviour| {
            let (text, fault, left) = match behaviour {
                Behaviour::CutAnswerTo(text, left) => (*text, TriggeredFault::Cut, left),
                Behaviour::CutBefore(text, left) => (*text, TriggeredFault::CutNow, left),
                Behaviour::HoldAnswerTo(text) => {
                    triggered = contains(sent, text.as_bytes()).then_some(TriggeredFault::Hold);
                    return false;
                }
                _ => return false,
            };
            if !contains(sent, text.as_bytes()) {
                return false;
            }
            *left -= 1;
            if *left == 0 {
                triggered = Some(fault);
                *behaviour = Behaviour::Pass;
            }
            true
        });
        triggered
    }

    /// Waits until `wanted` is true of the behaviour.
    pub(super) async fn until(&self, wanted: impl FnMut(&Behaviour) -> bool) {
        // The sender lives as long as `self`: this fails never.
        let _ = self.behaviour.subscribe().wait_for(wanted).await;
    }

    pub(super) fn cut(&self) {
        self.cut.notify_waiters();
    }

    pub(super) async fn is_cut(&self) {
        self.cut.notified().await;
    }

    pub(super) fn forget(&self) {
        self.forgotten.notify_waiters();
    }

    pub(super) async fn is_forgotten(&self) {
        self.forgotten.notified().await;
    }

    pub(super) fn tunnels(&self) -> usize {
        self.tunnels.load(Ordering::Relaxed)
    }

    /// Counts a tunnel as long as the returned value lives.
    pub(super) fn enter(&self) -> TunnelGuard {
        self.tunnels.fetch_add(1, Ordering::Relaxed);
        TunnelGuard(Arc::clone(&self.tunnels))
    }
}

/// What becomes of a connection that sends words that were waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TriggeredFault {
    /// It is cut before they arrive.
    CutNow,
    /// It is cut when the answer comes.
    Cut,
    /// It hears nothing more.
    Hold,
}

/// A tunnel that is counted.
pub(super) struct TunnelGuard(Arc<AtomicUsize>);

impl Drop for TunnelGuard {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn contains(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}
