//! Stores that do as little as a test of HTTP needs.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use domain::{
    account::{Email, User, UserId, UserWithPassword},
    account_archive::{AccountArchive, ArchivedConversation, ConversationRow, SequencedMessage},
    account_limits::AccountUsage,
    caller::Caller,
    client_network::ClientNetwork,
    linked_identity::{Identity, NewSignIn, Profile, Provider},
    one_time_token::{IssueOutcome, NewOneTimeToken},
    password::{NewPassword, PasswordHash},
    ports::{
        AccountArchives, AccountChange, AccountStore, ClientDocuments, DocumentError, HasherError,
        IdentityStore, NewAccount, OneTimeTokenStore, PasswordCheck, PasswordHasher, SessionStore,
        SignInOutcome, StoreError, UnlinkOutcome,
    },
    session::{NewSession, Rotation, SecretHash, Session, SessionId},
    testing::MemoryStore,
    todo::TaskNumber,
};

use super::user;
use crate::{metrics::ConnectionCounts, readiness::DatabaseProbe};

/// A database that counts how often it is looked at, and may be away.
#[derive(Default)]
pub(crate) struct FakeDatabase {
    pub(crate) pings: AtomicUsize,
    /// How many more looks fail.
    pub(crate) away_for: AtomicUsize,
}

impl FakeDatabase {
    fn answer(&self) -> Result<(), StoreError> {
        let away = self.away_for.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if away.is_ok() { Err(StoreError::Unavailable("away".into())) } else { Ok(()) }
    }
}

#[async_trait]
impl DatabaseProbe for FakeDatabase {
    async fn migrate(&self) -> Result<usize, StoreError> {
        self.answer().map(|()| 1)
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.pings.fetch_add(1, Ordering::SeqCst);
        self.answer()
    }

    fn connections(&self) -> ConnectionCounts {
        ConnectionCounts { waiting: 0, idle: 0, in_use: 0 }
    }
}

/// Accounts in memory. Their sessions begin and are never found again.
pub(crate) struct MemoryAccounts {
    store: Arc<MemoryStore>,
    known: Mutex<HashMap<UserId, UserWithPassword>>,
}

impl MemoryAccounts {
    pub(crate) fn new(store: Arc<MemoryStore>) -> Self {
        Self { store, known: Mutex::default() }
    }
}

#[async_trait]
impl AccountStore for MemoryAccounts {
    async fn insert(&self, account: &NewAccount, _: &NewSession) -> Result<Option<User>, StoreError> {
        let mut known = self.known.lock().unwrap();
        if known.values().any(|known| known.user.email == account.email) {
            return Ok(None);
        }
        let user =
            User { email: account.email.clone(), name: account.name.clone(), ..user(self.store.register()) };
        let hash = account.password_hash.clone();
        known.insert(user.id, UserWithPassword { user: user.clone(), hash });
        Ok(Some(user))
    }

    async fn find_by_email(&self, email: &Email) -> Result<Option<UserWithPassword>, StoreError> {
        Ok(self.known.lock().unwrap().values().find(|known| known.user.email == *email).cloned())
    }

    async fn find(&self, caller: Caller) -> Result<User, StoreError> {
        Ok(self.find_with_password(caller).await?.user)
    }

    async fn find_with_password(&self, caller: Caller) -> Result<UserWithPassword, StoreError> {
        self.store.check(caller)?;
        // People whom the store alone has registered have no password.
        let known = self.known.lock().unwrap().get(&caller.user).cloned();
        Ok(known.unwrap_or_else(|| UserWithPassword { user: user(caller), hash: PasswordHash::new("") }))
    }

    async fn update(&self, caller: Caller, change: &AccountChange) -> Result<User, StoreError> {
        let UserWithPassword { mut user, hash } = self.find_with_password(caller).await?;
        let AccountChange { name, time_zone, week_start } = change.clone();
        user.name = name.unwrap_or(user.name);
        user.time_zone = time_zone.unwrap_or(user.time_zone);
        user.week_start = week_start.unwrap_or(user.week_start);
        self.known.lock().unwrap().insert(user.id, UserWithPassword { user: user.clone(), hash });
        Ok(user)
    }

    async fn replace_password_hash(
        &self,
        user: UserId,
        verified: &PasswordHash,
        rehashed: &PasswordHash,
    ) -> Result<(), StoreError> {
        let mut known = self.known.lock().unwrap();
        if let Some(known) = known.get_mut(&user).filter(|known| known.hash == *verified) {
            known.hash.clone_from(rehashed);
        }
        Ok(())
    }

    async fn usage(&self, caller: Caller) -> Result<AccountUsage, StoreError> {
        self.store.check(caller)?;
        Ok(AccountUsage::default())
    }

    async fn delete(&self, caller: Caller) -> Result<(), StoreError> {
        self.store.check(caller)?;
        self.store.revoke_tokens(caller);
        self.known.lock().unwrap().remove(&caller.user).map(drop).ok_or(StoreError::UnknownCaller)
    }
}

#[async_trait]
impl SessionStore for MemoryAccounts {
    async fn open(&self, user: &User, _: &NewSession) -> Result<bool, StoreError> {
        let known = self.known.lock().unwrap();
        Ok(known.get(&user.id).is_some_and(|known| known.user.token_version == user.token_version))
    }

