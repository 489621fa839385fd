//! Error responses of the endpoints that programs ask: the errors of the protocol in its form.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
};
use domain::ports::StoreError;
use serde::Serialize;
use utoipa::{ToSchema, openapi::Object};

use crate::{
    error::ApiError,
    field_schemas,
    middleware::error_bodies::OwnErrorBody,
    oauth::protocol_error::{ErrorCode, ProtocolError},
};

/// The body of an error at the token, revocation and registration endpoints (RFC 6749 5.2, RFC 7591 3.2.2).
#[derive(Serialize, ToSchema)]
#[schema(as = OAuthError)]
pub(crate) struct ErrorBody {
    #[schema(schema_with = codes)]
    error: &'static str,
    error_description: &'static str,
}

fn codes() -> Object {
    field_schemas::one_of(ErrorCode::ALL.map(ErrorCode::as_str))
}

/// What an endpoint of the protocol answers with that goes wrong: an error of the protocol, or one of ours.
#[derive(Debug)]
pub(super) enum EndpointError {
    /// An error of the protocol.
    Protocol(ProtocolError),
    /// What the protocol has no word for: a database that is away, too many attempts.
    Ours(ApiError),
}

impl From<ProtocolError> for EndpointError {
    fn from(error: ProtocolError) -> Self {
        Self::Protocol(error)
    }
}

impl From<ApiError> for EndpointError {
    fn from(error: ApiError) -> Self {
        Self::Ours(error)
    }
}

impl From<StoreError> for EndpointError {
    fn from(error: StoreError) -> Self {
        Self::Ours(error.into())
    }
}

/// The answer of an endpoint of the protocol.
///
/// # Errors
/// With what the protocol has no word for.
pub(super) fn into_response(outcome: Result<HttpResponse, EndpointError>) -> Result<HttpResponse, ApiError> {
    match outcome {
        Ok(response) => Ok(response),
        Err(EndpointError::Ours(error)) => Err(error),
        Err(EndpointError::Protocol(error)) => {
            let body = ErrorBody { error: error.code.as_str(), error_description: error.description };
            let body = serde_json::to_string(&body)
                .map_err(|_error| ApiError::internal("an error of OAuth is no JSON"))?;
            let mut response = HttpResponse::build(StatusCode::BAD_REQUEST)
                .insert_header((CONTENT_TYPE, "application/json"))
                .insert_header((CACHE_CONTROL, "no-store"))
                .body(body);
            response.extensions_mut().insert(OwnErrorBody);
            Ok(response)
        }
    }
}
