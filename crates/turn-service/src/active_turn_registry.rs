//! The turns that run in this process.

use std::{
    collections::HashMap,
    ptr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use domain::{
    account::UserId,
    id::{ConversationId, TurnId},
    ports::Interruption,
    turn::Lease,
};
use tokio::{sync::Notify, time::timeout};

use crate::{active_turn::ActiveTurn, error::WorkerError, timeouts::INTERRUPT_TIMEOUT};

/// The turns that run in this process. Nothing in it outlives a restart: what counts is in the
/// database.
#[derive(Default)]
pub(crate) struct ActiveTurnRegistry {
    turns: Mutex<HashMap<TurnId, Arc<ActiveTurn>>>,
    is_draining: AtomicBool,
    changed: Notify,
}

impl ActiveTurnRegistry {
    /// Adds a turn, until what is returned is dropped.
    pub(crate) fn add<'a>(&'a self, active: &'a Arc<ActiveTurn>) -> Registration<'a> {
        self.lock().insert(active.lease().turn, Arc::clone(active));
        self.changed.notify_waiters();
        Registration { running: self, active }
    }

    /// Returns a turn if it runs here.
    pub(crate) fn find(&self, turn: TurnId) -> Option<Arc<ActiveTurn>> {
        self.lock().get(&turn).cloned()
    }

    /// Returns every turn that runs here.
    pub(crate) fn all(&self) -> Vec<Arc<ActiveTurn>> {
        self.lock().values().cloned().collect()
    }

    /// Waits until a turn runs.
    pub(crate) async fn not_empty(&self) {
        self.wait_until(|turns| !turns.is_empty()).await;
    }

    /// Waits until a turn of this user's conversation runs, or the process is ending. Clients choose the ids
    /// of conversations, so two users may have one with the same id.
    pub(crate) async fn until_conversation_runs(&self, user: UserId, conversation: ConversationId) {
        let is_of_it = |lease: &Lease| (lease.user, lease.conversation) == (user, conversation);
        let runs =
            |turns: &HashMap<TurnId, Arc<ActiveTurn>>| turns.values().any(|active| is_of_it(active.lease()));
        self.wait_until(|turns| self.is_draining() || runs(turns)).await;
    }

    /// Whether new turns are refused because the process is ending.
    pub(crate) fn is_draining(&self) -> bool {
        self.is_draining.load(Ordering::Relaxed)
    }

    /// Refuses new turns, waits for the running ones until `max_wait` is over, then interrupts them.
    pub(crate) async fn drain(&self, max_wait: Duration) {
        self.is_draining.store(true, Ordering::Relaxed);
        self.changed.notify_waiters();
        if timeout(max_wait, self.empty()).await.is_ok() {
            return;
        }
        let left = self.all();
        tracing::info!(turns = left.len(), "handing over the turns that are still running");
        left.iter().for_each(|active| active.interrupt(Interruption::HandOver));
        if timeout(INTERRUPT_TIMEOUT, self.empty()).await.is_err() {
            tracing::warn!("some turns did not come to rest; their leases will run out");
        }
    }

    async fn empty(&self) {
        self.wait_until(HashMap::is_empty).await;
    }

    async fn wait_until(&self, holds: impl Fn(&HashMap<TurnId, Arc<ActiveTurn>>) -> bool) {
        loop {
            let changed = self.changed.notified();
            if holds(&self.lock()) {
                return;
            }
            changed.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TurnId, Arc<ActiveTurn>>> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A turn's place among the running ones. Dropping it takes the turn out: its lease is not renewed any
/// longer. A turn that has no end by then was dropped by a panic, and who waits for it is told so.
pub(crate) struct Registration<'a> {
    running: &'a ActiveTurnRegistry,
    active: &'a ActiveTurn,
}

impl Drop for Registration<'_> {
    fn drop(&mut self) {
        let turn = self.active.lease().turn;
        let mut turns = self.running.lock();
        // A worker that was overtaken in this process must not take its successor's place away.
        if turns.get(&turn).is_some_and(|registered| ptr::eq(Arc::as_ptr(registered), self.active)) {
            turns.remove(&turn);
        }
        drop(turns);
        self.active.end(Err(WorkerError::Panicked));
        self.running.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use domain::{time_zone::PersonalTime, turn::RunningTurn};
    use uuid::Uuid;

    use super::*;
    use crate::{error::TurnServiceError, subscription_update::SubscriptionUpdate};

    fn active(fence: i32) -> Arc<ActiveTurn> {
        let (turn, conversation) = (TurnId(Uuid::nil()), ConversationId(Uuid::nil()));
        Arc::new(ActiveTurn::new(&RunningTurn {
            lease: Lease { turn, conversation, user: UserId(Uuid::nil()), fence },
            title: String::new(),
            history: vec![],
            step: 0,
            done: vec![],
            regenerates: false,
            summary: None,
            has_older: false,
            opens_conversation: true,
            model: None,
            time: PersonalTime::utc(std::time::UNIX_EPOCH.into()),
            answered: None,
            may_change_tasks: true,
            edited_after: None,
            stop_requested: false,
        }))
    }

    #[test]
    fn a_worker_that_was_overtaken_here_leaves_its_successors_place_alone() {
        let registry = ActiveTurnRegistry::default();
        let (overtaken, successor) = (active(1), active(2));
        let first = registry.add(&overtaken);
        let second = registry.add(&successor);
        drop(first);
        let left: Vec<i32> = registry.all().iter().map(|active| active.lease().fence).collect();
        assert_eq!(left, [2], "its lease is renewed, and it can be stopped");
        drop(second);
        assert!(registry.all().is_empty());
    }

    #[tokio::test]
    async fn another_users_conversation_with_the_same_id_is_another_one() {
        let (registry, active) = (ActiveTurnRegistry::default(), active(1));
        let Lease { user, conversation, .. } = *active.lease();
        let _registration = registry.add(&active);
        let soon = Duration::from_millis(20);
        let own = timeout(soon, registry.until_conversation_runs(user, conversation)).await;
        let other_user = UserId(Uuid::from_u128(1));
        let others = timeout(soon, registry.until_conversation_runs(other_user, conversation)).await;
        assert!(own.is_ok() && others.is_err(), "{own:?}, {others:?}");
    }

    #[tokio::test]
    async fn who_waits_for_a_turn_that_is_dropped_without_an_end_is_told_of_a_panic() {
        let (registry, active) = (ActiveTurnRegistry::default(), active(1));
        drop(registry.add(&active));
        let told = active.read().next().await;
        assert!(matches!(told, SubscriptionUpdate::Failed(TurnServiceError::Panicked)), "{told:?}");
    }
}
