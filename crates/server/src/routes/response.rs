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
use utoipa::ToSchema;

use crate::openapi::{DescribeOutput, Operation};

/// A JSON body with a status or headers of its own.
pub(super) type Customized<T> = CustomizeResponder<Json<T>>;

/// `201` with a JSON body.
pub(super) struct Created<T>(Customized<T>);

/// `201` with a JSON body.
pub(super) fn created<T: Serialize>(body: T) -> Created<T> {
    Created(Json(body).customize().with_status(StatusCode::CREATED))
}

impl<T: Serialize> Created<T> {
    /// Adds a header.
    pub(super) fn insert_header(self, header: impl TryIntoHeaderPair) -> Self {
        Self(self.0.insert_header(header))
    }
}

impl<T: Serialize> Responder for Created<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse<Self::Body> {
        self.0.respond_to(request).map_into_boxed_body()
    }
}

impl<T: ToSchema> DescribeOutput for Created<T> {
    fn describe(operation: Operation) -> Operation {
        operation.answers_json::<T>(201)
    }
}

/// `202` with a JSON body.
pub(super) struct Accepted<T>(pub(super) T);

impl<T: Serialize> Responder for Accepted<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse<Self::Body> {
        let body = Json(self.0).customize().with_status(StatusCode::ACCEPTED);
        body.respond_to(request).map_into_boxed_body()
    }
}

impl<T: ToSchema> DescribeOutput for Accepted<T> {
    fn describe(operation: Operation) -> Operation {
        operation.answers_json::<T>(202)
    }
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

impl DescribeOutput for NoContent {
    fn describe(operation: Operation) -> Operation {
        operation.answers(204, "Done.")
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
