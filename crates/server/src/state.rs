//! The state that handlers share: the ports, and what they need to know of the configuration.

use std::{sync::Arc, time::Duration};

use actix_web::http::header::{HOST, HeaderMap};
use domain::{
    account_limits::Limits,
    linked_identity::Provider,
    ports::{
        AccessTokenStore, AccountArchives, AccountStore, ApprovalStore, CalendarStore, ChangeLog, Clock,
        ConversationStore, IdGenerator, IdentityProvider, IdentityStore, McpCallExecutor, OAuthStore,
        OneTimeTokenStore, PasswordHasher, SessionStore, TodoStore, UndoStore,
    },
    session::SecretHash,
};
use secrecy::SecretString;
use turn_service::{KeyedSemaphore, TurnService};

use crate::{
    account_mail::AccountMail,
    allowed_hosts::AllowedHosts,
    attempt_throttle::AttemptThrottle,
    error::{ApiError, UnavailableCause},
    metrics::Metrics,
    oauth::{clients::Clients, issuer::Issuer},
    public_url::PublicUrl,
    readiness::Readiness,
    resource_limits::memory_budget::MemoryBudget,
    telemetry::line_sampler::LineSampler,
    tokens::{access_jwt::AccessJwts, access_token_cache::AccessTokenCache, refresh::RefreshTokens},
};

/// The providers with which people may sign in.
pub type Providers = Vec<(Provider, Arc<dyn IdentityProvider>)>;

/// The state of the application; one for all workers.
pub struct AppState {
    /// Issues and verifies access tokens.
    pub access_jwts: AccessJwts,
    /// Cache of verified access tokens.
    pub access_token_cache: AccessTokenCache,
    /// Throttles sign-in attempts and registrations.
    pub attempt_throttle: AttemptThrottle,
    /// The memory for bodies and answers on their way.
    pub body_memory: MemoryBudget,
    /// The memory for exports on their way.
    pub export_memory: MemoryBudget,
    /// Which accounts are exported or imported: each once at a time.
    pub export_import_locks: Arc<KeyedSemaphore>,
    /// How many requests of one account are worked on at once.
    pub account_concurrency: Arc<KeyedSemaphore>,
    /// Which calendars are being read: each by one reader at a time.
    pub calendar_concurrency: Arc<KeyedSemaphore<SecretHash>>,
    /// How many proxies in front of us are ours.
    pub trusted_proxy_hops: u8,
    /// Makes refresh tokens.
    pub refresh_tokens: RefreshTokens,
    /// The model that answers.
    pub model: ModelInfo,
    /// Whether requests can be served: not before the migrations, and not while shutting down.
    pub readiness: Readiness,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn IdGenerator>,
    /// The metrics of this process.
    pub metrics: Arc<Metrics>,
    /// The token with which `/metrics` is read.
    pub metrics_token: Option<SecretString>,
    /// Host names accepted for `/mcp`.
    pub mcp_hosts: AllowedHosts,
    /// Which programs people may connect.
    pub oauth_clients: Clients,
    /// The address under which programs know this server, if it is configured: [`AppState::issuer`] says
    /// which it is.
    pub(crate) fixed_address: Option<PublicUrl>,
    /// Which requests are logged.
    pub log_lines: LineSampler,
    /// Mail about accounts, where there is a mail server: [`AppState::account_mail`] is the way to it.
    pub(crate) mail: Option<AccountMail>,
    /// The providers with which people may sign in.
    pub providers: Providers,
    /// What an account may do and keep.
    pub limits: Limits,
    /// The ports: [`AppState::ports`] is the way to them.
    pub(crate) ports: Ports,
}