    async fn rotate(&self, _: &Rotation) -> Result<Option<User>, StoreError> {
        Ok(None)
    }

    async fn close(&self, _: SessionId) -> Result<(), StoreError> {
        Ok(())
    }

    async fn list(&self, caller: Caller) -> Result<Vec<Session>, StoreError> {
        self.store.check(caller).map(|()| Vec::new())
    }

    async fn end(&self, caller: Caller, _: SessionId) -> Result<bool, StoreError> {
        self.store.check(caller).map(|()| false)
    }

    async fn close_all(&self, caller: Caller) -> Result<(), StoreError> {
        self.store.check(caller)?;
        self.store.revoke_tokens(caller);
        Ok(())
    }

    async fn change_password(
        &self,
        caller: Caller,
        hash: &PasswordHash,
        _: &NewSession,
    ) -> Result<User, StoreError> {
        self.store.check(caller)?;
        let caller = self.store.revoke_tokens(caller);
        let mut known = self.known.lock().unwrap();
        let UserWithPassword { user, hash: known_hash } =
            known.get_mut(&caller.user).ok_or(StoreError::UnknownCaller)?;
        user.token_version = caller.token_version;
        known_hash.clone_from(hash);
        Ok(user.clone())
    }
}

/// Hashes by adding one character: fast, and good for nothing else. Counts what it compares.
#[derive(Default)]
pub(crate) struct PlainHasher {
    pub(crate) comparisons: AtomicUsize,
}

#[async_trait]
impl PasswordHasher for PlainHasher {
    async fn hash(&self, password: NewPassword, _: ClientNetwork) -> Result<PasswordHash, HasherError> {
        Ok(PasswordHash::new(format!("#{}", password.expose())))
    }

    async fn verify(
        &self,
        candidate: String,
        hash: Option<PasswordHash>,
        _: ClientNetwork,
    ) -> Result<PasswordCheck, HasherError> {
        self.comparisons.fetch_add(1, Ordering::SeqCst);
        let is_right = hash == Some(PasswordHash::new(format!("#{candidate}")));
        Ok(if is_right { PasswordCheck::Right { rehashed: None } } else { PasswordCheck::Wrong })
    }
}

/// No link is good here.
pub(crate) struct NoLinks;

#[async_trait]
impl OneTimeTokenStore for NoLinks {
    async fn issue(&self, _: &Email, _: &NewOneTimeToken) -> Result<IssueOutcome, StoreError> {
        Ok(IssueOutcome::NotNeeded)
    }

    async fn may_reset_password(&self, _: &SecretHash) -> Result<bool, StoreError> {
        Ok(false)
    }

    async fn reset_password(&self, _: &SecretHash, _: &PasswordHash) -> Result<Option<Email>, StoreError> {
        Ok(None)
    }

    async fn confirm_email(&self, _: Caller, _: &SecretHash) -> Result<Option<User>, StoreError> {
        Ok(None)
    }
}

/// No identity is linked.
#[async_trait]
impl IdentityStore for MemoryAccounts {
    async fn begin(&self, _: &NewSignIn) -> Result<(), StoreError> {
        Ok(())
    }

    async fn take(&self, _: Provider, _: &SecretHash) -> Result<Option<String>, StoreError> {
        Ok(None)
    }

    async fn sign_in(
        &self,
        _: Provider,
        _: &Profile,
        _: Option<&NewAccount>,
    ) -> Result<SignInOutcome, StoreError> {
        Ok(SignInOutcome::Unverified)
    }

    async fn linked(&self, caller: Caller) -> Result<Vec<Identity>, StoreError> {
        self.store.check(caller).map(|()| Vec::new())
    }

    async fn unlink(&self, caller: Caller, _: Provider, _: &[Provider]) -> Result<UnlinkOutcome, StoreError> {
        self.store.check(caller).map(|()| UnlinkOutcome::NotLinked)
    }
}

/// No program keeps a document here.
pub(crate) struct NoDocuments;

#[async_trait]
impl ClientDocuments for NoDocuments {
    async fn fetch(&self, _: &str) -> Result<Vec<u8>, DocumentError> {
        Err(DocumentError::NotPublic)
    }
}

/// No account can be read or written as a whole here.
pub(crate) struct NoArchives;

#[async_trait]
impl AccountArchives for NoArchives {
    async fn last_number(&self, _: Caller) -> Result<TaskNumber, StoreError> {
        Err(StoreError::Unavailable("away".into()))
    }

    async fn conversations(
        &self,
        _: Caller,
        _: Option<ConversationRow>,
    ) -> Result<Vec<ArchivedConversation>, StoreError> {
        Err(StoreError::Unavailable("away".into()))
    }

    async fn messages(
        &self,
        _: Caller,
        _: ConversationRow,
        _: i32,
    ) -> Result<Vec<SequencedMessage>, StoreError> {
        Err(StoreError::Unavailable("away".into()))
    }

    async fn restore(&self, _: Caller, _: &AccountArchive) -> Result<bool, StoreError> {
        Err(StoreError::Unavailable("away".into()))
    }
}

#[actix_web::test]
async fn sign_ins_keep_their_contract() {
    let clock = Arc::new(domain::testing::ManualClock::default());
    domain::testing::contract::sign_in(&MemoryAccounts::new(Arc::new(MemoryStore::new(clock)))).await;
}
