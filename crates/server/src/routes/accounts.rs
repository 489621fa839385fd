//! Register, read, update and delete an account; change its password.

use actix_web::web::{Data, Json};
use domain::{
    account::{Email, UserId, UserName},
    caller::{Caller, Grant},
    client_network::ClientNetwork,
    linked_identity::REAUTH_WINDOW_MINUTES,
    password::NewPassword,
    ports::{AccountChange, NewAccount},
    time_zone::{TimeZone, WeekStart},
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    open_session::{TokenBody, UserBody, new_password, new_session, token_body},
    password_verification::{is_password_right, password_to_check},
    response::{Created, NoContent, created},
};
use crate::{
    error::{ApiError, Conflict, InvalidField},
    extract::{
        body::{JsonBody, double_option},
        caller::Authenticated,
        client_address::FromAddress,
        user_agent::FromUserAgent,
    },
    field_schemas,
    state::AppState,
};

/// The body of a registration.
#[derive(Deserialize, ToSchema)]
pub(super) struct Registration {
    #[schema(schema_with = field_schemas::email)]
    email: String,
    #[schema(schema_with = field_schemas::new_password)]
    password: SecretString,
    #[schema(schema_with = field_schemas::person_name)]
    name: Option<String>,
    /// Where the person is, by IANA's name. A name that the server does not know is read as UTC.
    #[schema(example = "Europe/Berlin")]
    time_zone: Option<String>,
}

/// The body of a change of an account: what is absent stays.
#[derive(Deserialize, ToSchema)]
#[schema(as = AccountChange)]
pub(super) struct AccountFields {
    #[serde(default, deserialize_with = "double_option")]
    #[schema(schema_with = field_schemas::person_name)]
    name: Option<Option<String>>,
    time_zone: Option<String>,
    #[schema(schema_with = field_schemas::wanted_week_start)]
    week_start: Option<String>,
}

/// The body of a request that asks for the password once more, if the account has one.
#[derive(Deserialize, ToSchema)]
#[schema(as = PasswordConfirmation)]
pub(super) struct PasswordConfirmation {
    #[schema(schema_with = field_schemas::maybe_password)]
    password: Option<SecretString>,
}

/// The body of a change of password.
#[derive(Deserialize, ToSchema)]
pub(super) struct PasswordChange {
    #[schema(schema_with = field_schemas::maybe_password)]
    current_password: Option<SecretString>,
    #[schema(schema_with = field_schemas::new_password)]
    new_password: SecretString,
}

/// `POST /api/auth/register`.
pub(super) async fn register(
    state: Data<AppState>,
    FromAddress(source): FromAddress,
    FromUserAgent(user_agent): FromUserAgent,
    JsonBody(body): JsonBody<Registration>,
) -> Result<Created<TokenBody>, ApiError> {
    let (email, password, name) = parse(&body)?;
    let ports = state.ports()?;
    state.attempt_throttle.check_and_record_registration(source)?;
    let password_hash = ports.passwords.hash(password, source).await?;
    // A browser may know a time zone that we do not: that is no reason to refuse a registration.
    let named = body.time_zone.as_deref().and_then(|name| TimeZone::parse(name).ok());
    let time_zone = named.unwrap_or(TimeZone::UTC);
    let account = NewAccount { id: UserId(state.ids.next()), email, password_hash, name, time_zone };
    let (session, token) = new_session(&state, user_agent);
    let user = ports.accounts.insert(&account, &session).await?;
    let user = user.ok_or(ApiError::Conflict(Conflict::EmailTaken))?;
    if let Ok(mail) = state.account_mail() {
        // Who gets none because too many are waiting can ask for another.
        let _ = mail.send_confirmation(user.email.clone());
    }
    Ok(created(token_body(&state, &user, &token)?))
}

/// `GET /api/auth/me`.
pub(super) async fn show_account(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
) -> Result<Json<UserBody>, ApiError> {
    let user = state.ports()?.accounts.find(caller).await?;
    Ok(Json(UserBody::from(&user)))
}

/// `PATCH /api/auth/me`: another name, time zone or first day of the week.
pub(super) async fn change_account(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    JsonBody(body): JsonBody<AccountFields>,
) -> Result<Json<UserBody>, ApiError> {
    let parsed_name = body.name.map(|name| name.as_deref().map_or(Ok(None), UserName::parse));
    let change = AccountChange {
        name: parsed_name.transpose()?,
        time_zone: body.time_zone.as_deref().map(TimeZone::parse).transpose()?,
        week_start: body.week_start.as_deref().map(WeekStart::parse).transpose()?,
    };
    if change == AccountChange::default() {
        return Err(ApiError::invalid("body", "Give at least one of name, time_zone and week_start."));
    }
    Ok(Json(UserBody::from(&state.ports()?.accounts.update(caller, &change).await?)))
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
    reauthenticate(&state, caller, "current_password", body.current_password.as_ref(), source).await?;
    let hash = ports.passwords.hash(new, source).await?;
    let (session, token) = new_session(&state, user_agent);
    let user = ports.sessions.change_password(caller, &hash, &session).await?;
    if let Ok(mail) = state.account_mail() {
        mail.send_password_changed(user.email.clone());
    }
    Ok(Json(token_body(&state, &user, &token)?))
}

/// `DELETE /api/auth/me`: the account and all it owns, after the password was given once more.
pub(super) async fn delete_account(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    FromAddress(source): FromAddress,
    JsonBody(body): JsonBody<PasswordConfirmation>,
) -> Result<NoContent, ApiError> {
    let ports = state.ports()?;
    reauthenticate(&state, caller, "password", body.password.as_ref(), source).await?;
    ports.accounts.delete(caller).await?;
    Ok(NoContent)
}

/// Checks the password of somebody who is signed in, which is in the member of this name. Of an account
/// without one it checks that they have signed in lately.
///
/// # Errors
/// When it is wrong or missing, or was wrong too often; when they did not.
pub(super) async fn reauthenticate(
    state: &AppState,
    caller: Caller,
    member: &'static str,
    password: Option<&SecretString>,
    source: ClientNetwork,
) -> Result<(), ApiError> {
    let given = password.map(password_to_check).transpose()?;
    let account = state.ports()?.accounts.find_with_password(caller).await?;
    if !account.user.has_password {
        return has_signed_in_lately(state, caller).await;
    }
    let given = given.ok_or_else(|| ApiError::invalid(member, "The password is missing."))?;
    let attempt = state.attempt_throttle.begin_password_attempt(&account.user.email, source)?;
    let is_right = is_password_right(state, Some(&account), given, source).await?;
    attempt.end(is_right);
    if is_right { Ok(()) } else { Err(ApiError::WrongCredentials) }
}

async fn has_signed_in_lately(state: &AppState, caller: Caller) -> Result<(), ApiError> {
    let sessions = state.ports()?.sessions.list(caller).await?;
    let own = sessions.iter().find(|session| caller.grant == Some(Grant::Session(session.id)));
    let since = state.clock.now() - chrono::TimeDelta::minutes(REAUTH_WINDOW_MINUTES);
    if own.is_some_and(|session| session.created_at > since) {
        Ok(())
    } else {
        Err(ApiError::ReauthenticationRequired)
    }
}

fn parse(body: &Registration) -> Result<(Email, NewPassword, Option<UserName>), ApiError> {
    let email = Email::parse_mailbox(&body.email);
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
