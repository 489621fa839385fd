//! Requests on connections beyond the bound are refused; see [`crate::resource_limits::connection_limit`].

use actix_web::{
    Error,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
};

use super::refused;
use crate::{
    error::{ApiError, UnavailableCause},
    resource_limits::connection_limit::OpenConnection,
};

/// What is answered on every connection: a platform that cannot look at a server takes it for dead.
const ALWAYS_ANSWERED: [&str; 3] = ["/health", "/ready", "/metrics"];

/// Refuses a request that came over a connection too many.
///
/// # Errors
/// Propagates the inner service's error (infallible in practice).
pub async fn refuse_beyond(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let is_refused = request.conn_data::<OpenConnection>().is_some_and(OpenConnection::is_refused);
    if is_refused && !ALWAYS_ANSWERED.contains(&request.path()) {
        let what = UnavailableCause::Connections;
        return Ok(refused(request, ApiError::Unavailable { what, source: None }));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}
