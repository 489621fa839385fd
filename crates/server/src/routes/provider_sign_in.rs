//! Signing in with a provider: the person's browser goes there with an address of ours, and brings back a
//! code and the state that went along.

use actix_web::web::{Data, Json, Path};
use domain::{
    account::UserId,
    linked_identity::{NewSignIn, Provider},
    password::NewPassword,
    ports::{NewAccount, SignInOutcome},
    time_zone::TimeZone,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::open_session::{TokenBody, open_session};
use crate::{
    error::{ApiError, ProviderSignInError, Resource},
    extract::{body::JsonBody, client_address::FromAddress, user_agent::FromUserAgent},
    field_schemas,
    state::AppState,
    tokens::secret_link_token::SecretLinkToken,
};

/// The most bytes of a code: longer ones are none of a provider's.
const MAX_CODE_BYTES: usize = 2_048;

/// Where the browser is to go.
#[derive(Serialize, ToSchema)]
#[schema(as = ProviderAddress)]
pub(super) struct BeginBody {
    auth_url: String,
    #[schema(schema_with = field_schemas::provider)]
    provider: &'static str,
}

/// What the browser has brought back.
#[derive(Deserialize, ToSchema)]
#[schema(as = ProviderCallback)]
pub(super) struct Callback {
    #[schema(value_type = String)]
    code: SecretString,
    #[schema(value_type = String)]
    state: SecretString,
    time_zone: Option<String>,
}

/// `GET /api/auth/{provider}/url`.
pub(super) async fn begin(
    state: Data<AppState>,
    FromAddress(source): FromAddress,
    path: Path<String>,
) -> Result<Json<BeginBody>, ApiError> {
    let provider = known(&path)?;
    let client = state.provider(provider)?;
    state.attempt_throttle.check_and_record_provider_sign_in(source)?;
    let begun = client.begin();
    let new = NewSignIn {
        provider,
        state: SecretLinkToken::from_request(&begun.state).hash(),
        pkce_verifier: begun.pkce_verifier,
    };
    state.ports()?.identities.begin(&new).await?;
    Ok(Json(BeginBody { auth_url: begun.address, provider: provider.as_str() }))
}

/// `POST /api/auth/{provider}/callback`: the token answer, as every sign-in has it.
pub(super) async fn finish(
    state: Data<AppState>,
    FromAddress(source): FromAddress,
    FromUserAgent(user_agent): FromUserAgent,
    path: Path<String>,
    JsonBody(body): JsonBody<Callback>,
) -> Result<Json<TokenBody>, ApiError> {
    let provider = known(&path)?;
    let client = state.provider(provider)?;
    let ports = state.ports()?;
    let stale = || ApiError::provider(ProviderSignInError::Stale);
    // Once, whatever comes of it: a code and a state that were seen somewhere are worth nothing.
    let presented = SecretLinkToken::from_request(body.state.expose_secret()).hash();
    let verifier = ports.identities.take(provider, &presented).await?.ok_or_else(stale)?;
    let code = body.code.expose_secret();
    if code.is_empty() || code.len() > MAX_CODE_BYTES {
        return Err(stale());
    }
    let profile = client.profile(code, &verifier).await?;
    let mut outcome = ports.identities.sign_in(provider, &profile, None).await?;
    if let (SignInOutcome::Unverified, Some(email)) = (&outcome, &profile.verified_email) {
        state.attempt_throttle.check_and_record_registration(source)?;
        let named = body.time_zone.as_deref().and_then(|name| TimeZone::parse(name).ok());
        // A random password: a guess takes as long as at any other, and fails.
        let nobody_knows = NewPassword::parse(SecretLinkToken::random().reveal())?;
        let account = NewAccount {
            id: UserId(state.ids.next()),
            email: email.clone(),
            password_hash: ports.passwords.hash(nobody_knows, source).await?,
            name: profile.name.clone(),
            time_zone: named.unwrap_or(TimeZone::UTC),
        };
        outcome = ports.identities.sign_in(provider, &profile, Some(&account)).await?;
    }
    match outcome {
        SignInOutcome::SignedIn(user) => {
            Ok(Json(open_session(&state, &user, user_agent).await?.ok_or_else(stale)?))
        }
        SignInOutcome::Unverified => Err(ApiError::provider(ProviderSignInError::Unverified)),
        SignInOutcome::AddressTaken => Err(ApiError::provider(ProviderSignInError::AddressTaken)),
    }
}

fn known(name: &str) -> Result<Provider, ApiError> {
    Provider::from_name(name).ok_or(ApiError::NotFound(Resource::Route))
}
