//! Makes the clients of external services that the configuration names: the database, the models, mail, and
//! identity providers.

use std::sync::Arc;

use adapters::{
    client_metadata_document::{AllowedNetwork, HttpClientDocuments},
    clock_and_ids::UuidV7,
    identity_provider::{OAuthProvider, ProviderConfig, ProviderConfigError},
    mail::{SmtpMailer, SmtpTlsError},
    openai::{OpenAiConfig, OpenAiConfigError, OpenAiModel, Timeouts},
    postgres::{Database, DatabaseConfig, DatabaseUrlError},
};
use domain::{
    account_limits::Limits,
    model_selection::Models,
    ports::{Clock, IdentityProvider, LanguageModel},
};

use crate::{
    account_mail::AccountMail,
    config::{Config, MailSettings, ModelSettings},
    metrics::{MeteredModel, Metrics},
    oauth::clients::Clients,
    state::{ModelInfo, Providers},
};

/// Installs the process's default crypto provider of rustls.
pub(crate) fn choose_cryptography() {
    // An error means that a provider was installed already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

/// What the API says of the models.
pub(crate) fn model_info(settings: &ModelSettings) -> ModelInfo {
    let choices = std::iter::once(&settings.name).chain(&settings.choices).cloned().collect();
    ModelInfo { name: settings.name.clone(), stand_in: settings.stand_in, choices }
}

/// The models that the configuration names, on one API.
pub(crate) fn models(
    settings: &ModelSettings,
    metrics: &Arc<Metrics>,
    clock: &Arc<dyn Clock>,
) -> Result<Models, OpenAiConfigError> {
    let metered = |name: &String| -> Result<Arc<dyn LanguageModel>, _> {
        let model = Arc::new(model(settings, name)?);
        tokio::spawn(check_model(model.clone()));
        Ok(Arc::new(MeteredModel::new(model, metrics.clone(), clock.clone())))
    };
    let others = settings.choices.iter().map(metered).collect::<Result<_, _>>()?;
    let fallback = settings.fallback.as_ref().map(metered).transpose()?;
    Ok(Models::new(metered(&settings.name)?).with_choices(others).falling_back_to(fallback))
}

/// The model of this name on the API that the configuration names; sends no request yet.
pub(crate) fn model(settings: &ModelSettings, name: &str) -> Result<OpenAiModel, OpenAiConfigError> {
    let is_local = settings.base_url.is_local();
    OpenAiModel::new(OpenAiConfig {
        base_url: settings.base_url.clone(),
        model: name.to_owned(),
        api_key: settings.api_key.clone().unwrap_or_default(),
        timeouts: if is_local { Timeouts::local() } else { Timeouts::default() },
        context_tokens: settings.context_tokens,
        tool_mode: settings.tool_mode,
    })
}

/// Says at once what a person would only learn from the first answer. Nothing waits for it.
async fn check_model(model: Arc<OpenAiModel>) {
    if let Err(fault) = model.check().await {
        tracing::warn!(model = model.name(), "{fault}");
    }
}

/// The mail server that the configuration names; does not connect yet.
pub(crate) fn mailer(settings: &MailSettings) -> Result<SmtpMailer, SmtpTlsError> {
    SmtpMailer::new(&settings.server, settings.sender.clone(), Arc::new(UuidV7))
}

/// Mail about accounts, if the configuration names a mail server; does not connect yet.
pub(crate) fn account_mail(
    config: &Config,
    database: &Arc<Database>,
) -> Result<Option<AccountMail>, SmtpTlsError> {
    let (Some(mail), Some(page)) = (&config.mail, &config.public_url) else { return Ok(None) };
    let mailer = mailer(mail)?;
    Ok(Some(AccountMail::new(Arc::new(mailer), database.clone(), page.clone())))
}

/// The providers that the configuration names; sends no request yet.
pub(crate) fn providers(configs: Vec<ProviderConfig>) -> Result<Providers, ProviderConfigError> {
    let client = |config: ProviderConfig| {
        let provider = config.provider;
        let client: Arc<dyn IdentityProvider> = Arc::new(OAuthProvider::new(config)?);
        Ok((provider, client))
    };
    configs.into_iter().map(client).collect()
}

/// The programs that people may connect; sends no request yet.
pub(crate) fn oauth_clients(network: AllowedNetwork, clock: &Arc<dyn Clock>) -> Clients {
    Clients::new(Arc::new(HttpClientDocuments::new(network)), clock.clone())
}

/// The database that the configuration names; nothing is asked of it yet.
pub(crate) fn database(config: DatabaseConfig, limits: Limits) -> Result<Database, DatabaseUrlError> {
    for warning in config.warnings() {
        tracing::warn!("DATABASE_URL: {warning}");
    }
    let (pool_size, tls) = (config.pool_size(), config.requires_tls());
    tracing::info!(pool_size, tls, "Initializing database at {}", config.location());
    Ok(Database::new(config)?.with_limits(limits))
}
