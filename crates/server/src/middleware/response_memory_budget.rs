//! Large answers leave in chunks, within the budget of all buffers: a client that reads slowly holds its
//! answer in memory once and not twice, and many that do not read at all hold no more than the budget.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::{
    Error, HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web::{Bytes, Data},
};

use crate::{error::ApiError, resource_limits::memory_budget::ReservedBytes, state::AppState};

/// The size of a chunk. Answers that are smaller than one go as they are.
const CHUNK_BYTES: usize = 32 * 1024;

/// Gives a large answer out in chunks. When the budget is used up, what was only read is refused. What was
/// changed is not: its client would change it again. Such an answer takes what is left of the budget, so that
/// the bodies of further requests are refused, before anything is done.
///
/// # Errors
/// Propagates the inner service's error (infallible in practice).
pub async fn chunk_large_responses(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let state = request.app_data::<Data<AppState>>().cloned();
    let only_reads = request.method().is_safe();
    let response = next.call(request).await?.map_into_boxed_body();
    let size = match response.response().body().size() {
        BodySize::Sized(size) => usize::try_from(size).unwrap_or(usize::MAX),
        BodySize::None | BodySize::Stream => 0,
    };
    let Some(state) = state.filter(|_| size > CHUNK_BYTES) else { return Ok(response) };
    let reserved =
        if only_reads { state.body_memory.reserve(size) } else { Ok(state.body_memory.reserve_up_to(size)) };
    match reserved {
        Ok(reserved) => Ok(response.map_body(|_, body| in_chunks(body, reserved))),
        Err(error) => Ok(response.into_response(HttpResponse::from_error(ApiError::from(error)))),
    }
}

fn in_chunks(body: BoxBody, reserved: ReservedBytes) -> BoxBody {
    match body.try_into_bytes() {
        Ok(rest) => BoxBody::new(Chunks { rest, _reserved: reserved }),
        // It comes in chunks of its own.
        Err(body) => body,
    }
}

/// A body whose bytes are given out chunk by chunk.
struct Chunks {
    rest: Bytes,
    _reserved: ReservedBytes,
}

impl MessageBody for Chunks {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.rest.len() as u64)
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let next = self.rest.len().min(CHUNK_BYTES);
        Poll::Ready((next > 0).then(|| Ok(self.rest.split_to(next))))
    }
}
