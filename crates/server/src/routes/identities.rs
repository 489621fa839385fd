//! The providers with which a person can sign in to their account.

use actix_web::web::{Data, Json};
use chrono::{DateTime, Utc};
use domain::{
    linked_identity::{Identity, Provider},
    ports::UnlinkOutcome,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::response::NoContent;
use crate::{
    error::{ApiError, Conflict, Resource},
    extract::{caller::Authenticated, path_id::InPath},
    field_schemas,
    state::AppState,
};

/// A provider with which the person can sign in.
#[derive(Serialize, ToSchema)]
#[schema(as = Identity)]
pub(super) struct IdentityBody {
    #[schema(schema_with = field_schemas::provider)]
    provider: &'static str,
    /// Since when.
    linked_at: DateTime<Utc>,
}

/// All of them.
#[derive(Serialize, ToSchema)]
#[schema(as = Identities)]
pub(super) struct IdentitiesBody {
    identities: Vec<IdentityBody>,
}

impl From<Identity> for IdentityBody {
    fn from(identity: Identity) -> Self {
        Self { provider: identity.provider.as_str(), linked_at: identity.linked_at }
    }
}

/// `GET /api/{user_id}/identities`, the one that was linked first at the front.
pub(super) async fn list_identities(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
) -> Result<Json<IdentitiesBody>, ApiError> {
    let identities = state.ports()?.identities.linked(caller).await?;
    Ok(Json(IdentitiesBody { identities: identities.into_iter().map(IdentityBody::from).collect() }))
}

/// `DELETE /api/{user_id}/identities/{provider}`: never the last way to sign in.
pub(super) async fn unlink_identity(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    InPath(provider): InPath<Provider>,
) -> Result<NoContent, ApiError> {
    // One that is not configured any more cannot be used to sign in.
    let usable: Vec<_> = state.providers.iter().map(|(usable, _)| *usable).collect();
    match state.ports()?.identities.unlink(caller, provider, &usable).await? {
        UnlinkOutcome::Unlinked => Ok(NoContent),
        UnlinkOutcome::NotLinked => Err(ApiError::NotFound(Resource::Identity)),
        UnlinkOutcome::LastSignInMethod => Err(ApiError::Conflict(Conflict::LastWayIn)),
    }
}
