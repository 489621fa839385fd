//! A handler that panics costs its own request a 500 and nothing else.

use std::panic::AssertUnwindSafe;

use actix_web::{
    Error, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
};
use futures::FutureExt;

use crate::error::ApiError;

/// Turns a panic below into an answer. Wraps a resource and not the application: before routing
/// is done, nobody may hold a second handle of the request.
///
/// # Errors
/// When the service below fails without an answer, which it does not.
pub async fn catch(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let handle = request.request().clone();
    match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(answered) => answered.map(ServiceResponse::map_into_boxed_body),
        Err(_panic) => {
            let error = ApiError::internal("a handler panicked");
            Ok(ServiceResponse::new(handle, HttpResponse::from_error(error)))
        }
    }
}
