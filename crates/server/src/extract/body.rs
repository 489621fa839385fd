//! Bodies, JSON but for a few forms: bounded in size and time, and refused with the status that says why.

mod deserialize;
mod incoming_body;

use std::time::Duration;

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    error::PayloadError,
    http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap},
    web::Data,
};
pub use deserialize::{double_option, read_object, read_value};
use futures::{StreamExt, future::LocalBoxFuture};
pub use incoming_body::IncomingBody;
use serde::de::DeserializeOwned;

use crate::{
    error::ApiError,
    oauth::parameters::Parameters,
    resource_limits::memory_budget::{MemoryBudget, ReservedBytes},
    state::AppState,
};

/// The most bytes of a body on every route but the chat's.
pub const SMALL: usize = 16 * 1024;
/// How long a body may take to arrive, but for the file of an import.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// A body of at most `LIMIT` bytes that is a JSON object, read into `T`.
///
/// Members that `T` does not know are ignored. What is not JSON is a 400; what is JSON but not a
/// `T` is a 422 that names the member.
#[derive(Debug)]
pub struct JsonBody<T, const LIMIT: usize = SMALL>(pub T);

impl<T: DeserializeOwned, const LIMIT: usize> FromRequest for JsonBody<T, LIMIT> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let body = receive_json(&request, payload, LIMIT, BODY_TIMEOUT).await?;
            body.read(read_object).map(Self)
        })
    }
}

/// Waits for a JSON body of at most `limit` bytes.
///
/// # Errors
/// When it says that it is no plain JSON, is too large, takes too long to arrive, or there is no memory
/// for it.
pub async fn receive_json(
    request: &HttpRequest,
    payload: Payload,
    limit: usize,
    within: Duration,
) -> Result<IncomingBody, ApiError> {
    receive(request, payload, "application/json", limit, within).await
}

/// Waits for a form of at most [`SMALL`] bytes (`application/x-www-form-urlencoded`), and reads it.
///
/// # Errors
/// As of [`receive_json`].
pub async fn form(request: &HttpRequest, payload: Payload) -> Result<Parameters, ApiError> {
    let media = "application/x-www-form-urlencoded";
    let body = receive(request, payload, media, SMALL, BODY_TIMEOUT).await?;
    Ok(body.read(Parameters::parse))
}

async fn receive(
    request: &HttpRequest,
    payload: Payload,
    media: &str,
    limit: usize,
    within: Duration,
) -> Result<IncomingBody, ApiError> {
    check_media_type(request.headers(), media)?;
    receive_any_type(request, payload, limit, within).await
}

/// Waits for a body of at most `limit` bytes of any kind.
async fn receive_any_type(
    request: &HttpRequest,
    payload: Payload,
    limit: usize,
    within: Duration,
) -> Result<IncomingBody, ApiError> {
    check_length(request.headers(), limit)?;
    let state = request.app_data::<Data<AppState>>();
    let buffers = &state.ok_or(ApiError::internal("the application has no state"))?.body_memory;
    let collected = tokio::time::timeout(within, collect(payload, limit, buffers)).await;
    collected.map_err(|_elapsed| ApiError::RequestTimeout)?
}

/// As [`JsonBody`], or nothing at all, which is `T` by default.
#[derive(Debug)]
pub struct OptionalBody<T>(pub T);

impl<T: DeserializeOwned + Default + 'static> FromRequest for OptionalBody<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            if announced_length(request.headers()) > 0 {
                check_media_type(request.headers(), "application/json")?;
            }
            // A proxy may hand on nothing in chunks: only the end of the body tells.
            let body = receive_any_type(&request, payload, SMALL, BODY_TIMEOUT).await?;
            if body.size() == 0 {
                return Ok(Self(T::default()));
            }
            check_media_type(request.headers(), "application/json")?;
            body.read(read_object).map(Self)
        })
    }
}

fn check_media_type(headers: &HeaderMap, media: &str) -> Result<(), ApiError> {
    let is_encoded = headers
        .get_all(CONTENT_ENCODING)
        .any(|value| !value.to_str().is_ok_and(|coding| coding.trim().eq_ignore_ascii_case("identity")));
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()?.split(';').next());
    let is_right = kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case(media));
    if is_encoded || !is_right { Err(ApiError::UnsupportedMediaType) } else { Ok(()) }
}

fn check_length(headers: &HeaderMap, limit: usize) -> Result<(), ApiError> {
    if announced_length(headers) > limit as u64 { Err(ApiError::PayloadTooLarge) } else { Ok(()) }
}

/// The length that a body says it has; 0 when it says none.
fn announced_length(headers: &HeaderMap) -> u64 {
    let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    length.unwrap_or(0)
}

async fn collect(
    mut payload: Payload,
    limit: usize,
    buffers: &MemoryBudget,
) -> Result<IncomingBody, ApiError> {
    let mut body = IncomingBody::new(limit, buffers);
    while let Some(chunk) = payload.next().await {
        body.push(&chunk.map_err(|error| unreadable(&error))?)?;
    }
    Ok(body)
}

fn unreadable(error: &PayloadError) -> ApiError {
    match error {
        PayloadError::Overflow => ApiError::PayloadTooLarge,
        _ => ApiError::MalformedRequest("The body broke off or cannot be read."),
    }
}
