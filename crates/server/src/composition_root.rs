//! The server, put together: the adapters that meet the domain's ports, the port that is listened on, and how
//! connections are kept.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use actix_web::{HttpServer, dev::Server, web::Data};
use adapters::{
    clock_and_ids::{SystemClock, UuidV7},
    identity_provider::ProviderConfigError,
    mail::SmtpTlsError,
    openai::OpenAiConfigError,
    password::Argon2Hasher,
    postgres::{Database, DatabaseUrlError, PoolStatus},
};
use async_trait::async_trait;
use domain::{
    ports::{Clock, HasherError, StoreError},
    title_and_summary::TitleAndSummaryWriter,
    turn_driver::TurnDriver,
};
use turn_service::{KeyedSemaphore, TurnPorts, TurnService};

use crate::{
    VERSION, app,
    attempt_throttle::AttemptThrottle,
    config::Config,
    metrics::{ConnectionCounts, Metrics},
    readiness::{DatabaseProbe, Readiness},
    resource_limits::{
        connection_limit::{self, ConnectionLimit},
        memory_budget::{self, MemoryBudget},
        tcp_user_timeout,
    },
    routes, service_clients,
    shutdown::{self, Shutdown, Signals},
    state::{AppState, Ports},
    telemetry::line_sampler::LineSampler,
    tokens::{access_jwt::AccessJwts, access_token_cache::AccessTokenCache, refresh::RefreshTokens},
};

/// How long a request's head may take to arrive, and a connection to be closed.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);
/// How long an idle connection is kept: longer than the proxies in front of us keep theirs.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// The server, bound to its port.
pub struct Application {
    server: Server,
    address: SocketAddr,
    state: Data<AppState>,
}

