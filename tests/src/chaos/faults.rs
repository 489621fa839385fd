//! Faults: drawn from the seed before the run begins, each kind as often as its mean says.

use std::{sync::Arc, time::Duration};

use devkit::postgres::Shutdown;
use tokio::{task::JoinSet, time::sleep};

use super::{Behaviour, Cluster, Rng};

/// A server that is asked to end has so long.
const END_WITHIN: Duration = Duration::from_secs(8);

/// Something that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Kill { replica: usize, down_for: Duration },
    DieInCommit { replica: usize, after: Duration },
    Terminate { replica: usize },
    Freeze { replica: usize, time: Duration },
    RestartPostgres,
    KillPooler { down_for: Duration },
    TerminateBackends,
    CutDatabase,
    CutDatabaseAfter { bytes: u64 },
    ForgetDatabase,
    LoseCommit,
    LoseAnswerToCommit,
    RefuseDatabase { time: Duration },
    StallDatabase { time: Duration },
    CutModel,
    StallModel { time: Duration },
}

/// Returns what goes wrong in a run of `time`, and when.
pub(super) fn schedule(
    seed: u64,
    replicas: usize,
    has_pooler: bool,
    time: Duration,
) -> Vec<(Duration, Fault)> {
    let mut all = Vec::new();
    let of_pooler = has_pooler.then_some(("kill pooler", 10));
    for (kind, mean) in KINDS.into_iter().chain(of_pooler) {
        let mut rng = Rng::new(seed, kind);
        let mut at = rng.pause(Duration::from_secs(mean));
        while at < time {
            all.push((at, draw(kind, replicas, &mut rng)));
            at += rng.pause(Duration::from_secs(mean));
        }
    }
    all.sort_by_key(|(at, _)| *at);
    all
}

/// The kinds of faults and the mean seconds between two of a kind.
const KINDS: [(&str, u64); 13] = [
    ("kill", 8),
    ("die in commit", 8),
    ("terminate", 20),
    ("freeze", 15),
    ("restart postgres", 15),
    ("terminate backends", 7),
    ("cut database", 5),
    ("forget database", 20),
    ("lose commit", 2),
    ("refuse database", 15),
    ("stall database", 25),
    ("cut model", 6),
    ("stall model", 20),
];

fn draw(kind: &str, replicas: usize, rng: &mut Rng) -> Fault {
    let replica = usize::try_from(rng.below(replicas as u64)).unwrap_or(0);
    let is_long = rng.hits(0.3);
    let mut between = |least, most| rng.between(Duration::from_millis(least), Duration::from_millis(most));
    match kind {
        "kill" => Fault::Kill { replica, down_for: between(50, 1_500) },
        "die in commit" => Fault::DieInCommit { replica, after: between(20, 200) },
        "terminate" => Fault::Terminate { replica },
        // Longer than a lease: it is overtaken.
        "freeze" if is_long => Fault::Freeze { replica, time: Duration::from_secs(23) },
        "freeze" => Fault::Freeze { replica, time: between(100, 4_000) },
        "restart postgres" => Fault::RestartPostgres,
        "kill pooler" => Fault::KillPooler { down_for: between(50, 1_500) },
        "terminate backends" => Fault::TerminateBackends,
        "cut database" if is_long => Fault::CutDatabase,
        "cut database" => Fault::CutDatabaseAfter { bytes: rng.below(4_000) },
        "forget database" => Fault::ForgetDatabase,
        "lose commit" if is_long => Fault::LoseAnswerToCommit,
        "lose commit" => Fault::LoseCommit,
        "refuse database" => Fault::RefuseDatabase { time: between(200, 1_500) },
        "stall database" => Fault::StallDatabase { time: between(500, 4_000) },
        "cut model" => Fault::CutModel,
        _ => Fault::StallModel { time: between(200, 2_000) },
    }
}

