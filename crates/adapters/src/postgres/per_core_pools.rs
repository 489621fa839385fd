//! Pools of connections, one for each processor core.
//!
//! A connection's socket is served by the thread that opened it. Used from another thread, each
//! answer of the database has to wake up two threads instead of one. So a thread takes from a pool of
//! its own while that has connections, and from the others before it waits.

use std::{
    cell::Cell,
    num::NonZero,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use diesel_async::pooled_connection::deadpool::PoolError;
use tokio::runtime::{Handle, RuntimeFlavor};

use super::{
    connect::{self, Pool, Pooled},
    url::{DatabaseConfig, DatabaseUrlError},
};

/// The fewest connections that are worth a pool.
const MIN_POOL_SIZE: usize = 2;

/// PerCorePools of connections to one database.
#[derive(Clone)]
pub(super) struct PerCorePools(Vec<Pool>);

impl PerCorePools {
    /// Makes pools that hold as many connections as the configuration says, all together.
    pub(super) fn new(config: &DatabaseConfig) -> Result<Self, DatabaseUrlError> {
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        let sizes = sizes(config.pool_size(), processors);
        Ok(Self(sizes.into_iter().map(|size| connect::pool(config, size)).collect::<Result<_, _>>()?))
    }

    /// Takes a connection.
    ///
    /// # Errors
    /// When all are in use for too long, or a new one cannot be opened.
    pub(super) async fn get(&self) -> Result<Pooled, PoolError> {
        let own = own_number() % self.0.len();
        let by_distance = self.0[own..].iter().chain(&self.0[..own]);
        let free = by_distance.clone().find(|pool| has_room(pool));
        free.unwrap_or(&self.0[own]).get().await
    }

    /// Counts the connections.
    pub(super) fn status(&self) -> PoolStatus {
        self.0.iter().map(Pool::status).fold(PoolStatus::default(), |sum, pool| PoolStatus {
            waiting: sum.waiting + pool.waiting,
            idle: sum.idle + pool.available,
            in_use: sum.in_use + pool.size.saturating_sub(pool.available),
        })
    }

    /// Closes the idle connections that were last used before `age`.
    pub(super) fn close_unused_for(&self, age: impl Fn() -> Duration) {
        for pool in &self.0 {
            pool.retain(|_, metrics| metrics.last_used() < age());
        }
    }
}

/// How many connections there are at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PoolStatus {
    /// Who waits for one.
    pub waiting: usize,
    /// Open and idle.
    pub idle: usize,
    /// Open and in use.
    pub in_use: usize,
}

/// Whether a connection can be taken, or opened, without waiting for another one to be released.
fn has_room(pool: &Pool) -> bool {
    let status = pool.status();
    status.available > 0 || status.size < status.max_size
}

/// The number of this thread among those of its kind that asked for a connection: the workers that
/// serve requests, each with a runtime of its own, and the threads of the runtime that they share.
fn own_number() -> usize {
    static WORKERS: AtomicUsize = AtomicUsize::new(0);
    static SHARED: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static OWN: Cell<Option<usize>> = const { Cell::new(None) };
    }
    let next = || match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::CurrentThread) => WORKERS.fetch_add(1, Ordering::Relaxed),
        _ => SHARED.fetch_add(1, Ordering::Relaxed),
    };
    OWN.with(|own| {
        let number = own.get().unwrap_or_else(next);
        own.set(Some(number));
        number
    })
}

/// Divides connections among pools as evenly as it goes.
fn sizes(connections: usize, processors: usize) -> Vec<usize> {
    let pools = (connections / MIN_POOL_SIZE).clamp(1, processors);
    (0..pools).map(|pool| (connections + pool) / pools).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pools_hold_as_many_connections_as_were_asked_for() {
        assert_eq!(sizes(8, 2), [4, 4]);
        assert_eq!(sizes(9, 2), [4, 5]);
        assert_eq!(sizes(3, 16), [3]);
        assert_eq!(sizes(1, 4), [1]);
        for (connections, processors) in [(1, 1), (5, 2), (7, 3), (64, 16), (100, 7)] {
            assert_eq!(sizes(connections, processors).iter().sum::<usize>(), connections);
        }
    }

    #[test]
    fn a_thread_keeps_its_number_and_each_has_its_own() {
        let here = own_number();
        assert_eq!(own_number(), here);
        let there = thread::spawn(own_number).join();
        assert_ne!(there.ok(), Some(here));
    }
}
