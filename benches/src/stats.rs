//! Medians and percentiles.

use std::time::Duration;

/// Durations in order.
#[derive(Debug, Clone)]
pub(crate) struct Durations(Vec<Duration>);

impl Durations {
    /// Takes them in any order.
    pub(crate) fn new(mut all: Vec<Duration>) -> Self {
        assert!(!all.is_empty(), "nothing was measured");
        all.sort_unstable();
        Self(all)
    }

    /// Returns the duration below which this share of all lies.
    pub(crate) fn percentile(&self, share: f64) -> Duration {
        let last = self.0.len() - 1;
        self.0[(last as f64 * share).round() as usize]
    }

    /// Returns the middle one.
    pub(crate) fn median(&self) -> Duration {
        self.percentile(0.5)
    }

    /// Returns the shortest.
    pub(crate) fn least(&self) -> Duration {
        self.percentile(0.0)
    }

    /// Returns the longest.
    pub(crate) fn most(&self) -> Duration {
        self.percentile(1.0)
    }
}

/// Returns the middle one of some numbers.
pub(crate) fn median(mut numbers: Vec<f64>) -> f64 {
    assert!(!numbers.is_empty(), "nothing was measured");
    numbers.sort_unstable_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
