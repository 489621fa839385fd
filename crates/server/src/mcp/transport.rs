//! The transport between actix and the MCP SDK: one HTTP request in, one HTTP response out, both whole.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE},
    },
    web::Bytes,
};
use http_body_util::{BodyExt, Full};
use rmcp::{
    model::{ErrorCode, ProtocolVersion},
    transport::streamable_http_server::{
        StreamableHttpServerConfig, StreamableHttpService, session::never::NeverSessionManager,
    },
};
use serde_json::{Value, json};

use super::{McpRequest, tool_handler::ToolHandler};
use crate::{
    error::{ApiError, insufficient_scope_header},
    middleware::error_bodies::OwnErrorBody,
};

const JSON: &str = "application/json";
const PROTOCOL_VERSION: &str = "mcp-protocol-version";
const UNKNOWN_VERSION: &str = "The header Mcp-Protocol-Version names no version that is spoken here.";

/// Answers a message of the protocol.
///
/// # Errors
/// With what HTTP has an answer for, and the protocol none of its own.
pub async fn answer(request: &HttpRequest, body: Bytes, about: McpRequest) -> Result<HttpResponse, ApiError> {
    let about = Arc::new(about);
    let forwarded = forwarded(request, body.clone())?;
    let answer = service(about.clone()).handle(forwarded).await;
    if let Some(refusal) = about.take_error() {
        return Err(refusal);
    }
    let (head, content) = answer.into_parts();
    let Ok(content) = content.collect().await;
    let status = StatusCode::from_u16(head.status.as_u16())
        .map_err(|_error| ApiError::internal("an answer of the protocol has no status"))?;
    let is_json =
        head.headers.get(http::header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes() == JSON.as_bytes());
    match (status.is_success(), is_json) {
        (true, _) => {
            let mut response = whole(status, is_json, content.to_bytes());
            if let Some(scope) = about.missing_scope() {
                // Also a good answer may say what another token would do (RFC 9110 11.6.1).
                response.headers_mut().insert(WWW_AUTHENTICATE, insufficient_scope_header(Some(scope)));
            }
            Ok(response)
        }
        (false, true) => Ok(own_error(whole(status, is_json, content.to_bytes()))),
        // The SDK's word for a body that it cannot read; its media type was checked before.
        (false, false) if status == StatusCode::UNSUPPORTED_MEDIA_TYPE => Ok(own_error(unreadable(&body))),
        // All else that it refuses so is a header of another version.
        (false, false) if status == StatusCode::BAD_REQUEST => Ok(own_error(unknown_version(request, &body))),
        (false, false) => Err(ApiError::of_status(status)),
    }
}

/// A service for one request: it is nothing but what it is made of.
fn service(about: Arc<McpRequest>) -> StreamableHttpService<ToolHandler, NeverSessionManager> {
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_sse_keep_alive(None)
        // Hosts and origins are checked by the route.
        .disable_allowed_hosts();
    StreamableHttpService::new(move || Ok(ToolHandler(about.clone())), Arc::default(), config)
}

/// The request as the SDK takes one. The token is not passed on.
fn forwarded(request: &HttpRequest, body: Bytes) -> Result<http::Request<Full<Bytes>>, ApiError> {
    let mut forwarded = http::Request::post(request.path());
    for (name, value) in request.headers().iter().filter(|(name, _)| **name != AUTHORIZATION) {
        forwarded = forwarded.header(name.as_str(), value.as_bytes());
    }
    let unreadable = |_error| ApiError::MalformedRequest("The request cannot be read.");
    forwarded.body(Full::new(body)).map_err(unreadable)
}

fn whole(status: StatusCode, is_json: bool, content: Bytes) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    if is_json {
        response.insert_header((CONTENT_TYPE, JSON));
    }
    response.body(content)
}

/// What the protocol says of a body that is no message of its (JSON-RPC 2.0, 5.1).
fn unreadable(body: &[u8]) -> HttpResponse {
    let (code, message) = match serde_json::from_slice::<Value>(body) {
        Ok(_) => (ErrorCode::INVALID_REQUEST, "This is no message of the protocol."),
        Err(_) => (ErrorCode::PARSE_ERROR, "The body is not JSON."),
    };
    error(&Value::Null, &json!({"code": code, "message": message}))
}

/// What the protocol says of a version that is not spoken here. A program chooses one of those that are.
fn unknown_version(request: &HttpRequest, body: &[u8]) -> HttpResponse {
    let requested = request.headers().get(PROTOCOL_VERSION).and_then(|version| version.to_str().ok());
    let about = json!({
        "code": ErrorCode::UNSUPPORTED_PROTOCOL_VERSION,
        "message": UNKNOWN_VERSION,
        "data": {"requested": requested, "supported": ProtocolVersion::KNOWN_VERSIONS},
    });
    error(&request_id(body), &about)
}

/// The id of the request in a body, for which its program waits; null where there is none.
fn request_id(body: &[u8]) -> Value {
    let message = serde_json::from_slice::<Value>(body).unwrap_or_default();
    let id = &message["id"];
    if message["method"].is_string() && (id.is_string() || id.is_number()) { id.clone() } else { Value::Null }
}

fn error(id: &Value, about: &Value) -> HttpResponse {
    let error = json!({"jsonrpc": "2.0", "id": id, "error": about});
    whole(StatusCode::BAD_REQUEST, true, Bytes::from(error.to_string()))
}

/// Marks an error whose body is the protocol's.
fn own_error(mut response: HttpResponse) -> HttpResponse {
    response.extensions_mut().insert(OwnErrorBody);
    response
}
