//! Routes of the links in mails: set a forgotten password anew, and confirm an address.

use actix_web::web::{Data, Json};
use domain::account::Email;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    open_session::{UserBody, new_password},
    response::{Accepted, NoContent},
};
use crate::{
    error::ApiError,
    extract::{body::JsonBody, caller::Authenticated, client_address::FromAddress},
    field_schemas,
    state::AppState,
    tokens::secret_link_token::SecretLinkToken,
};

/// The body of a request for a link to another password.
#[derive(Deserialize, ToSchema)]
pub(super) struct ForgotPasswordRequest {
    #[schema(schema_with = field_schemas::email)]
    email: String,
}

/// The body of a new password that a link allows.
#[derive(Deserialize, ToSchema)]
#[schema(as = PasswordReset)]
pub(super) struct Reset {
    #[schema(value_type = String)]
    token: SecretString,
    #[schema(schema_with = field_schemas::new_password)]
    new_password: SecretString,
}

/// The secret of a link.
#[derive(Deserialize, ToSchema)]
pub(super) struct LinkToken {
    #[schema(value_type = String)]
    token: SecretString,
}

/// That mail was asked for, as a sentence; whether any is sent is not told.
#[derive(Serialize, ToSchema)]
#[schema(as = MailAccepted)]
pub(super) struct MailAcceptedBody {
    message: &'static str,
}

/// `POST /api/auth/forgot-password`: mails a link to another password. Nothing here looks whether the
/// address has an account, so neither the answer nor its time tells.
pub(super) async fn forgot_password(
    state: Data<AppState>,
    FromAddress(source): FromAddress,
    JsonBody(body): JsonBody<ForgotPasswordRequest>,
) -> Result<Accepted<MailAcceptedBody>, ApiError> {
    let email = Email::parse_mailbox(&body.email)?;
    let mail = state.account_mail()?;
    state.ports()?;
    state.attempt_throttle.check_and_record_link_request(source)?;
    mail.send_reset_link(email)?;
    Ok(accepted("If this address has an account, a link is on its way to it. It is good for 30 minutes."))
}

/// `POST /api/auth/reset-password`: sets another password, once, and ends every session and every access
/// token of the account.
pub(super) async fn reset_password(
    state: Data<AppState>,
    FromAddress(source): FromAddress,
    JsonBody(body): JsonBody<Reset>,
) -> Result<NoContent, ApiError> {
    let new = new_password(&body.new_password)?;
    let secret = SecretLinkToken::from_request(body.token.expose_secret()).hash();
    let ports = state.ports()?;
    // Before the password is hashed, which is the slow part.
    if !ports.one_time_tokens.may_reset_password(&secret).await? {
        return Err(ApiError::InvalidLink);
    }
    let hash = ports.passwords.hash(new, source).await?;
    let email = ports.one_time_tokens.reset_password(&secret, &hash).await?.ok_or(ApiError::InvalidLink)?;
    // A person who forgot their password has often tried too many wrong ones before.
    state.attempt_throttle.forget_password_attempts(&email, source);
    if let Ok(mail) = state.account_mail() {
        mail.send_password_changed(email);
    }
    Ok(NoContent)
}

/// `POST /api/auth/send-confirmation`: mails a link that confirms the caller's address.
pub(super) async fn send_confirmation(
    state: Data<AppState>,
    Authenticated(caller): Authenticated,
    FromAddress(source): FromAddress,
) -> Result<Accepted<MailAcceptedBody>, ApiError> {
    let user = state.ports()?.accounts.find(caller).await?;
    let mail = state.account_mail()?;
    state.attempt_throttle.check_and_record_link_request(source)?;
    mail.send_confirmation(user.email)?;
    Ok(accepted("A link is on its way to your address. It is good for 24 hours."))
}

/// `POST /api/auth/confirm-email`: the caller shows that mail to their address reaches them. It takes
/// both, the mail and the account: who registers with somebody else's address waits for a click of that
/// person's otherwise.
pub(super) async fn confirm_email(
    state: Data<AppState>,
    Authenticated(caller): Authenticated,
    JsonBody(body): JsonBody<LinkToken>,
) -> Result<Json<UserBody>, ApiError> {
    let secret = SecretLinkToken::from_request(body.token.expose_secret()).hash();
    let user = state.ports()?.one_time_tokens.confirm_email(caller, &secret).await?;
    Ok(Json(UserBody::from(&user.ok_or(ApiError::InvalidLink)?)))
}

fn accepted(message: &'static str) -> Accepted<MailAcceptedBody> {
    Accepted(MailAcceptedBody { message })
}
