//! Throttles who is not signed in: wrong passwords, registrations of people and of programs, links by mail.
//!
//! Counted in this process: of several replicas each counts for itself. Nothing that a stranger sends
//! is kept but a number under a hash, and what is kept is bounded.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use domain::{account::Email, client_network::ClientNetwork, ports::Clock};
use sha2::{Digest, Sha256};

/// Wrong passwords for one account from one source, and the time in which they are counted.
const MAX_FAILURES: u32 = 10;
const FAILURE_WINDOW: Duration = Duration::from_secs(15 * 60);
/// When to try again while as many passwords are being compared as may still be wrong.
const COMPARISON_PAUSE: Duration = Duration::from_secs(1);
/// Links that one source may have mailed, to whatever addresses, and the time in which they are counted.
const MAX_LINKS: u32 = 10;
const LINK_WINDOW: Duration = Duration::from_secs(15 * 60);
/// Sign-ins with providers that one source may begin in a minute: each is a row for ten.
const MAX_SIGN_INS: u32 = 30;
const SIGN_IN_WINDOW: Duration = Duration::from_secs(60);
const REGISTRATION_WINDOW: Duration = Duration::from_secs(60);
/// Documents about programs that one source may have fetched in a minute.
const MAX_DOCUMENTS: u32 = 30;
const DOCUMENT_WINDOW: Duration = Duration::from_secs(60);
/// How many times as many registrations all sources may make together as one.
const ALL_SOURCES: u32 = 6;
/// The most counters that are kept of a kind. Each costs an attacker a password's hash, or an address.
const MAX_COUNTERS: usize = 100_000;

/// Too many attempts.
#[derive(Debug, thiserror::Error)]
#[error("too many attempts")]
pub struct TooManyAttempts {
    /// When to come again.
    pub retry_after: Duration,
}

/// Throttles sign-in attempts and registrations.
pub struct AttemptThrottle {
    clock: Arc<dyn Clock>,
    passwords: Mutex<PasswordCounters>,
    registrations: Mutex<Counters<Option<ClientNetwork>>>,
    programs: Mutex<Counters<Option<ClientNetwork>>>,
    documents: Mutex<Counters<ClientNetwork>>,
    links: Mutex<Counters<ClientNetwork>>,
    sign_ins: Mutex<Counters<ClientNetwork>>,
    registrations_a_minute: u32,
}

impl AttemptThrottle {
    /// Makes counters that allow so many registrations of one source in a minute.
    pub fn new(clock: Arc<dyn Clock>, registrations_a_minute: u32) -> Self {
        Self {
            clock,
            passwords: Mutex::new(PasswordCounters::new()),
            registrations: Mutex::new(Counters::new(REGISTRATION_WINDOW)),
            programs: Mutex::new(Counters::new(REGISTRATION_WINDOW)),
            documents: Mutex::new(Counters::new(DOCUMENT_WINDOW)),
            links: Mutex::new(Counters::new(LINK_WINDOW)),
            sign_ins: Mutex::new(Counters::new(SIGN_IN_WINDOW)),
            registrations_a_minute,
        }
    }

    /// Begins to compare a password. Of many at once no more are compared than may still be wrong.
    ///
    /// # Errors
    /// When too many were wrong, until those are forgotten; or, for a moment, when too many would be if those
    /// that are being compared are wrong.
    pub fn begin_password_attempt(
        &self,
        email: &Email,
        source: ClientNetwork,
    ) -> Result<PasswordAttempt<'_>, TooManyAttempts> {
        let key = (account(email), source);
        locked(&self.passwords).begin(key, self.clock.instant())?;
        Ok(PasswordAttempt { throttle: self, key })
    }

    /// Resets the failed attempts of a user who was authenticated in another way.
    pub fn forget_password_attempts(&self, email: &Email, source: ClientNetwork) {
        locked(&self.passwords).failures.forget(&(account(email), source));
    }

    /// Counts a registration, or refuses it.
    ///
    /// # Errors
    /// When the source, or everybody together, has made too many within a minute.
    pub fn check_and_record_registration(&self, source: ClientNetwork) -> Result<(), TooManyAttempts> {
        self.check_and_record_registration_in(&self.registrations, source)
    }

    /// Counts a program that registers itself, or refuses it.
    ///
    /// # Errors
    /// As of [`AttemptThrottle::check_and_record_registration`], each counted for itself.
    pub fn check_and_record_client_registration(&self, source: ClientNetwork) -> Result<(), TooManyAttempts> {
        self.check_and_record_registration_in(&self.programs, source)
    }

    /// Counts a document about a program that a source has fetched, or refuses it.
    ///
    /// # Errors
    /// When it has had too many fetched.
    pub fn check_and_record_document_fetch(&self, source: ClientNetwork) -> Result<(), TooManyAttempts> {
        self.check_and_record(&self.documents, source, MAX_DOCUMENTS)
    }

    fn check_and_record_registration_in(
        &self,
        counters: &Mutex<Counters<Option<ClientNetwork>>>,
        source: ClientNetwork,
    ) -> Result<(), TooManyAttempts> {
        let now = self.clock.instant();
        let mut registrations = locked(counters);
        registrations.check(&Some(source), self.registrations_a_minute, now)?;
        registrations.check(&None, self.registrations_a_minute.saturating_mul(ALL_SOURCES), now)?;
        registrations.count(Some(source), now);
        registrations.count(None, now);
        Ok(())
    }

    /// Counts a link that a source wants mailed, to whatever address, or refuses it.
    ///
    /// # Errors
    /// When it has wanted too many.
    pub fn check_and_record_link_request(&self, source: ClientNetwork) -> Result<(), TooManyAttempts> {
        self.check_and_record(&self.links, source, MAX_LINKS)
    }

    /// Counts a sign-in with a provider that a source begins, or refuses it.
    ///
    /// # Errors
    /// When it has begun too many.
    pub fn check_and_record_provider_sign_in(&self, source: ClientNetwork) -> Result<(), TooManyAttempts> {
        self.check_and_record(&self.sign_ins, source, MAX_SIGN_INS)
    }

    fn check_and_record<K: Hash + Eq>(
        &self,
        counters: &Mutex<Counters<K>>,
        key: K,
        most: u32,
    ) -> Result<(), TooManyAttempts> {
        let now = self.clock.instant();
        let mut counters = locked(counters);
        counters.check(&key, most, now)?;
        counters.count(key, now);
        Ok(())
    }
}

