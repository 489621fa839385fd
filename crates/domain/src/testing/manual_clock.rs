//! A clock that stands still until a test moves it, and ids that need no clock.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::ports::{Clock, IdGenerator};

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

/// Ids of the form of a UUIDv7, of random bits alone.
#[derive(Debug, Default)]
pub struct RandomIdGenerator;

impl IdGenerator for RandomIdGenerator {
    fn next(&self) -> Uuid {
        // Every `RandomState` has keys of its own, and their hash of nothing is as good as random.
        let bits = || u128::from(RandomState::new().build_hasher().finish());
        let form = !(0xf << 76 | 0b11 << 62);
        Uuid::from_u128((bits() << 64 | bits()) & form | 0x7 << 76 | 0b10 << 62)
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

    #[test]
    fn random_ids_have_the_form_of_version_seven() {
        let (one, other) = (RandomIdGenerator.next(), RandomIdGenerator.next());
        assert_ne!(one, other);
        assert_eq!((one.get_version_num(), one.get_variant()), (7, uuid::Variant::RFC4122));
    }
}
