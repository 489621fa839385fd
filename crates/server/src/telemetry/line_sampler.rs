//! Samples the log lines of requests: of a flood it lets through the first few of each kind in a second, with
//! the number of those before them that were dropped. The rest is only counted.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

const SECOND: Duration = Duration::from_secs(1);

/// Samples requests by route and status, which are few.
#[derive(Debug, Default)]
pub struct LineSampler(Mutex<HashMap<String, HashMap<u16, Window>>>);

#[derive(Debug)]
struct Window {
    started_at: Instant,
    lines: u32,
    skipped: u64,
}

impl LineSampler {
    /// Whether a request is to be logged, when there are to be so many lines of its kind in a second;
    /// then with how many of its kind were not since the last line.
    pub fn sample(&self, route: &str, status: u16, lines_a_second: u32, now: Instant) -> Option<u64> {
        let mut kinds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Nearly always it is known, and nothing is allocated.
        let of_route = match kinds.get_mut(route) {
            Some(of_route) => of_route,
            None => kinds.entry(route.to_owned()).or_default(),
        };
        let new = || Window { started_at: now, lines: 0, skipped: 0 };
        let window = of_route.entry(status).or_insert_with(new);
        if now.saturating_duration_since(window.started_at) >= SECOND {
            (window.started_at, window.lines) = (now, 0);
        }
        if window.lines >= lines_a_second {
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
        let sampler = LineSampler::default();
        let now = Instant::now();
        let flood = |at| (0..1_000).filter_map(|_| sampler.sample("/login", 401, 5, at)).collect::<Vec<_>>();
        assert_eq!(flood(now), [0; 5]);
        assert!(flood(now + SECOND / 2).is_empty());
        assert_eq!(flood(now + SECOND), [1_995, 0, 0, 0, 0]);
    }

    #[test]
    fn one_kind_does_not_hide_another() {
        let sampler = LineSampler::default();
        let now = Instant::now();
        for _ in 0..100 {
            sampler.sample("/login", 401, 5, now);
        }
        assert_eq!(sampler.sample("/login", 429, 5, now), Some(0));
        assert_eq!(sampler.sample("/register", 401, 5, now), Some(0));
    }
}
