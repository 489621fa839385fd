//! Chat as a stream: begun, resumed on any replica, and stopped.

use std::{sync::Arc, time::Duration};

use actix_web::{HttpResponse, http::header::HeaderValue, web};
use domain::{
    account::Caller,
    conversation::{ConversationId, ConversationView, Ending, TurnView},
    ports::TurnPage,
    turn::{EndedTurn, NewTurn, TurnAnswer, TurnFailure},
};
use serde_json::json;
use tokio::time::timeout;

use super::{
    super::conversations::id_of_message,
    request::{StreamBody, conversation_of},
};
use crate::{
    error::{ApiError, Conflict, Resource},
    extract::body::JsonBody,
    extract::caller::Authenticated,
    extract::idempotency_key::{IDEMPOTENCY_REPLAYED, KeyHeader},
    state::{AppState, Ports},
    stream::{Opening, Polled, Source, respond, respond_when_open},
    turns::{TurnHandle, TurnRequest},
};

/// The most bytes of a streaming request: the AI SDK's clients send their whole chat, lists of tasks
/// included, every time.
const STREAM_BODY: usize = 4 * 1024 * 1024;

/// How long the status of the answer may wait for the turn to begin. After that the stream is
/// opened, and what goes wrong is said in it: a person sees that something happens.
const STATUS_WITHIN: Duration = Duration::from_millis(80);

/// What a client wants of the message that it sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wants {
    Answer,
    AnotherAnswer,
}

/// Answers one message as a stream.
pub(in crate::routes) async fn stream_turn(
    state: web::Data<AppState>,
    caller: Authenticated,
    key: KeyHeader,
    body: JsonBody<StreamBody, STREAM_BODY>,
) -> Result<HttpResponse, ApiError> {
    let wants = if body.0.regenerates() { Wants::AnotherAnswer } else { Wants::Answer };
    let new = body.0.turn(caller.0, key, state.ids.as_ref())?;
    let mut opening: Opening = Box::pin(open(state, new, wants));
    let Ok(source) = timeout(STATUS_WITHIN, &mut opening).await else {
        return Ok(respond_when_open(opening));
    };
    let source = source?;
    let is_replayed = matches!(source, Source::Polled(_));
    let mut response = respond(source);
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
    let ports = state.ports()?;
    let newest = newest(ports, caller, conversation_of(&path.1, caller.user)).await?;
    let is_running = |view: &ConversationView| view.turns.iter().any(|turn| turn.ending == Ending::Running);
    let Some(view) = newest.filter(is_running) else {
        return Ok(HttpResponse::NoContent().finish());
    };
    let active = view.turns.first().and_then(|turn| ports.turns.find(turn.turn));
    let source = match active {
        Some(active) => Source::Live(active.follow()),
        None => polled(ports, caller, Some(view))?,
    };
    Ok(respond(source))
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

async fn open(state: web::Data<AppState>, new: NewTurn, wants: Wants) -> Result<Source, ApiError> {
    let ports = state.ports()?;
    let caller = new.caller;
    let asked = match wants {
        Wants::Answer => ports.turns.ask(TurnRequest::Send(new)).await?,
        Wants::AnotherAnswer => ask_again(ports, new).await?,
    };
    match asked {
        TurnHandle::Active(active) => Ok(Source::Live(active.follow())),
        TurnHandle::Ended(
            EndedTurn::Answered(TurnAnswer { conversation, turn, .. })
            | EndedTurn::Failed(TurnFailure { conversation, turn, .. }),
        ) => polled(ports, caller, ports.conversations.find_turn(caller, conversation, turn).await?),
    }
}

/// Asks for another answer. A turn that failed, or lost its worker, before it did anything is as if
/// it had not begun: then its message is new, and the answer before it stays as it is.
async fn ask_again(ports: &Ports, new: NewTurn) -> Result<TurnHandle, ApiError> {
    let conversation = new.target.id();
    let newest =
        newest(ports, new.caller, conversation).await?.and_then(|view| view.turns.into_iter().next());
    let is_same =
        |turn: &TurnView| new.client_message_id.as_ref().is_none_or(|id| *id == id_of_message(turn));
    if let Some(turn) = newest.filter(is_same) {
        let asked = ports.turns.ask(TurnRequest::Regenerate(new.caller, conversation, turn.turn)).await;
        if !matches!(asked, Err(ApiError::Conflict(Conflict::NothingToRegenerate))) {
            return asked;
        }
    }
    ports.turns.ask(TurnRequest::Send(new)).await
}

/// The conversation with its newest turn.
async fn newest(
    ports: &Ports,
    caller: Caller,
    conversation: ConversationId,
) -> Result<Option<ConversationView>, ApiError> {
    Ok(ports.conversations.find(caller, conversation, TurnPage { limit: 1, before: None }).await?)
}

fn polled(ports: &Ports, caller: Caller, view: Option<ConversationView>) -> Result<Source, ApiError> {
    let view = view.ok_or(ApiError::NotFound(Resource::Conversation))?;
    let (conversations, reader) = (Arc::clone(&ports.conversations), Arc::clone(&ports.turn_reader));
    Ok(Source::Polled(Polled::new(conversations, reader, caller, view)?))
}
