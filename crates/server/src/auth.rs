//! Who is asking: the verified token of a request, and whether the path is theirs.

pub mod refresh;
pub mod token;

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::header::{AUTHORIZATION, HeaderMap},
    web,
};
use domain::account::{Caller, UserId};
use uuid::Uuid;

use crate::{error::ApiError, state::AppState};

/// The name of the path's part that must be the token's subject.
pub const USER_ID: &str = "user_id";

/// A caller with a good token; on a path with `{user_id}`, the user whose path it is.
///
/// The token comes from the `Authorization` header and from nowhere else. Whether it was revoked
/// is checked by the stores, in the round trip that does the work.
#[derive(Debug, Clone, Copy)]
pub struct Authenticated(pub Caller);

impl FromRequest for Authenticated {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(authenticate(request).map(Self))
    }
}

fn authenticate(request: &HttpRequest) -> Result<Caller, ApiError> {
    let Some(state) = request.app_data::<web::Data<AppState>>() else {
        return Err(ApiError::internal("the application has no state"));
    };
    let caller = state.tokens.verify(bearer(request.headers())?)?;
    request.extensions_mut().insert::<UserId>(caller.user);
    match request.match_info().get(USER_ID) {
        Some(path) if Uuid::try_parse(path).ok() != Some(caller.user.0) => Err(ApiError::Forbidden),
        _ => Ok(caller),
    }
}

/// The token of the one `Authorization` header, whose scheme is written in any case.
fn bearer(headers: &HeaderMap) -> Result<&str, ApiError> {
    let mut all = headers.get_all(AUTHORIZATION);
    let first = all.next().ok_or(ApiError::NoToken)?;
    if all.next().is_some() {
        return Err(ApiError::BadToken);
    }
    let text = first.to_str().map_err(|_error| ApiError::BadToken)?;
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(ApiError::NoToken);
    }
    let token = token.trim_matches(' ');
    if token.is_empty() { Err(ApiError::NoToken) } else { Ok(token) }
}

#[cfg(test)]
mod tests;
