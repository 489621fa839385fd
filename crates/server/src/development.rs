//! Development defaults, for what is not configured: a private Postgres, the stand-in model, a secret for
//! tokens.
//!
//! Only with the feature `devkit`, only where a variable is absent, and logged as a warning.

mod secret;
mod startup_guide;

use std::path::PathBuf;

use adapters::{
    openai::OpenAiConfigError,
    postgres::{DatabaseConfig, DatabaseUrlError},
};
use devkit::{
    model::{Options as ModelOptions, StandIn},
    postgres::{DATABASE, LocalPostgres, Options as PostgresOptions, PostgresError},
};
use secrecy::SecretString;

use crate::{
    config::{Config, Environment},
    telemetry::LogFormat,
};

/// What was made up; it lives as long as this value.
pub struct Development {
    /// Whether the output is an interactive terminal.
    has_reader: bool,
    postgres: Option<LocalPostgres>,
    model: Option<StandIn>,
}

/// Why something could not be made up.
#[derive(Debug, thiserror::Error)]
pub enum DevelopmentError {
    /// No private Postgres.
    #[error("no private PostgreSQL; set DATABASE_URL to use one of yours")]
    Postgres(#[from] PostgresError),
    /// The private PostgreSQL is somewhere that cannot be connected to.
    #[error("the private PostgreSQL cannot be used")]
    DatabaseUrl(#[from] DatabaseUrlError),
    /// The stand-in model is somewhere that cannot be asked.
    #[error("the stand-in model cannot be used")]
    BaseUrl(#[from] OpenAiConfigError),
    /// No stand-in model.
    #[error("the stand-in model cannot listen")]
    Model(#[source] std::io::Error),
}

impl Development {
    /// Starts what `config` lacks and completes it. Blocks; call it on the main thread, before a
    /// runtime runs.
    ///
    /// # Errors
    /// When something that is lacking cannot be made up.
    pub fn provide(mut config: Config) -> Result<(Config, Self), DevelopmentError> {
        let is_production = config.environment == Environment::Production;
        let has_reader = !is_production && config.log.format == LogFormat::Text;
        let mut made = Self { has_reader, postgres: None, model: None };
        if is_production {
            return Ok((config, made));
        }
        let options = PostgresOptions::for_person(None);
        if config.jwt_secret.is_none() {
            let path = options.home.with_file_name("jwt-secret");
            config.jwt_secret = Some(secret::load_or_create(&path));
        }
        if config.database.is_none() {
            let postgres = LocalPostgres::start(options)?;
            tracing::warn!("DATABASE_URL is not set: using a private PostgreSQL on port {}", postgres.port());
            let url = SecretString::from(postgres.url(DATABASE));
            config.database = Some(DatabaseConfig::parse(&url, config.database_pool_size)?);
            made.postgres = Some(postgres);
        }
        if config.model.is_absent() {
            let model = futures::executor::block_on(StandIn::start(ModelOptions::for_person()))
                .map_err(DevelopmentError::Model)?;
            tracing::warn!(
                "OPENAI_API_KEY is not set: NO REAL MODEL is configured. A stand-in answers, which \
                 understands everyday sentences about todos and nothing else"
            );
            config.model.base_url = model.base_url().parse()?;
            config.model.name = "stand-in".to_owned();
            config.model.api_key = Some(SecretString::from("stand-in"));
            config.model.stand_in = true;
            config.model.choices.clear();
            config.model.fallback = None;
            made.model = Some(model);
        }
        Ok((config, made))
    }

    /// Tells a person, once the port is bound, where everything is and how to try it.
    pub fn print_startup_guide(&self, port: u16) {
        if self.has_reader {
            startup_guide::print(port, self.data().as_deref(), self.model.is_some());
        }
    }

    /// Where the data of the private Postgres is.
    fn data(&self) -> Option<PathBuf> {
        self.postgres.as_ref().map(|postgres| postgres.home().to_owned())
    }
}
