//! The HTTP client: verified TLS or none at all, no redirects, no cookies, no decompression.

use std::error::Error;

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

/// Makes the client for `url`.
pub(crate) fn client(
    url: &Url,
    key: &SecretString,
    timeouts: &Timeouts,
) -> Result<Client, OpenAiConfigError> {
    let is_encrypted = url.scheme() == "https";
    let roots = if is_encrypted { tls::roots() } else { RootCertStore::empty() };
    let tls = tls::for_http(roots).map_err(|error| OpenAiConfigError::Client(Box::new(error)))?;
    let mut builder = Client::builder()
        .user_agent(concat!("todo-ai-chatbot/", env!("CARGO_PKG_VERSION")))
        .default_headers(headers(key)?)
        .redirect(Policy::none())
        .referer(false)
        .https_only(is_encrypted)
        .tls_backend_preconfigured(tls)
        .connect_timeout(timeouts.connect);
    if base_url::is_local(url) {
        // A proxy would look for a local server on the proxy's own machine.
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| OpenAiConfigError::Client(Box::new(error)))
}

/// Returns the error and its causes as text, without the URL and without text from the other side.
pub(crate) fn text_of(error: reqwest::Error) -> String {
    let error = error.without_url();
    let causes = std::iter::successors(Some(&error as &dyn Error), |&error| error.source());
    causes.map(own_text).collect::<Vec<_>>().join(": ")
}

/// An HTTP/2 peer may end a connection with a text of its own, which h2 appends to its message.
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
