//! `todo-ai-chatbot migrate`: the migrations, without a server.

use crate::{config::Config, database_troubleshooting, service_clients};

/// Applies the migrations that the database lacks, and returns how many those were. Waits for a server that
/// is doing the same.
///
/// # Errors
/// With what is wrong and what to do, in a sentence without a secret.
pub async fn migrate(config: Config) -> Result<usize, String> {
    service_clients::choose_cryptography();
    let Some(place) = config.database else {
        return Err("DATABASE_URL is not set; a private PostgreSQL is migrated by the server".to_owned());
    };
    let database = service_clients::database(place, config.limits)
        .map_err(|error| format!("DATABASE_URL cannot be used: {error}"))?;
    database.migrate().await.map_err(|error| database_troubleshooting::with_advice(&error))
}
