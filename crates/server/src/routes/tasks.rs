//! Tasks by REST: each handler makes a command for the one door and shows its outcome.

mod response;

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::LOCATION,
    web::{Data, Json},
};
use domain::{
    account::Caller,
    command::{Channel, StatusFilter, TodoCommand, TodoFilter, TodoOutcome, TodoPatch},
    ports::Keyed,
    text::{FieldError, without_nul},
    todo::{TaskNumber, Todo, TodoDescription, TodoTitle},
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
    let command = TodoCommand::List(filter(&query)?);
    match state.ports()?.todos.apply(caller, Channel::Rest, command).await?? {
        TodoOutcome::Many { todos, more, .. } => {
            let last = todos.last().filter(|_| more);
            let next = last.map(|last| query.next_page(request.path(), "before", &last.number.to_string()));
            Ok(with_header(todos.into_iter().map(TaskBody::from).collect(), next))
        }
        TodoOutcome::One(_) => Err(ApiError::internal("a list of tasks came as one task")),
    }
}

/// `POST …/tasks`: a new task; at most one under an idempotency key.
pub(super) async fn create_task(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    key: KeyHeader,
    request: HttpRequest,
    JsonBody(body): JsonBody<NewTask>,
) -> Result<Customized<TaskBody>, ApiError> {
    let (title, description) = parse_new(&body)?;
    let meaning = json!(["POST tasks", title, description]);
    let command = TodoCommand::Add { title, description };
    let todos = &state.ports()?.todos;
    let mut is_replayed = false;
    let outcome = match key.with_meaning(&meaning) {
        None => todos.apply(caller, Channel::Rest, command).await??,
        Some(key) => match todos.apply_once(caller, &key, command).await? {
            Keyed::Fresh(outcome) => outcome,
            Keyed::Replayed(outcome) => {
                is_replayed = true;
                outcome
            }
            Keyed::KeyReused => return Err(ApiError::KeyReused),
        },
    };
    let todo = one(outcome)?;
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
    Ok(Json(apply(&state, caller, TodoCommand::Find(number)).await?.into()))
}

/// `PUT` and `PATCH …/tasks/{id}`: changes what is given.
pub(super) async fn update_task(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    TaskInPath(number): TaskInPath,
    JsonBody(body): JsonBody<TaskChange>,
) -> Result<Json<TaskBody>, ApiError> {
    Ok(Json(apply(&state, caller, TodoCommand::Update(number, parse_change(&body)?)).await?.into()))
}

/// `DELETE …/tasks/{id}`.
pub(super) async fn delete_task(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    TaskInPath(number): TaskInPath,
) -> Result<NoContent, ApiError> {
    apply(&state, caller, TodoCommand::Delete(number)).await?;
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

async fn apply(state: &AppState, caller: Caller, command: TodoCommand) -> Result<Todo, ApiError> {
    one(state.ports()?.todos.apply(caller, Channel::Rest, command).await??)
}

fn one(outcome: TodoOutcome) -> Result<Todo, ApiError> {
    match outcome {
        TodoOutcome::One(todo) => Ok(todo),
        TodoOutcome::Many { .. } => Err(ApiError::internal("one task came as a list of tasks")),
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
    Ok(TodoFilter { status, search, limit, before })
}

fn parse_new(body: &NewTask) -> Result<(TodoTitle, Option<TodoDescription>), ApiError> {
    let title = TodoTitle::parse(&body.title);
    let description = body.description.as_deref().map_or(Ok(None), TodoDescription::parse);
    match (title, description) {
        (Ok(title), Ok(description)) => Ok((title, description)),
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
