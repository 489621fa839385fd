//! The database, and what is risky about the way to it.

use adapters::postgres::DatabaseConfig;

use super::{Environment, RawConfig, config_errors::Problems};

/// Returns the database; `None` in development means a private one of our own.
pub(super) fn settings(
    found: &mut Problems,
    raw: &RawConfig,
    environment: Environment,
    pool_size: usize,
) -> Option<DatabaseConfig> {
    let is_production = environment == Environment::Production;
    let is_required = is_production || cfg!(not(feature = "devkit"));
    let wants =
        "is missing: the connection string, such as postgresql://user:password@host/name?sslmode=require";
    let missing = is_required.then_some(wants);
    let database = found.parse_secret("DATABASE_URL", raw.database_url.as_ref(), missing, |url| {
        DatabaseConfig::parse(url, pool_size).map_err(|error| format!("cannot be used: {error}"))
    })?;
    Some(if is_production { database.with_unencrypted_warning() } else { database })
}
