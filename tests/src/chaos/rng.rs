//! Seeded random numbers: the same seed makes the same run.

use std::time::Duration;

/// A stream of chance. SplitMix64, written out, so that a seed means the same for ever.
#[derive(Debug, Clone)]
pub struct Rng(u64);

impl Rng {
    /// Returns the stream of one part of a run; the streams of its parts have nothing to do with
    /// one another, whatever the order in which they are drawn from.
    pub fn new(seed: u64, part: &str) -> Self {
        // FNV-1a.
        let name = part.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
        });
        let mut rng = Self(seed ^ name);
        rng.next();
        rng
    }

    /// Returns a number below `end`, or 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// Returns one of `all`; nothing of nothing.
    pub fn one_of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let place = self.below(all.len() as u64);
        all.get(usize::try_from(place).unwrap_or(0))
    }

    /// Whether something of this probability happens now.
    pub fn hits(&mut self, probability: f64) -> bool {
        self.fraction() < probability
    }

    /// Returns a time in these bounds.
    pub fn between(&mut self, least: Duration, most: Duration) -> Duration {
        least + most.saturating_sub(least).mul_f64(self.fraction())
    }

    /// Returns the time until the next of the events that come every `mean` on average, and
    /// whenever they want (a Poisson process).
    pub fn pause(&mut self, mean: Duration) -> Duration {
        mean.mul_f64(-(1.0 - self.fraction()).ln())
    }

    fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_itself_and_its_parts_differ() {
        let draw = |seed, part| {
            let mut rng = Rng::new(seed, part);
            (0..5).map(|_| rng.below(1_000)).collect::<Vec<_>>()
        };
        assert_eq!(draw(7, "client 1"), draw(7, "client 1"));
        assert_ne!(draw(7, "client 1"), draw(7, "client 2"));
        assert_ne!(draw(7, "client 1"), draw(8, "client 1"));
    }

    #[test]
    fn pauses_have_their_mean() {
        let mut rng = Rng::new(1, "pauses");
        let sum: Duration = (0..10_000).map(|_| rng.pause(Duration::from_millis(100))).sum();
        assert!((95..105).contains(&(sum.as_millis() / 10_000)), "{sum:?}");
    }
}
