//! Error responses of the endpoints that programs ask: the errors of the protocol in its form.

use actix_web::{
    Error, HttpResponse, ResponseError,
    http::{StatusCode, header::CACHE_CONTROL},
};
use domain::ports::StoreError;
use serde::Serialize;
use utoipa::{ToSchema, openapi::Object};

use crate::{
    attempt_throttle::TooManyAttempts,
    error::ApiError,
    field_schemas,
    middleware::error_bodies::OwnErrorBody,
    oauth::protocol_error::{ErrorCode, ProtocolError},
    tokens::refresh::UnusableKey,
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
pub(in crate::routes) enum EndpointError {
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

impl From<TooManyAttempts> for EndpointError {
    fn from(error: TooManyAttempts) -> Self {
        Self::Ours(error.into())
    }
}

impl From<UnusableKey> for EndpointError {
    fn from(error: UnusableKey) -> Self {
        Self::Ours(error.into())
    }
}

impl From<StoreError> for EndpointError {
    fn from(error: StoreError) -> Self {
        Self::Ours(error.into())
    }
}

/// What the protocol has no word for is answered as everywhere else.
impl From<EndpointError> for Error {
    fn from(error: EndpointError) -> Self {
        match error {
            EndpointError::Protocol(error) => error.into(),
            EndpointError::Ours(error) => error.into(),
        }
    }
}

impl ResponseError for ProtocolError {
    fn status_code(&self) -> StatusCode {
        StatusCode::BAD_REQUEST
    }

    fn error_response(&self) -> HttpResponse {
        let body = ErrorBody { error: self.code.as_str(), error_description: self.description };
        let mut response = HttpResponse::build(self.status_code());
        let mut response = response.insert_header((CACHE_CONTROL, "no-store")).json(body);
        response.extensions_mut().insert(OwnErrorBody);
        response
    }
}
