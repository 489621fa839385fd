//! The HTTP client: verified TLS or none at all, no redirects, no cookies, no decompression.

use std::{error::Error, sync::Arc};

use reqwest::{
    Client,
    header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue},
    redirect::Policy,
};
use rustls::RootCertStore;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::config::{OpenAiConfigError, Timeouts, base_url};
use crate::tls;

/// The most connections that wait for the next request, of those that a busy hour has opened.
const MAX_IDLE_CONNECTIONS: usize = 64;

/// Makes the client for `url`.
pub(crate) fn build_client(
    url: &Url,
    key: &SecretString,
    timeouts: &Timeouts,
) -> Result<Client, OpenAiConfigError> {
    let is_encrypted = url.scheme() == "https";
    let roots = if is_encrypted { tls::roots() } else { Arc::new(RootCertStore::empty()) };
    client_with_roots(url, key, timeouts, roots)
}

fn client_with_roots(
    url: &Url,
    key: &SecretString,
    timeouts: &Timeouts,
    roots: Arc<RootCertStore>,
) -> Result<Client, OpenAiConfigError> {
    let tls = tls::for_http(roots).map_err(|error| OpenAiConfigError::Client(Box::new(error)))?;
    let mut builder = Client::builder()
        .user_agent(concat!("todo-ai-chatbot/", env!("CARGO_PKG_VERSION")))
        .default_headers(headers(key)?)
        .redirect(Policy::none())
        .referer(false)
        .https_only(url.scheme() == "https")
        .pool_max_idle_per_host(MAX_IDLE_CONNECTIONS)
        .tls_backend_preconfigured(tls)
        .connect_timeout(timeouts.connect);
    if base_url::is_local(url) {
        // A proxy would look for a local server on the proxy's own machine.
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| OpenAiConfigError::Client(Box::new(error)))
}

/// Returns the error and its causes as text, without the URL and without text from the other side.
pub(crate) fn error_text(error: reqwest::Error) -> String {
    let error = error.without_url();
    let causes = std::iter::successors(Some(&error as &dyn Error), |&error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn headers(key: &SecretString) -> Result<HeaderMap, OpenAiConfigError> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("text/event-stream, application/json"));
    // Servers on one's own machine often want no key.
    if !key.expose_secret().is_empty() {
        let mut value = HeaderValue::from_str(&format!("Bearer {}", key.expose_secret()))
            .map_err(|_the_key_is_in_it| OpenAiConfigError::Key)?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests;
