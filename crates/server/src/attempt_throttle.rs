//! How often strangers may try: passwords that are wrong, registrations of people and of programs, links by mail.
//!
//! Counted in this process: of several replicas each counts for itself. Nothing that a stranger sends
//! is kept but a number under a hash, and what is kept is bounded.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use domain::{account::Email, client_address::ClientAddress, ports::Clock};
use sha2::{Digest, Sha256};

use crate::error::ApiError;

/// Wrong passwords for one account from one source, and the time in which they are counted.
const MAX_FAILURES: u32 = 10;
const FAILURE_WINDOW: Duration = Duration::from_secs(15 * 60);
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
/// The most counters that are kept of a kind. Each costs whoever makes it a password's hash, or an address.
const MAX_COUNTERS: usize = 100_000;

/// What strangers have tried lately.
pub struct Attempts {
    clock: Arc<dyn Clock>,
    failures: Mutex<Counters<([u8; 32], ClientAddress)>>,
    registrations: Mutex<Counters<Option<ClientAddress>>>,
    programs: Mutex<Counters<Option<ClientAddress>>>,
    documents: Mutex<Counters<ClientAddress>>,
    links: Mutex<Counters<ClientAddress>>,
    sign_ins: Mutex<Counters<ClientAddress>>,
    registrations_a_minute: u32,
}

impl Attempts {
    /// Makes counters that allow so many registrations of one source in a minute.
    pub fn new(clock: Arc<dyn Clock>, registrations_a_minute: u32) -> Self {
        Self {
            clock,
            failures: Mutex::new(Counters::new(FAILURE_WINDOW)),
            registrations: Mutex::new(Counters::new(REGISTRATION_WINDOW)),
            programs: Mutex::new(Counters::new(REGISTRATION_WINDOW)),
            documents: Mutex::new(Counters::new(DOCUMENT_WINDOW)),
            links: Mutex::new(Counters::new(LINK_WINDOW)),
            sign_ins: Mutex::new(Counters::new(SIGN_IN_WINDOW)),
            registrations_a_minute,
        }
    }

    /// Checks that a source may try another password for an account.
    ///
    /// # Errors
    /// When it was wrong too often.
    pub fn check_password_attempts(&self, email: &Email, source: ClientAddress) -> Result<(), ApiError> {
        locked(&self.failures).check(&(account(email), source), MAX_FAILURES, self.clock.instant())
    }

    /// Notes whether a password was right. Who knows it begins anew.
    pub fn record_password_attempt(&self, email: &Email, source: ClientAddress, is_right: bool) {
        let mut failures = locked(&self.failures);
        let key = (account(email), source);
        if is_right {
            failures.forget(&key);
        } else {
            failures.count(key, self.clock.instant());
        }
    }

    /// Counts a registration, or refuses it.
    ///
    /// # Errors
    /// When the source, or everybody together, has made too many within a minute.
    pub fn check_and_record_registration(&self, source: ClientAddress) -> Result<(), ApiError> {
        self.check_and_record_registration_in(&self.registrations, source)
    }

    /// Counts a program that registers itself, or refuses it.
    ///
    /// # Errors
    /// As of [`Attempts::check_and_record_registration`], each counted for itself.
    pub fn check_and_record_client_registration(&self, source: ClientAddress) -> Result<(), ApiError> {
        self.check_and_record_registration_in(&self.programs, source)
    }

    /// Counts a document about a program that a source has fetched, or refuses it.
    ///
    /// # Errors
    /// When it has had too many fetched.
    pub fn check_and_record_document_fetch(&self, source: ClientAddress) -> Result<(), ApiError> {
        self.check_and_record(&self.documents, source, MAX_DOCUMENTS)
    }

