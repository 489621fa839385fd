//! The HTTP client for identity providers: verified TLS, no redirects, bounded answers, ten seconds.

use std::time::Duration;

use domain::ports::ProviderError;
use oauth2::{
    HttpRequest, HttpResponse,
    http::{HeaderMap, HeaderValue, header},
};
use reqwest::{Client, Response, redirect::Policy};
use secrecy::{ExposeSecret, SecretString};

use super::ProviderConfigError;
use crate::tls;

/// How long an answer may take, the whole of it.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// The most bytes of an answer.
const MAX_BYTES: usize = 256 * 1024;

/// A client of providers.
#[derive(Debug, Clone)]
pub(super) struct HttpClient(Client);

impl HttpClient {
    pub(super) fn new() -> Result<Self, ProviderConfigError> {
        let broken = |error| ProviderConfigError::Client(error);
        let tls = tls::for_http(tls::roots()).map_err(|error| broken(Box::new(error)))?;
        let client = Client::builder()
            .user_agent(concat!("todo-ai-chatbot/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .referer(false)
            .timeout(REQUEST_TIMEOUT)
            .tls_backend_preconfigured(tls)
            .build();
        Ok(Self(client.map_err(|error| broken(Box::new(error)))?))
    }

    /// Sends a request of the crate oauth2.
    pub(super) async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, ProviderError> {
        let request = request.try_into().map_err(|_it_may_quote_a_secret| {
            ProviderError::BadAnswer("its address cannot be asked".to_owned())
        })?;
        let response = self.0.execute(request).await.map_err(|error| unreachable(&error))?;
        let (status, headers, body) = whole(response).await?;
        let mut answer = HttpResponse::new(body);
        *answer.status_mut() = status;
        *answer.headers_mut() = headers;
        Ok(answer)
    }

    /// Asks the provider's API with a token that it has given us.
    pub(super) async fn get(&self, url: &str, token: &SecretString) -> Result<Vec<u8>, ProviderError> {
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))
            .map_err(|_the_token_is_in_it| ProviderError::BadAnswer("its token is none".to_owned()))?;
        bearer.set_sensitive(true);
        let request = self.0.get(url).header(header::AUTHORIZATION, bearer);
        let request = request.header(header::ACCEPT, "application/json");
        let response = request.send().await.map_err(|error| unreachable(&error))?;
        let (status, _headers, body) = whole(response).await?;
        if status.is_success() {
            return Ok(body);
        }
        Err(ProviderError::BadAnswer(format!("its API answered with the status {}", status.as_u16())))
    }
}

impl HttpClient {
    /// Asks the provider's API without a token, and returns the status of the answer.
    pub(super) async fn status(&self, url: &str) -> Result<u16, ProviderError> {
        let request = self.0.get(url).header(header::ACCEPT, "application/json");
        let response = request.send().await.map_err(|error| unreachable(&error))?;
        whole(response).await.map(|(status, _headers, _body)| status.as_u16())
    }
}

/// Reads an answer to its end. A provider that is out of order is told from one that refuses.
async fn whole(
    mut response: Response,
) -> Result<(oauth2::http::StatusCode, HeaderMap, Vec<u8>), ProviderError> {
    let status = response.status();
    if status.is_server_error() || status.as_u16() == 429 {
        return Err(ProviderError::Unavailable(format!("status {}", status.as_u16())));
    }
    let headers = response.headers().clone();
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|error| unreachable(&error))? {
        if body.len() + piece.len() > MAX_BYTES {
            return Err(ProviderError::BadAnswer("it is too long".to_owned()));
        }
        body.extend_from_slice(&piece);
    }
    Ok((status, headers, body))
}

/// What went wrong on the way, without addresses: that of a request may hold a code.
fn unreachable(error: &reqwest::Error) -> ProviderError {
    let words = if error.is_timeout() {
        "it took too long"
    } else if error.is_connect() {
        "it cannot be reached"
    } else {
        "the connection broke"
    };
    ProviderError::Unavailable(words.to_owned())
}