/// Lets everything go wrong at its time and returns when the last of it is mended.
pub(super) async fn happen(cluster: &Arc<Cluster>, schedule: Vec<(Duration, Fault)>) {
    let mut under_way = JoinSet::new();
    let outcome = cluster.event_log.now();
    for (at, fault) in schedule {
        sleep((outcome + at).saturating_sub(cluster.event_log.now())).await;
        let cluster = Arc::clone(cluster);
        under_way.spawn(async move { strike(&cluster, fault).await });
    }
    while under_way.join_next().await.is_some() {}
    cluster.database.set(Behaviour::Pass);
    cluster.model.set(Behaviour::Pass);
}

async fn strike(cluster: &Cluster, fault: Fault) {
    if is_impossible(cluster, fault) {
        cluster.event_log.note(format!("(not now: {fault:?})"));
        return;
    }
    cluster.event_log.note(format!("FAULT {fault:?}"));
    match fault {
        Fault::Kill { replica, down_for } => cluster.replicas[replica].kill(down_for).await,
        Fault::DieInCommit { replica, after } => die_in_commit(cluster, replica, after).await,
        Fault::Terminate { replica } => terminate(cluster, replica).await,
        Fault::Freeze { replica, time } => cluster.replicas[replica].freeze(time).await,
        Fault::RestartPostgres => cluster.postgres.restart(Shutdown::Immediate).await,
        Fault::KillPooler { down_for } => {
            if let Some(pooler) = &cluster.pooler {
                pooler.kill(down_for).await;
            }
        }
        Fault::TerminateBackends => cluster.postgres.terminate_all().await,
        Fault::CutDatabase => cluster.database.cut(),
        Fault::CutDatabaseAfter { bytes } => {
            cluster.database.set_for(Behaviour::CutAfter(bytes), Duration::from_millis(200)).await;
        }
        Fault::ForgetDatabase => cluster.database.forget(),
        Fault::LoseCommit => cluster.database.set(Behaviour::CutBefore("COMMIT", 1)),
        Fault::LoseAnswerToCommit => cluster.database.set(Behaviour::CutAnswerTo("COMMIT", 1)),
        Fault::RefuseDatabase { time } => {
            cluster.database.cut();
            cluster.database.set_for(Behaviour::Refuse, time).await;
        }
        Fault::StallDatabase { time } => cluster.database.set_for(Behaviour::Stall, time).await,
        Fault::CutModel => cluster.model.cut(),
        Fault::StallModel { time } => cluster.model.set_for(Behaviour::Stall, time).await,
    }
    cluster.event_log.note(format!("mended {fault:?}"));
}

/// Whether the replica is being killed, frozen or started already.
fn is_impossible(cluster: &Cluster, fault: Fault) -> bool {
    match fault {
        Fault::Kill { replica, .. }
        | Fault::DieInCommit { replica, .. }
        | Fault::Terminate { replica }
        | Fault::Freeze { replica, .. } => cluster.replicas[replica].is_busy(),
        _ => false,
    }
}

/// Kills a replica whose transactions are committed and that has not been told.
async fn die_in_commit(cluster: &Cluster, replica: usize, after: Duration) {
    cluster.database.set_for(Behaviour::HoldAnswerTo("COMMIT"), after).await;
    cluster.replicas[replica].kill(Duration::from_millis(100)).await;
    // The other replica does not wait until it gives up by itself.
    cluster.database.cut();
}

async fn terminate(cluster: &Cluster, replica: usize) {
    let (code, took) = cluster.replicas[replica].terminate(END_WITHIN).await;
    if code != Some(0) {
        cluster.event_log.complain(format!("replica {replica} ended with {code:?} after {took:?}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_draws_the_same_faults_and_all_kinds_of_them() {
        let time = Duration::from_secs(600);
        let all = schedule(7, 2, true, time);
        assert_eq!(all, schedule(7, 2, true, time));
        assert_ne!(all, schedule(8, 2, true, time));
        let kinds: std::collections::HashSet<_> =
            all.iter().map(|(_, fault)| std::mem::discriminant(fault)).collect();
        assert_eq!(kinds.len(), 16);
    }
}
