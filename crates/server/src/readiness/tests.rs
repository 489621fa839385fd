//! Getting ready, and how seldom the database is looked at.

use crate::{error::ApiError, testing::Bench};
use std::{sync::atomic::Ordering, time::Duration};

fn code(checked: Result<(), ApiError>) -> &'static str {
    checked.map_or_else(|error| error.code(), |()| "ok")
}

#[tokio::test]
async fn a_process_is_ready_once_it_has_migrated() {
    let bench = Bench::starting();
    assert_eq!(code(bench.state.readiness.check().await), "database_unavailable");
    assert_eq!(bench.state.ports().err().map(|error| error.code()), Some("database_unavailable"));
    bench.state.readiness.bring_up().await;
    assert_eq!(code(bench.state.readiness.check().await), "ok");
    assert!(bench.state.ports().is_ok());
}

#[tokio::test]
async fn a_database_that_is_away_is_waited_for() {
    let bench = Bench::starting();
    bench.database.away_for.store(2, Ordering::SeqCst);
    bench.state.readiness.bring_up().await;
    assert!(bench.state.readiness.is_migrated());
}

#[tokio::test]
async fn many_looks_within_five_seconds_are_one() {
    let bench = Bench::ready().await;
    let pings = || bench.database.pings.load(Ordering::SeqCst);
    bench.clock.advance(Duration::from_secs(5));
    for _ in 0..3 {
        let checks = (0..50).map(|_| bench.state.readiness.check());
        futures::future::join_all(checks).await;
    }
    assert_eq!(pings(), 1);
    bench.database.away_for.store(1, Ordering::SeqCst);
    bench.clock.advance(Duration::from_secs(5));
    assert_eq!(code(bench.state.readiness.check().await), "database_unavailable");
    bench.clock.advance(Duration::from_secs(5));
    assert_eq!(code(bench.state.readiness.check().await), "ok");
    assert_eq!(pings(), 3);
}

#[tokio::test]
async fn a_process_that_ends_is_not_ready() {
    let bench = Bench::ready().await;
    bench.state.readiness.end();
    assert_eq!(code(bench.state.readiness.check().await), "shutting_down");
}
