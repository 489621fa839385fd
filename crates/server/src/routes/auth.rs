//! Sign in, stay signed in, and sign out, here or everywhere.

use actix_web::web::{Data, Json};
use domain::{account::Email, session::SessionId};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    open_session::{TokenBody, open_session, token_body},
    password_verification::{is_password_right, password_to_check},
    response::NoContent,
};
use crate::{
    error::ApiError,
    extract::{
        body::JsonBody, caller::Authenticated, client_address::FromAddress, user_agent::FromUserAgent,
    },
    field_schemas,
    state::AppState,
    tokens::refresh::RefreshToken,
};

/// The body of a sign-in.
#[derive(Deserialize, ToSchema)]
pub(super) struct Credentials {
    #[schema(schema_with = field_schemas::email)]
    email: String,
    #[schema(schema_with = field_schemas::password)]
    password: SecretString,
}

/// A refresh token that a client presents.
#[derive(Deserialize, ToSchema)]
#[schema(as = RefreshToken)]
pub(super) struct RefreshBody {
    #[schema(value_type = String)]
    refresh_token: SecretString,
}

/// `POST /api/auth/login`. An unknown email takes as long, and is answered, as a wrong password.
pub(super) async fn login(
    state: Data<AppState>,
    FromAddress(source): FromAddress,
    FromUserAgent(user_agent): FromUserAgent,
    JsonBody(body): JsonBody<Credentials>,
) -> Result<Json<TokenBody>, ApiError> {
    let password_to_check = password_to_check(&body.password)?;
    let email = Email::parse(&body.email)?;
    let attempt = state.attempt_throttle.begin_password_attempt(&email, source)?;
    let account = state.ports()?.accounts.find_by_email(&email).await?;
    let is_right = is_password_right(&state, account.as_ref(), password_to_check, source).await?;
    attempt.end(is_right);
    let account = account.filter(|_| is_right).ok_or(ApiError::WrongCredentials)?;
    // Not with a password that was changed while this one was compared.
    Ok(Json(open_session(&state, &account.user, user_agent).await?.ok_or(ApiError::WrongCredentials)?))
}

/// `POST /api/auth/refresh`: a new access token, and the refresh token that follows.
pub(super) async fn refresh(
    state: Data<AppState>,
    JsonBody(body): JsonBody<RefreshBody>,
) -> Result<Json<TokenBody>, ApiError> {
    let token = RefreshToken::parse(body.refresh_token.expose_secret())?;
    let rotation = state.refresh_tokens.rotation(&token)?;
    let user = state.ports()?.sessions.rotate(&rotation).await?.ok_or(ApiError::InvalidRefreshToken)?;
    let next = state.refresh_tokens.next(&token)?;
    Ok(Json(token_body(&state, &user, &next)?))
}

/// `POST /api/auth/logout`: ends the session of this device. Also when there is none any more.
pub(super) async fn log_out(
    state: Data<AppState>,
    JsonBody(body): JsonBody<RefreshBody>,
) -> Result<NoContent, ApiError> {
    if let Ok(token) = RefreshToken::parse(body.refresh_token.expose_secret()) {
        state.ports()?.sessions.close(SessionId(token.owner())).await?;
    }
    Ok(NoContent)
}

/// `POST /api/auth/logout-everywhere`: ends every session and every access token of the caller,
/// those of programs included.
pub(super) async fn log_out_everywhere(
    state: Data<AppState>,
    Authenticated(caller): Authenticated,
) -> Result<NoContent, ApiError> {
    state.ports()?.sessions.close_all(caller).await?;
    Ok(NoContent)
}
