//! Google and GitHub as identity providers: the authorization code grant of OAuth 2.0 (RFC 6749)
//! with PKCE (RFC 7636), through the crate oauth2. Who it is, the provider's own API says over TLS, to the
//! token that it has just given us: there is no signed statement to be checked.

mod http;
mod profile;

use async_trait::async_trait;
use domain::{
    linked_identity::{Profile, Provider},
    ports::{IdentityProvider, PendingSignIn, ProviderError},
};
use http::HttpClient;
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, TokenResponse, TokenUrl,
    basic::{BasicClient, BasicErrorResponse, BasicErrorResponseType},
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

/// How this server is known at a provider.
#[derive(Debug, Clone)]
pub struct ProviderConfig {
    /// Which provider.
    pub provider: Provider,
    /// The id that it has given us.
    pub client_id: String,
    /// The secret that goes with it.
    pub client_secret: SecretString,
    /// The page to which it sends people back, as it is registered there.
    pub redirect_url: Url,
    /// Where the provider is, if not at its own address: a GitHub Enterprise Server, or a stand-in.
    pub base_url: Option<Url>,
}

/// A provider's addresses.
#[derive(Debug, Clone)]
struct Endpoints {
    authorize: String,
    token: String,
    /// The URL of the person's profile.
    user: String,
    /// Their addresses, where the answer above does not say which are verified.
    emails: Option<String>,
}

/// A provider over the network.
pub struct OAuthProvider {
    config: ProviderConfig,
    endpoints: Endpoints,
    authorize: AuthUrl,
    token: TokenUrl,
    redirect: RedirectUrl,
    http: HttpClient,
}

/// Why a provider cannot be spoken to.
#[derive(Debug, thiserror::Error)]
pub enum ProviderConfigError {
    /// A configured URL is invalid.
    #[error("an address of the provider cannot be used")]
    Address(#[from] url::ParseError),
    /// TLS or the HTTP client cannot be set up.
    #[error("the HTTP client cannot be made")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Endpoints {
    /// Those of Google's discovery document
    /// (<https://accounts.google.com/.well-known/openid-configuration>) and of GitHub's documentation of
    /// OAuth apps; on a GitHub Enterprise Server the API is below `/api/v3`.
    fn of(provider: Provider, base: Option<&Url>) -> Self {
        let base = base.map(|url| url.as_str().trim_end_matches('/').to_owned());
        match (provider, base) {
            (Provider::Google, None) => Self {
                authorize: "https://accounts.google.com/o/oauth2/v2/auth".to_owned(),
                token: "https://oauth2.googleapis.com/token".to_owned(),
                user: "https://openidconnect.googleapis.com/v1/userinfo".to_owned(),
                emails: None,
            },
            (Provider::Google, Some(base)) => Self {
                authorize: format!("{base}/o/oauth2/v2/auth"),
                token: format!("{base}/token"),
                user: format!("{base}/v1/userinfo"),
                emails: None,
            },
            (Provider::GitHub, base) => {
                let api = base.as_ref().map(|base| format!("{base}/api/v3"));
                let api = api.unwrap_or_else(|| "https://api.github.com".to_owned());
                let web = base.unwrap_or_else(|| "https://github.com".to_owned());
                Self {
                    authorize: format!("{web}/login/oauth/authorize"),
                    token: format!("{web}/login/oauth/access_token"),
                    user: format!("{api}/user"),
                    emails: Some(format!("{api}/user/emails")),
                }
            }
        }
    }
}

impl OAuthProvider {
    /// Makes a client of the provider; sends no request yet.
    ///
    /// # Errors
    /// When an address is none, or TLS cannot be set up.
    pub fn new(config: ProviderConfig) -> Result<Self, ProviderConfigError> {
        let endpoints = Endpoints::of(config.provider, config.base_url.as_ref());
        Ok(Self {
            authorize: AuthUrl::new(endpoints.authorize.clone())?,
            token: TokenUrl::new(endpoints.token.clone())?,
            redirect: RedirectUrl::from_url(config.redirect_url.clone()),
            http: HttpClient::new()?,
            endpoints,
            config,
        })
    }

    /// Calls the profile API without a token. The real API rejects this; any other response means that the
    /// URL is not the provider's.
    ///
    /// # Errors
    /// When its address does not answer, or another server does.
    pub async fn check_reachable(&self) -> Result<(), ProviderError> {
        match self.http.status(&self.endpoints.user).await? {
            401 | 403 => Ok(()),
            status => Err(ProviderError::BadAnswer(format!(
                "its API answered with the status {status} to who has no token"
            ))),
        }
    }

    fn scopes(&self) -> impl Iterator<Item = Scope> {
        let names: &[&str] = match self.config.provider {
            Provider::Google => &["openid", "email", "profile"],
            Provider::GitHub => &["read:user", "user:email"],
        };
        names.iter().map(|name| Scope::new((*name).to_owned()))
    }

