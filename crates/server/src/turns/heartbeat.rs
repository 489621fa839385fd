//! Keeps the leases of the running turns: one statement a second for all of them, none when there
//! are none, so that a sleeping database is left asleep.

use std::{collections::HashMap, sync::Arc, time::Duration};

use domain::ports::Interruption;
use tokio::time::sleep;

use super::TurnRunner;

/// How often leases are extended. It is also how long a stop that was asked of another replica
/// takes to arrive.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(1);

pub(super) async fn run_lease_heartbeat(runner: Arc<TurnRunner>) {
    loop {
        let changed = runner.changed.notified();
        if runner.turns().is_empty() {
            changed.await;
            continue;
        }
        sleep(HEARTBEAT_INTERVAL).await;
        beat(&runner).await;
    }
}

async fn beat(runner: &TurnRunner) {
    let turns: Vec<_> = runner.turns().values().cloned().collect();
    let leases: Vec<_> = turns.iter().map(|active| *active.lease()).collect();
    if leases.is_empty() {
        return;
    }
    let renewed = match runner.leases.renew(&leases).await {
        Ok(renewed) => renewed.into_iter().map(|renewed| (renewed.turn, renewed.stop_requested)).collect(),
        Err(error) => {
            // Nothing is lost yet: the next beat may succeed, and every commit checks the fence.
            tracing::warn!(%error, "leases could not be extended");
            return;
        }
    };
    notify(&turns, &renewed);
}

fn notify(turns: &[Arc<super::ActiveTurn>], renewed: &HashMap<domain::turn::TurnId, bool>) {
    for active in turns {
        match renewed.get(&active.lease().turn) {
            Some(false) => {}
            Some(true) => active.interrupt(Interruption::Stop),
            // Lost, or ended between the two: then there is nothing left to interrupt.
            None => active.interrupt(Interruption::HandOver),
        }
    }
}
