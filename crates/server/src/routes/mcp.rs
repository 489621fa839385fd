//! The Model Context Protocol: one address, one method.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{HOST, HeaderMap, HeaderName, ORIGIN},
    web::{Bytes, Data, Payload},
};

use crate::{
    error::{ApiError, DisallowedHeader},
    extract::{
        body::{BODY_TIMEOUT, receive_json},
        caller::Authenticated,
        time_zone::named_time_zone,
    },
    mcp::{McpRequest, transport},
    middleware::cors::origins::AllowedOrigins,
    state::AppState,
};

/// The most bytes of a message: the longest arguments, and what is around them.
const MAX_BODY_BYTES: usize = 32 * 1024;

/// `POST /mcp`: a message of a program's.
pub(super) async fn answer_message(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    origins: Data<AllowedOrigins>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    check_names(request.headers(), &state, &origins)?;
    let zone = named_time_zone(&request)?;
    let body = receive_json(&request, payload.into_inner(), MAX_BODY_BYTES, BODY_TIMEOUT).await?;
    let body = body.read(Bytes::copy_from_slice);
    transport::answer(&request, body, McpRequest::new(state, caller, zone)).await
}

/// Refuses a request that was meant for another name, or that a page of a foreign origin makes.
fn check_names(headers: &HeaderMap, state: &AppState, origins: &AllowedOrigins) -> Result<(), ApiError> {
    let hosts = &state.mcp_hosts;
    if !only(headers, &HOST).is_some_and(|host| hosts.admits(host)) {
        return Err(ApiError::HostOrOriginNotAllowed(DisallowedHeader::Host));
    }
    let is_known = |origin| hosts.admits_origin(origin) || origins.admits(origin);
    if headers.contains_key(ORIGIN) && !only(headers, &ORIGIN).is_some_and(is_known) {
        return Err(ApiError::HostOrOriginNotAllowed(DisallowedHeader::Origin));
    }
    Ok(())
}

/// The value of a header that is there once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut all = headers.get_all(name);
    let (first, second) = (all.next()?, all.next());
    first.to_str().ok().filter(|_| second.is_none())
}
