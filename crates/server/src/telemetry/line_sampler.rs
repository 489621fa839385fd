//! Which refusals are logged: under attack the first few of each kind in a second, with the number of
//! those before them that were not. The rest is only counted.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The most lines of one kind in a second.
const LINES_A_SECOND: u32 = 5;
const SECOND: Duration = Duration::from_secs(1);

/// Samples refusals by route and status, which are few.
#[derive(Debug, Default)]
pub struct RefusalSampler(Mutex<HashMap<(String, u16), Window>>);

#[derive(Debug)]
struct Window {
    started_at: Instant,
    lines: u32,
    skipped: u64,
}

impl RefusalSampler {
    /// Whether a refusal is to be logged; then with how many of its kind were not since the last line.
    pub fn sample(&self, route: &str, status: u16, now: Instant) -> Option<u64> {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Window { started_at: now, lines: 0, skipped: 0 };
        let window = windows.entry((route.to_owned(), status)).or_insert_with(new);
        if now.saturating_duration_since(window.started_at) >= SECOND {
            (window.started_at, window.lines) = (now, 0);
        }
        if window.lines >= LINES_A_SECOND {
            window.skipped += 1;
            return None;
        }
        window.lines += 1;
        Some(std::mem::take(&mut window.skipped))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_flood_a_few_lines_a_second_are_left_and_say_how_many_are_missing() {
        let sampler = RefusalSampler::default();
        let now = Instant::now();
        let flood = |at| (0..1_000).filter_map(|_| sampler.sample("/login", 401, at)).collect::<Vec<_>>();
        assert_eq!(flood(now), [0; 5]);
        assert!(flood(now + SECOND / 2).is_empty());
        assert_eq!(flood(now + SECOND), [1_995, 0, 0, 0, 0]);
    }

    #[test]
    fn one_kind_does_not_hide_another() {
        let sampler = RefusalSampler::default();
        let now = Instant::now();
        for _ in 0..100 {
            sampler.sample("/login", 401, now);
        }
        assert_eq!(sampler.sample("/login", 429, now), Some(0));
        assert_eq!(sampler.sample("/register", 401, now), Some(0));
    }
}
