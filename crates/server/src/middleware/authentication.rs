//! Access to the routes that are for users: the verified token of a request, and whether the path is
//! theirs. The route table installs this, so that no handler can forget it.

use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{AUTHORIZATION, HeaderMap, HeaderValue, WWW_AUTHENTICATE},
    },
    middleware::Next,
    web::Data,
};
use domain::{
    access_token::{Audience, Scope},
    account::UserId,
    caller::{Caller, Grant},
};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::refused;
use crate::{
    error::{ApiError, Resource},
    state::AppState,
    tokens::api_token_format::{self, ApiToken},
};

/// The name of the path's part that must be the token's subject.
pub const USER_ID: &str = "user_id";

/// Whether a program may use a route, and the scope that its access token needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgramAccess {
    /// No program may use it: only a person who signed in.
    Denied,
    /// A token of any scope.
    AnyScope,
    /// A token with this scope.
    Scope(Scope),
    /// A token of any scope, also one that a program was given by OAuth: the route that those are for.
    AnyScopeOrOAuth,
}

/// Lets a request with a good token pass, if it may use the route, and answers all others.
///
/// # Errors
/// Propagates the inner service's error (infallible in practice).
pub async fn require_user(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    programs: ProgramAccess,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let mut response = pass(request, next, programs).await?;
    if programs == ProgramAccess::AnyScopeOrOAuth {
        say_where_to_connect(&mut response);
    }
    Ok(response)
}

/// Adds to a challenge where a program learns how to be connected.
fn say_where_to_connect(response: &mut ServiceResponse<BoxBody>) {
    let request = response.request();
    let state = request.app_data::<Data<AppState>>();
    let issuer = state.and_then(|state| state.issuer(request.headers()).ok());
    let so_far = response.headers().get(WWW_AUTHENTICATE).and_then(|value| value.to_str().ok());
    let challenge = so_far.zip(issuer).map(|(so_far, issuer)| issuer.challenge(so_far));
    if let Some(challenge) = challenge.and_then(|challenge| HeaderValue::from_str(&challenge).ok()) {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
}

async fn pass(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    programs: ProgramAccess,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(state) = request.app_data::<Data<AppState>>().cloned() else {
        return Ok(refused(request, ApiError::internal("the application has no state")));
    };
    let caller = match authenticate(&request, &state, programs).await {
        Ok(caller) => caller,
        Err(error) => return Ok(refused(request, error)),
    };
    if let Err(error) = check(&request, caller, programs) {
        // What is known of a program's token is up to a minute old.
        let checked = if is_programs(caller) { check_not_revoked(&state, caller).await } else { Ok(()) };
        return Ok(refused(request, checked.err().unwrap_or(error)));
    }
    request.extensions_mut().insert::<Caller>(caller);
    let response = next.call(request).await?.map_into_boxed_body();
    // What was refused before a store was asked may have come with a token that was revoked.
    if response.status().is_client_error()
        && response.status() != StatusCode::UNAUTHORIZED
        && let Err(error) = check_not_revoked(&state, caller).await
    {
        return Ok(response.into_response(HttpResponse::from_error(error)));
    }
    Ok(response)
}

/// Lets a request with the operator's token pass. Without one in the configuration there is no such
/// route.
///
/// # Errors
/// Propagates the inner service's error (infallible in practice).
pub async fn require_operator(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    match check_operator(&request) {
        Ok(()) => Ok(next.call(request).await?.map_into_boxed_body()),
        Err(error) => Ok(refused(request, error)),
    }
}

fn check_operator(request: &ServiceRequest) -> Result<(), ApiError> {
    let token = request.app_data::<Data<AppState>>().and_then(|state| state.metrics_token.as_ref());
    let token = token.ok_or(ApiError::NotFound(Resource::Route))?;
    // Digests are compared, so that the time tells nothing of the token.
    let digest = |token: &str| Sha256::digest(token.as_bytes());
    let is_theirs = digest(bearer(request.headers())?) == digest(token.expose_secret());
    if is_theirs { Ok(()) } else { Err(ApiError::InvalidToken) }
}

/// The caller of a request. The token comes from the `Authorization` header and from nowhere else.
///
/// # Errors
/// When it is none, is not for this route, or the store cannot be asked.
async fn authenticate(
    request: &ServiceRequest,
    state: &AppState,
    programs: ProgramAccess,
) -> Result<Caller, ApiError> {
    let token = bearer(request.headers())?;
    let caller = if token.starts_with(api_token_format::FAMILY) {
        let is_for_here = |token: &ApiToken| {
            programs == ProgramAccess::AnyScopeOrOAuth || token.kind().audience() == Audience::Api
        };
        let token = ApiToken::parse(token).filter(is_for_here).ok_or(ApiError::InvalidToken)?;
        let known = state.access_token_cache.verify(&token, state.ports()?.access_tokens.as_ref()).await?;
        known.ok_or(ApiError::InvalidToken)?
    } else {
        state.access_jwts.verify(token)?
    };
    request.extensions_mut().insert::<UserId>(caller.user);
    Ok(caller)
}

/// Checks that the path is the caller's, and that a program may use the route.
fn check(request: &ServiceRequest, caller: Caller, programs: ProgramAccess) -> Result<(), ApiError> {
    if let Some(path) = request.match_info().get(USER_ID)
        && Uuid::try_parse(path).ok() != Some(caller.user.0)
    {
        return Err(ApiError::Forbidden);
    }
    match programs {
        ProgramAccess::Denied if is_programs(caller) => Err(ApiError::InsufficientScope { needed: None }),
        ProgramAccess::Scope(scope) => require(caller, scope),
        ProgramAccess::Denied | ProgramAccess::AnyScope | ProgramAccess::AnyScopeOrOAuth => Ok(()),
    }
}

/// Checks that the caller may do what a scope is about.
///
/// # Errors
/// When they are a program whose token lacks it.
pub fn require(caller: Caller, scope: Scope) -> Result<(), ApiError> {
    if caller.may(scope) { Ok(()) } else { Err(ApiError::InsufficientScope { needed: Some(scope) }) }
}

fn is_programs(caller: Caller) -> bool {
    matches!(caller.grant, Some(Grant::AccessToken(..)))
}

/// Checks that the store does not know the token as revoked. It is not asked while the account is busy: what
/// is wrong with a request says more than that, and nothing of the account's.
///
/// # Errors
/// When it does, or is away: an answer that was found without it is for good tokens only.
async fn check_not_revoked(state: &AppState, caller: Caller) -> Result<(), ApiError> {
    let ports = state.ports()?;
    let Ok(_permit) = state.account_concurrency.acquire(caller.user).await else {
        return Ok(());
    };
    ports.accounts.find(caller).await?;
    Ok(())
}

/// The token of the one `Authorization` header, whose scheme is written in any case.
fn bearer(headers: &HeaderMap) -> Result<&str, ApiError> {
    let mut all = headers.get_all(AUTHORIZATION);
    let first = all.next().ok_or(ApiError::NoToken)?;
    if all.next().is_some() {
        return Err(ApiError::InvalidToken);
    }
    let text = first.to_str().map_err(|_error| ApiError::InvalidToken)?;
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(ApiError::NoToken);
    }
    let token = token.trim_matches(' ');
    if token.is_empty() { Err(ApiError::NoToken) } else { Ok(token) }
}

#[cfg(test)]
mod tests;
