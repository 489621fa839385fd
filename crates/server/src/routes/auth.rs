//! Accounts: sign up, sign in, who am I, and leave.

use actix_web::web::{Data, Json};
use domain::{
    account::{Email, NewPassword, UserId, UserName},
    ports::NewAccount,
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{
    response::{Customized, NoContent, created},
    token_response::{TokenBody, UserBody, candidate, open_session},
};
use crate::{
    error::{ApiError, Conflict, InvalidField},
    extract::{body::JsonBody, caller::Authenticated},
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

/// `POST /api/auth/register`.
pub(super) async fn register(
    state: Data<AppState>,
    JsonBody(body): JsonBody<Registration>,
) -> Result<Customized<TokenBody>, ApiError> {
    let (email, password, name) = parse(&body)?;
    let ports = state.ports()?;
    let password_hash = ports.passwords.hash(password).await?;
    let account = NewAccount { id: UserId(state.ids.next()), email, password_hash, name };
    let user = ports.accounts.insert(&account).await?.ok_or(ApiError::Conflict(Conflict::EmailTaken))?;
    Ok(created(open_session(&state, &user).await?))
}

/// `POST /api/auth/login`. An unknown email takes as long, and is answered, as a wrong password.
pub(super) async fn login(
    state: Data<AppState>,
    JsonBody(body): JsonBody<Credentials>,
) -> Result<Json<TokenBody>, ApiError> {
    let candidate = candidate(&body.password)?;
    let email = Email::parse(&body.email)?;
    let ports = state.ports()?;
    let (user, hash) = ports.accounts.find_by_email(&email).await?.unzip();
    let is_right = ports.passwords.verify(candidate, hash).await?;
    let user = user.filter(|_| is_right).ok_or(ApiError::WrongCredentials)?;
    Ok(Json(open_session(&state, &user).await?))
}

/// `GET /api/auth/me`.
pub(super) async fn show_account(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
) -> Result<Json<UserBody>, ApiError> {
    let (user, _hash) = state.ports()?.accounts.find(caller).await?;
    Ok(Json(UserBody::from(&user)))
}

/// `DELETE /api/auth/me`: the account and all it owns, after the password was given once more.
pub(super) async fn delete_account(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    JsonBody(body): JsonBody<Confirmation>,
) -> Result<NoContent, ApiError> {
    let candidate = candidate(&body.password)?;
    let ports = state.ports()?;
    let (_user, hash) = ports.accounts.find(caller).await?;
    if !ports.passwords.verify(candidate, Some(hash)).await? {
        return Err(ApiError::WrongCredentials);
    }
    ports.accounts.delete(caller).await?;
    Ok(NoContent)
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
