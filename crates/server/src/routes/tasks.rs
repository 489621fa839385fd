//! REST handlers for tasks.

pub(super) mod batch;
mod fields;
pub(super) mod filter;

use actix_web::{
    HttpRequest,
    http::header::{ETAG, HeaderName, IF_MATCH, LOCATION},
    web::Data,
};
use domain::{
    ports::IdempotentOutcome,
    request_channel::Channel,
    todo::{TaskNumber, Todo},
    todo_command::{TodoChange, TodoPatch},
    todo_filter::TodoOrder,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::response::{Created, Customized, NoContent, TaggedPage, created, with_header};
use crate::{
    error::{ApiError, Resource},
    extract::{
        body::JsonBody,
        caller::Authenticated,
        idempotency_key::{IDEMPOTENCY_REPLAYED, KeyHeader},
        path_id::InPath,
        query::Query,
        time_zone::{local_now, named_time_zone, personal_time},
    },
    response_bodies::task_body::TaskBody,
    state::AppState,
};
use fields::{NewTask, TaskPatchBody};

/// A revision that no task has: they count from 1.
const NO_REVISION: i64 = 0;

/// A page of tasks.
#[derive(Serialize, ToSchema)]
pub(super) struct TaskList(Vec<TaskBody>);

/// `GET …/tasks`: tasks, newest first, or those of some days.
pub(super) async fn list_tasks(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    query: Query,
    request: HttpRequest,
) -> Result<TaggedPage<TaskList>, ApiError> {
    let time = match filter::names_days(&query) {
        true => Some(personal_time(named_time_zone(&request)?, &state, caller).await?),
        false => None,
    };
    let filter = filter::parse(&query, time)?;
    let page = state.ports()?.todos.list(caller, &filter).await?;
    let last = page.todos.last().filter(|_| page.more);
    let next = last.map(|last| match filter.order {
        TodoOrder::Newest => query.next_page(request.path(), "before", &last.number.to_string()),
        TodoOrder::Due | TodoOrder::Priority | TodoOrder::BestMatch | TodoOrder::Position => {
            query.next_page(request.path(), "offset", &(filter.offset + filter.limit).to_string())
        }
    });
    Ok(TaggedPage { body: TaskList(page.todos.into_iter().map(TaskBody::from).collect()), next })
}

/// `POST …/tasks`: a new task; at most one under an idempotency key.
pub(super) async fn create_task(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    key: KeyHeader,
    request: HttpRequest,
    JsonBody(body): JsonBody<NewTask>,
) -> Result<Created<TaskBody>, ApiError> {
    let local = local_now(&request, &state, caller, body.is_local()).await?;
    let repeat_from_today = body.repeat_from_today();
    let new = body.parse(local)?;
    let meaning = fields::meaning(&new, repeat_from_today);
    let todos = &state.ports()?.todos;
    let added = match key.with_meaning(&meaning) {
        None => {
            let added = todos.change(caller, Channel::Rest, &TodoChange::Add(new)).await??;
            IdempotentOutcome::Fresh(added.into_task())
        }
        Some(key) => todos.add_once(caller, &key, &new).await??,
    };
    let (todo, is_replayed) = match added {
        IdempotentOutcome::Fresh(todo) => (todo, false),
        IdempotentOutcome::Replayed(todo) => (todo, true),
        IdempotentOutcome::KeyReused => return Err(ApiError::KeyReused),
    };
    let place = format!("{}/{}", request.path().trim_end_matches('/'), todo.number);
    let etag = etag(todo.revision);
    let response = created(TaskBody::from(todo)).insert_header((LOCATION, place)).insert_header(etag);
    Ok(if is_replayed { response.insert_header((IDEMPOTENCY_REPLAYED, "true")) } else { response })
}

/// `GET …/tasks/{id}`: one task.
pub(super) async fn show_task(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    InPath(number): InPath<TaskNumber>,
) -> Result<Customized<TaskBody>, ApiError> {
    let todo = state.ports()?.todos.find(caller, number).await?;
    Ok(with_etag(todo.ok_or(ApiError::NotFound(Resource::Task))?))
}

/// `PUT` and `PATCH …/tasks/{id}`: changes what is given.
pub(super) async fn update_task(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    InPath(number): InPath<TaskNumber>,
    request: HttpRequest,
    JsonBody(body): JsonBody<TaskPatchBody>,
) -> Result<Customized<TaskBody>, ApiError> {
    let local = local_now(&request, &state, caller, body.is_local()).await?;
    let patch = TodoPatch { expected_revision: expected_revision(&request)?, ..body.parse(local)? };
    let change = TodoChange::Update(number, patch);
    let effect = state.ports()?.todos.change(caller, Channel::Rest, &change).await??;
    Ok(with_etag(effect.into_task()))
}

/// `DELETE …/tasks/{id}`.
pub(super) async fn delete_task(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    InPath(number): InPath<TaskNumber>,
    request: HttpRequest,
) -> Result<NoContent, ApiError> {
    let change = TodoChange::Delete(number, expected_revision(&request)?);
    state.ports()?.todos.change(caller, Channel::Rest, &change).await??;
    Ok(NoContent)
}

/// The ETag of a task (RFC 9110 8.8.3): its revision.
fn etag(revision: i64) -> (HeaderName, String) {
    (ETAG, format!("\"{revision}\""))
}

fn with_etag(todo: Todo) -> Customized<TaskBody> {
    let etag = etag(todo.revision);
    with_header(TaskBody::from(todo), Some(etag))
}

/// The revision that `If-Match` (RFC 9110 13.1.1) asks for. A tag that is none of ours matches nothing.
fn expected_revision(request: &HttpRequest) -> Result<Option<i64>, ApiError> {
    let mut given = request.headers().get_all(IF_MATCH);
    let (Some(tag), None) = (given.next(), given.next()) else {
        return match request.headers().contains_key(IF_MATCH) {
            true => Err(ApiError::invalid("If-Match", "The If-Match must be one ETag.")),
            false => Ok(None),
        };
    };
    let tag = tag.to_str().unwrap_or_default().trim();
    if tag == "*" {
        return Ok(None);
    }
    if tag.contains(',') {
        return Err(ApiError::invalid("If-Match", "The If-Match must be one ETag."));
    }
    let revision = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
    Ok(Some(revision.and_then(|revision| revision.parse().ok()).unwrap_or(NO_REVISION)))
}
