//! Ids that need no clock.

use std::hash::{BuildHasher, Hasher, RandomState};

use uuid::Uuid;

use crate::ports::IdGenerator;

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
    fn random_ids_have_the_form_of_version_seven() {
        let (one, other) = (RandomIdGenerator.next(), RandomIdGenerator.next());
        assert_ne!(one, other);
        assert_eq!((one.get_version_num(), one.get_variant()), (7, uuid::Variant::RFC4122));
    }
}
