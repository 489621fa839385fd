//! Routes of approvals: the calls that wait for the person, and the person's decision.

use actix_web::web::{Data, Json};
use domain::approval::{ApprovalId, Decision};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    error::{ApiError, Conflict, Resource},
    extract::{body::JsonBody, caller::Authenticated, path_id::InPath},
    field_schemas,
    response_bodies::approval_body::ApprovalBody,
    state::AppState,
};

/// The approvals that wait.
#[derive(Serialize, ToSchema)]
#[schema(as = Approvals)]
pub(super) struct WaitingBody {
    approvals: Vec<ApprovalBody>,
}

/// An answer. `arguments`, when they are there, are what the person was shown.
#[derive(Debug, serde::Deserialize, ToSchema)]
#[schema(as = ApprovalDecision)]
pub(super) struct DecisionBody {
    #[schema(schema_with = field_schemas::decision)]
    decision: Decision,
    #[schema(value_type = Option<Object>)]
    arguments: Option<Map<String, Value>>,
}

/// An approval that was answered.
#[derive(Serialize, ToSchema)]
#[schema(as = DecidedApproval)]
pub(super) struct DecidedBody {
    #[serde(flatten)]
    approval: ApprovalBody,
    /// What came of the call, as the assistant reads it.
    #[schema(required)]
    result: Option<Value>,
}

/// `GET /api/{user_id}/approvals`.
pub(super) async fn list_approvals(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
) -> Result<Json<WaitingBody>, ApiError> {
    let now = state.clock.now();
    let waiting = state.ports()?.approvals.waiting(caller).await?;
    Ok(Json(WaitingBody {
        approvals: waiting.into_iter().map(|approval| ApprovalBody::of(approval, now)).collect(),
    }))
}

/// `POST /api/{user_id}/approvals/{approval_id}`: the call is made once, or not at all. No key is needed:
/// said again, the same answer is given the same way.
pub(super) async fn decide(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    InPath(id): InPath<ApprovalId>,
    body: JsonBody<DecisionBody>,
) -> Result<Json<DecidedBody>, ApiError> {
    let JsonBody(DecisionBody { decision, arguments }) = body;
    let decided = state.ports()?.approvals.decide(caller, id, decision, arguments.as_ref()).await?;
    let approval = decided.ok_or(ApiError::NotFound(Resource::Approval))?;
    let approval = approval.map_err(|refusal| ApiError::Conflict(Conflict::Approval(refusal)))?;
    let result = approval.result.clone();
    Ok(Json(DecidedBody { approval: ApprovalBody::of(approval, state.clock.now()), result }))
}
