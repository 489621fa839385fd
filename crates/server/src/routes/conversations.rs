//! Conversations: find them again, read them, rename them, delete them.

mod response;

use actix_web::{
    HttpRequest,
    web::{Data, Json},
};
use domain::{
    conversation::ConversationTitle,
    ports::{ConversationPage, TurnPage},
    text_validation::reject_nul,
    turn_and_conversation_ids::{ConversationId, TurnId},
};
use response::{ConversationBody, SummaryBody};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::response::{Customized, NoContent, with_header};
use crate::{
    error::{ApiError, Resource},
    extract::{body::JsonBody, caller::Authenticated, path_id::InPath, query::Query},
    field_schemas,
    state::AppState,
};

const NO_SUCH: ApiError = ApiError::NotFound(Resource::Conversation);
const DEFAULT_CONVERSATIONS: i64 = 20;
pub(super) const MAX_CONVERSATIONS: i64 = 100;
const DEFAULT_TURNS: i64 = 50;
pub(super) const MAX_TURNS: i64 = 200;

/// A page of the list.
#[derive(Serialize, ToSchema)]
pub(super) struct ConversationList {
    conversations: Vec<SummaryBody>,
    total: i64,
    limit: i64,
    offset: i64,
}

/// The body of a change.
#[derive(Deserialize, ToSchema)]
#[schema(as = ConversationChange)]
pub(super) struct Renaming {
    #[schema(schema_with = field_schemas::title)]
    title: String,
}

/// `GET …/conversations`: the one with the newest activity first.
pub(super) async fn list_conversations(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    query: Query,
) -> Result<Json<ConversationList>, ApiError> {
    let limit = query.integer("limit", 1..=MAX_CONVERSATIONS)?.unwrap_or(DEFAULT_CONVERSATIONS);
    let offset = query.integer("offset", 0..=i64::MAX)?.unwrap_or(0);
    let search = query.text("search").map(str::to_owned);
    if let Some(text) = &search {
        reject_nul("search", text)?;
    }
    let page = ConversationPage { limit, offset, search };
    let (conversations, total) = state.ports()?.conversations.list(caller, &page).await?;
    let conversations = conversations.into_iter().map(SummaryBody::from).collect();
    Ok(Json(ConversationList { conversations, total, limit, offset }))
}

/// `GET …/conversations/{id}`: what the user saw, in order; the newest turns, or those before one.
pub(super) async fn show_conversation(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    InPath(id): InPath<ConversationId>,
    query: Query,
    request: HttpRequest,
) -> Result<Customized<ConversationBody>, ApiError> {
    let limit = query.integer("limit", 1..=MAX_TURNS)?.unwrap_or(DEFAULT_TURNS);
    let page = TurnPage { limit, before: turn(&query)? };
    let view = state.ports()?.conversations.find(caller, id, page).await?.ok_or(NO_SUCH)?;
    let oldest = view.turns.first().filter(|_| view.more);
    let next = oldest.map(|oldest| query.next_page(request.path(), "before", &oldest.turn.to_string()));
    Ok(with_header(ConversationBody::from(view), next))
}

/// `PATCH …/conversations/{id}`: another title.
pub(super) async fn rename_conversation(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    InPath(id): InPath<ConversationId>,
    JsonBody(body): JsonBody<Renaming>,
) -> Result<Json<SummaryBody>, ApiError> {
    let title = ConversationTitle::parse(&body.title)?;
    let renamed = state.ports()?.conversations.rename(caller, id, &title).await?.ok_or(NO_SUCH)?;
    Ok(Json(renamed.into()))
}

/// `DELETE …/conversations/{id}`: its messages go too, tasks stay.
pub(super) async fn delete_conversation(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    InPath(id): InPath<ConversationId>,
) -> Result<NoContent, ApiError> {
    if state.ports()?.conversations.delete(caller, id).await? {
        return Ok(NoContent);
    }
    Err(NO_SUCH)
}

fn turn(query: &Query) -> Result<Option<TurnId>, ApiError> {
    let Some(text) = query.text("before") else { return Ok(None) };
    match Uuid::try_parse(text) {
        Ok(id) => Ok(Some(TurnId(id))),
        Err(_error) => Err(ApiError::invalid("before", "The before must be the id of a turn.")),
    }
}
