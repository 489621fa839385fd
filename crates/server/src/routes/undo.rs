//! Routes that undo what an answer, or one change, did.

use actix_web::{
    Responder,
    web::{Data, Json},
};
use domain::{
    change_log::ChangeId,
    ports::IdempotentOutcome,
    turn_and_conversation_ids::TurnId,
    undo::{UndoRequest, UndoTarget, Undone},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::response::{Customized, with_header};
use crate::{
    error::ApiError,
    extract::{
        body::OptionalBody,
        caller::Authenticated,
        idempotency_key::{IDEMPOTENCY_REPLAYED, KeyHeader},
        path_id::InPath,
    },
    response_bodies::{
        change_body::{ChangeBody, ConflictBody},
        task_body::TaskBody,
    },
    state::AppState,
};

/// The body of a request to take something back.
#[derive(Default, Deserialize, ToSchema)]
#[schema(as = UndoRequest)]
pub(super) struct UndoBody {
    /// Whether tasks that were changed since are left out.
    #[serde(default)]
    rest: bool,
}

/// What was taken back.
#[derive(Serialize, ToSchema)]
#[schema(as = Undone)]
pub(super) struct UndoneBody {
    changes: Vec<ChangeBody>,
    tasks: Vec<TaskBody>,
    left_out: Vec<ConflictBody>,
}

impl From<Undone> for UndoneBody {
    fn from(undone: Undone) -> Self {
        Self {
            tasks: undone.tasks().cloned().map(TaskBody::from).collect(),
            changes: undone.changes.into_iter().map(ChangeBody::from).collect(),
            left_out: undone.left_out.into_iter().map(ConflictBody::from).collect(),
        }
    }
}

/// `POST …/turns/{id}/undo`: everything that the turn has changed becomes what it was.
pub(super) async fn undo_turn(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    InPath(turn): InPath<TurnId>,
    key: KeyHeader,
    OptionalBody(body): OptionalBody<UndoBody>,
) -> Result<Customized<UndoneBody>, ApiError> {
    let meaning = json!(["POST undo", {"turn": turn.0, "rest": body.rest}]);
    let request = UndoRequest { target: UndoTarget::Turn(turn), skip_conflicts: body.rest };
    let key = key.with_meaning(&meaning);
    answer(state.ports()?.undo.undo(caller, key.as_ref(), request).await??)
}

/// `POST …/changes/{id}/undo`: one task becomes what it was before the change.
pub(super) async fn undo_change(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    InPath(change): InPath<ChangeId>,
    key: KeyHeader,
    OptionalBody(body): OptionalBody<UndoBody>,
) -> Result<Customized<UndoneBody>, ApiError> {
    let meaning = json!(["POST undo", {"change": change.0, "rest": body.rest}]);
    let request = UndoRequest { target: UndoTarget::Change(change), skip_conflicts: body.rest };
    let key = key.with_meaning(&meaning);
    answer(state.ports()?.undo.undo(caller, key.as_ref(), request).await??)
}

fn answer(outcome: IdempotentOutcome<Undone>) -> Result<Customized<UndoneBody>, ApiError> {
    match outcome {
        IdempotentOutcome::Fresh(undone) => Ok(Json(UndoneBody::from(undone)).customize()),
        IdempotentOutcome::Replayed(undone) => {
            Ok(with_header(undone.into(), Some((IDEMPOTENCY_REPLAYED, "true"))))
        }
        IdempotentOutcome::KeyReused => Err(ApiError::KeyReused),
    }
}
