//! Caches for a minute which caller an access token belongs to.
//!
//! What a token means never changes, and whether it is still good is checked by the statement that does
//! the work. So a program's request takes one round trip, and a revoked token ends at once all the same.
//! A look each minute also keeps the record of its last use.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use domain::{
    caller::Caller,
    ports::{AccessTokenStore, Clock, StoreError},
    session::SecretHash,
};

use super::api_token_format::ApiToken;

/// How long an entry is used before the token is looked up again.
const CACHE_TTL: Duration = Duration::from_secs(60);
/// Maximum number of cached tokens. Only valid ones are cached, so guesses do not fill it.
const MAX_KNOWN: usize = 10_000;

/// A cache of verified access tokens.
pub struct AccessTokenCache {
    clock: Arc<dyn Clock>,
    known: Mutex<HashMap<SecretHash, (Caller, Instant)>>,
}

impl AccessTokenCache {
    /// Makes an empty cache.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, known: Mutex::default() }
    }

    /// Returns who a token speaks for, if it is a good one. It may have been revoked within the last minute.
    ///
    /// # Errors
    /// When the store cannot be asked.
    pub async fn verify(
        &self,
        token: &ApiToken,
        store: &dyn AccessTokenStore,
    ) -> Result<Option<Caller>, StoreError> {
        let secret = token.hash();
        if let Some(caller) = self.find(&secret) {
            return Ok(Some(caller));
        }
        let caller = store.authenticate(&secret, token.kind().audience()).await?;
        if let Some(caller) = caller {
            self.keep(secret, caller);
        }
        Ok(caller)
    }

    fn find(&self, secret: &SecretHash) -> Option<Caller> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (caller, since) = known.get(secret)?;
        self.is_fresh(*since).then_some(*caller)
    }

    fn keep(&self, secret: SecretHash, caller: Caller) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_KNOWN {
            known.retain(|_, (_, since)| self.is_fresh(*since));
        }
        if known.len() < MAX_KNOWN {
            known.insert(secret, (caller, self.clock.instant()));
        }
    }

    fn is_fresh(&self, since: Instant) -> bool {
        self.clock.instant().saturating_duration_since(since) < CACHE_TTL
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        access_token::{AccessTokenId, Audience, NewAccessToken, Scopes, TokenName},
        ports::IdGenerator,
        testing::{ManualClock, MemoryStore, RandomIdGenerator},
    };

    use super::*;
    use crate::tokens::api_token_format::TokenKind;

    #[actix_web::test]
    async fn a_token_is_looked_up_once_a_minute() {
        let clock = Arc::new(ManualClock::default());
        let store = MemoryStore::new(clock.clone());
        let (known, token) = (AccessTokenCache::new(clock.clone()), ApiToken::random(TokenKind::Personal));
        let owner = store.register();
        let unknown = known.verify(&token, &store).await.unwrap();
        assert_eq!(unknown, None, "what is not known is not kept");
        let new = NewAccessToken {
            id: AccessTokenId(RandomIdGenerator.next()),
            name: TokenName::parse("laptop").unwrap(),
            scopes: Scopes::parse(["chat"]).unwrap(),
            audience: Audience::Api,
            lifetime: None,
            secret: token.hash(),
        };
        store.create(owner, &new).await.unwrap();
        let used = async || AccessTokenStore::list(&store, owner).await.unwrap()[0].last_used_at;
        let program = known.verify(&token, &store).await.unwrap().unwrap();
        let first = used().await.unwrap();
        clock.advance(Duration::from_secs(59));
        assert_eq!(known.verify(&token, &store).await.unwrap(), Some(program));
        assert_eq!(used().await, Some(first));
        clock.advance(Duration::from_secs(1));
        assert_eq!(known.verify(&token, &store).await.unwrap(), Some(program));
        assert!(used().await.unwrap() > first);
        store.revoke(owner, new.id).await.unwrap();
        assert!(store.check(program).is_err(), "what is known is still checked by the stores");
        clock.advance(Duration::from_secs(60));
        assert_eq!(known.verify(&token, &store).await.unwrap(), None);
    }

    #[actix_web::test]
    async fn no_more_tokens_are_kept_than_there_is_room_for() {
        let clock = Arc::new(ManualClock::default());
        let cache = AccessTokenCache::new(clock.clone());
        let caller = MemoryStore::new(clock.clone()).register();
        let hash = || ApiToken::random(TokenKind::Personal).hash();
        let first = hash();
        cache.keep(first.clone(), caller);
        for _ in 0..=MAX_KNOWN {
            cache.keep(hash(), caller);
        }
        let kept = || cache.known.lock().unwrap().len();
        assert_eq!(kept(), MAX_KNOWN);
        assert_eq!(cache.find(&first), Some(caller), "who is known is not driven out");
        clock.advance(CACHE_TTL);
        let late = hash();
        cache.keep(late.clone(), caller);
        assert_eq!((kept(), cache.find(&late)), (1, Some(caller)), "what is old makes room");
    }
}
