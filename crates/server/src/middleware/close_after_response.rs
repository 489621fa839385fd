//! Closes connections after a response: those beyond the limit, and those of HTTP/1.0 clients to whom only
//! the close tells that a stream is complete.

use actix_web::{
    Error,
    body::{BodySize, BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{ConnectionType, Version},
    middleware::Next,
};

use crate::resource_limits::connection_limit::OpenConnection;

/// Has the connection closed behind an answer: when there are too many, and when the answer has no
/// known length and the request is of HTTP/1.0, which knows no chunks (RFC 9112, 6.1).
///
/// # Errors
/// Propagates the inner service's error (infallible in practice).
pub async fn close_connection_after_response(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let knows_chunks = request.version() >= Version::HTTP_11;
    let is_refused = request.conn_data::<OpenConnection>().is_some_and(OpenConnection::is_refused);
    let mut response = next.call(request).await?.map_into_boxed_body();
    let ends_by_closing = !knows_chunks && response.response().body().size() == BodySize::Stream;
    let head = response.response_mut().head_mut();
    if ends_by_closing {
        head.no_chunking(true);
    }
    if ends_by_closing || is_refused {
        head.set_connection_type(ConnectionType::Close);
    }
    Ok(response)
}
