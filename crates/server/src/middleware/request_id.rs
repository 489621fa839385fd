//! One id for each request: in its answer, in its problem, and in every line the log has of it.

use actix_web::{
    Error, HttpMessage,
    body::{BoxBody, MessageBody},
    dev::{Extensions, ServiceRequest, ServiceResponse},
    http::header::{HeaderName, HeaderValue},
    middleware::Next,
    web,
};

use crate::state::AppState;

/// The header that carries the id, in both directions.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A request's id: the client's own if it is harmless, else one of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// Returns the client's id when it is 1 to 64 letters, digits, dots, hyphens or underscores.
    pub fn parse(raw: &str) -> Option<Self> {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        let is_sane = (1..=64).contains(&raw.len()) && raw.bytes().all(is_plain);
        is_sane.then(|| Self(raw.to_owned()))
    }

    /// Returns the id of the request with these extensions.
    pub fn of(extensions: &Extensions) -> Self {
        extensions.get::<Self>().cloned().unwrap_or_else(|| Self(String::new()))
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Gives the request an id, and the answer the same.
///
/// # Errors
/// Propagates the inner service's error (infallible in practice).
pub async fn identify(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let given = request.headers().get(X_REQUEST_ID).and_then(|value| value.to_str().ok());
    let id = given.and_then(RequestId::parse).unwrap_or_else(|| fresh(&request));
    request.extensions_mut().insert(id.clone());
    let mut response = next.call(request).await?.map_into_boxed_body();
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    Ok(response)
}

fn fresh(request: &ServiceRequest) -> RequestId {
    let state = request.app_data::<web::Data<AppState>>();
    RequestId(state.map(|state| state.ids.next().to_string()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_may_choose_a_plain_id_only() {
        assert!(RequestId::parse("0193-abc_D.7").is_some());
        for raw in ["", "two words", "new\nline", "\"quoted\"", "ünïcode", &"x".repeat(65)] {
            assert_eq!(RequestId::parse(raw), None, "{raw:?}");
        }
    }
}
