//! The caller of a route that is for users.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use domain::caller::Caller;

use crate::error::ApiError;

/// A caller with a good token; on a path with `{user_id}`, the user whose path it is.
///
/// The route table installs what verifies them. Whether the token was revoked is checked by the
/// stores, in the round trip that does the work.
#[derive(Debug, Clone, Copy)]
pub struct Authenticated(pub Caller);

impl FromRequest for Authenticated {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = request.extensions().get::<Caller>().copied();
        ready(caller.map(Self).ok_or_else(|| ApiError::internal("a handler for users has a public route")))
    }
}
