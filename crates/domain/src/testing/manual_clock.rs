//! A clock that stands still until a test moves it.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};

use crate::ports::Clock;

/// A clock that a test owns. It begins on 2026-11-20 at 12:00 UTC.
#[derive(Debug)]
pub struct ManualClock {
    begin: Instant,
    passed: Mutex<Duration>,
}

impl ManualClock {
    /// Lets time pass.
    pub fn advance(&self, by: Duration) {
        *self.passed.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }

    fn passed(&self) -> Duration {
        *self.passed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self { begin: Instant::now(), passed: Mutex::default() }
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        let noon = 1_795_176_000;
        DateTime::from_timestamp(noon, 0).unwrap_or_default() + self.passed()
    }

    fn instant(&self) -> Instant {
        self.begin + self.passed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_passes_only_when_it_is_told_to() {
        let clock = ManualClock::default();
        let (before, then) = (clock.now(), clock.instant());
        assert_eq!(before.to_rfc3339(), "2026-11-20T12:00:00+00:00");
        clock.advance(Duration::from_secs(20));
        assert_eq!((clock.now() - before).num_seconds(), 20);
        assert_eq!(clock.instant() - then, Duration::from_secs(20));
    }
}
