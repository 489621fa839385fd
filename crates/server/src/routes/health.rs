//! Whether the process lives, whether it can serve, and what it is.

use actix_web::{HttpResponse, Responder, web};
use serde_json::json;

use crate::{VERSION, error::ApiError, state::AppState};

/// `GET /health`: the process lives. Never touches the database.
pub(super) async fn show_health() -> impl Responder {
    HttpResponse::Ok().json(json!({"status": "ok", "version": VERSION}))
}

/// `GET /ready`: migrations are done and the database answers.
pub(super) async fn show_readiness(state: web::Data<AppState>) -> Result<HttpResponse, ApiError> {
    state.readiness.check().await?;
    Ok(HttpResponse::Ok().json(json!({"status": "ok"})))
}

/// `GET /api/info`: the version and the model, for a page that introduces itself.
pub(super) async fn show_info(state: web::Data<AppState>) -> impl Responder {
    HttpResponse::Ok().json(json!({"version": VERSION, "model": state.model}))
}
