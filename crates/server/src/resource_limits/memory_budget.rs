//! The memory budget of bodies and responses on their way, for all clients together.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The most bytes that are held for bodies that arrive and answers that leave. A Space has 16 GiB;
/// a small container has 256 MiB.
pub const DEFAULT_BYTES: usize = 64 * 1024 * 1024;

/// The most bytes that all exports together hold, beside those.
pub const EXPORT_BYTES: usize = 16 * 1024 * 1024;

/// A budget of bytes; clones share it.
#[derive(Debug, Clone)]
pub struct MemoryBudget(Arc<Semaphore>);

/// So many bytes are not left.
#[derive(Debug, thiserror::Error)]
#[error("the memory for bodies and answers is used up")]
pub struct BudgetExceeded;

/// Bytes of the budget; dropping them gives them back.
#[derive(Debug)]
pub struct ReservedBytes(OwnedSemaphorePermit);

impl MemoryBudget {
    /// Makes a budget of so many bytes.
    pub fn new(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes)))
    }

    /// Reserves bytes, without waiting: a request that waits would keep what it has reserved so far.
    ///
    /// # Errors
    /// When so many are not left.
    pub fn reserve(&self, bytes: usize) -> Result<ReservedBytes, BudgetExceeded> {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let permit = Arc::clone(&self.0).try_acquire_many_owned(bytes);
        permit.map(ReservedBytes).map_err(|_error| BudgetExceeded)
    }

    /// Reserves so many bytes, or as many as are left, for what is too late to refuse. While nothing is left,
    /// no other body is taken in.
    pub fn reserve_up_to(&self, bytes: usize) -> ReservedBytes {
        loop {
            // Another request may take some of them in between; zero permits are always available.
            if let Ok(reserved) = self.reserve(bytes.min(self.0.available_permits())) {
                return reserved;
            }
        }
    }
}

impl ReservedBytes {
    /// Adds others of the same budget.
    pub fn merge(&mut self, others: Self) {
        self.0.merge(others.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_given_back() {
        let budget = MemoryBudget::new(100);
        let mut first = budget.reserve(60).unwrap();
        first.merge(budget.reserve(30).unwrap());
        assert!(budget.reserve(11).is_err());
        assert!(budget.reserve(10).is_ok());
        drop(first);
        assert!(budget.reserve(100).is_ok());
    }

    #[test]
    fn what_is_too_late_to_refuse_gets_what_is_left() {
        let budget = MemoryBudget::new(100);
        let small = budget.reserve_up_to(60);
        assert!(budget.reserve(40).is_ok());
        let late = (budget.reserve_up_to(1_000), budget.reserve_up_to(1_000));
        assert!(budget.reserve(1).is_err());
        drop((small, late));
        assert!(budget.reserve(100).is_ok());
    }
}
