//! Chat as a stream: begun, resumed on any replica, and stopped.

use std::time::Duration;

use actix_web::{
    Either, HttpRequest, HttpResponse,
    http::header::HeaderValue,
    web::{self, Json},
};
use domain::{
    access_token::Scope,
    approval::{ApprovalError, ApprovalState},
    caller::Caller,
    id::TurnId,
    tool,
    turn::NewTurn,
};
use serde::Serialize;
use tokio::time::timeout;
use turn_service::TurnRequest;
use utoipa::ToSchema;

use super::request::{CardAnswer, StreamBody, conversation_of};
use crate::{
    error::{ApiError, Conflict, Resource},
    extract::body::JsonBody,
    extract::caller::Authenticated,
    extract::idempotency_key::{IDEMPOTENCY_REPLAYED, KeyHeader},
    extract::time_zone::named_time_zone,
    middleware::authentication::require,
    resource_limits::run_to_completion::run_to_end,
    routes::response::NoContent,
    state::AppState,
    stream::{DecidedCall, PendingSubscription, Viewer, respond, respond_when_open, respond_with_decisions},
};

/// The most bytes of a streaming request: the AI SDK's clients send their whole chat, lists of tasks
/// included, every time.
const STREAM_BODY: usize = 4 * 1024 * 1024;

/// The first major version of the AI SDK with parts for approvals.
const FIRST_WITH_APPROVALS: u32 = 6;

/// How long the status of the answer may wait for the turn to begin. After that the stream is
/// opened, and what goes wrong is said in it: a person sees that something happens.
const STATUS_TIMEOUT: Duration = Duration::from_millis(80);

/// Answers one message as a stream.
pub(in crate::routes) async fn stream_turn(
    state: web::Data<AppState>,
    caller: Authenticated,
    key: KeyHeader,
    http: HttpRequest,
    body: JsonBody<StreamBody, STREAM_BODY>,
) -> Result<HttpResponse, ApiError> {
    if let Some((turn, answers)) = body.0.card_answers()? {
        require(caller.0, Scope::TasksWrite)?;
        return answer_cards(state, caller.0, turn, answers).await;
    }
    let viewer = viewer(&http, &state);
    let replacement = body.0.replacement(caller.0, &key)?;
    let turn = body.0.turn(caller.0, key, &state.model, state.ids.as_ref())?;
    let time_zone = match turn.time_zone {
        Some(zone) => Some(zone),
        None => named_time_zone(&http)?,
    };
    let turn = NewTurn { time_zone, ..turn };
    let request = match replacement {
        Some(replacement) => TurnRequest::Regenerate(turn, replacement),
        None => TurnRequest::Send(turn),
    };
    let mut opening: PendingSubscription =
        Box::pin(async move { Ok(state.ports()?.turns.subscribe(request).await?) });
    let Ok(subscription) = timeout(STATUS_TIMEOUT, &mut opening).await else {
        return Ok(respond_when_open(opening, viewer));
    };
    let subscription = subscription?;
    let is_replayed = subscription.is_remote();
    let mut response = respond(subscription, viewer);
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
    http: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let Authenticated(caller) = caller;
    let conversation = conversation_of(&path.1, caller.user);
    let resumed = state.ports()?.turns.resume(caller, conversation).await?;
    let viewer = viewer(&http, &state);
    Ok(resumed.map_or_else(|| HttpResponse::NoContent().finish(), |turn| respond(turn, viewer)))
}

/// Who reads, by the major version of the AI SDK that the address names (`?ai=6`).
fn viewer(http: &HttpRequest, state: &AppState) -> Viewer {
    let named = http.query_string().split('&').find_map(|pair| pair.strip_prefix("ai="));
    let major = named.and_then(|version| version.split('.').next()?.parse::<u32>().ok());
    Viewer {
        knows_approvals: major.is_some_and(|major| major >= FIRST_WITH_APPROVALS),
        opened_at: state.clock.now(),
    }
}

/// Carries out what the person said to cards. The model is not asked: each call gets the result that it
/// waited for.
async fn answer_cards(
    state: web::Data<AppState>,
    caller: Caller,
    turn: TurnId,
    answers: Vec<CardAnswer>,
) -> Result<HttpResponse, ApiError> {
    let permit = state.account_concurrency.acquire(caller.user).await?;
    let deciding = async move {
        let decided = decide(&state, caller, answers).await;
        drop(permit);
        decided
    };
    Ok(respond_with_decisions(turn, &run_to_end(deciding).await?))
}

async fn decide(
    state: &AppState,
    caller: Caller,
    answers: Vec<CardAnswer>,
) -> Result<Vec<DecidedCall>, ApiError> {
    let mut decided = Vec::with_capacity(answers.len());
    for CardAnswer { call_id, approval, decision, shown } in answers {
        let answered = state.ports()?.approvals.decide(caller, approval, decision, Some(&shown)).await?;
        let output = match answered.ok_or(ApiError::NotFound(Resource::Approval))? {
            Ok(approval) if approval.question.state == ApprovalState::Rejected => None,
            Ok(approval) => approval.result,
            Err(refusal @ ApprovalError::OtherArguments) => {
                return Err(ApiError::Conflict(Conflict::Approval(refusal)));
            }
            Err(refusal) => Some(tool::error_to_json(&refusal.into())),
        };
        decided.push(DecidedCall { id: call_id, output });
    }
    Ok(decided)
}

/// The turn that was asked to stop.
#[derive(Serialize, ToSchema)]
pub(in crate::routes) struct StoppedTurn {
    #[schema(value_type = Uuid)]
    turn_id: TurnId,
}

/// Stops the running turn of a conversation, wherever it runs; 204 when none is running.
pub(in crate::routes) async fn stop_turn(
    state: web::Data<AppState>,
    caller: Authenticated,
    path: web::Path<(String, String)>,
) -> Result<Either<Json<StoppedTurn>, NoContent>, ApiError> {
    let Authenticated(caller) = caller;
    let conversation = conversation_of(&path.1, caller.user);
    let stopped = state.ports()?.turns.stop(caller, conversation).await?;
    Ok(stopped.map_or(Either::Right(NoContent), |turn_id| Either::Left(Json(StoppedTurn { turn_id }))))
}
