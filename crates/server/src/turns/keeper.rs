//! Keeps the leases of the running turns: one statement a second for all of them, none when there
//! are none, so that a sleeping database is left asleep.

use std::{collections::HashMap, sync::Arc, time::Duration};

use domain::ports::Interruption;
use tokio::time::sleep;

use super::TurnRunner;

/// How often leases are extended. It is also how long a stop that was asked of another replica
/// takes to arrive.
const BEAT: Duration = Duration::from_secs(1);

pub(super) async fn keep_leases(runner: Arc<TurnRunner>) {
    loop {
        let changed = runner.changed.notified();
        if runner.turns().is_empty() {
            changed.await;
            continue;
        }
        sleep(BEAT).await;
        beat(&runner).await;
    }
}

async fn beat(runner: &TurnRunner) {
    let turns: Vec<_> = runner.turns().values().cloned().collect();
    let leases: Vec<_> = turns.iter().map(|live| *live.lease()).collect();
    if leases.is_empty() {
        return;
    }
    let renewed = match runner.desk.renew(&leases).await {
        Ok(renewed) => renewed.into_iter().map(|renewed| (renewed.turn, renewed.stop_requested)).collect(),
        Err(error) => {
            // Nothing is lost yet: the next beat may succeed, and every commit checks the fence.
            tracing::warn!(%error, "leases could not be extended");
            return;
        }
    };
    tell(&turns, &renewed);
}

fn tell(turns: &[Arc<super::LiveTurn>], renewed: &HashMap<domain::turn::TurnId, bool>) {
    for live in turns {
        match renewed.get(&live.lease().turn) {
            Some(false) => {}
            Some(true) => live.interrupt(Interruption::Stop),
            // Lost, or ended between the two: then there is nothing left to interrupt.
            None => live.interrupt(Interruption::HandOver),
        }
    }
}
