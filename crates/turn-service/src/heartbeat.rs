//! Keeps the leases of the running turns: one statement a second for all of them, none when there
//! are none, so that a sleeping database is left asleep.

use std::{collections::HashMap, sync::Arc};

use domain::{
    ports::{Interruption, TurnLeases},
    turn::admission::HEARTBEAT_INTERVAL,
    turn_and_conversation_ids::TurnId,
};
use tokio::time::sleep;

use crate::{active_turn::ActiveTurn, active_turn_registry::ActiveTurnRegistry};

/// Renews the leases of the running turns for ever.
pub(crate) async fn run(running: Arc<ActiveTurnRegistry>, leases: Arc<dyn TurnLeases>) {
    loop {
        running.wait_until_not_empty().await;
        sleep(HEARTBEAT_INTERVAL).await;
        renew_all(&running.all(), leases.as_ref()).await;
    }
}

async fn renew_all(turns: &[Arc<ActiveTurn>], leases: &dyn TurnLeases) {
    // The worker of a turn that has ended gives its lease back: extended now, it would keep others waiting.
    let at_work = turns.iter().filter(|active| !active.has_ended());
    let held: Vec<_> = at_work.map(|active| *active.lease()).collect();
    if held.is_empty() {
        return;
    }
    match leases.renew(&held).await {
        Ok(renewed) => {
            notify(turns, &renewed.into_iter().map(|turn| (turn.turn, turn.stop_requested)).collect());
        }
        // Nothing is lost yet: the next heartbeat may succeed, and every commit checks the fence.
        Err(error) => tracing::warn!(%error, "leases could not be extended"),
    }
}

fn notify(turns: &[Arc<ActiveTurn>], renewed: &HashMap<TurnId, bool>) {
    for active in turns {
        match renewed.get(&active.lease().turn) {
            Some(false) => {}
            Some(true) => active.interrupt(Interruption::Stop),
            // The lease was lost, or the turn has ended: then there is nothing left to interrupt.
            None => active.interrupt(Interruption::LeaseLost),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        ports::{Interrupt, Release},
        testing::MemoryStore,
        turn::NewTurn,
    };

    use super::*;
    use crate::{
        error::WorkerError,
        testing::{begin, message},
    };

    async fn begun(store: &MemoryStore, message: &NewTurn) -> Arc<ActiveTurn> {
        Arc::new(ActiveTurn::new(&begin(store, message).await))
    }

    #[tokio::test]
    async fn a_lease_that_was_given_back_is_not_extended() {
        let store = MemoryStore::default();
        let message = message(store.register());
        let active = begun(&store, &message).await;
        active.end(Err(WorkerError::Panicked));
        store.release(active.lease(), Release::GivenUp).await.unwrap();
        renew_all(&[active], &store).await;
        begun(&store, &message).await;
    }

    #[tokio::test]
    async fn a_worker_is_told_that_its_lease_was_lost() {
        let store = MemoryStore::default();
        let message = message(store.register());
        let active = begun(&store, &message).await;
        store.release(active.lease(), Release::GivenUp).await.unwrap();
        let successor = begun(&store, &message).await;
        renew_all(&[Arc::clone(&active)], &store).await;
        renew_all(&[Arc::clone(&successor)], &store).await;
        let soon = std::time::Duration::from_millis(20);
        assert_eq!(tokio::time::timeout(soon, active.raised()).await, Ok(Interruption::LeaseLost));
        let untouched = tokio::time::timeout(soon, successor.raised()).await;
        assert!(untouched.is_err(), "its lease is extended: {untouched:?}");
    }
}
