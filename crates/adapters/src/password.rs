//! Passwords: argon2id, at most two at a time, so that a flood of logins cannot starve the chats.
//!
//! Sources take turns: a flood from one of them costs everybody else the time of one password. What
//! does not fit in the queue is refused at once.

mod argon2_hash;
mod fair_queue;

use std::sync::Arc;

use argon2::{Params, password_hash};
use async_trait::async_trait;
use domain::{
    client_network::ClientNetwork,
    password::{NewPassword, PasswordHash},
    ports::{HasherError, PasswordCheck, PasswordHasher},
};
use fair_queue::{FairQueue, Full, QueueLimits};
use secrecy::zeroize::Zeroizing;
use tokio::task::spawn_blocking;

/// How many are hashed at once. Each takes 19 MiB and a processor.
const AT_ONCE: usize = 2;
/// Queue limits: per source less than a second of hashing; in total a bound on memory.
const PLACES: QueueLimits = QueueLimits { at_once: AT_ONCE, of_one_source: 16, waiting: 1_024 };

/// argon2id with the parameters that OWASP asks for (19 MiB, two passes, one lane), which are the
/// crate's defaults.
pub struct Argon2Hasher {
    params: Params,
    /// A hash to verify when there is no account, so that the time does not tell.
    decoy_hash: String,
    queue: Arc<FairQueue>,
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
            decoy_hash: argon2_hash::decoy_hash(&params).map_err(broken)?,
            params,
            queue: FairQueue::new(PLACES),
        })
    }

    /// Does `work` on a thread that may block, when its turn has come. The permit goes with it: a
    /// caller that gives up does not make room before the work is really over.
    async fn run<T: Send + 'static>(
        &self,
        source: ClientNetwork,
        work: impl FnOnce() -> Result<T, password_hash::Error> + Send + 'static,
    ) -> Result<T, HasherError> {
        let permit = self.queue.enter(source).await.map_err(|Full| HasherError::Busy)?;
        let done = spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        done.await.map_err(broken)?.map_err(broken)
    }
}

#[async_trait]
impl PasswordHasher for Argon2Hasher {
    async fn hash(&self, password: NewPassword, source: ClientNetwork) -> Result<PasswordHash, HasherError> {
        let params = self.params.clone();
        let hash = self.run(source, move || argon2_hash::hash(password.expose().as_bytes(), &params)).await?;
        Ok(PasswordHash::new(hash))
    }

    async fn verify(
        &self,
        candidate: String,
        hash: Option<PasswordHash>,
        source: ClientNetwork,
    ) -> Result<PasswordCheck, HasherError> {
        let candidate = Zeroizing::new(candidate);
        let Some(hash) = hash else {
            let decoy_hash = self.decoy_hash.clone();
            self.run(source, move || argon2_hash::verify(candidate.as_bytes(), &decoy_hash)).await?;
            return Ok(PasswordCheck::Wrong);
        };
        let params = self.params.clone();
        self.run(source, move || check(candidate.as_bytes(), hash.expose(), &params)).await
    }
}

fn check(candidate: &[u8], hash: &str, params: &Params) -> Result<PasswordCheck, password_hash::Error> {
    if !argon2_hash::verify(candidate, hash)? {
        return Ok(PasswordCheck::Wrong);
    }
    // Now the password is known: a hash of an earlier version of ours need not stay as weak as it is.
    let is_weaker = argon2_hash::is_weaker(hash, params)?;
    let rehashed = is_weaker.then(|| argon2_hash::hash(candidate, params)).transpose()?;
    Ok(PasswordCheck::Right { rehashed: rehashed.map(PasswordHash::new) })
}

fn broken(error: impl std::error::Error + Send + Sync + 'static) -> HasherError {
    HasherError::Broken(Box::new(error))
}

#[cfg(test)]
mod tests;
