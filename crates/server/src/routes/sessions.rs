//! The sessions of a person, as the list of devices where they are signed in.

use actix_web::web::{Data, Json};
use chrono::{DateTime, Utc};
use domain::{
    caller::Grant,
    session::{Session, SessionId, UserAgent},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::response::NoContent;
use crate::{
    error::{ApiError, Resource},
    extract::{caller::Authenticated, path_id::InPath},
    state::AppState,
};

/// A device where somebody is signed in.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub(super) struct SessionBody {
    id: Uuid,
    #[schema(required)]
    user_agent: Option<String>,
    created_at: DateTime<Utc>,
    last_used_at: DateTime<Utc>,
    current: bool,
}

/// All of them.
#[derive(Serialize, ToSchema)]
#[schema(as = Sessions)]
pub(super) struct SessionsBody {
    sessions: Vec<SessionBody>,
}

impl SessionBody {
    fn new(session: Session, asking: Option<Grant>) -> Self {
        Self {
            id: session.id.0,
            user_agent: session.user_agent.as_ref().map(UserAgent::as_str).map(str::to_owned),
            created_at: session.created_at,
            last_used_at: session.last_used_at,
            current: asking == Some(Grant::Session(session.id)),
        }
    }
}

/// `GET /api/{user_id}/sessions`, the one that was used last first.
pub(super) async fn list_sessions(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
) -> Result<Json<SessionsBody>, ApiError> {
    let sessions = state.ports()?.sessions.list(caller).await?;
    let sessions = sessions.into_iter().map(|session| SessionBody::new(session, caller.grant));
    Ok(Json(SessionsBody { sessions: sessions.collect() }))
}

/// `DELETE /api/{user_id}/sessions/{session_id}`: signs out there, also when that is here.
pub(super) async fn end_session(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    InPath(id): InPath<SessionId>,
) -> Result<NoContent, ApiError> {
    let was_there = state.ports()?.sessions.end(caller, id).await?;
    if was_there { Ok(NoContent) } else { Err(ApiError::NotFound(Resource::Session)) }
}
