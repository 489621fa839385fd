//! Random faults, the same for the same seed.

use super::script::{Reply, status};

/// How often each fault occurs, from 0 (never) to 1 (always).
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Faults {
    /// No answer at all.
    pub hang: f64,
    /// 429, 500 or 503.
    pub error: f64,
    /// The connection breaks somewhere in the answer.
    pub cut: f64,
    /// Chooses which requests are hit.
    pub seed: u64,
}

impl Faults {
    /// Returns the reply to the `count`-th request, or a fault instead of it.
    pub(crate) fn inject(&self, reply: Reply, count: u64) -> Reply {
        let mut random = Random(self.seed ^ count.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let chance = random.fraction();
        if chance < self.hang {
            reply.hang()
        } else if chance < self.hang + self.error {
            match random.next() % 3 {
                0 => status(429).header("retry-after", "1"),
                1 => status(500),
                _ => status(503),
            }
        } else if chance < self.hang + self.error + self.cut {
            let bytes = usize::try_from(random.next() % 2_000).unwrap_or(0);
            if random.next().is_multiple_of(2) { reply.cut_after(bytes) } else { reply.reset_after(bytes) }
        } else {
            reply
        }
    }
}

/// SplitMix64: small, and good enough to roll dice.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::script::text;

    fn hits(faults: Faults) -> Vec<bool> {
        (0..1_000).map(|count| faults.inject(text("x"), count) != text("x")).collect()
    }

    #[test]
    fn chances_are_kept_and_seeds_repeat() {
        let faults = Faults { hang: 0.1, error: 0.1, cut: 0.1, seed: 7 };
        let count = hits(faults).iter().filter(|hit| **hit).count();
        assert!((230..370).contains(&count), "{count}");
        assert_eq!(hits(faults), hits(faults));
        assert_ne!(hits(faults), hits(Faults { seed: 8, ..faults }));
        assert!(!hits(Faults { seed: 7, ..Faults::default() }).contains(&true));
    }
}
