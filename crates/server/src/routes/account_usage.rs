//! The route that shows how much of its limits an account has used.

use actix_web::web::{Data, Json};
use domain::account_limits::TURN_WINDOW;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{error::ApiError, extract::caller::Authenticated, state::AppState};

/// What is used, and the most there may be; `null` without a limit.
#[derive(Serialize, ToSchema)]
struct Used {
    used: i64,
    #[schema(required)]
    limit: Option<i64>,
}

/// The usage of an account.
#[derive(Serialize, ToSchema)]
#[schema(as = AccountUsage)]
pub(super) struct UsageBody {
    turns_at_once: Used,
    turns: Used,
    turns_window_seconds: u64,
    tokens_today: Used,
    changes_in_minute: Used,
    tasks: Used,
    conversations: Used,
    stored_bytes: i64,
    #[schema(required)]
    stored_bytes_limit: Option<i64>,
}

/// `GET /api/{user_id}/usage`.
pub(super) async fn show_usage(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
) -> Result<Json<UsageBody>, ApiError> {
    let usage = state.ports()?.accounts.usage(caller).await?;
    let limits = state.limits;
    let used = |used, limit: i64| Used { used, limit: (limit > 0).then_some(limit) };
    Ok(Json(UsageBody {
        turns_at_once: used(usage.turns_at_once, limits.turns_at_once.into()),
        turns: used(usage.turns_in_window, limits.turns_in_window.into()),
        turns_window_seconds: TURN_WINDOW.as_secs(),
        tokens_today: used(usage.tokens_today, limits.tokens_a_day),
        changes_in_minute: used(usage.changes_in_minute, limits.changes_a_minute.into()),
        tasks: used(usage.tasks, limits.tasks),
        conversations: used(usage.conversations, limits.conversations),
        stored_bytes: usage.stored_bytes,
        stored_bytes_limit: (limits.stored_bytes > 0).then_some(limits.stored_bytes),
    }))
}
