//! Test support of this crate: the whole application on stores in memory.

mod stores;

use std::{sync::Arc, time::Duration};

use actix_web::web::Data;
use domain::{
    account::{Email, User},
    account_limits::Limits,
    caller::Caller,
    model_selection::Models,
    ports::IdGenerator,
    session::SessionId,
    testing::{ManualClock, MemoryStore, RandomIdGenerator, ScriptedModel},
    title_and_summary::TitleAndSummaryWriter,
    turn_driver::TurnDriver,
};
use jsonwebtoken::Algorithm;
use secrecy::SecretString;
pub(crate) use stores::{FakeDatabase, PlainHasher};
use stores::{MemoryAccounts, NoArchives, NoDocuments, NoLinks};
use turn_service::{KeyedSemaphore, TurnPorts, TurnService};

use crate::{
    allowed_hosts::AllowedHosts,
    attempt_throttle::AttemptThrottle,
    middleware::cors::origins::AllowedOrigins,
    oauth::clients::Clients,
    readiness::Readiness,
    resource_limits::memory_budget::{self, MemoryBudget},
    state::{AppState, ModelInfo, Ports},
    telemetry::line_sampler::LineSampler,
    tokens::{
        access_jwt::{AccessJwts, JwtSettings},
        access_token_cache::AccessTokenCache,
        refresh::RefreshTokens,
    },
};

/// The secret of tests.
pub(crate) const SECRET: &str = "4f0a6c2be1d98375a6b0c4d2e8f17395";

/// An application in memory.
pub(crate) struct Fixture {
    pub(crate) state: Data<AppState>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) database: Arc<FakeDatabase>,
    pub(crate) passwords: Arc<PlainHasher>,
}

impl Fixture {
    /// An application that is ready.
    pub(crate) async fn ready() -> Self {
        let fixture = Self::starting();
        fixture.state.readiness.migrate_when_available().await;
        fixture
    }

    /// An application that has not seen its database yet.
    pub(crate) fn starting() -> Self {
        let clock = Arc::new(ManualClock::default());
        let store = Arc::new(MemoryStore::new(clock.clone()));
        let database = Arc::new(FakeDatabase::default());
        let readiness = Readiness::new(database.clone(), clock.clone());
        let accounts = Arc::new(MemoryAccounts::new(store.clone()));
        let models = Models::new(Arc::new(ScriptedModel::new([])));
        let background = TitleAndSummaryWriter::new(store.clone(), models.clone(), clock.clone());
        let driver = TurnDriver::new(store.clone(), models.clone(), clock.clone());
        let turns = turn_ports(&store);
        let concurrency = KeyedSemaphore::for_pool(8);
        let passwords = Arc::<PlainHasher>::default();
        let ports = Ports {
            todos: store.clone(),
            change_log: store.clone(),
            archives: Arc::new(NoArchives),
            calendars: store.clone(),
            undo: store.clone(),
            approvals: store.clone(),
            conversations: store.clone(),
            sessions: accounts.clone(),
            access_tokens: store.clone(),
            mcp_calls: store.clone(),
            one_time_tokens: Arc::new(NoLinks),
            identities: accounts.clone(),
            oauth: store.clone(),
            accounts,
            turns: TurnService::start(driver, background, turns, concurrency.clone(), Box::new(|_| ())),
            passwords: passwords.clone(),
        };
        let state = AppState {
            access_jwts: access_jwts(clock.clone()),
            refresh_tokens: RefreshTokens::new(SecretString::from(SECRET)),
            access_token_cache: AccessTokenCache::new(clock.clone()),
            attempt_throttle: AttemptThrottle::new(clock.clone(), 1_000),
            export_memory: MemoryBudget::new(memory_budget::EXPORT_BYTES),
            export_import_locks: KeyedSemaphore::exclusive(),
            account_concurrency: concurrency,
            calendar_concurrency: KeyedSemaphore::exclusive(),
            trusted_proxy_hops: 0,
            model: ModelInfo::single("scripted <model>"),
            readiness,
            clock: clock.clone(),
            ids: Arc::new(RandomIdGenerator),
            metrics: Arc::default(),
            metrics_token: None,
            mcp_hosts: AllowedHosts::default(),
            oauth_clients: Clients::new(Arc::new(NoDocuments), clock.clone()),
            fixed_address: None,
            log_lines: LineSampler::default(),
            limits: Limits::default(),
            mail: None,
            providers: Vec::new(),
            body_memory: MemoryBudget::new(memory_budget::DEFAULT_BYTES),
            ports,
        };
        Self { state: Data::new(state), clock, store, database, passwords }
    }

    /// A user with an account and a valid token.
    pub(crate) fn person(&self) -> Person {
        let caller = self.store.register();
        let token =
            self.state.access_jwts.issue(&user(caller), SessionId(RandomIdGenerator.next())).unwrap().token;
        Person { caller, token }
    }
}

fn turn_ports(store: &Arc<MemoryStore>) -> TurnPorts {
    TurnPorts {
        store: store.clone(),
        reader: store.clone(),
        leases: store.clone(),
        conversations: store.clone(),
    }
}

/// A user with an account and a valid token.
pub(crate) struct Person {
    pub(crate) caller: Caller,
    pub(crate) token: String,
}

impl Person {
    /// A path below the person's own.
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/api/{}{rest}", self.caller.user)
    }
}

pub(crate) fn origins() -> Data<AllowedOrigins> {
    Data::new(AllowedOrigins::new(vec!["https://app.example.com".to_owned()], None))
}

pub(crate) fn access_jwts(clock: Arc<ManualClock>) -> AccessJwts {
    let settings = JwtSettings {
        secret: SecretString::from(SECRET),
        algorithm: Algorithm::HS256,
        lifetime: Duration::from_secs(900),
    };
    AccessJwts::new(&settings, clock)
}

pub(crate) fn user(caller: Caller) -> User {
    User {
        id: caller.user,
        email: Email::parse("ann@example.com").unwrap(),
        name: None,
        token_version: caller.token_version,
        time_zone: domain::time_zone::TimeZone::UTC,
        week_start: domain::time_zone::WeekStart::Monday,
        is_email_confirmed: false,
        has_password: true,
        provider: None,
        avatar_url: None,
        created_at: chrono::DateTime::UNIX_EPOCH,
    }
}
