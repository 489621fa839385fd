//! Postgres, through diesel-async and deadpool: every store of the domain on one [`Database`].
//!
//! Each port method is one transaction or one read, written with diesel's query builder over
//! `schema` or as SQL text (`sql`), and run and repeated by one place (`transaction`) that knows
//! what an error means (`error`).

mod access_tokens;
mod account_archive;
mod account_limits;
mod accounts;
mod caller_token_validity;
mod connect;
mod conversations;
mod error;
mod execute_mcp_call;
mod idempotency_key_lock;
mod identities;
mod insert_session;
mod lc_messages;
mod lease_condition;
mod migrate;
mod oauth;
mod one_time_tokens;
mod per_core_pools;
mod pooled_connection;
mod prepared_statement;
mod public_conversation_id;
mod revocation;
mod schema;
mod sessions;
mod stored_tool_calls;
mod titles_and_summaries;
mod todos;
mod transaction;
mod turns;
mod url;

use std::sync::Arc;

use domain::account_limits::Limits;
pub use lc_messages::NonEnglishLcMessages;
pub use migrate::SchemaState;
use per_core_pools::PerCorePools;
pub use per_core_pools::PoolStatus;
pub use url::{DatabaseConfig, DatabaseUrlError};

/// A Postgres database and connections to it. Clones share them.
#[derive(Clone)]
pub struct Database {
    pools: PerCorePools,
    config: Arc<DatabaseConfig>,
    limits: Limits,
}

impl Database {
    /// Makes a database; connects to nothing yet.
    ///
    /// # Errors
    /// When the pool cannot be built, which its settings rule out.
    pub fn new(config: DatabaseConfig) -> Result<Self, DatabaseUrlError> {
        let limits = Limits::default();
        Ok(Self { pools: PerCorePools::new(&config)?, config: Arc::new(config), limits })
    }

    /// Sets what each account may do and keep.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Counts the connections there are now.
    pub fn pool_status(&self) -> PoolStatus {
        self.pools.status()
    }

    /// How many connections there are at most.
    pub fn pool_size(&self) -> usize {
        self.config.pool_size()
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").field("config", &self.config).finish_non_exhaustive()
    }
}
