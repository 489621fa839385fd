//! The providers with which people sign in: whether each answers where its address is.

use adapters::identity_provider::{OAuthProvider, ProviderConfig};
use domain::ports::ProviderError;
use tokio::time::timeout;

use super::{CHECK_TIMEOUT, Finding};

/// Asks a provider without a token. Whether it knows this server, only a person's sign-in shows.
pub(super) async fn check(config: &ProviderConfig) -> Finding {
    let back = config.redirect_url.to_string();
    let variable = format!("{}_URL", config.provider.as_str().to_uppercase());
    let provider = match OAuthProvider::new(config.clone()) {
        Ok(provider) => provider,
        Err(error) => return Finding::Bad(format!("{variable} cannot be used: {error}")),
    };
    let asked = timeout(CHECK_TIMEOUT, provider.check_reachable()).await;
    match asked.unwrap_or_else(|_elapsed| Err(ProviderError::Unavailable("it took too long".to_owned()))) {
        Ok(()) => Finding::Good(format!(
            "its address answers, and people come back to {back}, which must be registered there; whether it takes \
             the client id and secret shows with the first sign-in"
        )),
        Err(error) if config.base_url.is_some() => Finding::Bad(format!(
            "{error}. What to do: look whether {variable} is its address; unset it for the provider's own"
        )),
        Err(error) => Finding::Bad(format!(
            "{error}. What to do: look whether this machine reaches the internet, and try again"
        )),
    }
}
