//! `POST …/tasks/batch`: several changes in one request, each with an outcome of its own.

use actix_web::{HttpRequest, web::Data};
use domain::{
    ports::IdempotentOutcome,
    time_zone::LocalNow,
    todo::TaskNumber,
    todo_command::{TodoChange, TodoPatch},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::fields::{NewTask, TaskPatchBody};
use crate::{
    error::{ApiError, InvalidField},
    extract::{
        body::{JsonBody, read_value},
        caller::Authenticated,
        idempotency_key::{IDEMPOTENCY_REPLAYED, KeyHeader},
        time_zone::local_now,
    },
    response_bodies::task_body::TaskBody,
    routes::response::{Customized, with_header},
    state::AppState,
};

/// The most bytes of a body.
const LARGE: usize = 256 * 1024;
/// The most changes of one request.
const MAX_OPERATIONS: usize = 100;

/// The body: what is in each operation is read by itself, so that one that is wrong stands in nobody's way.
#[derive(Deserialize, ToSchema)]
pub(in crate::routes) struct Batch {
    #[schema(value_type = Vec<Operation>, min_items = 1, max_items = 100)]
    operations: Vec<Value>,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = BatchOperation)]
#[serde(tag = "op", rename_all = "snake_case")]
enum Operation {
    Add(Addition),
    Update(Box<Update>),
    Delete(Deletion),
}

#[derive(Deserialize, ToSchema)]
#[schema(as = BatchAddition)]
struct Addition {
    task: NewTask,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = BatchUpdate)]
struct Update {
    id: i64,
    changes: TaskPatchBody,
    version: Option<i64>,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = BatchDeletion)]
struct Deletion {
    id: i64,
    version: Option<i64>,
}

/// The tag of an operation alone.
#[derive(Deserialize)]
struct OperationTag {
    op: OperationKind,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum OperationKind {
    Add,
    Update,
    Delete,
}

/// What became of every operation, in their order.
#[derive(Serialize, ToSchema)]
#[schema(as = BatchResults)]
pub(in crate::routes) struct Results {
    results: Vec<OperationResult>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = BatchResult)]
struct OperationResult {
    ok: bool,
    /// The task as it is after the operation, or was before it was deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    task: Option<TaskBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error: Option<BatchError>,
}

/// Why an operation was not done, with the members that its problem would have by itself.
#[derive(Serialize, ToSchema)]
#[schema(as = BatchRefusal)]
struct BatchError {
    status: u16,
    code: &'static str,
    detail: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<InvalidField>,
    /// The task as it is now, where another version of it was expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    task: Option<TaskBody>,
}

/// `POST …/tasks/batch`: at most once under an idempotency key.
pub(in crate::routes) async fn change_tasks(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    key: KeyHeader,
    request: HttpRequest,
    JsonBody(Batch { operations }): JsonBody<Batch, LARGE>,
) -> Result<Customized<Results>, ApiError> {
    if !(1..=MAX_OPERATIONS).contains(&operations.len()) {
        return Err(ApiError::invalid("operations", "Give 1 to 100 operations."));
    }
    let read: Vec<Result<Operation, ApiError>> = operations.iter().map(Operation::read).collect();
    let is_local = read.iter().flatten().any(Operation::is_local);
    let local = local_now(&request, &state, caller, is_local).await?;
    let zone = is_local.then(|| local.zone.name());
    let key = key.with_meaning(&json!(["POST tasks/batch", zone, operations]));
    let mut changes = Vec::new();
    let mut refused = Vec::new();
    for operation in read {
        match operation.and_then(|operation| operation.change(local)) {
            Ok(change) => {
                changes.push(change);
                refused.push(None);
            }
            Err(error) => refused.push(Some(error)),
        }
    }
    let (outcomes, is_replayed) =
        match state.ports()?.todos.change_all(caller, key.as_ref(), &changes).await? {
            IdempotentOutcome::Fresh(outcomes) => (outcomes, false),
            IdempotentOutcome::Replayed(outcomes) => (outcomes, true),
            IdempotentOutcome::KeyReused => return Err(ApiError::KeyReused),
        };
    let mut outcomes = outcomes.into_iter();
    let result = |error: Option<ApiError>| match error {
        Some(error) => Some(OperationResult::from(Err(error))),
        None => Some(OperationResult::from(outcomes.next()?.map(TaskBody::from).map_err(ApiError::from))),
    };
    let results = refused.into_iter().filter_map(result).collect();
    Ok(with_header(Results { results }, is_replayed.then_some((IDEMPOTENCY_REPLAYED, "true"))))
}

impl Operation {
    /// Reads an operation, its tag first: read as an enum, it would not be known which member is wrong.
    fn read(operation: &Value) -> Result<Self, ApiError> {
        let OperationTag { op } = read_value(operation.clone())?;
        let operation = operation.clone();
        match op {
            OperationKind::Add => read_value(operation).map(Self::Add),
            OperationKind::Update => read_value(operation).map(Self::Update),
            OperationKind::Delete => read_value(operation).map(Self::Delete),
        }
    }

    /// Whether it names a day of the place where the person is.
    fn is_local(&self) -> bool {
        match self {
            Self::Add(Addition { task }) => task.is_local(),
            Self::Update(update) => update.changes.is_local(),
            Self::Delete(_) => false,
        }
    }

    fn change(self, local: LocalNow) -> Result<TodoChange, ApiError> {
        Ok(match self {
            Self::Add(Addition { task }) => TodoChange::Add(task.parse(local)?),
            Self::Update(update) => {
                let Update { id, changes, version } = *update;
                let patch = TodoPatch { expected_revision: version, ..changes.parse(local)? };
                TodoChange::Update(TaskNumber(id), patch)
            }
            Self::Delete(Deletion { id, version }) => TodoChange::Delete(TaskNumber(id), version),
        })
    }
}

impl From<Result<TaskBody, ApiError>> for OperationResult {
    fn from(outcome: Result<TaskBody, ApiError>) -> Self {
        match outcome {
            Ok(task) => Self { ok: true, task: Some(task), error: None },
            Err(error) => Self { ok: false, task: None, error: Some(error.into()) },
        }
    }
}

impl From<ApiError> for BatchError {
    fn from(error: ApiError) -> Self {
        let (status, code, detail) = (error.status(), error.code(), error.sentence());
        let (errors, task) = match error {
            ApiError::Invalid(errors) => (errors, None),
            ApiError::TaskChanged(todo) => (Vec::new(), Some(TaskBody::from(*todo))),
            _ => (Vec::new(), None),
        };
        Self { status, code, detail, errors, task }
    }
}
