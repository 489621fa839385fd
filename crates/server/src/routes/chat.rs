//! Chat: one turn of a conversation, as one JSON answer or as a stream.

mod approval_decisions;
mod json_answer;
mod stream;
mod stream_message;
mod stream_request_body;

use actix_web::{
    HttpRequest,
    web::{self, Json},
};
use domain::{
    ports::IdGenerator,
    turn::{NewTurn, Target, UserMessage},
    turn_and_conversation_ids::{ConversationId, TurnId},
};
use serde::Deserialize;
use serde_json::{Value, json};
use turn_service::Answered;
use utoipa::ToSchema;
use uuid::Uuid;

use super::response::{Customized, with_header};
use crate::{
    error::{ApiError, Resource},
    extract::body::JsonBody,
    extract::caller::Authenticated,
    extract::idempotency_key::{IDEMPOTENCY_REPLAYED, KeyHeader},
    extract::path_id::InPath,
    extract::time_zone::message_time_zone,
    state::AppState,
};
use json_answer::{AnswerBody, StatusBody, status};
pub(super) use stream::{resume_turn, stop_turn, stream_turn};

/// The most bytes of a chat request: the longest message, each of its characters written as two
/// escapes of six bytes, and its envelope.
pub(super) const CHAT_BODY: usize = 128 * 1024;

/// The contract's chat request.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ChatRequest)]
pub(super) struct ChatBody {
    #[schema(min_length = 1, max_length = 10000, example = "Add a task to buy groceries")]
    message: String,
    conversation_id: Option<Uuid>,
    model: Option<String>,
    time_zone: Option<String>,
}

/// Answers one message. The turn goes on when the client goes away.
pub(super) async fn create_turn(
    state: web::Data<AppState>,
    caller: Authenticated,
    key: KeyHeader,
    request: HttpRequest,
    body: JsonBody<ChatBody, CHAT_BODY>,
) -> Result<Customized<AnswerBody>, ApiError> {
    let Authenticated(caller) = caller;
    let JsonBody(ChatBody { message, conversation_id, model, time_zone }) = body;
    let time_zone = message_time_zone(time_zone.as_deref(), &request)?;
    let message = UserMessage::parse(&message)?;
    let model = state.model.choose(model)?;
    let meaning = json!(["chat", message.as_str(), conversation_id]);
    let key = key.with_meaning(&with_model(meaning, model.as_deref()));
    let new = NewTurn {
        caller,
        id: TurnId(state.ids.next()),
        target: target(conversation_id, state.ids.as_ref()),
        message,
        client_message_id: None,
        model,
        time_zone,
        key,
    };
    let Answered { answer, is_replayed } = state.ports()?.turns.answer(new).await?;
    let body = AnswerBody::new(answer, state.clock.now());
    Ok(with_header(body, is_replayed.then_some((IDEMPOTENCY_REPLAYED, "true"))))
}

/// Tells how a turn stands and, when it is over, its answer.
pub(super) async fn show_turn(
    state: web::Data<AppState>,
    caller: Authenticated,
    InPath(turn): InPath<TurnId>,
) -> Result<Json<StatusBody>, ApiError> {
    let Authenticated(caller) = caller;
    let found = state.ports()?.turns.status(caller, turn).await?;
    let found = found.ok_or(ApiError::NotFound(Resource::Turn))?;
    Ok(Json(status(turn, found, state.clock.now())))
}

/// The meaning of a request that chooses a model. Without a choice it is what it was before there
/// were any, so that keys stay good.
fn with_model(mut meaning: Value, model: Option<&str>) -> Value {
    if let (Some(parts), Some(model)) = (meaning.as_array_mut(), model) {
        parts.push(json!({ "model": model }));
    }
    meaning
}

fn target(conversation: Option<Uuid>, ids: &dyn IdGenerator) -> Target {
    match conversation {
        Some(id) => Target::Existing(ConversationId(id)),
        None => Target::New(ConversationId(ids.next())),
    }
}
