//! Routes that say whether the process lives, whether it can serve, and what it is.

use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    VERSION,
    error::ApiError,
    field_schemas,
    state::{AppState, ModelInfo},
};

/// A process that lives.
#[derive(Serialize, ToSchema)]
pub(super) struct Health {
    status: &'static str,
    version: &'static str,
}

/// A process that can serve.
#[derive(Serialize, ToSchema)]
pub(super) struct Ready {
    status: &'static str,
}

/// The version, the model, those that a person may choose, and whether mail is sent.
#[derive(Serialize, ToSchema)]
pub(super) struct Info {
    version: &'static str,
    model: ModelInfo,
    models: Vec<String>,
    mail: bool,
    #[schema(schema_with = field_schemas::providers)]
    sign_in_with: Vec<&'static str>,
}

/// `GET /health`: the process lives. Never touches the database.
pub(super) async fn show_health() -> Json<Health> {
    Json(Health { status: "ok", version: VERSION })
}

/// `GET /ready`: migrations are done and the database answers.
pub(super) async fn show_readiness(state: Data<AppState>) -> Result<Json<Ready>, ApiError> {
    state.readiness.check().await?;
    Ok(Json(Ready { status: "ok" }))
}

/// `GET /api/info`: the version, the model and what is offered, for a page that introduces itself.
pub(super) async fn show_info(state: Data<AppState>) -> Json<Info> {
    let model = state.model.clone();
    let sign_in_with = state.providers.iter().map(|(provider, _)| provider.as_str()).collect();
    let mail = state.sends_mail();
    Json(Info { version: VERSION, models: model.choices.clone(), model, mail, sign_in_with })
}
