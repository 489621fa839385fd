//! CORS: which pages of other origins may use this API from a browser.
//!
//! Exact origins only, on every answer there is but those that programs need which run in a browser: how to
//! be connected by OAuth anybody may read, and the answers of `/mcp` any page that may ask there. CORS is no
//! access control: a request of a foreign origin is answered like any other, its page just cannot read the
//! answer.

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

use crate::{oauth::paths, state::AppState};

const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";
const REQUEST_HEADERS: &str = "Authorization, Content-Type, Accept, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, Time-Zone, \
                               X-Request-Id, Mcp-Protocol-Version, Mcp-Session-Id, Mcp-Method, Mcp-Name";
const EXPOSED_HEADERS: &str =
    "ETag, Link, Location, Retry-After, WWW-Authenticate, X-Request-Id, Idempotency-Replayed";
/// What a program asks for while it is being connected, from whatever page it runs in. The page on which the
/// person is asked is none of these.
const OAUTH_PATHS: [&str; 6] = [
    paths::RESOURCE_METADATA_AT_ROOT,
    paths::RESOURCE_METADATA,
    paths::SERVER_METADATA,
    paths::REGISTER,
    paths::TOKEN,
    paths::REVOKE,
];
/// Browsers ask again after 10 minutes.
const MAX_AGE: &str = "600";

/// Answers preflights, and tells browsers on every other answer who may read it.
///
/// # Errors
/// Propagates the inner service's error (infallible in practice).
pub async fn add_cors_headers(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let reader = reader(&request);
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
    if let Some(reader) = reader {
        admit(headers, reader);
        if is_preflight {
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(REQUEST_HEADERS));
            headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE));
        }
    }
    Ok(response)
}

/// Who may read an answer.
enum Reader {
    /// The pages of a frontend of ours.
    Frontend(HeaderValue),
    /// Pages that hold a token of their own.
    Program(HeaderValue),
    /// Everybody: there is nothing of anybody's in it.
    Anybody,
}

fn admit(headers: &mut HeaderMap, reader: Reader) {
    let origin = match reader {
        Reader::Frontend(origin) => {
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
            origin
        }
        Reader::Program(origin) => origin,
        Reader::Anybody => HeaderValue::from_static("*"),
    };
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED_HEADERS));
}

/// Whose pages may read the answer to a request, which has one origin.
fn reader(request: &ServiceRequest) -> Option<Reader> {
    let allowed = request.app_data::<web::Data<AllowedOrigins>>()?;
    let mut given = request.headers().get_all(ORIGIN);
    let origin = given.next().filter(|_| given.next().is_none())?;
    let text = origin.to_str().ok()?;
    if allowed.admits(text) {
        return Some(Reader::Frontend(origin.clone()));
    }
    if OAUTH_PATHS.contains(&request.path()) {
        return Some(Reader::Anybody);
    }
    let hosts = &request.app_data::<web::Data<AppState>>()?.mcp_hosts;
    let is_program = request.path() == paths::RESOURCE && hosts.admits_origin(text);
    is_program.then(|| Reader::Program(origin.clone()))
}

#[cfg(test)]
mod tests;
