//! Parses a query into a filter of tasks.

use domain::{
    date_input::parse_since,
    due::DueRange,
    priority::Priority,
    text_validation::{FieldError, reject_nul},
    time_zone::PersonalTime,
    todo::TaskNumber,
    todo_filter::{ParentFilter, StatusFilter, TodoFilter, TodoOrder},
};

use crate::{error::ApiError, extract::query::Query};

const DEFAULT_LIMIT: i64 = 200;
pub(in crate::routes) const MAX_TASKS: i64 = 500;

/// Whether the query names days, which are those of the person who asks.
pub(super) fn names_days(query: &Query) -> bool {
    query.text("due").is_some() || query.text("completed_since").is_some()
}

/// Reads the query. Without `time` there are no days in it.
pub(super) fn parse(query: &Query, time: Option<PersonalTime>) -> Result<TodoFilter, ApiError> {
    let status = match query.text("status") {
        None | Some("all") => StatusFilter::All,
        Some("pending") => StatusFilter::Pending,
        Some("completed") => StatusFilter::Completed,
        Some(_) => {
            return Err(ApiError::invalid("status", "The status must be all, pending or completed."));
        }
    };
    let search = query.text("search").map(str::to_owned);
    for name in ["search", "tag"] {
        reject_nul(name, query.text(name).unwrap_or_default())?;
    }
    let due = |time: PersonalTime| {
        let range = query.text("due").map(|text| DueRange::parse(text, time)).transpose()?;
        Ok::<_, FieldError>(range.map(|range| (range, time.local)))
    };
    let completed_since = |time: PersonalTime| {
        let day = query.text("completed_since").map(|text| parse_since("completed_since", text, time));
        let day = day.transpose()?;
        Ok::<_, FieldError>(
            day.map(|day| day.instant().unwrap_or_else(|| time.local.zone.start_of_day(day.date))),
        )
    };
    Ok(TodoFilter {
        status,
        search,
        priority: query.text("priority").map(Priority::parse).transpose()?,
        tag: query.text("tag").map(str::to_owned),
        limit: query.integer("limit", 1..=MAX_TASKS)?.unwrap_or(DEFAULT_LIMIT),
        before: query.integer("before", 0..=i64::MAX)?.map(TaskNumber),
        offset: query.integer("offset", 0..=i64::MAX)?.unwrap_or(0),
        counts: false,
        due: time.map(due).transpose()?.flatten(),
        parent: parent(query)?,
        completed_since: time.map(completed_since).transpose()?.flatten(),
        order: order(query)?,
    })
}

fn parent(query: &Query) -> Result<Option<ParentFilter>, ApiError> {
    match query.text("parent") {
        None => Ok(None),
        Some("none") => Ok(Some(ParentFilter::TopLevel)),
        Some(text) => match text.parse() {
            Ok(number) => Ok(Some(ParentFilter::Of(TaskNumber(number)))),
            Err(_no_number) => {
                Err(ApiError::invalid("parent", "The parent must be a task's number or none."))
            }
        },
    }
}

/// What is due on some days comes in the order of these, and what is searched for with the best match
/// first, unless the query says otherwise or goes on from a number.
fn order(query: &Query) -> Result<TodoOrder, ApiError> {
    match query.text("sort") {
        None if query.text("due").is_some() => Ok(TodoOrder::Due),
        None if query.text("search").is_some() && query.text("before").is_none() => Ok(TodoOrder::BestMatch),
        None | Some("newest") => Ok(TodoOrder::Newest),
        Some("due") => Ok(TodoOrder::Due),
        Some("priority") => Ok(TodoOrder::Priority),
        Some("best") => Ok(TodoOrder::BestMatch),
        Some("position") => Ok(TodoOrder::Position),
        Some(_) => {
            Err(ApiError::invalid("sort", "The sort must be newest, due, priority, best or position."))
        }
    }
}
