//! Passwords: argon2id, at most two at a time, so that a flood of logins cannot starve the chats.
//!
//! What does not fit in the queue is refused at once; whoever waits is served in order.

mod phc;

use std::sync::Arc;

use argon2::{Params, password_hash};
use async_trait::async_trait;
use domain::{
    account::NewPassword,
    ports::{HasherError, PasswordHasher},
};
use secrecy::zeroize::Zeroizing;
use tokio::{
    sync::{Semaphore, TryAcquireError},
    task::spawn_blocking,
};

/// How many are hashed at once. Each takes 19 MiB and a processor.
const AT_ONCE: usize = 2;
/// How many may wait for that: less than a second's work.
const WAITING: usize = 16;

/// argon2id with the parameters that OWASP asks for (19 MiB, two passes, one lane), which are the
/// crate's defaults.
pub struct Argon2Hasher {
    params: Params,
    /// What is verified when there is no account: nobody's password, at the usual price.
    nobody: String,
    admitted: Arc<Semaphore>,
    running: Arc<Semaphore>,
}

impl Argon2Hasher {
    /// Makes a hasher; takes no time.
    ///
    /// # Errors
    /// [`HasherError::Broken`] when argon2 refuses its own parameters, which would be a bug.
    pub fn new() -> Result<Self, HasherError> {
        Self::with(Params::default())
    }

    fn with(params: Params) -> Result<Self, HasherError> {
        Ok(Self {
            nobody: phc::nobody(&params).map_err(broken)?,
            params,
            admitted: Arc::new(Semaphore::new(AT_ONCE + WAITING)),
            running: Arc::new(Semaphore::new(AT_ONCE)),
        })
    }

    /// Does `work` on a thread that may block, when its turn has come. The permits go with it: a
    /// caller that gives up does not make room before the work is really over.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, password_hash::Error> + Send + 'static,
    ) -> Result<T, HasherError> {
        let admitted = self.admitted.clone().try_acquire_owned().map_err(|error| match error {
            TryAcquireError::NoPermits => HasherError::Busy,
            TryAcquireError::Closed => broken(error),
        })?;
        let running = self.running.clone().acquire_owned().await.map_err(broken)?;
        let done = spawn_blocking(move || {
            let _permits = (admitted, running);
            work()
        });
        done.await.map_err(broken)?.map_err(broken)
    }
}

#[async_trait]
impl PasswordHasher for Argon2Hasher {
    async fn hash(&self, password: NewPassword) -> Result<String, HasherError> {
        let params = self.params.clone();
        self.run(move || phc::hash(password.expose().as_bytes(), &params)).await
    }

    async fn verify(&self, candidate: String, hash: Option<String>) -> Result<bool, HasherError> {
        let candidate = Zeroizing::new(candidate);
        let is_known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.clone());
        let is_right = self.run(move || phc::verify(candidate.as_bytes(), &hash)).await?;
        Ok(is_right && is_known)
    }
}

fn broken(error: impl std::error::Error + Send + Sync + 'static) -> HasherError {
    HasherError::Broken(Box::new(error))
}

#[cfg(test)]
mod tests;
