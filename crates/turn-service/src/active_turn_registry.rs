//! The turns that run in this process.

use std::{
    collections::HashMap,
    ptr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{
    account::UserId,
    ports::Interruption,
    turn::Lease,
    turn_and_conversation_ids::{ConversationId, TurnId},
};
use tokio::{sync::Notify, time::timeout};

use crate::{active_turn::ActiveTurn, error::WorkerError, timeouts::INTERRUPT_TIMEOUT};

/// The turns that run in this process. Nothing in it outlives a restart: what counts is in the
/// database.
#[derive(Default)]
pub(crate) struct ActiveTurnRegistry {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    turns: HashMap<TurnId, Arc<ActiveTurn>>,
    /// Requests that may begin a turn, which is not among `turns` yet.
    beginning: usize,
    phase: Phase,
}

/// How near the process is to its end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Serving,
    /// No turn begins; those that run go on.
    Draining,
    /// Those that run are handed over.
    HandingOver,
}

impl ActiveTurnRegistry {
    /// Notes that a request may begin a turn, unless the process is ending. Hold what is returned until the
    /// turn is added.
    pub(crate) fn guard_start(self: &Arc<Self>) -> Option<StartGuard> {
        let mut state = self.lock();
        if state.phase != Phase::Serving {
            return None;
        }
        state.beginning += 1;
        Some(StartGuard { running: Arc::clone(self) })
    }

    /// Adds a turn, until what is returned is dropped.
    pub(crate) fn add<'a>(&'a self, active: &'a Arc<ActiveTurn>) -> Registration<'a> {
        let mut state = self.lock();
        state.turns.insert(active.lease().turn, Arc::clone(active));
        if state.phase == Phase::HandingOver {
            active.interrupt(Interruption::HandOver);
        }
        drop(state);
        self.changed.notify_waiters();
        Registration { running: self, active }
    }

    /// Returns a turn if it runs here.
    pub(crate) fn find(&self, turn: TurnId) -> Option<Arc<ActiveTurn>> {
        self.lock().turns.get(&turn).cloned()
    }

    /// Returns every turn that runs here.
    pub(crate) fn all(&self) -> Vec<Arc<ActiveTurn>> {
        self.lock().turns.values().cloned().collect()
    }

    /// Waits until a turn runs.
    pub(crate) async fn wait_until_not_empty(&self) {
        self.wait_until(|state| !state.turns.is_empty()).await;
    }

    /// Waits until a turn of this user's conversation runs, or the process is ending. Clients choose the ids
    /// of conversations, so two users may have one with the same id.
    pub(crate) async fn wait_until_turn_starts(&self, user: UserId, conversation: ConversationId) {
        let is_of_it = |lease: &Lease| (lease.user, lease.conversation) == (user, conversation);
        let runs = |state: &State| state.turns.values().any(|active| is_of_it(active.lease()));
        self.wait_until(|state| state.phase != Phase::Serving || runs(state)).await;
    }

    /// Refuses new turns, waits for the running ones until `max_wait` is over, then interrupts them.
    pub(crate) async fn drain(&self, max_wait: Duration) {
        self.lock().phase = Phase::Draining;
        self.changed.notify_waiters();
        if timeout(max_wait, self.wait_until_empty()).await.is_ok() {
            return;
        }
        self.hand_over();
        if timeout(INTERRUPT_TIMEOUT, self.wait_until_empty()).await.is_err() {
            tracing::warn!("turns did not stop in time; their leases will expire");
        }
    }

    fn hand_over(&self) {
        let mut state = self.lock();
        state.phase = Phase::HandingOver;
        tracing::info!(turns = state.turns.len(), "handing over the turns that are still running");
        state.turns.values().for_each(|active| active.interrupt(Interruption::HandOver));
    }

    async fn wait_until_empty(&self) {
        self.wait_until(|state| state.turns.is_empty() && state.beginning == 0).await;
    }

    async fn wait_until(&self, holds: impl Fn(&State) -> bool) {
        loop {
            let changed = self.changed.notified();
            if holds(&self.lock()) {
                return;
            }
            changed.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Held while a request may begin a turn, until the turn is registered or is not begun: a drain waits for it.
pub(crate) struct StartGuard {
    running: Arc<ActiveTurnRegistry>,
}

impl Drop for StartGuard {
    fn drop(&mut self) {
        self.running.lock().beginning -= 1;
        self.running.changed.notify_waiters();
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
        let mut state = self.running.lock();
        // A worker that was overtaken in this process must not take its successor's place away.
        let registered = state.turns.get(&turn);
        if registered.is_some_and(|registered| ptr::eq(Arc::as_ptr(registered), self.active)) {
            state.turns.remove(&turn);
        }
        drop(state);
        self.active.end(Err(WorkerError::Panicked));
        self.running.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use domain::{ports::Interrupt, time_zone::PersonalTime, turn::RunningTurn};
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
            replaced_calls: 0,
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
            earlier_ending: None,
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
    async fn a_turn_that_is_begun_while_the_process_ends_is_handed_over() {
        let (registry, active) = (Arc::<ActiveTurnRegistry>::default(), active(1));
        let beginning = registry.guard_start().expect("it serves");
        let ending = tokio::spawn({
            let registry = Arc::clone(&registry);
            async move { registry.drain(Duration::from_millis(20)).await }
        });
        let soon = Duration::from_secs(5);
        while registry.lock().phase != Phase::HandingOver {
            assert!(!ending.is_finished(), "what may begin a turn is waited for");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        assert!(registry.guard_start().is_none(), "nothing begins any more");
        let registration = registry.add(&active);
        drop(beginning);
        assert_eq!(timeout(soon, active.raised()).await, Ok(Interruption::HandOver));
        drop(registration);
        timeout(soon, ending).await.expect("nothing runs").expect("no panic");
    }

    #[tokio::test]
    async fn another_users_conversation_with_the_same_id_is_another_one() {
        let (registry, active) = (ActiveTurnRegistry::default(), active(1));
        let Lease { user, conversation, .. } = *active.lease();
        let _registration = registry.add(&active);
        let soon = Duration::from_millis(20);
        let own = timeout(soon, registry.wait_until_turn_starts(user, conversation)).await;
        let other_user = UserId(Uuid::from_u128(1));
        let others = timeout(soon, registry.wait_until_turn_starts(other_user, conversation)).await;
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
