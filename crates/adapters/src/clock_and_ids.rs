//! The machine's own clock and its ids: the one place that asks for either.
//!
//! Everything else takes them through `domain::ports`, so that tests own them.

use std::time::Instant;

use chrono::{DateTime, Utc};
use domain::ports::{Clock, IdGenerator};
use uuid::Uuid;

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everybody else is handed")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn instant(&self) -> Instant {
        Instant::now()
    }
}

/// Ids that sort by the time they were made, also within a millisecond.
#[derive(Debug, Clone, Copy, Default)]
pub struct UuidV7;

impl IdGenerator for UuidV7 {
    #[expect(clippy::disallowed_methods, reason = "this is the source of ids that everybody else is handed")]
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_version_7_and_sort_as_they_were_made() {
        let ids: Vec<Uuid> = (0..1_000).map(|_| UuidV7.next()).collect();
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
        assert!(ids.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn the_clock_goes_on() {
        let (then, before) = (SystemClock.now(), SystemClock.instant());
        assert!(SystemClock.now() >= then && SystemClock.instant() >= before);
    }
}
