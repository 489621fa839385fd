//! The middleware that every request passes on its way to a handler and back.

use actix_web::{
    HttpResponse,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
};

use crate::error::ApiError;

pub mod accept;
pub mod access_log;
pub mod account_concurrency_limit;
pub mod authentication;
pub mod close_after_response;
pub mod connection_limit;
pub mod cors;
pub mod error_bodies;
pub mod panics;
pub mod request_id;
pub mod response_memory_budget;
pub mod security_headers;

/// Answers a request with an error, which `error_bodies` then writes. `ServiceRequest::into_response`
/// would lose the error and leave its status only.
fn refused(request: ServiceRequest, error: ApiError) -> ServiceResponse<BoxBody> {
    let (request, _payload) = request.into_parts();
    ServiceResponse::new(request, HttpResponse::from_error(error))
}
