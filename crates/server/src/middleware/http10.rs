//! HTTP/1.0 knows no chunks (RFC 9112, 6.1): to such a client, what has no length ends with its
//! connection.

use actix_web::{
    Error,
    body::{BodySize, BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{ConnectionType, Version},
    middleware::Next,
};

/// Has an answer of no known length ended by closing the connection, when the request is of HTTP/1.0.
///
/// # Errors
/// When the service below fails without an answer, which it does not.
pub async fn end_by_closing(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let knows_chunks = request.version() >= Version::HTTP_11;
    let mut response = next.call(request).await?.map_into_boxed_body();
    if !knows_chunks && response.response().body().size() == BodySize::Stream {
        let head = response.response_mut().head_mut();
        head.no_chunking(true);
        head.set_connection_type(ConnectionType::Close);
    }
    Ok(response)
}