    /// Exchanges the code for a token to the provider's own API.
    async fn token(&self, code: &str, pkce_verifier: &str) -> Result<SecretString, ProviderError> {
        let client = BasicClient::new(ClientId::new(self.config.client_id.clone()))
            .set_client_secret(ClientSecret::new(self.config.client_secret.expose_secret().to_owned()))
            .set_auth_type(AuthType::RequestBody)
            .set_auth_uri(self.authorize.clone())
            .set_token_uri(self.token.clone())
            .set_redirect_uri(self.redirect.clone());
        let http = self.http.clone();
        let token = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(pkce_verifier.to_owned()))
            .request_async(&move |request| {
                let http = http.clone();
                async move { http.exchange(request).await }
            })
            .await
            .map_err(provider_error)?;
        Ok(SecretString::from(token.access_token().secret().to_owned()))
    }
}

#[async_trait]
impl IdentityProvider for OAuthProvider {
    fn begin(&self) -> PendingSignIn {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let client = BasicClient::new(ClientId::new(self.config.client_id.clone()))
            .set_auth_uri(self.authorize.clone())
            .set_redirect_uri(self.redirect.clone());
        let request = client.authorize_url(CsrfToken::new_random).add_scopes(self.scopes());
        let (address, state) = request.set_pkce_challenge(challenge).url();
        PendingSignIn {
            address: address.into(),
            state: state.into_secret(),
            pkce_verifier: verifier.into_secret(),
        }
    }

    async fn profile(&self, code: &str, pkce_verifier: &str) -> Result<Profile, ProviderError> {
        let token = self.token(code, pkce_verifier).await?;
        let user = self.http.get(&self.endpoints.user, &token).await?;
        match &self.endpoints.emails {
            None => profile::of_google(&user),
            Some(emails) => profile::of_github(&user, &self.http.get(emails, &token).await?),
        }
    }
}

/// What a refusal says, which GitHub sends with the status 200.
#[derive(Deserialize)]
struct TokenErrorBody {
    error: BasicErrorResponseType,
}

fn provider_error(error: RequestTokenError<ProviderError, BasicErrorResponse>) -> ProviderError {
    match error {
        RequestTokenError::Request(error) => error,
        RequestTokenError::ServerResponse(response) => refused(response.error()),
        RequestTokenError::Parse(_, body) => error_of(&body),
        RequestTokenError::Other(_) => ProviderError::BadAnswer("it is empty".to_owned()),
    }
}

/// An answer that is no token.
fn error_of(body: &[u8]) -> ProviderError {
    match serde_json::from_slice::<TokenErrorBody>(body) {
        Ok(refusal) => refused(&refusal.error),
        Err(_it_may_quote_a_token) => ProviderError::BadAnswer("it cannot be read".to_owned()),
    }
}

/// RFC 6749 5.2, and GitHub's own words.
fn refused(error: &BasicErrorResponseType) -> ProviderError {
    let known = ["incorrect_client_credentials", "redirect_uri_mismatch", "unverified_user_email"];
    match error.as_ref() {
        "invalid_grant" | "bad_verification_code" => ProviderError::CodeRefused,
        "invalid_client" | "unauthorized_client" => {
            ProviderError::BadAnswer("it does not know the client id or its secret".to_owned())
        }
        other if known.contains(&other) => ProviderError::BadAnswer(other.to_owned()),
        _ => ProviderError::BadAnswer("it refuses for a reason of its own".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn provider(provider: Provider) -> OAuthProvider {
        OAuthProvider::new(ProviderConfig {
            provider,
            client_id: "an id".to_owned(),
            client_secret: SecretString::from("canary"),
            redirect_url: "https://todos.example.com/".parse().unwrap(),
            base_url: None,
        })
        .unwrap()
    }

    #[test]
    fn a_sign_in_begins_with_a_state_and_a_challenge_that_never_come_twice() {
        for (name, host) in [(Provider::Google, "accounts.google.com"), (Provider::GitHub, "github.com")] {
            let provider = provider(name);
            let (one, other) = (provider.begin(), provider.begin());
            let url: Url = one.address.parse().unwrap();
            let query: HashMap<_, _> = url.query_pairs().into_owned().collect();
            assert_eq!(url.host_str(), Some(host));
            assert_eq!(query["response_type"], "code");
            assert_eq!(query["client_id"], "an id");
            assert_eq!(query["redirect_uri"], "https://todos.example.com/");
            assert_eq!((&query["state"], query["code_challenge_method"].as_str()), (&one.state, "S256"));
            assert!(query["scope"].contains("email"), "{url}");
            assert!(!one.address.contains(&one.pkce_verifier) && !one.address.contains("canary"));
            assert!(one.state != other.state && one.pkce_verifier != other.pkce_verifier);
        }
    }

    #[test]
    fn a_code_that_is_refused_is_told_from_a_client_that_is() {
        let of = |body: &str| error_of(body.as_bytes());
        assert!(matches!(of(r#"{"error":"bad_verification_code"}"#), ProviderError::CodeRefused));
        assert!(matches!(of(r#"{"error":"invalid_grant"}"#), ProviderError::CodeRefused));
        assert!(matches!(of(r#"{"error":"incorrect_client_credentials"}"#), ProviderError::BadAnswer(_)));
        assert!(!of(r#"{"error":"canary"}"#).to_string().contains("canary"));
        assert!(!of("canary").to_string().contains("canary"));
    }
}
