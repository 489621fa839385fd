//! Accounts: sign up, sign in, who am I, and leave.

use actix_web::{HttpResponse, web::Data};
use chrono::{DateTime, Utc};
use domain::{
    account::{Email, NewPassword, User, UserId, UserName},
    ports::NewAccount,
    session::SESSION_DAYS,
    text::without_nul,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::sessions::open_session;
use crate::{
    auth::{Authenticated, refresh::RefreshToken},
    body::JsonBody,
    error::{ApiError, Conflict, InvalidField},
    state::AppState,
};

/// The body of a registration.
#[derive(Deserialize)]
pub(super) struct Registration {
    email: String,
    password: SecretString,
    name: Option<String>,
}

/// The body of a sign-in.
#[derive(Deserialize)]
pub(super) struct Credentials {
    email: String,
    password: SecretString,
}

/// The body of a request that asks for the password once more.
#[derive(Deserialize)]
pub(super) struct Confirmation {
    password: SecretString,
}

/// The contract's token answer.
#[derive(Serialize)]
pub(super) struct TokenAnswer<'a> {
    access_token: String,
    token_type: &'static str,
    expires_in: i64,
    refresh_token: String,
    refresh_expires_in: i64,
    user: UserBody<'a>,
}

/// A user as the API shows one.
#[derive(Serialize)]
struct UserBody<'a> {
    id: UserId,
    email: &'a str,
    name: Option<&'a str>,
    /// Clients of the earlier backend read these two; we have no other way to sign in yet.
    avatar_url: Option<&'a str>,
    oauth_provider: Option<&'a str>,
    created_at: DateTime<Utc>,
}

/// `POST /api/auth/register`.
pub(super) async fn register(
    state: Data<AppState>,
    JsonBody(body): JsonBody<Registration>,
) -> Result<HttpResponse, ApiError> {
    let (email, password, name) = parse(&body)?;
    let ports = state.ports()?;
    let password_hash = ports.passwords.hash(password).await?;
    let account = NewAccount { id: UserId(state.ids.next()), email, password_hash, name };
    let user = ports.accounts.insert(&account).await?.ok_or(ApiError::Conflict(Conflict::EmailTaken))?;
    let token = open_session(&state, &user).await?;
    Ok(HttpResponse::Created().json(token_answer(&state, &user, &token)?))
}

/// `POST /api/auth/login`. An unknown email takes as long, and is answered, as a wrong password.
pub(super) async fn login(
    state: Data<AppState>,
    JsonBody(body): JsonBody<Credentials>,
) -> Result<HttpResponse, ApiError> {
    let candidate = candidate(&body.password)?;
    let email = Email::parse(&body.email)?;
    let ports = state.ports()?;
    let (user, hash) = ports.accounts.find_by_email(&email).await?.unzip();
    let is_right = ports.passwords.verify(candidate, hash).await?;
    let user = user.filter(|_| is_right).ok_or(ApiError::WrongCredentials)?;
    let token = open_session(&state, &user).await?;
    Ok(HttpResponse::Ok().json(token_answer(&state, &user, &token)?))
}

/// `GET /api/auth/me`.
pub(super) async fn show_account(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let (user, _hash) = state.ports()?.accounts.find(caller).await?;
    Ok(HttpResponse::Ok().json(UserBody::from(&user)))
}

/// `DELETE /api/auth/me`: the account and all it owns, after the password was given once more.
pub(super) async fn delete_account(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    JsonBody(body): JsonBody<Confirmation>,
) -> Result<HttpResponse, ApiError> {
    let candidate = candidate(&body.password)?;
    let ports = state.ports()?;
    let (_user, hash) = ports.accounts.find(caller).await?;
    if !ports.passwords.verify(candidate, Some(hash)).await? {
        return Err(ApiError::WrongCredentials);
    }
    ports.accounts.delete(caller).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn parse(body: &Registration) -> Result<(Email, NewPassword, Option<UserName>), ApiError> {
    let email = Email::parse(&body.email);
    let password = NewPassword::parse(body.password.expose_secret());
    let name = body.name.as_deref().map_or(Ok(None), UserName::parse);
    match (email, password, name) {
        (Ok(email), Ok(password), Ok(name)) => Ok((email, password, name)),
        (email, password, name) => {
            let errors = [email.err(), password.err(), name.err()];
            Err(ApiError::Invalid(errors.into_iter().flatten().map(InvalidField::from).collect()))
        }
    }
}

/// A password that is only compared: no rule but the one for all text.
pub(super) fn candidate(password: &SecretString) -> Result<String, ApiError> {
    without_nul("password", password.expose_secret())?;
    Ok(password.expose_secret().to_owned())
}

/// The answer to everything that signs somebody in.
pub(super) fn token_answer<'a>(
    state: &AppState,
    user: &'a User,
    refresh: &RefreshToken,
) -> Result<TokenAnswer<'a>, ApiError> {
    let issued = state.tokens.issue(user)?;
    Ok(TokenAnswer {
        access_token: issued.token,
        token_type: "bearer",
        expires_in: issued.expires_in,
        refresh_token: refresh.reveal(),
        refresh_expires_in: i64::from(SESSION_DAYS) * 24 * 60 * 60,
        user: UserBody::from(user),
    })
}

impl<'a> From<&'a User> for UserBody<'a> {
    fn from(user: &'a User) -> Self {
        Self {
            id: user.id,
            email: user.email.as_str(),
            name: user.name.as_ref().map(UserName::as_str),
            avatar_url: None,
            oauth_provider: None,
            created_at: user.created_at,
        }
    }
}
