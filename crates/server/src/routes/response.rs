//! The forms that successful answers have. What a handler returns says what it answers with.

use actix_web::{
    CustomizeResponder, HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    error::JsonPayloadError,
    http::{
        StatusCode,
        header::{ContentType, ETAG, EntityTag, Header, HeaderName, IfNoneMatch, TryIntoHeaderPair},
    },
    web::Json,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::{
    field_schemas,
    openapi::{DescribeOutput, Operation},
};

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
        operation.json_response::<T>(201)
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
        operation.json_response::<T>(202)
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

/// `200` with a page as JSON, the link to the next one if there is one, and an `ETag` of both; or `304` when
/// the client has them (RFC 9110 15.4.5).
pub(super) struct TaggedPage<T> {
    pub(super) body: T,
    pub(super) next: Option<(HeaderName, String)>,
}

impl<T: Serialize> Responder for TaggedPage<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let body = match serde_json::to_string(&self.body) {
            Ok(body) => body,
            Err(error) => return HttpResponse::from_error(JsonPayloadError::Serialize(error)),
        };
        let link = self.next.as_ref().map_or("", |(_, link)| link);
        let digest = Sha256::new().chain_update(link).chain_update("\n").chain_update(&body).finalize();
        // A weak one: who compresses the answer on its way need not tag it anew.
        let tag = EntityTag::new_weak(URL_SAFE_NO_PAD.encode(digest));
        let mut response = HttpResponse::Ok();
        response.insert_header((ETAG, tag.to_string()));
        if let Some(next) = self.next {
            response.insert_header(next);
        }
        match matches_if_none_match(request, &tag) {
            true => response.status(StatusCode::NOT_MODIFIED).finish(),
            false => response.content_type(ContentType::json()).body(body),
        }
    }
}

impl<T: ToSchema> DescribeOutput for TaggedPage<T> {
    fn describe(operation: Operation) -> Operation {
        let tag = || field_schemas::text("W/\"c2VjcmV0\"");
        operation
            .json_response::<T>(200)
            .response(304, "The client has it already.")
            .header("If-None-Match", tag(), "The `ETag` of the page that the client has.")
            .response_header("ETag", tag(), "Which state of the page it is.")
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
        operation.response(204, "Done.")
    }
}

/// Whether the client has what is tagged so, by `If-None-Match` (RFC 9110 13.1.2).
pub(super) fn matches_if_none_match(request: &HttpRequest, tag: &EntityTag) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(known)) => known.iter().any(|known| known.weak_eq(tag)),
        Err(_) => false,
    }
}
