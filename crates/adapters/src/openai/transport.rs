//! The HTTP client: verified TLS or none at all, no redirects, no cookies, no decompression.

use std::{error::Error as _, sync::Arc};

use reqwest::{
    Client,
    header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue},
    redirect::Policy,
};
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{OpenAiConfigError, Timeouts, base_url};

/// Makes the client for `url`.
pub(super) fn client(
    url: &Url,
    key: &SecretString,
    timeouts: &Timeouts,
) -> Result<Client, OpenAiConfigError> {
    let is_encrypted = url.scheme() == "https";
    let mut builder = Client::builder()
        .user_agent(concat!("todo-ai-chatbot/", env!("CARGO_PKG_VERSION")))
        .default_headers(headers(key)?)
        .redirect(Policy::none())
        .referer(false)
        .https_only(is_encrypted)
        .tls_backend_preconfigured(tls(if is_encrypted { roots() } else { RootCertStore::empty() })?)
        .connect_timeout(timeouts.connect);
    if base_url::is_loopback(url) {
        // A proxy would look for the server on a machine of its own.
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| OpenAiConfigError::Client(Box::new(error)))
}

/// Returns what went wrong, causes and all, without the URL.
pub(super) fn text_of(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
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

/// The roots of the web, which need nothing installed, and those of this machine.
fn roots() -> RootCertStore {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

fn tls(roots: RootCertStore) -> Result<ClientConfig, OpenAiConfigError> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| OpenAiConfigError::Client(Box::new(error)))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
