//! What one account, or one stranger, does to harm the others, for as long as `CHAOS_SECONDS` says, to a
//! server with its default limits. Each test prints what it measured; docs/RELIABILITY.md has the figures.
//!
//! Memory and the log are measured best alone and with `SERVER_PROFILE=release`:
//! `cargo test --package tests --test chaos attacks -- --nocapture --test-threads 1`.

mod chats;
mod database_load;
// Elsewhere the loopback has one address.
#[cfg(target_os = "linux")]
mod connections;
mod log_flooding;
mod memory;
mod passwords;
mod storage_growth;

use std::{
    collections::BTreeMap,
    future::Future,
    time::{Duration, Instant},
};

use reqwest::{Client, RequestBuilder};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tests::{TestApp, User};
use tokio::task::JoinSet;

use super::variable;

/// The kit raises these for all who test something else: nothing is what is configured by default.
const DEFAULT_LIMITS: &[(&str, &str)] = &[
    ("TURNS_AT_ONCE", ""),
    ("TURNS_PER_5_MINUTES", ""),
    ("CHANGES_PER_MINUTE", ""),
    ("REGISTRATIONS_PER_MINUTE", ""),
    // One proxy in front, which writes the address that it sees at the end of the header.
    ("TRUSTED_PROXY_HOPS", "1"),
];

const ATTACKER: &str = "198.51.100.66";
const OWNER: &str = "203.0.113.9";

/// A server as it is deployed without another thought.
async fn with_default_limits() -> TestApp {
    TestApp::everyday_with(DEFAULT_LIMITS).await
}

/// How long an attack lasts: `CHAOS_SECONDS`, or a few seconds.
fn length() -> Duration {
    let seconds = variable("CHAOS_SECONDS").and_then(|seconds| seconds.parse().ok()).unwrap_or(3);
    Duration::from_secs(seconds)
}

/// Many systems begin with few.
fn allow_many_files() {
    let limit = getrlimit(Resource::Nofile);
    // Then a test says what it has not got.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}

#[expect(clippy::print_stdout, reason = "what was measured is for people to read")]
fn report(attack: &str, figures: &str) {
    println!("{attack}, {} s: {figures}", length().as_secs());
}

/// How often each status was answered; 0 stands for no answer.
type Statuses = BTreeMap<u16, usize>;

/// Sends requests over so many connections, one after the other on each, until the time has come.
async fn flood(
    connections: usize,
    until: Instant,
    request: impl Fn(&Client, usize) -> RequestBuilder + Clone + Send + Sync + 'static,
) -> Statuses {
    // One for all of them: each keeps a connection of its own in it.
    let client = Client::builder().no_proxy().timeout(Duration::from_secs(70)).build().unwrap();
    let mut attackers = JoinSet::new();
    for number in 0..connections {
        let (client, request) = (client.clone(), request.clone());
        attackers.spawn(async move {
            let mut statuses = Statuses::new();
            while Instant::now() < until {
                let status = match request(&client, number).send().await {
                    Ok(answer) => {
                        let status = answer.status().as_u16();
                        let says_when = answer.headers().contains_key("retry-after");
                        assert!(says_when || !matches!(status, 429 | 503), "{status} without Retry-After");
                        // Read to its end, so that the connection is used again.
                        answer.bytes().await.map_or(0, |_body| status)
                    }
                    Err(_broken) => 0,
                };
                *statuses.entry(status).or_default() += 1;
            }
            statuses
        });
    }
    let mut all = Statuses::new();
    while let Some(statuses) = attackers.join_next().await {
        for (status, count) in statuses.unwrap() {
            *all.entry(status).or_default() += count;
        }
    }
    all
}

/// What somebody else noticed meanwhile.
#[derive(Debug, Default)]
struct Noticed {
    looks: usize,
    not_served: Statuses,
    times: Vec<Duration>,
    times_of_health: Vec<Duration>,
}

impl Noticed {
    #[track_caller]
    fn is_served_all_the_time(&self) {
        assert_eq!(self.not_served, [].into(), "nobody else is refused");
        assert!(self.looks > 0, "somebody else looked");
    }

    fn summary(&mut self) -> String {
        let (median, slowest) = median_and_slowest(&mut self.times);
        let (health, slowest_health) = median_and_slowest(&mut self.times_of_health);
        format!(
            "of {} looks of somebody else at their list {} were not served; {} ms in the middle, {} ms at most; \
             /health {} ms, {} ms at most",
            self.looks,
            self.not_served.values().sum::<usize>(),
            median.as_millis(),
            slowest.as_millis(),
            health.as_millis(),
            slowest_health.as_millis()
        )
    }
}

fn median_and_slowest(times: &mut [Duration]) -> (Duration, Duration) {
    times.sort_unstable();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    (median, times.last().copied().unwrap_or_default())
}

/// Somebody else looks at their list, and at `/health`, ten times a second, while something is done.
async fn while_others_look<T>(user: &User<'_>, doing: impl Future<Output = T>) -> (T, Noticed) {
    let mut noticed = Noticed::default();
    let looking = async {
        loop {
            noticed.looks += 1;
            let calls = [
                (user.tasks(), &mut noticed.times),
                (user.call("GET", "/health"), &mut noticed.times_of_health),
            ];
            for (call, times) in calls {
                let started_at = Instant::now();
                let status = call.attempt().await.map_or(0, |answer| answer.status);
                times.push(started_at.elapsed());
                if status != 200 {
                    *noticed.not_served.entry(status).or_default() += 1;
                }
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let done = tokio::select! {
        done = doing => done,
        () = looking => unreachable!("looking has no end"),
    };
    (done, noticed)
}

/// What the server has in memory, in MiB.
async fn resident(app: &TestApp) -> u64 {
    app.server().memory().await
}

/// Does something and returns the most that the server had in memory meanwhile, in MiB.
async fn peak_while<T>(app: &TestApp, doing: impl Future<Output = T>) -> (T, u64) {
    let mut peak = 0;
    let measuring = async {
        loop {
            peak = peak.max(resident(app).await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let done = tokio::select! {
        done = doing => done,
        () = measuring => unreachable!("measuring has no end"),
    };
    (done, peak.max(resident(app).await))
}
