//! One line in the log for each request: what was asked, by whom, and what came of it.
//!
//! The route's pattern and never the path, a user's id and never their email: no line holds a
//! token, a title or a message.

use actix_web::{
    Error, HttpMessage,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web,
};
use domain::account::UserId;
use tracing::Instrument;

use crate::{middleware::request_id::RequestId, state::AppState};

/// Logs the request once its answer begins.
///
/// # Errors
/// When the service below fails without an answer, which it does not.
pub async fn log_access(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let clock = request.app_data::<web::Data<AppState>>().map(|state| state.clock.clone());
    let outcome = clock.as_ref().map(|clock| clock.instant());
    let id = RequestId::of(&request.extensions());
    // Whatever is logged on the way has the id from the span.
    let span = tracing::info_span!("request", request_id = id.as_str());
    let response = next.call(request).instrument(span).await?.map_into_boxed_body();
    let took = clock.zip(outcome).map(|(clock, outcome)| clock.instant().saturating_duration_since(outcome));
    let request = response.request();
    let method = request.method().as_str();
    let route = request.match_pattern().unwrap_or_else(|| "(no route)".to_owned());
    let status = response.status().as_u16();
    let duration_ms = took.map_or(0, |took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
    let extensions = request.extensions();
    let user = extensions.get::<UserId>().map(ToString::to_string);
    tracing::info!(
        http.method = shown(method),
        http.route = route,
        http.status = status,
        duration_ms,
        user.id = user,
        request_id = id.as_str(),
        "{} {route} {status}",
        shown(method),
    );
    drop(extensions);
    Ok(response)
}

/// The method, unless a client made one up.
fn shown(method: &str) -> &str {
    match method {
        "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS" | "TRACE" | "CONNECT" => method,
        _ => "(other)",
    }
}
