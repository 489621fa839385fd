//! Checks the header `Accept`: whether a client takes JSON, or an event stream where one is offered.

use actix_web::{
    Error,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{ACCEPT, HeaderMap},
    middleware::Next,
};

use super::refused;
use crate::error::ApiError;

/// Refuses requests to the API whose `Accept` rules out every kind of answer there is.
///
/// # Errors
/// Propagates the inner service's error (infallible in practice).
pub async fn negotiate(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if request.path().starts_with("/api/") && !accepts_ours(request.headers()) {
        return Ok(refused(request, ApiError::NotAcceptable));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// Whether some range of `Accept` covers JSON or an event stream; no header accepts everything.
fn accepts_ours(headers: &HeaderMap) -> bool {
    let mut ranges = headers
        .get_all(ACCEPT)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|range| !range.is_empty())
        .peekable();
    ranges.peek().is_none() || ranges.any(covers_ours)
}

fn covers_ours(range: &str) -> bool {
    let mut parts = range.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
    let is_ours = matches!(
        kind.as_str(),
        "*/*"
            | "application/*"
            | "application/json"
            | "application/problem+json"
            | "text/*"
            | "text/event-stream"
    );
    let is_refused = parts.any(|parameter| {
        let weight = parameter.to_ascii_lowercase();
        weight.strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0))
    });
    is_ours && !is_refused
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn accepts(value: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(value));
        accepts_ours(&headers)
    }

    #[test]
    fn what_browsers_and_programs_send_is_accepted() {
        for value in ["*/*", "application/json", "Application/JSON; q=0.9", "text/html, */*;q=0.8", ""] {
            assert!(accepts(value), "{value:?}");
        }
        assert!(accepts_ours(&HeaderMap::new()));
    }

    #[test]
    fn what_rules_out_json_is_not_accepted() {
        for value in ["image/png", "text/html", "application/json;q=0", "application/xml, image/*"] {
            assert!(!accepts(value), "{value:?}");
        }
    }
}
