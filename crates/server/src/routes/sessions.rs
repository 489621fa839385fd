//! Sessions: stay signed in, sign out here or everywhere, and set another password.

use actix_web::web::{Data, Json};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    auth::confirm,
    response::NoContent,
    token_response::{TokenBody, new_password, open_session, token_body},
};
use crate::{
    auth::refresh::RefreshToken,
    error::ApiError,
    extract::{
        body::JsonBody, caller::Authenticated, client_address::FromAddress, user_agent::FromUserAgent,
    },
    openapi_schema,
    state::AppState,
};

/// A refresh token that a client presents.
#[derive(Deserialize, ToSchema)]
#[schema(as = RefreshToken)]
pub(super) struct Presented {
    #[schema(value_type = String)]
    refresh_token: SecretString,
}

/// The body of a change of password.
#[derive(Deserialize, ToSchema)]
pub(super) struct PasswordChange {
    #[schema(schema_with = openapi_schema::maybe_password)]
    current_password: Option<SecretString>,
    #[schema(schema_with = openapi_schema::new_password)]
    new_password: SecretString,
}

/// `POST /api/auth/refresh`: a new access token, and the refresh token that follows.
pub(super) async fn refresh(
    state: Data<AppState>,
    JsonBody(body): JsonBody<Presented>,
) -> Result<Json<TokenBody>, ApiError> {
    let token = RefreshToken::parse(body.refresh_token.expose_secret())?;
    let rotation = state.refresh_tokens.rotation(&token)?;
    let user = state.ports()?.sessions.rotate(&rotation).await?.ok_or(ApiError::BadRefreshToken)?;
    let next = state.refresh_tokens.next(&token)?;
    Ok(Json(token_body(&state, &user, &next)?))
}

/// `POST /api/auth/logout`: ends the session of this device. Also when there is none any more.
pub(super) async fn log_out(
    state: Data<AppState>,
    JsonBody(body): JsonBody<Presented>,
) -> Result<NoContent, ApiError> {
    if let Ok(token) = RefreshToken::parse(body.refresh_token.expose_secret()) {
        state.ports()?.sessions.close(&state.refresh_tokens.rotation(&token)?).await?;
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

/// `POST /api/auth/password`: another password, which signs out everywhere but here.
pub(super) async fn change_password(
    state: Data<AppState>,
    Authenticated(caller): Authenticated,
    FromAddress(source): FromAddress,
    FromUserAgent(user_agent): FromUserAgent,
    JsonBody(body): JsonBody<PasswordChange>,
) -> Result<Json<TokenBody>, ApiError> {
    let new = new_password(&body.new_password)?;
    let ports = state.ports()?;
    confirm(&state, caller, ("current_password", body.current_password.as_ref()), source).await?;
    let user = ports.sessions.change_password(caller, &ports.passwords.hash(new, source).await?).await?;
    if let Ok(mail) = state.account_mail() {
        mail.tell_of_new_password(user.email.clone());
    }
    Ok(Json(open_session(&state, &user, user_agent).await?))
}
