//! Exactly once and nothing lost, over everything that can go wrong at once (`make soak` for long).

use std::{fs, path::Path, time::Duration};

use tests::chaos::{History, Plan};

use super::variable;

/// What a short run is like. Long ones come from the environment: `CHAOS_SECONDS`, `CHAOS_SEEDS`.
const SHORT: Plan = Plan { seed: 2, time: Duration::from_secs(30), clients: 12, users: 4, replicas: 2 };

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_acknowledged_write_is_lost_and_none_happens_twice() {
    for seed in seeds() {
        let history = History::record(&Plan { seed, time: time(), ..SHORT }).await;
        println!("{}", history.summary());
        keep(&history);
        history.assert_sound();
        // A history in which nothing was done, or nothing went wrong, is sound as well.
        let done = history.records.iter().filter(|record| record.was_done_by().is_some()).count();
        assert!(done > SHORT.clients && history.faults > 0, "{}", history.summary());
    }
}

/// Keeps the newest journal of each seed, for whoever wants to read one that was sound.
fn keep(history: &History) {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("chaos-{}.log", history.seed));
    fs::write(path, history.event_log()).expect("a file in cargo's own folder for such");
}

/// `CHAOS_SEEDS` is a list such as `1,2,3`.
fn seeds() -> Vec<u64> {
    let given = variable("CHAOS_SEEDS").unwrap_or_default();
    let seeds: Vec<u64> = given.split(',').filter_map(|seed| seed.trim().parse().ok()).collect();
    if seeds.is_empty() { vec![SHORT.seed] } else { seeds }
}

fn time() -> Duration {
    let seconds = variable("CHAOS_SECONDS").and_then(|seconds| seconds.parse().ok());
    seconds.map_or(SHORT.time, Duration::from_secs)
}
