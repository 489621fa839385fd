//! A body that is still arriving.

use super::{ApiError, MemoryBudget, ReservedBytes};

/// The size of a block. Blocks of one size are used again by the next bodies; a buffer that doubles, or
/// one of the size that a client announces, leaves holes that the allocator keeps.
const BLOCK: usize = 64 * 1024;

/// The bytes of a body that have arrived, in blocks that are counted in the budget of all buffers.
#[derive(Debug)]
pub struct IncomingBody {
    budget: MemoryBudget,
    limit: usize,
    full: Vec<Vec<u8>>,
    last: Vec<u8>,
    reserved: Option<ReservedBytes>,
}

impl IncomingBody {
    /// Makes an empty one that may grow to `limit` bytes.
    pub(super) fn new(limit: usize, budget: &MemoryBudget) -> Self {
        Self { budget: budget.clone(), limit, full: Vec::new(), last: Vec::new(), reserved: None }
    }

    /// How many bytes have arrived.
    pub fn size(&self) -> usize {
        self.full.len() * BLOCK + self.last.len()
    }

    /// Adds what has arrived.
    ///
    /// # Errors
    /// When the body is longer than its limit, or the budget is used up.
    pub(super) fn push(&mut self, mut chunk: &[u8]) -> Result<(), ApiError> {
        if self.size() + chunk.len() > self.limit {
            return Err(ApiError::PayloadTooLarge);
        }
        while !chunk.is_empty() {
            if self.last.len() == BLOCK {
                self.full.push(std::mem::take(&mut self.last));
            }
            let (now, rest) = chunk.split_at(chunk.len().min(BLOCK - self.last.len()));
            self.reserve(now.len())?;
            self.last.extend_from_slice(now);
            chunk = rest;
        }
        Ok(())
    }

    /// Makes room in the last block: for a small body what it needs, for a large one the whole block.
    fn reserve(&mut self, bytes: usize) -> Result<(), ApiError> {
        let needed = self.last.len() + bytes;
        if needed <= self.last.capacity() {
            return Ok(());
        }
        let is_small = self.full.is_empty() && self.last.is_empty();
        let capacity = if is_small { needed } else { BLOCK };
        let more = self.budget.reserve(capacity - self.last.capacity())?;
        match &mut self.reserved {
            Some(reserved) => reserved.merge(more),
            None => self.reserved = Some(more),
        }
        self.last.reserve_exact(capacity - self.last.len());
        Ok(())
    }

    /// Gives `read` the whole body as one slice, and then the bytes back to the budget.
    ///
    /// A large body is there twice while its blocks are put together, but no more of them at once than
    /// there are threads: nothing waits in between.
    pub fn read<T>(mut self, read: impl FnOnce(&[u8]) -> T) -> T {
        if self.full.is_empty() {
            return read(&self.last);
        }
        self.full.push(std::mem::take(&mut self.last));
        let whole = self.full.concat();
        self.full.clear();
        read(&whole)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_read_is_what_arrived(chunks in prop::collection::vec(0..100_000_usize, 0..8)) {
            let budget = MemoryBudget::new(2 * 1024 * 1024);
            let mut body = IncomingBody::new(1024 * 1024, &budget);
            let whole: Vec<u8> = (0..chunks.iter().sum()).map(|at: usize| (at % 251) as u8).collect();
            let mut rest = whole.as_slice();
            for size in chunks {
                let (chunk, more) = rest.split_at(size);
                body.push(chunk).unwrap();
                rest = more;
            }
            prop_assert!(body.read(|read| read == whole));
            prop_assert!(budget.reserve(2 * 1024 * 1024).is_ok(), "everything is given back");
        }
    }

    #[test]
    fn a_body_is_bounded_by_its_limit_and_by_the_budget() {
        let budget = MemoryBudget::new(3 * BLOCK);
        let mut body = IncomingBody::new(100, &budget);
        body.push(&[0; 100]).unwrap();
        assert!(matches!(body.push(&[0]), Err(ApiError::PayloadTooLarge)));
        assert!(budget.reserve(3 * BLOCK - 100).is_ok(), "a small body takes what it needs");
        let mut large = IncomingBody::new(10 * BLOCK, &budget);
        large.push(&[0; 2 * BLOCK]).unwrap();
        assert!(matches!(large.push(&[0; BLOCK]), Err(ApiError::Unavailable { .. })));
        drop((body, large));
        assert!(budget.reserve(3 * BLOCK).is_ok());
    }
}
