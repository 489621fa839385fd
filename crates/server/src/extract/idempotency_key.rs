//! `Idempotency-Key`: a client's name for one request, and a digest of what it asked.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{HeaderName, HeaderValue},
};
use domain::turn::{IdempotencyKey, RequestKey};
use sha2::{Digest, Sha256};

pub use crate::replayed_header::IDEMPOTENCY_REPLAYED;

use crate::error::ApiError;

/// The header with the client's key.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The request's key, when it has one.
#[derive(Debug)]
pub struct KeyHeader(pub Option<IdempotencyKey>);

impl FromRequest for KeyHeader {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut given = request.headers().get_all(&IDEMPOTENCY_KEY);
        let (first, second) = (given.next(), given.next());
        ready(key(first, second.is_some()).map(Self))
    }
}

impl KeyHeader {
    /// Returns the key together with a digest of `meaning`: what was asked for, however it was
    /// written. The first part names the kind of request.
    pub fn with_meaning(self, meaning: &serde_json::Value) -> Option<RequestKey> {
        self.0.map(|key| with_meaning(key, meaning))
    }
}

/// Returns a key together with a digest of `meaning`, as [`KeyHeader::with_meaning`] does.
pub fn with_meaning(key: IdempotencyKey, meaning: &serde_json::Value) -> RequestKey {
    RequestKey { key, body_hash: digest(meaning) }
}

/// SHA-256 of a JSON value in its one compact form.
fn digest(meaning: &serde_json::Value) -> [u8; 32] {
    Sha256::digest(meaning.to_string().as_bytes()).into()
}

fn key(value: Option<&HeaderValue>, is_repeated: bool) -> Result<Option<IdempotencyKey>, ApiError> {
    let Some(value) = value else { return Ok(None) };
    // A second header makes it no key at all, just like bytes that are no ASCII.
    let text = if is_repeated { "" } else { value.to_str().unwrap_or_default() };
    Ok(Some(IdempotencyKey::parse(text)?))
}
