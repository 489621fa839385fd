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
/// is done, no second handle of the request may be held.
///
/// # Errors
/// Propagates the inner service's error (infallible in practice).
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

#[cfg(test)]
mod tests {
    use actix_web::{
        App, Responder,
        http::StatusCode,
        middleware::from_fn,
        test::{TestRequest, call_service, init_service, read_body},
        web,
    };

    use super::*;
    use crate::middleware::error_bodies::render_errors;

    async fn stumble() -> impl Responder {
        assert!(std::hint::black_box(false), "a canary in a panic");
        "never said"
    }

    #[actix_web::test]
    async fn a_panic_is_a_500_that_tells_nothing() {
        let resource = web::resource("/").route(web::get().to(stumble)).wrap(from_fn(catch));
        let service = init_service(App::new().service(resource).wrap(from_fn(render_errors))).await;
        let response = call_service(&service, TestRequest::with_uri("/").to_request()).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = read_body(response).await;
        let body = String::from_utf8_lossy(&body);
        assert!(body.contains("internal_error") && !body.contains("canary"), "{body}");
    }
}
