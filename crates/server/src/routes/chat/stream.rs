//! Chat as a stream: begun, resumed on any replica, and stopped.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, http::header::HeaderValue, web};
use domain::turn::NewTurn;
use serde_json::json;
use tokio::time::timeout;
use turn_service::TurnRequest;

use super::request::{StreamBody, conversation_of};
use crate::{
    error::ApiError,
    extract::body::JsonBody,
    extract::caller::Authenticated,
    extract::idempotency_key::{IDEMPOTENCY_REPLAYED, KeyHeader},
    extract::time_zone::named_time_zone,
    state::AppState,
    stream::{Opening, respond, respond_when_open},
};

/// The most bytes of a streaming request: the AI SDK's clients send their whole chat, lists of tasks
/// included, every time.
const STREAM_BODY: usize = 4 * 1024 * 1024;

/// How long the status of the answer may wait for the turn to begin. After that the stream is
/// opened, and what goes wrong is said in it: a person sees that something happens.
const STATUS_WITHIN: Duration = Duration::from_millis(80);

/// Answers one message as a stream.
pub(in crate::routes) async fn stream_turn(
    state: web::Data<AppState>,
    caller: Authenticated,
    key: KeyHeader,
    http: HttpRequest,
    body: JsonBody<StreamBody, STREAM_BODY>,
) -> Result<HttpResponse, ApiError> {
    let replaced = body.0.regenerates().then(|| body.0.replaced());
    let turn = body.0.turn(caller.0, key, &state.model, state.ids.as_ref())?;
    let time_zone = match turn.time_zone {
        Some(zone) => Some(zone),
        None => named_time_zone(&http)?,
    };
    let turn = NewTurn { time_zone, ..turn };
    let request = match replaced {
        Some(replaced) => TurnRequest::Regenerate(turn, replaced),
        None => TurnRequest::Send(turn),
    };
    let mut opening: Opening = Box::pin(async move { Ok(state.ports()?.turns.subscribe(request).await?) });
    let Ok(subscription) = timeout(STATUS_WITHIN, &mut opening).await else {
        return Ok(respond_when_open(opening));
    };
    let subscription = subscription?;
    let is_replayed = subscription.is_remote();
    let mut response = respond(subscription);
    if is_replayed {
        response.headers_mut().insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// Follows the running turn of a conversation from its start; 204 when none is running, or nobody
/// works on it any more: then its message, sent again with its key, brings it back to life.
pub(in crate::routes) async fn resume_turn(
    state: web::Data<AppState>,
    caller: Authenticated,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let Authenticated(caller) = caller;
    let conversation = conversation_of(&path.1, caller.user);
    let resumed = state.ports()?.turns.resume(caller, conversation).await?;
    Ok(resumed.map_or_else(|| HttpResponse::NoContent().finish(), respond))
}

/// Stops the running turn of a conversation, wherever it runs; 204 when none is running.
pub(in crate::routes) async fn stop_turn(
    state: web::Data<AppState>,
    caller: Authenticated,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let Authenticated(caller) = caller;
    let conversation = conversation_of(&path.1, caller.user);
    Ok(match state.ports()?.turns.stop(caller, conversation).await? {
        Some(turn) => HttpResponse::Ok().json(json!({ "turn_id": turn })),
        None => HttpResponse::NoContent().finish(),
    })
}
