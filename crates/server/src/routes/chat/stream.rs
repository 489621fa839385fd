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
    turn_and_conversation_ids::{ConversationId, TurnId},
};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    approval_decisions::carry_out_decisions,
    stream_message::{Sender, conversation_of},
    stream_request_body::{ParsedStreamRequest, StreamBody},
};
use crate::{
    error::{ApiError, Resource},
    extract::body::{JsonBody, OptionalBody},
    extract::caller::Authenticated,
    extract::idempotency_key::{IDEMPOTENCY_REPLAYED, KeyHeader},
    extract::path_id::param_after_user,
    extract::time_zone::message_time_zone,
    middleware::authentication::require,
    openapi::DescribeInput,
    routes::response::NoContent,
    state::AppState,
    stream::{PendingSubscription, Viewer, respond, respond_when_open},
};

/// The most bytes of a streaming request: the AI SDK's clients send their whole chat, lists of tasks
/// included, every time.
const STREAM_BODY: usize = 4 * 1024 * 1024;

/// The first version of the AI SDK with parts for approvals.
const FIRST_WITH_APPROVALS: [u32; 3] = [6, 0, 0];
/// The first version of the AI SDK that does not refuse a whole answer for the reason why it ended.
const FIRST_WITH_FINISH_REASON: [u32; 3] = [5, 0, 92];

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
        let chat = param_after_user(request, payload).ok_or(ApiError::NotFound(Resource::Conversation));
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
        ParsedStreamRequest::Decisions(turn, answers) => {
            require(caller, Scope::TasksWrite)?;
            return carry_out_decisions(state, caller, turn, answers).await;
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

/// Who reads, by the version of the AI SDK that the address names (`?ai=6`, `?ai=5.0.277`).
fn viewer(http: &HttpRequest, state: &AppState) -> Viewer {
    let named = http.query_string().split('&').find_map(|pair| pair.strip_prefix("ai="));
    let version = named.and_then(sdk_version);
    Viewer {
        knows_approvals: version.is_some_and(|version| version >= FIRST_WITH_APPROVALS),
        knows_finish_reason: version.is_some_and(|version| version >= FIRST_WITH_FINISH_REASON),
        opened_at: state.clock.now(),
    }
}

/// A version, or the first one that begins as it is named.
fn sdk_version(named: &str) -> Option<[u32; 3]> {
    let mut parts = named.split('.').map(str::parse);
    let major = parts.next()?.ok()?;
    let mut next = || parts.next().and_then(Result::ok).unwrap_or_default();
    Some([major, next(), next()])
}

/// Which turn is to stop; any that runs when none is named.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = StopRequest)]
pub(in crate::routes) struct StopBody {
    turn_id: Option<Uuid>,
    /// As the AI SDK says it: the `messageId` of the stream's `start`. Any other text stops nothing.
    #[serde(rename = "activeStreamId")]
    active_stream_id: Option<String>,
}

impl StopBody {
    /// The turn that is named, if any is. A stream that is no turn's is a turn that there is not.
    fn turn(self) -> Option<TurnId> {
        let stream = self.active_stream_id.map(|id| Uuid::try_parse(&id).unwrap_or_default());
        self.turn_id.or(stream).map(TurnId)
    }
}

/// The turn that was asked to stop.
#[derive(Serialize, ToSchema)]
pub(in crate::routes) struct StoppedTurn {
    #[schema(value_type = Uuid)]
    turn_id: TurnId,
}

/// Stops the running turn of a conversation, wherever it runs; 204 when none is running, or another one than
/// the client means.
pub(in crate::routes) async fn stop_turn(
    state: web::Data<AppState>,
    Authenticated(caller): Authenticated,
    ChatInPath(conversation): ChatInPath,
    OptionalBody(named): OptionalBody<StopBody>,
) -> Result<Either<Json<StoppedTurn>, NoContent>, ApiError> {
    let stopped = state.ports()?.turns.stop(caller, conversation, named.turn()).await?;
    Ok(stopped.map_or(Either::Right(NoContent), |turn_id| Either::Left(Json(StoppedTurn { turn_id }))))
}