/// Why the server could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A value is missing that only development may leave out, because the devkit provides it there.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}; HOST and PORT choose another address")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The connection string cannot be used.
    #[error("the database URL cannot be used")]
    Database(#[from] DatabaseUrlError),
    /// The model cannot be asked.
    #[error("the model cannot be used")]
    Model(#[from] OpenAiConfigError),
    /// The mail server cannot be spoken to.
    #[error("SMTP_URL cannot be used")]
    Mail(#[from] SmtpTlsError),
    /// A provider to sign in with cannot be spoken to.
    #[error("a provider to sign in with cannot be used")]
    Provider(#[from] ProviderConfigError),
    /// The password hasher refuses to start.
    #[error("the password hasher cannot be made")]
    Hasher(#[from] HasherError),
}

impl Application {
    /// Binds the port and puts everything together. Nothing is asked of the database yet.
    ///
    /// # Errors
    /// When the port is taken or the configuration is not complete.
    pub async fn build(config: Config) -> Result<Self, BuildError> {
        service_clients::choose_cryptography();
        let wanted = SocketAddr::from((config.host, config.port));
        tracing::info!("Starting server on {wanted}");
        let origins = Data::new(config.origins.clone());
        let most = connection_limit::cap_by_open_file_limit(config.max_connections);
        let connections = ConnectionLimit::new(most, config.trusted_proxy_hops > 0);
        let state = Data::new(state(config)?);
        let factory = {
            let state = state.clone();
            move || app::app(state.clone(), origins.clone())
        };
        let listen = |source| BuildError::Listen { address: wanted, source };
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        let server = HttpServer::new(factory)
            .workers(workers)
            .max_connections(ConnectionLimit::max_accepted(most).div_ceil(workers))
            .client_request_timeout(HEAD_TIMEOUT)
            .client_disconnect_timeout(HEAD_TIMEOUT)
            .keep_alive(KEEP_ALIVE)
            // The last piece of an answer, or a word of a stream, would wait 40 ms for the client's
            // acknowledgement of the one before it.
            .tcp_nodelay(true)
            .on_connect(move |connection, extensions| {
                tcp_user_timeout::limit_unacknowledged_time(connection);
                connections.count(connection, extensions);
            })
            .disable_signals()
            .shutdown_timeout(shutdown::SHUTDOWN_TIMEOUT.as_secs())
            .bind(wanted)
            .map_err(listen)?;
        let address = server.addrs().first().copied().unwrap_or(wanted);
        tracing::info!(routes = routes::ROUTES.len(), "Routers registered");
        Ok(Self { server: server.run(), address, state })
    }

    /// Returns the port that is listened on.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Serves until a signal says to stop; meanwhile waits for the database and migrates it.
    ///
    /// # Errors
    /// When the server breaks down, or signals cannot be waited for.
    pub async fn run_until_stopped(self) -> io::Result<Shutdown> {
        let Self { server, address, state } = self;
        let signals = Signals::listen()?;
        tracing::info!(version = VERSION, "Server running on http://{address}");
        let migration = {
            let state = state.clone();
            tokio::spawn(async move { state.readiness.migrate_when_available().await })
        };
        let ended = shutdown::serve(server, signals, &state).await;
        migration.abort();
        ended
    }
}

/// Where adapters meet the domain.
fn state(config: Config) -> Result<AppState, BuildError> {
    let jwt_settings = config.jwt_settings().ok_or(BuildError::Missing("JWT_SECRET_KEY"))?;
    let place = config.database.clone().ok_or(BuildError::Missing("DATABASE_URL"))?;
    let database = Arc::new(service_clients::database(place, config.limits)?);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let metrics = Arc::<Metrics>::default();
    let models = service_clients::models(&config.model, &metrics, &clock)?;
    let background = TitleAndSummaryWriter::new(database.clone(), models.clone(), clock.clone());
    let driver = TurnDriver::new(database.clone(), models, clock.clone());
    let account_concurrency = KeyedSemaphore::for_pool(config.database_pool_size);
    Ok(AppState {
        access_jwts: AccessJwts::new(&jwt_settings, clock.clone()),
        refresh_tokens: RefreshTokens::new(jwt_settings.secret.clone()),
        access_token_cache: AccessTokenCache::new(clock.clone()),
        attempt_throttle: AttemptThrottle::new(clock.clone(), config.registrations_a_minute),
        body_memory: MemoryBudget::new(memory_budget::DEFAULT_BYTES),
        export_memory: MemoryBudget::new(memory_budget::EXPORT_BYTES),
        export_import_locks: KeyedSemaphore::exclusive(),
        account_concurrency: account_concurrency.clone(),
        calendar_concurrency: KeyedSemaphore::exclusive(),
        trusted_proxy_hops: config.trusted_proxy_hops,
        model: service_clients::model_info(&config.model),
        readiness: Readiness::new(Arc::new(Probe(database.clone())), clock.clone()),
        clock: clock.clone(),
        ids: Arc::new(UuidV7),
        metrics: metrics.clone(),
        mail: service_clients::account_mail(&config, &database)?,
        providers: service_clients::providers(config.providers)?,
        metrics_token: config.metrics_token,
        mcp_hosts: config.mcp_hosts,
        oauth_clients: service_clients::oauth_clients(config.oauth_client_network, &clock),
        fixed_address: config.fixed_address,
        log_lines: LineSampler::default(),
        limits: config.limits,
        ports: Ports {
            todos: database.clone(),
            change_log: database.clone(),
            archives: database.clone(),
            calendars: database.clone(),
            approvals: database.clone(),
            conversations: database.clone(),
            accounts: database.clone(),
            sessions: database.clone(),
            access_tokens: database.clone(),
            mcp_calls: database.clone(),
            one_time_tokens: database.clone(),
            identities: database.clone(),
            oauth: database.clone(),
            undo: database.clone(),
            turns: TurnService::start(
                driver,
                background,
                turn_ports(&database),
                account_concurrency,
                Box::new(move |report| metrics.turn(report)),
            ),
            passwords: Arc::new(Argon2Hasher::new()?),
        },
    })
}

/// What turns need of the database.
fn turn_ports(database: &Arc<Database>) -> TurnPorts {
    TurnPorts {
        store: database.clone(),
        reader: database.clone(),
        leases: database.clone(),
        conversations: database.clone(),
    }
}

/// The database as starting up sees it.
struct Probe(Arc<Database>);

#[async_trait]
impl DatabaseProbe for Probe {
    async fn migrate(&self) -> Result<usize, StoreError> {
        let applied = self.0.migrate().await?;
        // The server is ready without it.
        let database = Arc::clone(&self.0);
        tokio::spawn(async move {
            if let Ok(Some(warning)) = database.non_english_lc_messages().await {
                tracing::warn!("About the database: {warning}");
            }
        });
        Ok(applied)
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.0.ping().await
    }

    fn connections(&self) -> ConnectionCounts {
        let PoolStatus { waiting, idle, in_use } = self.0.pool_status();
        ConnectionCounts { waiting, idle, in_use }
    }
}
