//! The web page, built from `web/` and embedded in the binary.

use std::borrow::Cow;

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::header::{
        ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
        EntityTag, VARY,
    },
    web::Bytes,
};
use rust_embed::{Embed, EmbeddedFile};

use crate::{
    error::{ApiError, Resource},
    middleware::security_headers::APP_POLICY,
    routes::response::matches_if_none_match,
};

/// `web/dist`, as it was when this was compiled; empty when the page had not been built.
#[derive(Embed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Dist;

/// How long a file is kept whose name changes with its content.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// The page itself, if it is there.
pub(super) fn index(request: &HttpRequest) -> Option<HttpResponse> {
    file(request, "index.html")
}

/// The page at `/docs`, with `{{api}}` where the prose belongs, if it is there.
pub(super) fn docs() -> Option<String> {
    let file = Dist::get("docs.html")?;
    String::from_utf8(file.data.into_owned()).ok()
}

/// `GET /assets/…` and the few other files of the page.
pub(in crate::routes) async fn show_asset(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    file(&request, request.path().trim_start_matches('/')).ok_or(ApiError::NotFound(Resource::Route))
}

fn file(request: &HttpRequest, path: &str) -> Option<HttpResponse> {
    let file = Dist::get(path)?;
    let mut response = HttpResponse::Ok();
    let tag = EntityTag::new_weak(hex(&file.metadata.sha256_hash()));
    response
        .insert_header((ETAG, tag.to_string()))
        .insert_header((VARY, "Accept-Encoding"))
        .insert_header((CONTENT_TYPE, content_type(path)))
        .insert_header((CONTENT_SECURITY_POLICY, APP_POLICY))
        .insert_header((CACHE_CONTROL, if path.starts_with("assets/") { FOR_EVER } else { "no-cache" }));
    if matches_if_none_match(request, &tag) {
        return Some(response.status(actix_web::http::StatusCode::NOT_MODIFIED).finish());
    }
    Some(match Dist::get(&format!("{path}.br")).filter(|_| takes_brotli(request)) {
        Some(compressed) => with_body(response.insert_header((CONTENT_ENCODING, "br")), compressed),
        None => with_body(&mut response, file),
    })
}

fn with_body(response: &mut HttpResponseBuilder, file: EmbeddedFile) -> HttpResponse {
    match file.data {
        Cow::Borrowed(bytes) => response.body(Bytes::from_static(bytes)),
        Cow::Owned(bytes) => response.body(bytes),
    }
}

fn takes_brotli(request: &HttpRequest) -> bool {
    let codings = request.headers().get_all(ACCEPT_ENCODING).filter_map(|value| value.to_str().ok());
    codings.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight.trim().to_ascii_lowercase();
        let is_refused = weight.strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0));
        name.trim().eq_ignore_ascii_case("br") && !is_refused
    })
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("html") => "text/html; charset=utf-8",
        Some("ico") => "image/x-icon",
        Some("js") => "text/javascript; charset=utf-8",
        Some("png") => "image/png",
        Some("svg") => "image/svg+xml",
        Some("webmanifest") => "application/manifest+json",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn brotli_is_sent_to_who_takes_it() {
        let takes = |value: &str| {
            takes_brotli(&TestRequest::default().insert_header((ACCEPT_ENCODING, value)).to_http_request())
        };
        for value in ["br", "gzip, br", "gzip;q=1.0, BR;q=0.5", "br; q=0.001"] {
            assert!(takes(value), "{value}");
        }
        for value in ["", "gzip", "br;q=0", "br; q=0.0, gzip", "br;Q=0.000", "brotli"] {
            assert!(!takes(value), "{value}");
        }
    }
}
