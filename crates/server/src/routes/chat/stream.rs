//! Chat as a stream: begun, resumed on any replica, and stopped.

use std::{
    future::{Ready, ready},
    time::Duration,
};

use actix_web::{
    Either, FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    http::header::HeaderValue,
    web::{self, Json},
};
use domain::{
    access_token::Scope,
    approval::{ApprovalError, ApprovalState},
    caller::Caller,
    tool,
    turn_and_conversation_ids::{ConversationId, TurnId},
};
use serde::Serialize;
use tokio::time::timeout;
use utoipa::ToSchema;

use super::{
    stream_message::{Sender, conversation_of},
    stream_request_body::{CardAnswer, ParsedStreamRequest, StreamBody},
};
use crate::{
    error::{ApiError, Conflict, Resource},
    extract::body::JsonBody,
    extract::caller::Authenticated,
    extract::idempotency_key::{IDEMPOTENCY_REPLAYED, KeyHeader},
    extract::path_id::after_user,
    extract::time_zone::message_time_zone,
    middleware::authentication::require,
    openapi::DescribeInput,
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

/// The conversation that the path names, or the one that a client's own chat id stands for.
pub(in crate::routes) struct ChatInPath(ConversationId);

impl DescribeInput for ChatInPath {}

impl FromRequest for ChatInPath {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let chat = after_user(request, payload).ok_or(ApiError::NotFound(Resource::Conversation));
        let caller = Authenticated::from_request(request, payload).into_inner();
        ready(chat.and_then(|chat| Ok(Self(conversation_of(&chat, caller?.0.user)))))
    }
}

/// Answers one message as a stream.
pub(in crate::routes) async fn stream_turn(
    state: web::Data<AppState>,
    caller: Authenticated,
    key: KeyHeader,
    http: HttpRequest,
    body: JsonBody<StreamBody, STREAM_BODY>,
) -> Result<HttpResponse, ApiError> {
    let Authenticated(caller) = caller;
    let message = match body.0.parse()? {
        ParsedStreamRequest::Message(message) => message,
        ParsedStreamRequest::Cards(turn, answers) => {
            require(caller, Scope::TasksWrite)?;
            return answer_cards(state, caller, turn, answers).await;
        }
    };
    let viewer = viewer(&http, &state);
    let time_zone = message_time_zone(message.time_zone.as_deref(), &http)?;
    let sender = Sender { caller, key, time_zone };
    let request = message.into_turn_request(sender, &state.model, state.ids.as_ref())?;
    let mut opening: PendingSubscription =
        Box::pin(async move { Ok(state.ports()?.turns.subscribe(request).await?) });
    let Ok(subscription) = timeout(STATUS_TIMEOUT, &mut opening).await else {
        return Ok(respond_when_open(opening, viewer));
    };
    let subscription = subscription?;
    let is_replayed = subscription.is_replayed();
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
    Authenticated(caller): Authenticated,
    ChatInPath(conversation): ChatInPath,
    http: HttpRequest,
) -> Result<HttpResponse, ApiError> {
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
    Authenticated(caller): Authenticated,
    ChatInPath(conversation): ChatInPath,
) -> Result<Either<Json<StoppedTurn>, NoContent>, ApiError> {
    let stopped = state.ports()?.turns.stop(caller, conversation).await?;
    Ok(stopped.map_or(Either::Right(NoContent), |turn_id| Either::Left(Json(StoppedTurn { turn_id }))))
}
