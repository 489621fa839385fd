//! A semaphore for each key. It keeps one account's requests from taking all connections to the database:
//! only a few of them are worked on at once, the others wait for a permit.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use domain::account::UserId;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::timeouts::PERMIT_TIMEOUT;

/// The most requests of one account that wait. One more is refused at once.
const MAX_WAITING: usize = 200;

/// Too many requests of an account wait, or one of them for too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the account has too many requests")]
pub struct AccountBusy;

/// Semaphores for the accounts that have requests now. The key may also be another one than an account's,
/// such as the secret of a calendar's address.
pub struct KeyedSemaphore<Key: Eq + Hash + Clone = UserId> {
    at_once: usize,
    limits: Mutex<HashMap<Key, Limit>>,
}

struct Limit {
    semaphore: Arc<Semaphore>,
    /// Requests that are worked on or wait.
    requests: usize,
}

/// A request's permit; dropping it makes room for the next one of its account.
pub struct Permit<Key: Eq + Hash + Clone = UserId> {
    limits: Arc<KeyedSemaphore<Key>>,
    key: Key,
    semaphore_permit: Option<OwnedSemaphorePermit>,
}

impl<Key: Eq + Hash + Clone> KeyedSemaphore<Key> {
    /// Makes limits of a pool of so many connections: a third of them for each account.
    pub fn for_pool(connections: usize) -> Arc<Self> {
        Arc::new(Self { at_once: (connections / 3).max(1), limits: Mutex::default() })
    }

    /// Makes limits of one request at a time.
    pub fn exclusive() -> Arc<Self> {
        Arc::new(Self { at_once: 1, limits: Mutex::default() })
    }

    /// Waits for a permit among the account's requests.
    ///
    /// # Errors
    /// When too many of them wait, or for too long.
    pub async fn acquire(self: &Arc<Self>, key: Key) -> Result<Permit<Key>, AccountBusy> {
        let semaphore = {
            let mut limits = self.limits.lock().unwrap_or_else(PoisonError::into_inner);
            let new = || Limit { semaphore: Arc::new(Semaphore::new(self.at_once)), requests: 0 };
            let limit = limits.entry(key.clone()).or_insert_with(new);
            if limit.requests >= self.at_once + MAX_WAITING {
                return Err(AccountBusy);
            }
            limit.requests += 1;
            Arc::clone(&limit.semaphore)
        };
        // Made before the wait: dropping it counts the request out, also when its client goes away meanwhile.
        let mut permit = Permit { limits: Arc::clone(self), key, semaphore_permit: None };
        match timeout(PERMIT_TIMEOUT, semaphore.acquire_owned()).await {
            Ok(acquired) => permit.semaphore_permit = acquired.ok(),
            Err(_elapsed) => return Err(AccountBusy),
        }
        Ok(permit)
    }
}

impl<Key: Eq + Hash + Clone> Drop for Permit<Key> {
    fn drop(&mut self) {
        drop(self.semaphore_permit.take());
        let mut limits = self.limits.limits.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(limit) = limits.get_mut(&self.key) {
            limit.requests -= 1;
            if limit.requests == 0 {
                limits.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use uuid::Uuid;

    use super::*;

    fn user(number: u128) -> UserId {
        UserId(Uuid::from_u128(number))
    }

    #[tokio::test]
    async fn an_account_s_requests_wait_behind_each_other_and_nobody_else_does() {
        let limits = KeyedSemaphore::for_pool(8);
        let first = limits.acquire(user(1)).await.unwrap();
        let _second = limits.acquire(user(1)).await.unwrap();
        let soon = Duration::from_millis(20);
        assert!(timeout(soon, limits.acquire(user(1))).await.is_err(), "two of eight at once");
        assert!(timeout(soon, limits.acquire(user(2))).await.is_ok());
        drop(first);
        assert!(timeout(soon, limits.acquire(user(1))).await.is_ok());
    }

    #[tokio::test]
    async fn nothing_is_kept_of_accounts_without_requests() {
        let limits = KeyedSemaphore::for_pool(3);
        let permit = limits.acquire(user(1)).await.unwrap();
        for _ in 0..5 {
            assert!(timeout(Duration::from_millis(5), limits.acquire(user(1))).await.is_err());
        }
        drop(permit);
        assert!(limits.limits.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn not_any_number_waits() {
        let limits = KeyedSemaphore::for_pool(3);
        let _permit = limits.acquire(user(1)).await.unwrap();
        let mut waiting: Vec<_> = (0..MAX_WAITING).map(|_| Box::pin(limits.acquire(user(1)))).collect();
        for entering in &mut waiting {
            assert!(timeout(Duration::ZERO, entering).await.is_err());
        }
        assert!(limits.acquire(user(1)).await.is_err());
    }

    #[tokio::test]
    async fn nobody_waits_long() {
        let limits = KeyedSemaphore::for_pool(3);
        let _permit = limits.acquire(user(1)).await.unwrap();
        let started_at = tokio::time::Instant::now();
        assert!(limits.acquire(user(1)).await.is_err());
        assert!(started_at.elapsed() >= PERMIT_TIMEOUT);
    }
}
