//! The header of an answer that is a replay of an earlier one.

use actix_web::http::header::HeaderName;

/// Marks an answer that was given before, to a request with the same key.
pub const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
