//! Security headers, which tell browsers what not to do with a response.

use actix_web::{
    Error,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
        STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
    },
    middleware::Next,
};

/// For answers that are no pages: nothing may be loaded, and no page may frame them.
const DATA_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";
/// For pages without scripts. A Space shows its page in a frame of huggingface.co.
pub const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; \
                               form-action 'none'; frame-ancestors 'self' https://huggingface.co";
/// For the web page: its own scripts, styles and API, and nothing else.
pub const APP_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                              font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; \
                              form-action 'none'; frame-ancestors 'self' https://huggingface.co";
/// For the page on which a person lets a program in: as [`APP_POLICY`], but nobody may show it in a frame and
/// have it clicked through that.
pub const CONSENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                                  font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; \
                                  form-action 'none'; frame-ancestors 'none'";
const TWO_YEARS: &str = "max-age=63072000";

/// Adds the headers, except where a handler has decided otherwise.
///
/// # Errors
/// Propagates the inner service's error (infallible in practice).
pub async fn add_security_headers(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let is_data = is_private(request.path());
    let mut response = next.call(request).await?.map_into_boxed_body();
    let headers = response.headers_mut();
    insert_if_absent(headers, X_CONTENT_TYPE_OPTIONS, "nosniff");
    insert_if_absent(headers, REFERRER_POLICY, "no-referrer");
    insert_if_absent(headers, STRICT_TRANSPORT_SECURITY, TWO_YEARS);
    insert_if_absent(headers, CONTENT_SECURITY_POLICY, DATA_POLICY);
    if is_data {
        insert_if_absent(headers, CACHE_CONTROL, "no-store");
    }
    Ok(response)
}

/// Whether answers on this path are private to a user, or true at this moment only.
fn is_private(path: &str) -> bool {
    ["/api", "/mcp", "/oauth", "/.well-known", "/health", "/ready"]
        .iter()
        .any(|prefix| path.starts_with(prefix))
}

fn insert_if_absent(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    if !headers.contains_key(&name) {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
