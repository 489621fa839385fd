//! Routes of the change log: what was changed in a list, and by whom.

use actix_web::{
    HttpRequest,
    web::{Data, Json},
};
use domain::{
    change_log::{ChangeFilter, ChangeId},
    date_input::parse_past_day,
    time_zone::LocalNow,
    todo::TaskNumber,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    error::ApiError,
    extract::{caller::Authenticated, query::Query, time_zone::local_now},
    response_bodies::change_body::ChangeBody,
    state::AppState,
};

const DEFAULT_CHANGES: i64 = 50;
pub(super) const MAX_CHANGES: i64 = 100;

/// A page of changes.
#[derive(Serialize, ToSchema)]
pub(super) struct Activity {
    changes: Vec<ChangeBody>,
    #[schema(value_type = Option<i64>, required)]
    next_before: Option<ChangeId>,
}

/// `GET …/activity`: changes, newest first.
pub(super) async fn list_changes(
    Authenticated(caller): Authenticated,
    state: Data<AppState>,
    query: Query,
    request: HttpRequest,
) -> Result<Json<Activity>, ApiError> {
    let day = query.text("day");
    let local = local_now(&request, &state, caller, day.is_some()).await?;
    let filter = ChangeFilter {
        task: query.integer("task", 1..=i64::MAX)?.map(TaskNumber),
        before: query.integer("before", 0..=i64::MAX)?.map(ChangeId),
        limit: query.integer("limit", 1..=MAX_CHANGES)?.unwrap_or(DEFAULT_CHANGES),
        ..ChangeFilter::default()
    };
    let filter = match day {
        Some(text) => on_day(filter, text, local)?,
        None => filter,
    };
    let page = state.ports()?.change_log.changes(caller, &filter).await?;
    let next_before = page.changes.last().filter(|_| page.more).map(|change| change.id);
    Ok(Json(Activity { changes: page.changes.into_iter().map(ChangeBody::from).collect(), next_before }))
}

fn on_day(filter: ChangeFilter, text: &str, local: LocalNow) -> Result<ChangeFilter, ApiError> {
    let day = parse_past_day("day", text, local).map_err(|_error| {
        ApiError::invalid("day", "The day must be a date such as 2026-11-27, or today or yesterday.")
    })?;
    Ok(filter.on_days(Some(day.date), Some(day.date), local.zone))
}