    fn check_and_record_registration_in(
        &self,
        counters: &Mutex<Counters<Option<ClientAddress>>>,
        source: ClientAddress,
    ) -> Result<(), ApiError> {
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
    pub fn check_and_record_link_request(&self, source: ClientAddress) -> Result<(), ApiError> {
        self.check_and_record(&self.links, source, MAX_LINKS)
    }

    /// Counts a sign-in with a provider that a source begins, or refuses it.
    ///
    /// # Errors
    /// When it has begun too many.
    pub fn check_and_record_sign_in(&self, source: ClientAddress) -> Result<(), ApiError> {
        self.check_and_record(&self.sign_ins, source, MAX_SIGN_INS)
    }

    fn check_and_record(
        &self,
        counters: &Mutex<Counters<ClientAddress>>,
        source: ClientAddress,
        most: u32,
    ) -> Result<(), ApiError> {
        let now = self.clock.instant();
        let mut counters = locked(counters);
        counters.check(&source, most, now)?;
        counters.count(source, now);
        Ok(())
    }
}

/// An account's name without what a stranger typed.
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

    fn check(&self, key: &K, most: u32, now: Instant) -> Result<(), ApiError> {
        let Some(count) = self.counts.get(key) else { return Ok(()) };
        let passed = now.saturating_duration_since(count.since);
        if count.number < most || passed >= self.window {
            return Ok(());
        }
        Err(ApiError::TooMany { retry_after: self.window - passed })
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

    fn forget(&mut self, key: &K) {
        self.counts.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use domain::testing::ManualClock;

    use super::*;

    fn source(number: u8) -> ClientAddress {
        ClientAddress(number.into())
    }

    fn email(name: &str) -> Email {
        Email::parse(&format!("{name}@example.com")).unwrap()
    }

    #[test]
    fn after_ten_wrong_passwords_a_source_waits_for_this_account_and_nobody_else_does() {
        let clock = Arc::new(ManualClock::default());
        let attempts = Attempts::new(clock.clone(), 10);
        let (ann, bob) = (email("ann"), email("bob"));
        for _ in 0..10 {
            attempts.check_password_attempts(&ann, source(1)).unwrap();
            attempts.record_password_attempt(&ann, source(1), false);
        }
        let refused = attempts.check_password_attempts(&ann, source(1));
        assert!(matches!(refused, Err(ApiError::TooMany { retry_after }) if retry_after == FAILURE_WINDOW));
        attempts.check_password_attempts(&ann, source(2)).unwrap();
        attempts.check_password_attempts(&bob, source(1)).unwrap();
        clock.advance(FAILURE_WINDOW);
        attempts.check_password_attempts(&ann, source(1)).unwrap();
        attempts.record_password_attempt(&ann, source(1), false);
        attempts.check_password_attempts(&ann, source(1)).unwrap();
    }

    #[test]
    fn who_knows_the_password_begins_anew() {
        let attempts = Attempts::new(Arc::new(ManualClock::default()), 10);
        for _ in 0..5 {
            for _ in 0..9 {
                attempts.record_password_attempt(&email("ann"), source(1), false);
            }
            attempts.check_password_attempts(&email("ann"), source(1)).unwrap();
            attempts.record_password_attempt(&email("ann"), source(1), true);
        }
    }

    #[test]
    fn a_source_has_ten_links_mailed_in_a_quarter_of_an_hour() {
        let clock = Arc::new(ManualClock::default());
        let attempts = Attempts::new(clock.clone(), 10);
        for _ in 0..10 {
            attempts.check_and_record_link_request(source(1)).unwrap();
        }
        assert!(attempts.check_and_record_link_request(source(1)).is_err());
        attempts.check_and_record_link_request(source(2)).unwrap();
        clock.advance(LINK_WINDOW);
        attempts.check_and_record_link_request(source(1)).unwrap();
    }

    #[test]
    fn registrations_have_a_ceiling_for_each_and_for_all() {
        let clock = Arc::new(ManualClock::default());
        let attempts = Attempts::new(clock.clone(), 2);
        for number in 0..6 {
            attempts.check_and_record_registration(source(number)).unwrap();
            attempts.check_and_record_registration(source(number)).unwrap();
            assert!(attempts.check_and_record_registration(source(number)).is_err(), "{number}");
            attempts.check_and_record_client_registration(source(number)).unwrap();
        }
        assert!(attempts.check_and_record_registration(source(99)).is_err(), "twelve of all");
        clock.advance(REGISTRATION_WINDOW);
        attempts.check_and_record_registration(source(99)).unwrap();
    }
}
