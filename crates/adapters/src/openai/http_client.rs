//! The HTTP client: verified TLS or none at all, no redirects, no cookies, no decompression.

use std::{error::Error, sync::Arc};

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
pub(crate) fn client(
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
    if base_url::is_local(url) {
        // A proxy would look for the server on a machine of its own.
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| OpenAiConfigError::Client(Box::new(error)))
}

/// Returns what went wrong, causes and all, without the URL and without what the other side wrote
/// about it.
pub(crate) fn text_of(error: reqwest::Error) -> String {
    let error = error.without_url();
    let causes = std::iter::successors(Some(&error as &dyn Error), |&error| error.source());
    causes.map(own_text).collect::<Vec<_>>().join(": ")
}

/// An HTTP/2 peer may end a connection with a text of its own, which h2 shows behind its words.
fn own_text(error: &dyn Error) -> String {
    let text = error.to_string();
    text.split_once(" (b\"").map_or(text.as_str(), |(own, _)| own).to_owned()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_peer_says_as_it_goes_away_is_left_out() {
        let error =
            std::io::Error::other("connection error received: not a result of an error (b\"hunter2\")");
        assert_eq!(own_text(&error), "connection error received: not a result of an error");
        assert_eq!(own_text(&std::io::Error::other("reset")), "reset");
    }
}