/// The ports that need the database, or are of no use without it.
pub struct Ports {
    /// Reads and changes tasks.
    pub todos: Arc<dyn TodoStore>,
    /// Reads the log of changes.
    pub change_log: Arc<dyn ChangeLog>,
    /// Export, import and deletion of accounts.
    pub archives: Arc<dyn AccountArchives>,
    /// Calendar feeds and their secrets.
    pub calendars: Arc<dyn CalendarStore>,
    /// Undoes changes of the log.
    pub undo: Arc<dyn UndoStore>,
    /// Questions that wait for the person's yes or no.
    pub approvals: Arc<dyn ApprovalStore>,
    /// Lists, reads, renames and deletes conversations.
    pub conversations: Arc<dyn ConversationStore>,
    /// Users and their password hashes.
    pub accounts: Arc<dyn AccountStore>,
    /// Refresh tokens and the devices that hold them.
    pub sessions: Arc<dyn SessionStore>,
    /// Personal access tokens, as hashes.
    pub access_tokens: Arc<dyn AccessTokenStore>,
    /// Executes tool calls that come by `/mcp`.
    pub mcp_calls: Arc<dyn McpCallExecutor>,
    /// The accounts at identity providers that are linked to users.
    pub identities: Arc<dyn IdentityStore>,
    /// OAuth clients, and what people have granted them.
    pub oauth: Arc<dyn OAuthStore>,
    /// The one-time tokens of links that are mailed.
    pub one_time_tokens: Arc<dyn OneTimeTokenStore>,
    /// Runs and follows turns in this process.
    pub turns: Arc<TurnService>,
    /// Hashes and verifies passwords off the async threads.
    pub passwords: Arc<dyn PasswordHasher>,
}

/// What the API says of the model.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct ModelInfo {
    /// Its name.
    pub name: String,
    /// Whether it is the stand-in, which only knows everyday sentences.
    pub stand_in: bool,
    /// Every model that a person may choose, the one that answers by default first.
    #[serde(skip)]
    pub choices: Vec<String>,
}

impl ModelInfo {
    /// Describes the only model there is.
    pub fn single(name: &str) -> Self {
        Self { name: name.to_owned(), stand_in: false, choices: vec![name.to_owned()] }
    }

    /// Checks a request's choice.
    ///
    /// # Errors
    /// When there is no such model to choose.
    pub fn choose(&self, wanted: Option<String>) -> Result<Option<String>, ApiError> {
        match wanted {
            Some(name) if !self.choices.contains(&name) => {
                let names = self.choices.join(", ");
                Err(ApiError::invalid(
                    "model",
                    format!("There is no such model to choose. There are: {names}."),
                ))
            }
            wanted => Ok(wanted),
        }
    }
}

impl AppState {
    /// Lets the turns that run here finish, or gives them to other replicas when `max_wait` is over, and
    /// mails that wait be sent.
    pub async fn drain(&self, max_wait: Duration) {
        let mails = async {
            if let Some(mail) = &self.mail {
                mail.drain(max_wait).await;
            }
        };
        tokio::join!(self.ports.turns.drain(max_wait), mails);
    }

    /// Returns the provider of this name.
    ///
    /// # Errors
    /// When it is not configured.
    pub fn provider(&self, wanted: Provider) -> Result<&dyn IdentityProvider, ApiError> {
        let found = self.providers.iter().find(|(provider, _)| *provider == wanted);
        let what = UnavailableCause::ProviderSettings;
        found.map(|(_, client)| client.as_ref()).ok_or(ApiError::Unavailable { what, source: None })
    }

    /// Returns the address under which a program asks that sends these headers.
    ///
    /// # Errors
    /// When it is none of ours.
    pub fn issuer(&self, headers: &HeaderMap) -> Result<Issuer, ApiError> {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        Ok(Issuer::of(self.fixed_address.as_ref(), &self.mcp_hosts, host)?)
    }

    /// Whether the server sends mail.
    pub fn sends_mail(&self) -> bool {
        self.mail.is_some()
    }

    /// Returns what sends mail about accounts.
    ///
    /// # Errors
    /// When no mail server is configured.
    pub fn account_mail(&self) -> Result<&AccountMail, ApiError> {
        let what = UnavailableCause::MailServer;
        self.mail.as_ref().ok_or(ApiError::Unavailable { what, source: None })
    }

    /// Returns the ports, once the database has the tables that they expect.
    ///
    /// # Errors
    /// When migrations are not done yet.
    pub fn ports(&self) -> Result<&Ports, ApiError> {
        if self.readiness.is_migrated() {
            return Ok(&self.ports);
        }
        Err(ApiError::Unavailable { what: UnavailableCause::Database, source: None })
    }
}
