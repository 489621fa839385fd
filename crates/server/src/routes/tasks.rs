//! Tasks by REST: each handler looks or changes through the one door and shows what came of it.

mod response;

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::LOCATION,
    web::{Data, Json},
};
use domain::{
    command::{Channel, NewTodo, StatusFilter, TodoChange, TodoFilter, TodoPatch},
    ports::Keyed,
    text::{FieldError, without_nul},
    todo::{TaskNumber, TodoDescription, TodoTitle},
};
use serde::Deserialize;
use serde_json::json;

use super::response::{Customized, NoContent, created, with_header};
use crate::{
    error::{ApiError, InvalidField, Resource},
    extract::{
        body::{JsonBody, double_option},
        caller::Authenticated,
        idempotency_key::{IDEMPOTENCY_REPLAYED, KeyHeader},
        query::Query,
    },
    state::AppState,
};
use response::TaskBody;

const DEFAULT_LIMIT: i64 = 200;
const MAX_TASKS: i64 = 500;

/// The task that the path names. What is no number names no task.
pub(super) struct TaskInPath(TaskNumber);

/// The body of a new task.
#[derive(Deserialize)]
pub(super) struct NewTask {
    title: String,
    description: Option<String>,
}

/// The body of a change: what is absent stays.
#[derive(Deserialize)]
pub(super) struct TaskChange {
    #[serde(default, deserialize_with = "double_option")]
    title: Option<Option<String>>,
    #[serde(default, deserialize_with = "double_option")]
    description: Option<Option<String>>,
    #[serde(default, deserialize_with = "double_option")]
    completed: Option<Option<bool>>,
}

/// `GET …/tasks`: tasks, newest first.
pub(super) async fn list_tasks(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    query: Query,
    request: HttpRequest,
) -> Result<Customized<Vec<TaskBody>>, ApiError> {
    let page = state.ports()?.todos.list(caller, &filter(&query)?).await?;
    let last = page.todos.last().filter(|_| page.more);
    let next = last.map(|last| query.next_page(request.path(), "before", &last.number.to_string()));
    Ok(with_header(page.todos.into_iter().map(TaskBody::from).collect(), next))
}

/// `POST …/tasks`: a new task; at most one under an idempotency key.
pub(super) async fn create_task(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    key: KeyHeader,
    request: HttpRequest,
    JsonBody(body): JsonBody<NewTask>,
) -> Result<Customized<TaskBody>, ApiError> {
    let new = parse_new(&body)?;
    let description = new.description.as_ref().map(TodoDescription::as_str);
    let meaning = json!(["POST tasks", new.title.as_str(), description]);
    let todos = &state.ports()?.todos;
    let added = match key.with_meaning(&meaning) {
        None => {
            let added = todos.change(caller, Channel::Rest, &TodoChange::Add(new)).await??;
            Keyed::Fresh(added.into_task())
        }
        Some(key) => todos.add_once(caller, &key, &new).await?,
    };
    let (todo, is_replayed) = match added {
        Keyed::Fresh(todo) => (todo, false),
        Keyed::Replayed(todo) => (todo, true),
        Keyed::KeyReused => return Err(ApiError::KeyReused),
    };
    let place = format!("{}/{}", request.path().trim_end_matches('/'), todo.number);
    let response = created(TaskBody::from(todo)).insert_header((LOCATION, place));
    Ok(if is_replayed { response.insert_header((IDEMPOTENCY_REPLAYED, "true")) } else { response })
}

/// `GET …/tasks/{id}`: one task.
pub(super) async fn show_task(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    TaskInPath(number): TaskInPath,
) -> Result<Json<TaskBody>, ApiError> {
    let todo = state.ports()?.todos.find(caller, number).await?;
    Ok(Json(todo.ok_or(ApiError::NotFound(Resource::Task))?.into()))
}

/// `PUT` and `PATCH …/tasks/{id}`: changes what is given.
pub(super) async fn update_task(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    TaskInPath(number): TaskInPath,
    JsonBody(body): JsonBody<TaskChange>,
) -> Result<Json<TaskBody>, ApiError> {
    let change = TodoChange::Update(number, parse_change(&body)?);
    let effect = state.ports()?.todos.change(caller, Channel::Rest, &change).await??;
    Ok(Json(effect.into_task().into()))
}

/// `DELETE …/tasks/{id}`.
pub(super) async fn delete_task(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    TaskInPath(number): TaskInPath,
) -> Result<NoContent, ApiError> {
    state.ports()?.todos.change(caller, Channel::Rest, &TodoChange::Delete(number)).await??;
    Ok(NoContent)
}

impl FromRequest for TaskInPath {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().get("task_id").unwrap_or_default();
        let is_plain = text.bytes().all(|b| b.is_ascii_digit());
        let number = if is_plain { text.parse().ok() } else { None };
        ready(number.map(|number| Self(TaskNumber(number))).ok_or(ApiError::NotFound(Resource::Task)))
    }
}

fn filter(query: &Query) -> Result<TodoFilter, ApiError> {
    let status = match query.text("status") {
        None | Some("all") => StatusFilter::All,
        Some("pending") => StatusFilter::Pending,
        Some("completed") => StatusFilter::Completed,
        Some(_) => {
            return Err(ApiError::invalid("status", "The status must be all, pending or completed."));
        }
    };
    let search = query.text("search").map(str::to_owned);
    if let Some(text) = &search {
        without_nul("search", text)?;
    }
    let limit = query.integer("limit", 1..=MAX_TASKS)?.unwrap_or(DEFAULT_LIMIT);
    let before = query.integer("before", 0..=i64::MAX)?.map(TaskNumber);
    Ok(TodoFilter { status, search, limit, before, counts: false })
}

fn parse_new(body: &NewTask) -> Result<NewTodo, ApiError> {
    let title = TodoTitle::parse(&body.title);
    let description = body.description.as_deref().map_or(Ok(None), TodoDescription::parse);
    match (title, description) {
        (Ok(title), Ok(description)) => Ok(NewTodo { title, description }),
        (title, description) => Err(broken([title.err(), description.err()])),
    }
}

fn parse_change(body: &TaskChange) -> Result<TodoPatch, ApiError> {
    let not_null = |field| Some(FieldError::new(field, format!("The {field} must not be null.")));
    let mut patch = TodoPatch::default();
    let mut errors = [None, None, None];
    match &body.title {
        None => {}
        Some(None) => errors[0] = not_null("title"),
        Some(Some(title)) => match TodoTitle::parse(title) {
            Ok(title) => patch.title = Some(title),
            Err(error) => errors[0] = Some(error),
        },
    }
    match body.description.as_ref().map(|given| given.as_deref().map_or(Ok(None), TodoDescription::parse)) {
        None => {}
        Some(Ok(description)) => patch.description = Some(description),
        Some(Err(error)) => errors[1] = Some(error),
    }
    match body.completed {
        Some(None) => errors[2] = not_null("completed"),
        Some(completed) => patch.completed = completed,
        None => {}
    }
    if errors.iter().any(Option::is_some) {
        return Err(broken(errors));
    }
    if patch.is_empty() {
        return Err(ApiError::invalid("body", "Give at least one of title, description and completed."));
    }
    Ok(patch)
}

fn broken<const N: usize>(errors: [Option<FieldError>; N]) -> ApiError {
    ApiError::Invalid(errors.into_iter().flatten().map(InvalidField::from).collect())
}
