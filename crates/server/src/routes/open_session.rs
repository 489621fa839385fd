//! Signs a person in: opens their session and returns its tokens and the user.

use chrono::{DateTime, Utc};
use domain::{
    account::{User, UserId},
    linked_identity::Provider,
    password::NewPassword,
    session::{NewSession, SESSION_DAYS, SessionId, UserAgent},
};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{error::ApiError, field_schemas, state::AppState, tokens::refresh::RefreshToken};

/// The contract's token answer.
#[derive(Serialize, ToSchema)]
#[schema(as = TokenAnswer)]
pub(super) struct TokenBody {
    access_token: String,
    #[schema(schema_with = field_schemas::token_type)]
    token_type: &'static str,
    expires_in: i64,
    refresh_token: String,
    refresh_expires_in: i64,
    user: UserBody,
}

/// A user as the API shows one.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub(super) struct UserBody {
    #[schema(value_type = Uuid)]
    id: UserId,
    email: String,
    #[schema(required)]
    name: Option<String>,
    #[schema(required)]
    avatar_url: Option<String>,
    #[schema(required)]
    oauth_provider: Option<&'static str>,
    #[schema(schema_with = field_schemas::time_zone)]
    time_zone: &'static str,
    #[schema(schema_with = field_schemas::week_start)]
    week_start: &'static str,
    email_confirmed: bool,
    has_password: bool,
    created_at: DateTime<Utc>,
}

/// A password that is to be set, in the member `new_password`.
pub(super) fn new_password(password: &SecretString) -> Result<NewPassword, ApiError> {
    NewPassword::parse(password.expose_secret())
        .map_err(|error| ApiError::invalid("new_password", error.message))
}

/// Makes a session that is to be opened, and its first refresh token.
pub(super) fn new_session(state: &AppState, user_agent: Option<UserAgent>) -> (NewSession, RefreshToken) {
    let token = RefreshToken::first(state.ids.next());
    (NewSession { id: SessionId(token.owner()), secret: token.hash(), user_agent }, token)
}

/// Opens a session for a user who has just proved who they are, and returns its first tokens. `None` when
/// what they proved is no longer so.
pub(super) async fn open_session(
    state: &AppState,
    user: &User,
    user_agent: Option<UserAgent>,
) -> Result<Option<TokenBody>, ApiError> {
    let (session, token) = new_session(state, user_agent);
    let is_open = state.ports()?.sessions.open(user, &session).await?;
    is_open.then(|| token_body(state, user, &token)).transpose()
}

/// The answer to everything that signs somebody in.
pub(super) fn token_body(
    state: &AppState,
    user: &User,
    refresh: &RefreshToken,
) -> Result<TokenBody, ApiError> {
    let issued = state.access_jwts.issue(user, SessionId(refresh.owner()))?;
    Ok(TokenBody {
        access_token: issued.token,
        token_type: "bearer",
        expires_in: issued.expires_in,
        refresh_token: refresh.reveal(),
        refresh_expires_in: i64::from(SESSION_DAYS) * 24 * 60 * 60,
        user: UserBody::from(user),
    })
}

impl From<&User> for UserBody {
    fn from(user: &User) -> Self {
        Self {
            id: user.id,
            email: user.email.as_str().to_owned(),
            name: user.name.as_ref().map(|name| name.as_str().to_owned()),
            avatar_url: user.avatar_url.clone(),
            oauth_provider: user.provider.map(Provider::as_str),
            time_zone: user.time_zone.name(),
            week_start: user.week_start.as_str(),
            email_confirmed: user.is_email_confirmed,
            has_password: user.has_password,
            created_at: user.created_at,
        }
    }
}
