//! The forms that successful answers have. What a handler returns says what it answers with.

use actix_web::{
    CustomizeResponder, HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    http::{
        StatusCode,
        header::{EntityTag, Header, IfNoneMatch, TryIntoHeaderPair},
    },
    web::Json,
};
use serde::Serialize;

/// A JSON body with a status or headers of its own.
pub(super) type Customized<T> = CustomizeResponder<Json<T>>;

/// `201` with a JSON body.
pub(super) fn created<T: Serialize>(body: T) -> Customized<T> {
    Json(body).customize().with_status(StatusCode::CREATED)
}

/// `200` with a JSON body, and a header when there is one.
pub(super) fn with_header<T: Serialize>(body: T, header: Option<impl TryIntoHeaderPair>) -> Customized<T> {
    let response = Json(body).customize();
    match header {
        Some(header) => response.insert_header(header),
        None => response,
    }
}

/// `204`.
pub(super) struct NoContent;

impl Responder for NoContent {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::NoContent().finish()
    }
}

/// Whether the client has what is tagged so, by `If-None-Match` (RFC 9110 13.1.2).
pub(super) fn is_known(request: &HttpRequest, tag: &EntityTag) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(known)) => known.iter().any(|known| known.weak_eq(tag)),
        Err(_) => false,
    }
}
