//! The route that shows the metrics to the operator.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    web::Data,
};

use crate::{error::ApiError, state::AppState};

/// What `prometheus-client` writes: <https://prometheus.io/docs/specs/om/open_metrics_spec/>.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// `GET /metrics`.
pub(super) async fn show_metrics(state: Data<AppState>) -> Result<HttpResponse, ApiError> {
    let text = state.metrics.text(state.readiness.connections());
    let text = text.map_err(|_error| ApiError::internal("the metrics cannot be written"))?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, OPEN_METRICS))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(text))
}
