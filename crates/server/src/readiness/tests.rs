//! Getting ready, and how seldom the database is looked at.

use super::NotReady;
use crate::{error::ApiError, testing::Fixture};
use std::{sync::atomic::Ordering, time::Duration};

fn code(checked: Result<(), NotReady>) -> &'static str {
    checked.map_or_else(|error| ApiError::from(error).code(), |()| "ok")
}

#[tokio::test]
async fn a_process_is_ready_once_it_has_migrated() {
    let fixture = Fixture::starting();
    assert_eq!(code(fixture.state.readiness.check().await), "database_unavailable");
    let refused = fixture.state.ports().err();
    assert_eq!(refused.as_ref().map(ApiError::code), Some("database_unavailable"));
    fixture.state.readiness.migrate_when_available().await;
    assert_eq!(code(fixture.state.readiness.check().await), "ok");
    assert!(fixture.state.ports().is_ok());
}

#[tokio::test]
async fn a_database_that_is_away_is_waited_for() {
    let fixture = Fixture::starting();
    fixture.database.away_for.store(2, Ordering::SeqCst);
    fixture.state.readiness.migrate_when_available().await;
    assert!(fixture.state.readiness.is_migrated());
}

#[tokio::test]
async fn many_looks_within_five_seconds_are_one() {
    let fixture = Fixture::ready().await;
    let pings = || fixture.database.pings.load(Ordering::SeqCst);
    fixture.clock.advance(Duration::from_secs(5));
    for _ in 0..3 {
        let checks = (0..50).map(|_| fixture.state.readiness.check());
        futures::future::join_all(checks).await;
    }
    assert_eq!(pings(), 1);
    fixture.database.away_for.store(1, Ordering::SeqCst);
    fixture.clock.advance(Duration::from_secs(5));
    assert_eq!(code(fixture.state.readiness.check().await), "database_unavailable");
    fixture.clock.advance(Duration::from_secs(5));
    assert_eq!(code(fixture.state.readiness.check().await), "ok");
    assert_eq!(pings(), 3);
}

#[tokio::test]
async fn a_process_that_ends_is_not_ready() {
    let fixture = Fixture::ready().await;
    fixture.state.readiness.begin_shutdown();
    assert_eq!(code(fixture.state.readiness.check().await), "shutting_down");
}
