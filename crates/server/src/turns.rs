//! Turns at work in this process: each in a task of its own, so that a client that goes away stops
//! nothing, and each followed by whoever wants to.

mod active;
mod heartbeat;
mod request;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use domain::{
    account::Caller,
    chat::{ChatService, TurnError},
    conversation::ConversationId,
    ports::{Interruption, LeaseError, Release, StoreError, TurnLeases, TurnReader, TurnStore},
    turn::{RunningTurn, TurnAnswer, TurnId},
};
use tokio::{runtime::Handle, sync::Notify, time::timeout};

use crate::telemetry::causes;

pub use active::{ActiveTurn, News, Outcome, TurnSubscription};
pub use request::{TurnHandle, TurnRequest};

/// How long a turn that was interrupted may take to come to rest.
const REST: Duration = Duration::from_millis(1_500);

/// Runs turns and knows those that are running here. Nothing in it outlives a restart: what counts
/// is in the database.
pub struct TurnRunner {
    chat: ChatService,
    store: Arc<dyn TurnStore>,
    reader: Arc<dyn TurnReader>,
    leases: Arc<dyn TurnLeases>,
    running: Mutex<HashMap<TurnId, Arc<ActiveTurn>>>,
    is_draining: AtomicBool,
    changed: Notify,
    /// Turns outlive the requests, and so the worker threads, that began them.
    runtime: Handle,
}

impl TurnRunner {
    /// Makes a runner whose turns run on the current runtime, and starts to keep their leases.
    pub fn start(
        chat: ChatService,
        store: Arc<dyn TurnStore>,
        reader: Arc<dyn TurnReader>,
        leases: Arc<dyn TurnLeases>,
    ) -> Arc<Self> {
        let runner = Arc::new(Self {
            chat,
            store,
            reader,
            leases,
            running: Mutex::default(),
            is_draining: AtomicBool::new(false),
            changed: Notify::new(),
            runtime: Handle::current(),
        });
        runner.runtime.spawn(heartbeat::run_lease_heartbeat(Arc::clone(&runner)));
        runner
    }

    /// Works on a turn whose lease is ours.
    pub fn run(self: &Arc<Self>, turn: RunningTurn) -> Arc<ActiveTurn> {
        let active = Arc::new(ActiveTurn::new(&turn));
        self.turns().insert(turn.lease.turn, Arc::clone(&active));
        self.changed.notify_waiters();
        let (runner, task) = (Arc::clone(self), Arc::clone(&active));
        self.runtime.spawn(async move {
            // Also when the turn panics somebody is told, and the lease is not kept any longer.
            let _gone = Gone { runner: &runner, active: &task };
            let lease = turn.lease;
            let outcome = runner.chat.run(turn, task.as_ref(), task.as_ref()).await;
            if let Err(error) = &outcome {
                runner.note(error, lease.turn);
            }
            let left = left_behind(&outcome);
            // First of all who waits is told: a database that is away takes its time over the lease.
            task.end(outcome);
            if let Some(why) = left
                && let Err(error) = runner.leases.release(&lease, why).await
            {
                tracing::warn!(turn.id = %lease.turn, %error, "a lease could not be given back, it will run out");
            }
        });
        active
    }

    /// Asks the conversation's running turn to stop, wherever it runs, and returns it.
    ///
    /// # Errors
    /// When the database is unavailable or the caller's token is no longer good.
    pub async fn stop(
        &self,
        caller: Caller,
        conversation: ConversationId,
    ) -> Result<Option<TurnId>, StoreError> {
        let stopped = self.reader.request_stop(caller, conversation).await?;
        if let Some(active) = stopped.and_then(|turn| self.find(turn)) {
            active.interrupt(Interruption::Stop);
        }
        Ok(stopped)
    }

    /// Returns the turn, if it is running here.
    pub fn find(&self, turn: TurnId) -> Option<Arc<ActiveTurn>> {
        self.turns().get(&turn).cloned()
    }

    /// Whether new turns are refused because the process is ending.
    pub fn is_draining(&self) -> bool {
        self.is_draining.load(Ordering::Relaxed)
    }

    /// Refuses new turns, gives the running ones until `patience` is over, then hands them over: a
    /// client that asks again with its key has another replica go on with them.
    pub async fn drain(&self, patience: Duration) {
        self.is_draining.store(true, Ordering::Relaxed);
        if timeout(patience, self.idle()).await.is_ok() {
            return;
        }
        let left: Vec<_> = self.turns().values().cloned().collect();
        tracing::info!(turns = left.len(), "handing over the turns that are still running");
        left.iter().for_each(|active| active.interrupt(Interruption::HandOver));
        if timeout(REST, self.idle()).await.is_err() {
            tracing::warn!("some turns did not come to rest; their leases will run out");
        }
    }

    async fn idle(&self) {
        loop {
            let changed = self.changed.notified();
            if self.turns().is_empty() {
                return;
            }
            changed.await;
        }
    }

    fn turns(&self) -> MutexGuard<'_, HashMap<TurnId, Arc<ActiveTurn>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, error: &TurnError, turn: TurnId) {
        match error {
            TurnError::HandedOver => tracing::info!(turn.id = %turn, "a turn was handed over"),
            TurnError::Lease(LeaseError::Superseded) => {
                tracing::warn!(turn.id = %turn, "a turn was taken over")
            }
            _ => tracing::error!(turn.id = %turn, cause = causes(error), "a turn failed"),
        }
    }
}

/// Takes a turn off the list of the running ones, whatever way its task ends.
struct Gone<'a> {
    runner: &'a TurnRunner,
    active: &'a ActiveTurn,
}

impl Drop for Gone<'_> {
    fn drop(&mut self) {
        self.runner.turns().remove(&self.active.lease().turn);
        self.active.end(Err(TurnError::HandedOver));
        self.runner.changed.notify_waiters();
    }
}

/// Whether somebody else has to go on with the turn, and why.
fn left_behind(outcome: &Result<TurnAnswer, TurnError>) -> Option<Release> {
    match outcome {
        Err(TurnError::HandedOver) => Some(Release::HandedOver),
        Err(TurnError::Lease(LeaseError::Store(_))) => Some(Release::GivenUp),
        Ok(_) | Err(TurnError::Model { .. } | TurnError::Lease(LeaseError::Superseded)) => None,
    }
}
