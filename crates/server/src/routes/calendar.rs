//! A person's tasks as a calendar to subscribe to, and the address that makes it theirs to give away.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, EntityTag},
    },
    web::{Data, Json},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::response::{Created, NoContent, created, matches_if_none_match};
use crate::{
    error::{ApiError, Resource},
    extract::{caller::Authenticated, query::Query},
    icalendar::{self, ComponentKind},
    resource_limits::run_to_completion::run_to_completion,
    state::AppState,
    tokens::secret_link_token::SecretLinkToken,
};

/// Whether there is a calendar.
#[derive(Serialize, ToSchema)]
pub(super) struct CalendarStatus {
    active: bool,
}

/// Where a calendar is, relative to the server. It is told once.
#[derive(Serialize, ToSchema)]
pub(super) struct CalendarAddress {
    url: String,
}

/// `GET /api/{user_id}/calendar`.
pub(super) async fn show_status(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
) -> Result<Json<CalendarStatus>, ApiError> {
    Ok(Json(CalendarStatus { active: state.ports()?.calendars.is_active(caller).await? }))
}

/// `POST /api/{user_id}/calendar`: an address, in place of the one there was.
pub(super) async fn renew_address(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
) -> Result<Created<CalendarAddress>, ApiError> {
    let secret = SecretLinkToken::random();
    state.ports()?.calendars.activate(caller, &secret.hash()).await?;
    Ok(created(CalendarAddress { url: format!("/calendar/{}.ics", secret.reveal()) }))
}

/// `DELETE /api/{user_id}/calendar`: no calendar, also when there was none.
pub(super) async fn turn_off(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
) -> Result<NoContent, ApiError> {
    state.ports()?.calendars.deactivate(caller).await?;
    Ok(NoContent)
}

/// `GET /calendar/{secret}.ics`, with `?as=todos` for programs that keep lists. What is no secret at all goes
/// the same way as one that is not known.
pub(super) async fn show_calendar(
    request: HttpRequest,
    state: Data<AppState>,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let kind = match query.text("as") {
        None | Some("events") => ComponentKind::Event,
        Some("todos") => ComponentKind::Todo,
        Some(_) => return Err(ApiError::invalid("as", "A calendar can be read as events or as todos.")),
    };
    let presented = request.match_info().get("secret").unwrap_or_default();
    let secret = SecretLinkToken::from_request(presented).hash();
    let permit = state.calendar_concurrency.acquire(secret.clone()).await?;
    let reading = async move {
        let read = state.ports()?.calendars.read(&secret).await;
        drop(permit);
        Ok::<_, ApiError>(read?)
    };
    let calendar = run_to_completion(reading).await?;
    let text = icalendar::feed(&calendar.ok_or(ApiError::NotFound(Resource::Route))?, kind);
    let tag = EntityTag::new_strong(URL_SAFE_NO_PAD.encode(Sha256::digest(&text)));
    let mut response = HttpResponse::Ok();
    response
        .insert_header((ETAG, tag.to_string()))
        // No proxy may store it, and the reader must revalidate it.
        .insert_header((CACHE_CONTROL, "private, no-cache"))
        .insert_header((CONTENT_TYPE, "text/calendar; charset=utf-8"));
    Ok(match matches_if_none_match(&request, &tag) {
        true => response.status(StatusCode::NOT_MODIFIED).finish(),
        false => response.body(text),
    })
}
