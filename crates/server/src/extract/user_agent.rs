//! The header `User-Agent` of a request, as the list of a person's devices shows it.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{HeaderValue, USER_AGENT},
};
use domain::session::UserAgent;

use crate::error::ApiError;

/// The header `User-Agent`, when there is a readable one.
#[derive(Debug, Clone)]
pub struct FromUserAgent(pub Option<UserAgent>);

impl FromRequest for FromUserAgent {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let header = request.headers().get(USER_AGENT).map(HeaderValue::as_bytes);
        let said = header.map(String::from_utf8_lossy);
        ready(Ok(Self(said.as_deref().and_then(UserAgent::read))))
    }
}
