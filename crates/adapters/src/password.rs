//! Passwords: argon2id, at most two at a time, so that a flood of logins cannot starve the chats.
//!
//! What does not fit in the queue is refused at once; whoever waits is served in order.

use std::sync::Arc;

use argon2::{
    Argon2, Params, PasswordHash, PasswordHasher as _, PasswordVerifier as _,
    password_hash::{
        self,
        phc::{Output, ParamsString, Salt},
    },
};
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
    argon2: Argon2<'static>,
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
            nobody: nobody(&params).map_err(broken)?,
            argon2: Argon2::from(params),
            admitted: Arc::new(Semaphore::new(AT_ONCE + WAITING)),
            running: Arc::new(Semaphore::new(AT_ONCE)),
        })
    }

    /// Does `work` on a thread that may block, when its turn has come. The permits go with it: a
    /// caller that gives up does not make room before the work is really over.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'static>) -> Result<T, password_hash::Error> + Send + 'static,
    ) -> Result<T, HasherError> {
        let admitted = self.admitted.clone().try_acquire_owned().map_err(|error| match error {
            TryAcquireError::NoPermits => HasherError::Busy,
            TryAcquireError::Closed => broken(error),
        })?;
        let running = self.running.clone().acquire_owned().await.map_err(broken)?;
        let argon2 = self.argon2.clone();
        let done = spawn_blocking(move || {
            let _permits = (admitted, running);
            work(&argon2)
        });
        done.await.map_err(broken)?.map_err(broken)
    }
}

#[async_trait]
impl PasswordHasher for Argon2Hasher {
    async fn hash(&self, password: NewPassword) -> Result<String, HasherError> {
        self.run(move |argon2| {
            let hash: PasswordHash = argon2.hash_password(password.expose().as_bytes())?;
            Ok(hash.to_string())
        })
        .await
    }

    async fn verify(&self, candidate: String, hash: Option<String>) -> Result<bool, HasherError> {
        let candidate = Zeroizing::new(candidate);
        let is_known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.clone());
        let is_right = self
            .run(move |argon2| match argon2.verify_password(candidate.as_bytes(), hash.as_str()) {
                Ok(()) => Ok(true),
                Err(password_hash::Error::PasswordInvalid) => Ok(false),
                Err(error) => Err(error),
            })
            .await?;
        Ok(is_right && is_known)
    }
}

/// A hash that looks like any other of ours and that no password is known for: salt and output are
/// random. Computing a real one would only cost the start some time.
fn nobody(params: &Params) -> Result<String, password_hash::Error> {
    let like: PasswordHash = PasswordHash {
        algorithm: argon2::ARGON2ID_IDENT,
        version: Some(argon2::Version::default().into()),
        params: ParamsString::try_from(params)?,
        salt: Some(Salt::new(&rand::random::<[u8; Salt::RECOMMENDED_LENGTH]>())?),
        hash: Some(Output::new(&rand::random::<[u8; Params::DEFAULT_OUTPUT_LEN]>())?),
    };
    Ok(like.to_string())
}

fn broken(error: impl std::error::Error + Send + Sync + 'static) -> HasherError {
    HasherError::Broken(Box::new(error))
}

#[cfg(test)]
mod tests;
