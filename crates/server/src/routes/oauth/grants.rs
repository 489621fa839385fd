//! The programs that a person has connected: see them, end one.

use actix_web::web::{Data, Json};
use chrono::{DateTime, Utc};
use domain::oauth::{ConnectedClient, GrantId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    error::{ApiError, Resource},
    extract::{caller::Authenticated, path_id::InPath},
    field_schemas,
    routes::response::NoContent,
    state::AppState,
};

/// A connected program as its owner sees it.
#[derive(Serialize, ToSchema)]
#[schema(as = OAuthGrant)]
pub(crate) struct GrantBody {
    id: Uuid,
    client_name: String,
    #[schema(required)]
    client_uri: Option<String>,
    #[schema(schema_with = field_schemas::oauth_scopes)]
    scopes: Vec<&'static str>,
    created_at: DateTime<Utc>,
    last_used_at: DateTime<Utc>,
}

/// All connected programs of an account.
#[derive(Serialize, ToSchema)]
#[schema(as = OAuthGrants)]
pub(crate) struct GrantsBody {
    grants: Vec<GrantBody>,
}

impl From<ConnectedClient> for GrantBody {
    fn from(connected: ConnectedClient) -> Self {
        Self {
            id: connected.id.0,
            client_name: connected.client_name.as_str().to_owned(),
            client_uri: connected.client_uri,
            scopes: connected.scopes.names(),
            created_at: connected.created_at,
            last_used_at: connected.last_used_at,
        }
    }
}

/// `GET /api/{user_id}/oauth/grants`, the newest first.
pub(in crate::routes) async fn list_grants(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
) -> Result<Json<GrantsBody>, ApiError> {
    let connected = state.ports()?.oauth.connected(caller).await?;
    Ok(Json(GrantsBody { grants: connected.into_iter().map(GrantBody::from).collect() }))
}

/// `DELETE /api/{user_id}/oauth/grants/{grant_id}`.
pub(in crate::routes) async fn end_grant(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    InPath(id): InPath<GrantId>,
) -> Result<NoContent, ApiError> {
    let was_there = state.ports()?.oauth.disconnect(caller, id).await?;
    if was_there { Ok(NoContent) } else { Err(ApiError::NotFound(Resource::Grant)) }
}
