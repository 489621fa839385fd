//! Keeps the leases of the running turns: one statement a second for all of them, none when there
//! are none, so that a sleeping database is left asleep.

use std::{collections::HashMap, sync::Arc};

use domain::{
    id::TurnId,
    ports::{Interruption, TurnLeases},
    turn::admission::HEARTBEAT_INTERVAL,
};
use tokio::time::sleep;

use crate::{active_turn::ActiveTurn, active_turn_registry::ActiveTurnRegistry};

/// Renews the leases of the running turns for ever.
pub(crate) async fn run(running: Arc<ActiveTurnRegistry>, leases: Arc<dyn TurnLeases>) {
    loop {
        running.not_empty().await;
        sleep(HEARTBEAT_INTERVAL).await;
        beat(&running.all(), leases.as_ref()).await;
    }
}

async fn beat(turns: &[Arc<ActiveTurn>], leases: &dyn TurnLeases) {
    let held: Vec<_> = turns.iter().map(|active| *active.lease()).collect();
    if held.is_empty() {
        return;
    }
    match leases.renew(&held).await {
        Ok(renewed) => {
            notify(turns, &renewed.into_iter().map(|turn| (turn.turn, turn.stop_requested)).collect());
        }
        // Nothing is lost yet: the next beat may succeed, and every commit checks the fence.
        Err(error) => tracing::warn!(%error, "leases could not be extended"),
    }
}

fn notify(turns: &[Arc<ActiveTurn>], renewed: &HashMap<TurnId, bool>) {
    for active in turns {
        match renewed.get(&active.lease().turn) {
            Some(false) => {}
            Some(true) => active.interrupt(Interruption::Stop),
            // Lost, or ended between the two: then there is nothing left to interrupt.
            None => active.interrupt(Interruption::HandOver),
        }
    }
}
