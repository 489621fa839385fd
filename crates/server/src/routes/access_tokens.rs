//! Personal access tokens: make one for a program, see them, revoke one.

use actix_web::web::{Data, Json};
use chrono::{DateTime, Utc};
use domain::access_token::{AccessToken, AccessTokenId, NewAccessToken, Scopes, TokenDays, TokenName};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::response::{Created, NoContent, created};
use crate::{
    error::{ApiError, InvalidField, Resource},
    extract::{
        body::{JsonBody, double_option},
        caller::Authenticated,
        path_id::InPath,
    },
    field_schemas,
    state::AppState,
    tokens::api_token_format::{ApiToken, TokenKind},
};

/// The body of a new token. That it has no end must be said.
#[derive(Deserialize, ToSchema)]
#[schema(as = AccessTokenRequest)]
pub(super) struct TokenFields {
    #[schema(schema_with = field_schemas::token_name)]
    name: String,
    #[schema(schema_with = field_schemas::scopes)]
    scopes: Vec<String>,
    #[serde(default, deserialize_with = "double_option")]
    #[schema(schema_with = field_schemas::token_days, required = true)]
    expires_in_days: Option<Option<i64>>,
}

/// A token as its owner sees it.
#[derive(Serialize, ToSchema)]
#[schema(as = AccessToken)]
pub(super) struct AccessTokenBody {
    id: Uuid,
    name: String,
    #[schema(schema_with = field_schemas::scopes)]
    scopes: Vec<&'static str>,
    created_at: DateTime<Utc>,
    #[schema(required)]
    last_used_at: Option<DateTime<Utc>>,
    #[schema(required)]
    expires_at: Option<DateTime<Utc>>,
}

/// A token that was just made: the one answer with its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = NewAccessToken)]
pub(super) struct NewTokenBody {
    #[serde(flatten)]
    token: AccessTokenBody,
    #[serde(rename = "token")]
    secret: String,
}

/// All tokens of an account.
#[derive(Serialize, ToSchema)]
#[schema(as = AccessTokens)]
pub(super) struct TokensBody {
    tokens: Vec<AccessTokenBody>,
}

impl From<AccessToken> for AccessTokenBody {
    fn from(token: AccessToken) -> Self {
        Self {
            id: token.id.0,
            name: token.name.as_str().to_owned(),
            scopes: token.scopes.names(),
            created_at: token.created_at,
            last_used_at: token.last_used_at,
            expires_at: token.expires_at,
        }
    }
}

/// `POST /api/{user_id}/tokens`.
pub(super) async fn create_token(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    JsonBody(body): JsonBody<TokenFields>,
) -> Result<Created<NewTokenBody>, ApiError> {
    let (name, scopes, lifetime) = parse(&body)?;
    let secret = ApiToken::random(TokenKind::Personal);
    let new = NewAccessToken {
        id: AccessTokenId(state.ids.next()),
        name,
        scopes,
        audience: TokenKind::Personal.audience(),
        lifetime,
        secret: secret.hash(),
    };
    let token = state.ports()?.access_tokens.create(caller, &new).await?;
    Ok(created(NewTokenBody { token: token.into(), secret: secret.reveal().to_owned() }))
}

/// `GET /api/{user_id}/tokens`, the newest first.
pub(super) async fn list_tokens(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
) -> Result<Json<TokensBody>, ApiError> {
    let tokens = state.ports()?.access_tokens.list(caller).await?;
    Ok(Json(TokensBody { tokens: tokens.into_iter().map(AccessTokenBody::from).collect() }))
}

/// `DELETE /api/{user_id}/tokens/{token_id}`.
pub(super) async fn revoke_token(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    InPath(id): InPath<AccessTokenId>,
) -> Result<NoContent, ApiError> {
    let was_there = state.ports()?.access_tokens.revoke(caller, id).await?;
    if was_there { Ok(NoContent) } else { Err(ApiError::NotFound(Resource::AccessToken)) }
}

fn parse(body: &TokenFields) -> Result<(TokenName, Scopes, Option<TokenDays>), ApiError> {
    let name = TokenName::parse(&body.name);
    let scopes = Scopes::parse(body.scopes.iter().map(String::as_str));
    let Some(days) = body.expires_in_days else {
        let message = "Say for how many days the token is good, or null for no end.";
        return Err(ApiError::invalid("expires_in_days", message));
    };
    let lifetime = days.map(TokenDays::parse).transpose();
    match (name, scopes, lifetime) {
        (Ok(name), Ok(scopes), Ok(lifetime)) => Ok((name, scopes, lifetime)),
        (name, scopes, lifetime) => {
            let errors = [name.err(), scopes.err(), lifetime.err()];
            Err(ApiError::Invalid(errors.into_iter().flatten().map(InvalidField::from).collect()))
        }
    }
}
