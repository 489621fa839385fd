//! Which pages of other origins may talk to this API from a browser.
//!
//! Exact origins only, on every answer there is. CORS is no access control: a request of a foreign
//! origin is answered like any other, its page just cannot read the answer.

pub mod origins;

use actix_web::{
    Error, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{
            ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
            ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
            ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderValue, ORIGIN, VARY,
        },
    },
    middleware::Next,
    web,
};
use origins::AllowedOrigins;

const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";
const REQUEST_HEADERS: &str = "Authorization, Content-Type, Accept, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, Time-Zone, \
                               X-Request-Id, Mcp-Protocol-Version, Mcp-Session-Id, Mcp-Method, Mcp-Name";
const EXPOSED_HEADERS: &str = "ETag, Link, Location, Retry-After, X-Request-Id, Idempotency-Replayed";
/// Browsers ask again after 10 minutes.
const MAX_AGE: &str = "600";

/// Answers preflights, and tells browsers on every other answer who may read it.
///
/// # Errors
/// When the service below fails without an answer, which it does not.
pub async fn share(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let origin = allowed_origin(&request);
    let is_preflight = request.method() == Method::OPTIONS
        && request.headers().contains_key(ORIGIN)
        && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if is_preflight {
        request.into_response(HttpResponse::NoContent().finish())
    } else {
        next.call(request).await?.map_into_boxed_body()
    };
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin {
        admit(headers, origin);
        if is_preflight {
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(REQUEST_HEADERS));
            headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE));
        }
    }
    Ok(response)
}

fn admit(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED_HEADERS));
}

/// The request's one origin, if its pages may read our answers.
fn allowed_origin(request: &ServiceRequest) -> Option<HeaderValue> {
    let allowed = request.app_data::<web::Data<AllowedOrigins>>()?;
    let mut given = request.headers().get_all(ORIGIN);
    let origin = given.next()?;
    let is_only_one = given.next().is_none();
    let is_allowed = origin.to_str().is_ok_and(|origin| allowed.admits(origin));
    (is_only_one && is_allowed).then(|| origin.clone())
}

#[cfg(test)]
mod tests;
