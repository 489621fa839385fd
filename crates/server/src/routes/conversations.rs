//! Conversations: find them again, read them, rename them, delete them.

mod shown;

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, web::Data};
use domain::{
    conversation::{ConversationId, ConversationSummary, ConversationTitle},
    ports::{ConversationPage, TurnPage},
    text::without_nul,
    turn::TurnId,
};
use serde::{Deserialize, Serialize};
use shown::ConversationBody;
pub(super) use shown::id_of_message;
use uuid::Uuid;

use crate::{
    auth::Authenticated,
    body::JsonBody,
    error::{ApiError, Resource},
    query::Query,
    state::AppState,
};

const NO_SUCH: ApiError = ApiError::NotFound(Resource::Conversation);
const DEFAULT_CONVERSATIONS: i64 = 20;
const MAX_CONVERSATIONS: i64 = 100;
const DEFAULT_TURNS: i64 = 50;
const MAX_TURNS: i64 = 200;

/// The conversation that the path names. What is no UUID names no conversation.
pub(super) struct ConversationInPath(ConversationId);

/// A page of the list.
#[derive(Serialize)]
struct ConversationList {
    conversations: Vec<ConversationSummary>,
    total: i64,
    limit: i64,
    offset: i64,
}

/// The body of a change.
#[derive(Deserialize)]
pub(super) struct Renaming {
    title: String,
}

/// `GET …/conversations`: the one with the newest activity first.
pub(super) async fn list_conversations(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let limit = query.integer("limit", 1..=MAX_CONVERSATIONS)?.unwrap_or(DEFAULT_CONVERSATIONS);
    let offset = query.integer("offset", 0..=i64::MAX)?.unwrap_or(0);
    let search = query.text("search").map(str::to_owned);
    if let Some(text) = &search {
        without_nul("search", text)?;
    }
    let page = ConversationPage { limit, offset, search };
    let (conversations, total) = state.ports()?.conversations.list(caller, &page).await?;
    Ok(HttpResponse::Ok().json(ConversationList { conversations, total, limit, offset }))
}

/// `GET …/conversations/{id}`: what the user saw, in order; the newest turns, or those before one.
pub(super) async fn show_conversation(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    ConversationInPath(id): ConversationInPath,
    query: Query,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let limit = query.integer("limit", 1..=MAX_TURNS)?.unwrap_or(DEFAULT_TURNS);
    let page = TurnPage { limit, before: turn(&query)? };
    let view = state.ports()?.conversations.find(caller, id, page).await?.ok_or(NO_SUCH)?;
    let mut response = HttpResponse::Ok();
    if let Some(oldest) = view.turns.first().filter(|_| view.more) {
        response.insert_header(query.next_page(request.path(), "before", &oldest.turn.to_string()));
    }
    Ok(response.json(ConversationBody::from(&view)))
}

/// `PATCH …/conversations/{id}`: another title.
pub(super) async fn rename_conversation(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    ConversationInPath(id): ConversationInPath,
    JsonBody(body): JsonBody<Renaming>,
) -> Result<HttpResponse, ApiError> {
    let title = ConversationTitle::parse(&body.title)?;
    let renamed = state.ports()?.conversations.rename(caller, id, &title).await?.ok_or(NO_SUCH)?;
    Ok(HttpResponse::Ok().json(renamed))
}

/// `DELETE …/conversations/{id}`: its messages go too, tasks stay.
pub(super) async fn delete_conversation(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    ConversationInPath(id): ConversationInPath,
) -> Result<HttpResponse, ApiError> {
    if state.ports()?.conversations.delete(caller, id).await? {
        return Ok(HttpResponse::NoContent().finish());
    }
    Err(NO_SUCH)
}

impl FromRequest for ConversationInPath {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().get("conversation_id").unwrap_or_default();
        ready(Uuid::try_parse(text).map(|id| Self(ConversationId(id))).map_err(|_error| NO_SUCH))
    }
}

fn turn(query: &Query) -> Result<Option<TurnId>, ApiError> {
    let Some(text) = query.text("before") else { return Ok(None) };
    match Uuid::try_parse(text) {
        Ok(id) => Ok(Some(TurnId(id))),
        Err(_error) => Err(ApiError::invalid("before", "The before must be the id of a turn.")),
    }
}