/// Whose wrong passwords are counted: an account's, from one source.
type PasswordSource = ([u8; 32], ClientNetwork);

/// Passwords that were wrong, and how many are being compared.
struct PasswordCounters {
    failures: Counters<PasswordSource>,
    being_compared: HashMap<PasswordSource, u32>,
}

impl PasswordCounters {
    fn new() -> Self {
        Self { failures: Counters::new(FAILURE_WINDOW), being_compared: HashMap::new() }
    }

    fn begin(&mut self, key: PasswordSource, now: Instant) -> Result<(), TooManyAttempts> {
        self.failures.check(&key, MAX_FAILURES, now)?;
        let being_compared = self.being_compared.get(&key).copied().unwrap_or_default();
        if self.failures.number(&key, now) + being_compared >= MAX_FAILURES {
            return Err(TooManyAttempts { retry_after: COMPARISON_PAUSE });
        }
        self.being_compared.insert(key, being_compared + 1);
        Ok(())
    }

    fn end(&mut self, key: &PasswordSource) {
        match self.being_compared.get_mut(key) {
            Some(number) if *number > 1 => *number -= 1,
            _ => {
                self.being_compared.remove(key);
            }
        }
    }
}

/// A password that is being compared. When it is dropped without a result, because the hasher was busy or the
/// client went away, it does not count.
#[must_use]
pub struct PasswordAttempt<'a> {
    throttle: &'a AttemptThrottle,
    key: PasswordSource,
}

impl PasswordAttempt<'_> {
    /// Records the result. A right password resets the count.
    pub fn end(self, is_right: bool) {
        let mut passwords = locked(&self.throttle.passwords);
        if is_right {
            passwords.failures.forget(&self.key);
        } else {
            passwords.failures.count(self.key, self.throttle.clock.instant());
        }
    }
}

impl Drop for PasswordAttempt<'_> {
    fn drop(&mut self) {
        locked(&self.throttle.passwords).end(&self.key);
    }
}

/// A hash of the account's address, so that what a stranger typed is not kept.
fn account(email: &Email) -> [u8; 32] {
    Sha256::digest(email.as_str().as_bytes()).into()
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counters that begin anew when their window is over.
struct Counters<K> {
    window: Duration,
    counts: HashMap<K, Count>,
}

#[derive(Clone, Copy)]
struct Count {
    since: Instant,
    number: u32,
}

impl<K: Hash + Eq> Counters<K> {
    fn new(window: Duration) -> Self {
        Self { window, counts: HashMap::new() }
    }

    fn check(&self, key: &K, most: u32, now: Instant) -> Result<(), TooManyAttempts> {
        let Some(count) = self.counts.get(key) else { return Ok(()) };
        let passed = now.saturating_duration_since(count.since);
        if count.number < most || passed >= self.window {
            return Ok(());
        }
        Err(TooManyAttempts { retry_after: self.window - passed })
    }

    fn count(&mut self, key: K, now: Instant) {
        let window = self.window;
        let is_over = |count: &Count| now.saturating_duration_since(count.since) >= window;
        if self.counts.len() >= MAX_COUNTERS {
            self.counts.retain(|_, count| !is_over(count));
        }
        if self.counts.len() >= MAX_COUNTERS && !self.counts.contains_key(&key) {
            return;
        }
        let count = self.counts.entry(key).or_insert(Count { since: now, number: 0 });
        if is_over(count) {
            *count = Count { since: now, number: 0 };
        }
        count.number = count.number.saturating_add(1);
    }

    /// How often it was counted in the window that is not over.
    fn number(&self, key: &K, now: Instant) -> u32 {
        let is_over = |count: &&Count| now.saturating_duration_since(count.since) >= self.window;
        self.counts.get(key).filter(|count| !is_over(count)).map_or(0, |count| count.number)
    }

    fn forget(&mut self, key: &K) {
        self.counts.remove(key);
    }
}

#[cfg(test)]
mod tests;
